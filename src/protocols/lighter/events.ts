/**
 * What is asked of the Lighter room (event type `LIGHTER_SIGNING`), read into our own words.
 *
 * Fields are those of the REST route of the same name. Unknown fields are ignored, and `null` counts
 * as absent. Shapes and ranges are checked here; what the exchange makes of a transaction whose
 * fields are in range is the guard's to ask. Reading is a function of the event and of the clients.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { SigningTask } from '../../core/caller.ts';
import type { Reason } from '../../core/outcome.ts';
import type { Envelope, NotOurs } from '../../core/protocol.ts';
import type { LighterClient } from './clients.ts';
import type { ReadingProblem } from './events/field-problem.ts';
import type { ReadingDeps, SigningSubEvent } from './events/sub-event.ts';
import { subEventOf } from './events/sub-events.ts';
import type { LighterPart, LighterRequest } from './request.ts';
import { isRelief } from './transaction.ts';

export const EVENT_TYPE = 'LIGHTER_SIGNING';
export const MAX_BATCH = 1000;

/** Fields that one batch may give for all of its jobs. */
const SHARED = ['sub_event_type', 'api_key_index', 'account_index', 'chain_id'];
/** Keys of any kind belong into the key storage; what arrives in an event is recorded. */
const RAW_KEYS = ['private_key', 'eth_private_key'];
const ID = /^[\x21-\x7e]{1,200}$/;

/** Reads an event of type `LIGHTER_SIGNING`; what cannot be read is `malformed`. */
export function parseLighter(
  envelope: Envelope,
  deps: ReadingDeps,
): Result<LighterRequest, NotOurs> {
  const { data, id, callbackUrl, timestamp } = envelope;
  const jobs = data['signing_jobs'] === undefined ? undefined : jobsOf(data);
  if (jobs !== undefined && !jobs.ok) return jobs;
  const asked = jobs?.value ?? [{ id, path: '', data }];
  const read = readAll(asked, deps);
  if (!read.ok) return read;
  const [first, ...rest] = read.value;
  if (first === undefined) return malformed('`signing_jobs` must not be empty');
  if (rest.some(({ kind }) => kind.dialect !== first.kind.dialect)) {
    return malformed('`signing_jobs` must not mix action names and sub-events');
  }
  return ok({
    id,
    ...(callbackUrl === undefined ? {} : { callbackUrl }),
    timestamp,
    subEvent: first.kind.name,
    isBatch: jobs !== undefined,
    dialect: first.kind.dialect,
    parts: [first.part, ...rest.map(({ part }) => part)],
  });
}

/** A request as a caller is authorised for it and as the pipeline takes it. */
export interface PreparedRequest {
  readonly eventType: string;
  readonly entityId: string;
  readonly task: SigningTask;
  /** Fields that are known, with account and chain named. */
  readonly data: JsonObject;
}

/** Reads the fields of one request that comes by a route of its own. */
export function prepareLighter(
  asked: JsonObject,
  deps: ReadingDeps,
): Result<PreparedRequest, NotOurs> {
  const read = readOne({ id: '', path: '', data: asked }, deps);
  if (!read.ok) return read;
  const { kind, part } = read.value;
  const { chainId, account, apiKey } = part.client;
  return ok({
    eventType: EVENT_TYPE,
    entityId: `account:${String(account)}/${String(apiKey)}`,
    task: {
      world: 'lighter',
      key: clientName(part.client),
      action: kind.action,
      isRelief: isRelief(part),
    },
    data: {
      sub_event_type: kind.name,
      ...knownFields(kind, asked),
      api_key_index: apiKey,
      account_index: account,
      chain_id: chainId,
    },
  });
}

/** How scopes name a client's key. */
function clientName({ chainId, account, apiKey }: LighterClient): string {
  return [chainId, account, apiKey].join('/');
}

// --- Jobs --------------------------------------------------------------------------------------

interface AskedJob {
  readonly id: string;
  /** Leads to the job's fields, for messages. */
  readonly path: string;
  readonly data: JsonObject;
}

interface ReadJob {
  readonly kind: SigningSubEvent;
  readonly part: LighterPart;
}

function jobsOf(data: JsonObject): Result<readonly AskedJob[], NotOurs> {
  const jobs = data['signing_jobs'];
  if (!Array.isArray(jobs)) return malformed('`signing_jobs` must be a list of jobs');
  if (jobs.length > MAX_BATCH) {
    return malformed(`\`signing_jobs\` must have at most ${String(MAX_BATCH)} jobs`);
  }
  const shared = Object.fromEntries(Object.entries(data).filter(([key]) => SHARED.includes(key)));
  const ids = new Set<string>();
  const asked: AskedJob[] = [];
  for (const [index, job] of jobs.entries()) {
    const path = `signing_jobs[${String(index)}]`;
    if (!isJsonObject(job)) return malformed(`\`${path}\` must be an object`);
    const { id } = job;
    if (typeof id !== 'string' || !ID.test(id)) {
      return malformed(`\`${path}.id\` must be a text of 1 to 200 printable characters`);
    }
    if (ids.has(id)) return malformed(`\`${path}.id\` must be unique within the batch`);
    ids.add(id);
    asked.push({ id, path: `${path}.`, data: { ...shared, ...job } });
  }
  return ok(asked);
}

function readAll(
  jobs: readonly AskedJob[],
  deps: ReadingDeps,
): Result<readonly ReadJob[], NotOurs> {
  const read: ReadJob[] = [];
  for (const job of jobs) {
    const one = readOne(job, deps);
    if (!one.ok) return one;
    read.push(one.value);
  }
  return ok(read);
}

function readOne({ id, path, data }: AskedJob, deps: ReadingDeps): Result<ReadJob, NotOurs> {
  const { sub_event_type: name } = data;
  if (typeof name !== 'string') return malformed(`\`${path}sub_event_type\` must be a text`);
  const kind = subEventOf(name);
  if (kind === undefined) {
    return malformed(`\`${path}sub_event_type\` is \`${name.slice(0, 64)}\`, which is not known`);
  }
  if (kind.kind === 'wallet') return err({ kind: 'malformed', reason: kind.reason });
  const rawKey = RAW_KEYS.find((key) => key in data);
  if (rawKey !== undefined) {
    return malformed(`\`${path}${rawKey}\` must not be sent; keep the key here and name it`);
  }
  const draft = kind.read(withoutNulls(data), deps);
  if (!draft.ok) return err({ kind: 'malformed', reason: reasonOf(draft.error, path) });
  return ok({ kind, part: { ...draft.value, id } });
}

function reasonOf(problem: ReadingProblem, path: string): Reason {
  if (!('field' in problem)) return problem;
  const message = `\`${path}${problem.field}\` ${problem.rule}`;
  return { code: 'lighter.request', message };
}

/** Null members, at all depths, as if they were not there. */
function withoutNulls(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (!isJsonObject(value)) return value.map(withoutNulls);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([key, member]) => [key, withoutNulls(member)]),
  );
}

function knownFields({ schema }: SigningSubEvent, asked: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(asked).filter(([key]) => key in schema.shape));
}

function malformed(message: string): Result<never, NotOurs> {
  return err({ kind: 'malformed', reason: { code: 'lighter.request', message } });
}
