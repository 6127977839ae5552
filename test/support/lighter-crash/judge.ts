/** Compares what traders got with what the daemon has on record. */
import { isJsonArray, isJsonObject, type JsonObject } from '../../../src/base/json.ts';
import type { DecisionRecord, JobRecord } from '../../../src/core/ports.ts';
import { reading } from '../../torture/records.ts';
import type { Tallies } from '../../torture/tally.ts';
import { COUNTED_SLOT, FIRST_NONCE } from './asks.ts';
import type { Ledger, Seen } from './ledger.ts';

/** A signature as its decision recorded it. */
interface Recorded {
  readonly job: string;
  /** The caller's or sender's own id of it. */
  readonly id: string;
  readonly slot: bigint;
  readonly nonce: bigint;
  readonly hash: string;
  readonly isCancel: boolean;
  readonly skip: boolean;
  /** How many nonces below it were reported as unused. */
  readonly gap: bigint;
}

const EVERYTHING = 1_000_000;

/** `listed` are the outcomes of jobs by their id, as the admin routes show them. */
export function judge(
  database: string,
  { all, rejected }: Pick<Ledger, 'rejected'> & { readonly all: readonly Seen[] },
  listed: ReadonlyMap<string, string>,
  tallies: Tallies,
): void {
  const recorded = recordedIn(database);
  tallies.other.count('signatures on record', recorded.length);
  const find = finder(recorded);
  for (const one of all) {
    const record = find(one);
    if (isRecorded(one, record) && listed.get(record.job) === 'signed') continue;
    const sentence = `${one.txHash} was signed, which is not what is on record`;
    tallies.violate('effects off the record', sentence);
  }
  for (const one of twiceUsed(recorded.filter(({ hash }) => !rejected.has(hash)))) {
    const place = `${String(one.slot)}/${String(one.nonce)}`;
    tallies.violate('second effects', `on record, another hash was signed on nonce \`${place}\``);
  }
  for (const nonce of unreportedGaps(recorded, tallies)) {
    tallies.violate('losses', `nonce \`${String(nonce)}\` is a gap that nobody was told of`);
  }
}

/** Calls by their job, events by their own id. */
function finder(recorded: readonly Recorded[]): (seen: Seen) => Recorded | undefined {
  const byJob = new Map(recorded.map((one) => [one.job, one]));
  const byId = new Map(recorded.map((one) => [one.id, one]));
  return ({ job, asked }) => (job === undefined ? byId.get(asked.id ?? '') : byJob.get(job));
}

function isRecorded(
  { asked, nonce, txHash }: Seen,
  record: Recorded | undefined,
): record is Recorded {
  return record?.slot === asked.slot && record.nonce === nonce && record.hash === txHash;
}

/** Oldest first. */
function recordedIn(database: string): readonly Recorded[] {
  return reading(database, (reader) =>
    reader
      .recentDecisions('lighter', EVERYTHING)
      .toReversed()
      .flatMap((decision) => {
        const job = reader.job(decision.job);
        return job?.outcome === 'signed' ? [recordOf(job, decision)] : [];
      }),
  );
}

function recordOf({ job, id, inputs }: JobRecord, { facts }: DecisionRecord): Recorded {
  const { api_key: slot, nonce, nonce_gap: gap } = facts.values;
  const signed = inputsOf(inputs);
  const { hash, skip } = signed;
  if (
    typeof slot !== 'bigint' ||
    typeof nonce !== 'bigint' ||
    typeof gap !== 'bigint' ||
    typeof hash !== 'string' ||
    typeof skip !== 'boolean' ||
    signed['nonce'] !== nonce
  ) {
    throw new Error(`job \`${job}\` is signed without a record of what`);
  }
  return { job, id, slot, nonce, hash, skip, gap, isCancel: facts.action === 'cancel_order' };
}

/** No request of the traders has more than one part. */
function inputsOf(inputs: JsonObject | undefined): JsonObject {
  const parts = inputs?.['parts'];
  const [part] = parts !== undefined && isJsonArray(parts) ? parts : [];
  const own = part !== undefined && isJsonObject(part) ? part['inputs'] : undefined;
  return own !== undefined && isJsonObject(own) ? own : {};
}

/** Nothing may follow on a nonce but the same again, or a cancel. */
function twiceUsed(recorded: readonly Recorded[]): readonly Recorded[] {
  const hashes = new Map<string, Set<string>>();
  return recorded.filter(({ slot, nonce, hash, isCancel }) => {
    const place = `${String(slot)}/${String(nonce)}`;
    const before = hashes.get(place) ?? new Set();
    const isWrong = before.size > 0 && !before.has(hash) && !isCancel;
    hashes.set(place, before.add(hash));
    return isWrong;
  });
}

/** Nonces below the highest that were neither signed nor reported with the one that jumped over them. */
function unreportedGaps(recorded: readonly Recorded[], tallies: Tallies): readonly bigint[] {
  const counted = recorded.filter(({ slot, skip }) => slot === COUNTED_SLOT && !skip);
  const known = new Set(counted.map(({ nonce }) => nonce));
  const used = known.size;
  for (const { nonce, gap } of counted) {
    for (let below = nonce - gap; below < nonce; below += 1n) known.add(below);
  }
  tallies.other.count('nonces counted', used);
  tallies.other.count('gaps reported', known.size - used);
  const highest = counted.reduce((most, { nonce }) => (nonce > most ? nonce : most), FIRST_NONCE);
  const missing: bigint[] = [];
  for (let nonce = FIRST_NONCE; nonce <= highest; nonce += 1n) {
    if (!known.has(nonce)) missing.push(nonce);
  }
  return missing;
}
