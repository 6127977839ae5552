/**
 * claim — remember the request durably before its sender hears 2xx.
 *
 * Only the envelope is read here. One row per (source, id); what makes a second delivery "the same"
 * is the digest of what it asks for, not its formatting or its timestamp.
 */
import { z } from 'zod';

import type { Hex } from '../base/hex.ts';
import { canonicalJson, isJsonObject, type JsonObject, parseJson } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { sha256Hex } from '../base/sha256.ts';
import type { Reason } from './outcome.ts';
import type { JobRecord, NewJob, Store } from './ports.ts';
import type { Probe } from './probe.ts';
import type { Envelope } from './protocol.ts';
import type { Delivery, Verified } from './verify.ts';

/** An id is printable ASCII without spaces, so that it can stand in paths, logs and headers. */
const ID = /^[\x21-\x7e]{1,200}$/;
/** Long enough for any entity id seen, short enough for an index. */
const TEXT_LIMIT = 512;

/** Why an authentic body has no envelope; it is still claimed, under the hash of its bytes. */
export interface Unreadable {
  readonly id: string;
  readonly digest: Hex;
  readonly reason: Reason;
}

/** Neither NUL nor half a surrogate pair, which no database reads back as it was written. */
const text = z
  .string()
  .max(TEXT_LIMIT)
  .regex(/^[^\0\p{Cs}]*$/u, 'holds a NUL or a lone surrogate');
const envelopeSchema = z.object({
  event_type: text,
  event_id: z.string().regex(ID).optional(),
  entity_id: text.nullish(),
  timestamp: text.nullish(),
  callback_url: z.string().max(2_048).nullish(),
  data: z.custom<JsonObject>(isJsonObject, 'not an object').nullish(),
});

/** Reads the envelope of a verified body. */
export function readEnvelope(delivery: Delivery, verified: Verified): Result<Envelope, Unreadable> {
  const unreadable = (message: string): Result<never, Unreadable> => {
    const digest = sha256Hex(delivery.body);
    const reason = { code: 'claim.envelope', message };
    return err({ id: `sha256:${digest}`, digest, reason });
  };

  const parsed = parseJson(delivery.body);
  if (!parsed.ok) return unreadable(parsed.error.message);
  const read = envelopeSchema.safeParse(parsed.value);
  if (!read.success) return unreadable(firstProblem(read.error));
  const event = read.data;
  const id = verified.id ?? event.event_id;
  if (id === undefined) return unreadable('`event_id` is missing');
  if (event.event_id !== undefined && event.event_id !== id) {
    return unreadable('`event_id` differs from header `webhook-id`');
  }
  return ok({
    source: delivery.source,
    id,
    eventType: event.event_type,
    entityId: event.entity_id ?? '',
    timestamp: event.timestamp ?? '',
    data: event.data ?? {},
    ...(typeof event.callback_url === 'string' ? { callbackUrl: event.callback_url } : {}),
  });
}

/** The field and the rule, never the value. */
function firstProblem(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue === undefined) return 'not an event';
  return issue.path.length === 0
    ? 'body is not a JSON object'
    : `\`${issue.path.join('.')}\`: ${issue.message.toLowerCase()}`;
}

/** What a request asks for, as one hash: equal for every redelivery of it. */
export function digestOf(envelope: Envelope): Hex {
  const asked: JsonObject = {
    event_type: envelope.eventType,
    entity_id: envelope.entityId,
    data: envelope.data,
  };
  return sha256Hex(canonicalJson(asked));
}

export type Claim =
  | { readonly kind: 'new'; readonly record: JobRecord }
  | { readonly kind: 'same'; readonly record: JobRecord }
  /** The id is taken by a request that asks for something else. */
  | { readonly kind: 'conflict'; readonly record: JobRecord };

/** Commits the row of a new request, or finds the row that has its id. */
export async function claim(store: Store, job: NewJob, probe?: Probe): Promise<Claim> {
  const claimed = await store.transact<Claim>([`claim/${job.source}/${job.id}`], async (tx) => {
    const known = await tx.findJob(job.source, job.id);
    if (known !== undefined) {
      return { kind: known.digest === job.digest ? 'same' : 'conflict', record: known };
    }
    tx.insertJob(job);
    probe?.('claim.before-commit');
    return { kind: 'new', record: { ...job, updatedAt: job.receivedAt } };
  });
  probe?.('claim.after-commit');
  return claimed;
}
