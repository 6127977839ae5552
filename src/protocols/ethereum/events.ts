/** events — from the envelope of a webhook or a call to duties, each with the key that is to sign. */
import { z } from 'zod';

import type { Duty, ReadDuty } from '../../../signers/bls12381/index.ts';
import { type Hex, isHexOf } from '../../base/hex.ts';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';
import type { Envelope, NotOurs } from '../../core/protocol.ts';
import { isRawRoot, readRawRoot } from './raw-root.ts';
import type { EthereumPart, EthereumRequest, RawRoot } from './request.ts';

export const EVENT_TYPE = 'BLS_SIGNING';

/** More would hold up the keys of others for longer than a slot lasts. */
export const MAX_PARTS = 10_000;

const jobId = z.string().regex(/^[\x21-\x7e]{1,200}$/);

/**
 * `{sub_event_type, identifier, …}` is one duty of one key, with `identifiers` one duty of many keys;
 * `signing_jobs` are several, each with an id of its own. What else stands there is the body of the
 * Remote Signing API.
 */
export function parseEthereum(
  envelope: Envelope,
  readDuty: ReadDuty,
): Result<EthereumRequest, NotOurs> {
  const parts = readParts(envelope, readDuty);
  if (!parts.ok) return err({ kind: 'malformed', reason: parts.error });
  const [first, ...others] = parts.value;
  if (first === undefined) return malformed('`signing_jobs` is empty; name at least one');
  if (parts.value.length > MAX_PARTS) {
    return malformed(`more than ${String(MAX_PARTS)} parts; split the request`);
  }
  if (new Set(parts.value.map(({ id }) => id)).size < parts.value.length) {
    return malformed('two parts have the same id; give each its own');
  }
  const { id, callbackUrl, timestamp } = envelope;
  return ok({
    id,
    timestamp,
    subEvent: first.duty.type,
    ...(callbackUrl === undefined ? {} : { callbackUrl }),
    parts: [first, ...others],
  });
}

type Parts = Result<readonly EthereumPart[], Reason>;

function readParts({ id, data }: Envelope, readDuty: ReadDuty): Parts {
  const { signing_jobs: jobs, identifiers } = data;
  if (jobs !== undefined) return readJobs(data, readDuty);
  const duty = readBody(data, readDuty);
  if (!duty.ok) return duty;
  if (identifiers !== undefined) return readIdentifiers(identifiers, duty.value);
  const pubkey = readIdentifier(data['identifier']);
  return pubkey === undefined
    ? refuse('`identifier` must be a public key, 48 bytes in hex')
    : ok([{ id, pubkey, duty: duty.value }]);
}

/** One message and one root for all keys. */
function readIdentifiers(identifiers: JsonValue, duty: EthereumPart['duty']): Parts {
  const parts: EthereumPart[] = [];
  for (const identifier of isJsonArray(identifiers) ? identifiers : []) {
    const pubkey = readIdentifier(identifier);
    if (pubkey === undefined) break;
    parts.push({ id: pubkey, pubkey, duty });
  }
  if (isJsonArray(identifiers) && parts.length === identifiers.length) return ok(parts);
  return refuse('`identifiers` must be a list of public keys, 48 bytes in hex each');
}

function readJobs(data: JsonObject, readDuty: ReadDuty): Parts {
  const { signing_jobs: jobs, ...common } = data;
  if (!isJsonArray(jobs)) return refuse('`signing_jobs` must be a list');
  const parts: EthereumPart[] = [];
  for (const [index, job] of jobs.entries()) {
    const where = `\`signing_jobs[${String(index)}]\``;
    const id = jobId.safeParse(isJsonObject(job) ? job['id'] : undefined);
    if (!isJsonObject(job) || !id.success) return refuse(`${where} needs an \`id\` of its own`);
    const body = { ...common, ...job };
    const duty = readBody(body, readDuty);
    if (!duty.ok) return refuse(`${where}: ${duty.error.message}`);
    const pubkey = readIdentifier(body['identifier']);
    if (pubkey === undefined)
      return refuse(`${where} needs an \`identifier\`, a public key in hex`);
    parts.push({ id: id.data, pubkey, duty: duty.value });
  }
  return ok(parts);
}

function readBody(body: JsonObject, readDuty: ReadDuty): Result<Duty | RawRoot, Reason> {
  if (body['sub_event_type'] === 'RAW_ROOT') return readRawRoot(body);
  const duty = readDuty(body['sub_event_type'], body);
  return duty.ok ? duty : err({ code: duty.error.code, message: duty.error.message });
}

/** What the body of a call says of its type; a bare root names none. */
export function subEventOf(body: JsonObject): JsonValue {
  return isRawRoot(body) ? 'RAW_ROOT' : (body['type'] ?? null);
}

/** A public key of 48 bytes, of either case, with `0x` or without. */
export function readIdentifier(value: JsonValue | undefined): Hex | undefined {
  const hex = typeof value === 'string' ? value.toLowerCase().replace(/^0x/, '') : '';
  return isHexOf(48, hex) ? hex : undefined;
}

function malformed(message: string): Result<never, NotOurs> {
  return err({ kind: 'malformed', reason: { code: 'ethereum.request', message } });
}

function refuse(message: string): Result<never, Reason> {
  return err({ code: 'ethereum.request', message });
}
