/**
 * The judge of a run: what the senders were told and what arrived outside, against what the database
 * says when all is over.
 */
import type { Reader } from '../../src/adapters/store/reader.ts';
import { unreachable } from '../../src/base/unreachable.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import { type Ask, FIRST } from './asks.ts';
import type { Mode } from './lives.ts';
import { type Evidence, evidenceOf, isDeclinedOnRecord, isSignedOnRecord } from './records.ts';
import type { Sightings } from './sightings.ts';
import { type Violation, violations } from './tally.ts';

export interface Case {
  readonly mode: Mode;
  readonly sent: readonly Ask[];
  readonly acknowledged: ReadonlySet<string>;
  readonly sightings: Sightings;
}

/** Everything that is wrong. */
export function judge(reader: Reader, trial: Case): readonly Violation[] {
  return [
    ...violations('losses', unfinished(reader)),
    ...violations('wrong answers', strangers(reader, trial)),
    ...trial.sent.flatMap((ask) => judgeAsk(reader, ask, trial)),
    ...violations('revocations broken', [...gaps(trial), ...exclusions(reader, trial)]),
  ];
}

function unfinished(reader: Reader): readonly string[] {
  const counts = reader.counts();
  return [
    ...(counts.unfinished === 0 ? [] : [`${String(counts.unfinished)} jobs are unfinished`]),
    ...(counts.outboxPending === 0 ? [] : [`${String(counts.outboxPending)} answers are pending`]),
  ];
}

/** Nothing is on record that nobody asked for: what was forged left no trace. */
function strangers(reader: Reader, { sent }: Case): readonly string[] {
  const ids = new Set(sent.map(({ id }) => id));
  return reader
    .jobs({ limit: 10_000_000 })
    .filter(({ id }) => !ids.has(id))
    .map(({ id }) => `job of an event that was never sent: ${id}`);
}

function judgeAsk(reader: Reader, ask: Ask, trial: Case): readonly Violation[] {
  const name = `${ask.id} (${ask.operation === '' ? ask.type : ask.operation})`;
  const evidence = evidenceOf(reader, ask.id);
  if (evidence === undefined) {
    const isLost = trial.acknowledged.has(ask.id);
    return violations('losses', isLost ? [`${name} was acknowledged and is gone`] : []);
  }
  return [...fateProblems(evidence, ask, trial), ...historyProblems(evidence, ask)].map(
    ({ wrong, sentence }) => ({ wrong, sentence: `${name}: ${sentence}` }),
  );
}

function fateProblems(evidence: Evidence, ask: Ask, trial: Case): readonly Violation[] {
  const { outcome, reason } = evidence.record;
  const must = (...outcomes: readonly Outcome[]): readonly Violation[] => {
    if (outcome !== undefined && outcomes.includes(outcome)) return [];
    const how = `${String(outcome)} (${reason?.code ?? 'no reason'})`;
    return violations('wrong answers', [`ended ${how}, not ${outcomes.join(' or ')}`]);
  };
  const mustArrive = (): readonly Violation[] =>
    violations(
      'losses',
      ask.questions.every(trial.sightings.hasArrived) ? [] : ['its answer never arrived'],
    );
  const mustNotBeSeen = (): readonly Violation[] =>
    violations(
      'wrong answers',
      ask.questions.some(trial.sightings.wasSeen) ? ['was answered all the same'] : [],
    );
  const mustBeOnRecord = (isIt: (evidence: Evidence) => boolean): readonly Violation[] =>
    violations(
      'effects off the record',
      isIt(evidence) ? [] : ['lacks its decision or its line in the journal'],
    );

  switch (ask.fate) {
    case 'answered':
      // `failed`: the endpoint refused it by name, after an equal answer had arrived.
      return [...must('signed', 'failed'), ...mustArrive(), ...mustBeOnRecord(isSignedOnRecord)];
    case 'declined':
      return [...must('declined'), ...mustArrive(), ...mustBeOnRecord(isDeclinedOnRecord)];
    case 'refused':
      return [...must('declined'), ...mustNotBeSeen()];
    case 'withheld':
      return [...must('withheld'), ...mustNotBeSeen()];
    case 'ignored':
      return must('ignored');
    case 'malformed':
      return must('malformed');
    case 'either':
      return must('signed', 'failed', 'declined');
    default:
      return unreachable(ask.fate);
  }
}

/**
 * A job is claimed, once decided to be signed, and then signed, in this order. Signatures that are
 * the same each time are signed by their decision: those two are one line.
 */
function historyProblems(
  { record, decisions, history }: Evidence,
  { operation }: Ask,
): readonly Violation[] {
  const decided = history.filter(
    ({ stage, outcome }) => stage === 'decide' && outcome === undefined,
  );
  const twice =
    decided.length > 1 ? violations('second effects', ['was decided to be signed twice']) : [];
  if (record.outcome !== 'signed' && record.outcome !== 'failed') return twice;

  const items = decisions
    .filter(({ decision }) => decision.verdict === 'allow')
    .map(({ item }) => item);
  const isSignedAtOnce = operation === 'SignMessages';
  const order = isSignedAtOnce ? ['claim', 'sign'] : ['claim', 'decide', 'sign'];
  const places = order.map((stage) => history.findIndex((entry) => entry.stage === stage));
  const isOrdered = places.every((place, index) => index === 0 || place > (places[index - 1] ?? 0));
  return [
    ...twice,
    ...violations(
      'second effects',
      new Set(items).size === items.length ? [] : ['has an item that was allowed twice'],
    ),
    ...violations(
      'effects off the record',
      isOrdered ? [] : ['was not claimed, decided and signed in this order'],
    ),
  ];
}

/** Secrets leave in order and without a gap. */
function gaps({ sent, sightings }: Case): readonly string[] {
  const released = new Map<string, Set<bigint>>();
  for (const { entity, operation, questions, data } of sent) {
    const index = data['per_commitment_point_idx'];
    const isRelease = operation === 'ReleaseChannelPerCommitmentSecret';
    if (!isRelease || typeof index !== 'bigint' || !questions.some(sightings.wasSeen)) continue;
    released.set(entity, (released.get(entity) ?? new Set()).add(index));
  }
  return [...released]
    .filter(([, indices]) => {
      const lowest = [...indices].reduce((least, index) => (index < least ? index : least), FIRST);
      return BigInt(indices.size) !== FIRST - lowest + 1n;
    })
    .map(([entity]) => `${entity}: secrets were released with a gap`);
}

/** Of two requests that exclude each other exactly one is signed: no secret of a published state. */
function exclusions(reader: Reader, { sent }: Case): readonly string[] {
  const signed = new Map<string, number>();
  for (const { id, entity, fate } of sent) {
    if (fate !== 'either') continue;
    const outcome = evidenceOf(reader, id)?.record.outcome;
    const isSigned = outcome === 'signed' || outcome === 'failed';
    signed.set(entity, (signed.get(entity) ?? 0) + Number(isSigned));
  }
  return [...signed]
    .filter(([, count]) => count !== 1)
    .map(([entity, count]) => `${entity}: ${String(count)} of two exclusive requests were signed`);
}
