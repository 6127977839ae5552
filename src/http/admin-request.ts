/** Reads what admin callers ask for; anything unknown is an error, so that a typo is not ignored. */
import { z } from 'zod';

import type { JsonObject } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { OUTCOMES, type Reason } from '../core/outcome.ts';
import type { JobFilter } from '../core/ports.ts';
import type { Facts } from '../policy/facts.ts';

const MAX_LIMIT = 500;
const DEFAULT_LIMIT = 50;

export const jobFilter = z.strictObject({
  outcome: z.enum(OUTCOMES).exactOptional(),
  unfinished: z
    .literal('true')
    .transform(() => true as const)
    .exactOptional(),
  source: z.string().exactOptional(),
  id: z.string().exactOptional(),
  before: z.string().exactOptional(),
  limit: z.coerce.number<string>().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT),
});

export const reload = z.strictObject({ accept_flips: z.boolean().default(false) });

const integer = z.bigint().meta({ type: 'integer', format: 'int64' });
const factValue = z.union([
  integer,
  z.string(),
  z.boolean(),
  z.array(integer),
  z.array(z.string()),
]);
const facts = z.strictObject({
  world: z.string(),
  action: z.string(),
  values: z.record(z.string(), factValue),
});
export const simulation = z.union(
  [z.strictObject({ job: z.string() }), z.strictObject({ facts })],
  {
    error: 'give either a `job`, or `facts` with `world`, `action` and `values`',
  },
);

export const nothing = z.strictObject({});

/** Facts to be decided as they are, or a job whose recorded facts are decided again. */
export type Simulation = { readonly facts: Facts } | { readonly job: string };

/** Reads `?outcome=&unfinished=true&source=&id=&before=&limit=`, each at most once. */
export function readJobFilter(query: URLSearchParams): Result<JobFilter, Reason> {
  const filter = read(jobFilter, Object.fromEntries(query));
  // An id is of its source: to look through all of them would hold everything up.
  if (!filter.ok || filter.value.id === undefined || filter.value.source !== undefined)
    return filter;
  return err({ code: 'admin.request', message: '`id`: give its `source` as well' });
}

/** Reads `{"accept_flips": true}`; absent means no. */
export function readReload(body: JsonObject): Result<{ readonly accept_flips: boolean }, Reason> {
  return read(reload, body);
}

/** Reads `{"job": …}` or `{"facts": {"world": …, "action": …, "values": {…}}}`. */
export function readSimulation(body: JsonObject): Result<Simulation, Reason> {
  return read(simulation, body);
}

/** For routes that take nothing. */
export function readNothing(body: JsonObject): Result<unknown, Reason> {
  return read(nothing, body);
}

function read<T>(schema: z.ZodType<T>, input: unknown): Result<T, Reason> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? 'request' : issue.path.join('.');
  return err({ code: 'admin.request', message: `\`${where}\`: ${issue?.message ?? 'not usable'}` });
}
