/**
 * verify — is this body from whom it claims to be? Bytes are verified before they are understood.
 *
 * A scheme looks at raw bytes and headers only. Several secrets may be active at once, so that a
 * sender can rotate without an outage; the one that matched is recorded.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

import { base64 } from '@scure/base';

import { concatBytes, utf8 } from '../base/bytes.ts';
import { fromHex, isHexOf } from '../base/hex.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Secret } from '../base/secret.ts';
import type { Reason } from './outcome.ts';

export interface Delivery {
  /** Which webhook source the path belongs to. */
  readonly source: string;
  readonly body: Uint8Array;
  /** Lower-case header names; a repeated header is a list. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface Verified {
  /** Which secret matched: `secret-1` is the first configured. */
  readonly secret: string;
  /** The message id, where the scheme carries it outside of the body. */
  readonly id?: string;
}

export type Scheme = (delivery: Delivery, now: number) => Result<Verified, Reason>;

/**
 * One header with the hex HMAC-SHA256 of the raw body. The secret's text bytes are the key, also
 * where they look like hex or base64 (Lightspark webhooks).
 */
export function hexHmacScheme(header: string, secrets: readonly Secret[]): Scheme {
  return (delivery) => {
    const value = single(delivery, header);
    if (!value.ok) return value;
    const given = value.value.toLowerCase();
    if (!isHexOf(32, given)) return err(unverified(`header \`${header}\` is not 64 hex digits`));
    return matching(secrets, delivery.body, [fromHex(given)]);
  };
}

/** Seconds by which a timestamp may differ from our clock, either way (Standard Webhooks). */
const TOLERANCE_SECONDS = 300;

/**
 * Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, base64, in a space-separated list of
 * `v1,…` signatures. Other versions in the list are skipped. The secrets are the decoded key bytes.
 */
export function standardWebhooksScheme(secrets: readonly Secret[]): Scheme {
  return (delivery, now) => {
    const id = single(delivery, 'webhook-id');
    if (!id.ok) return id;
    const timestamp = single(delivery, 'webhook-timestamp');
    if (!timestamp.ok) return timestamp;
    const signatures = single(delivery, 'webhook-signature');
    if (!signatures.ok) return signatures;
    if (!/^[0-9]{1,12}$/.test(timestamp.value)) {
      return err(unverified('header `webhook-timestamp` is not a number of seconds'));
    }
    if (Math.abs(now / 1000 - Number(timestamp.value)) > TOLERANCE_SECONDS) {
      return err({
        code: 'verify.stale',
        message: 'header `webhook-timestamp` is more than five minutes from our clock',
      });
    }
    const signed = concatBytes(utf8(`${id.value}.${timestamp.value}.`), delivery.body);
    const given = signatures.value
      .split(' ')
      .filter((signature) => signature.startsWith('v1,'))
      .slice(0, 16)
      .map((signature) => base64Bytes(signature.slice(3)));
    const matched = matching(secrets, signed, given);
    return matched.ok ? ok({ ...matched.value, id: id.value }) : matched;
  };
}

/** Compares every secret with every signature, so that time does not tell which one matched. */
function matching(
  secrets: readonly Secret[],
  message: Uint8Array,
  given: readonly Uint8Array[],
): Result<Verified, Reason> {
  let matched: Verified | undefined;
  for (const [index, secret] of secrets.entries()) {
    const expected = secret.reveal((key) => createHmac('sha256', key).update(message).digest());
    for (const signature of given) {
      if (signature.length === expected.length && timingSafeEqual(signature, expected)) {
        matched ??= { secret: `secret-${String(index + 1)}` };
      }
    }
  }
  return matched === undefined ? err(unverified('signature does not match')) : ok(matched);
}

function single(delivery: Delivery, header: string): Result<string, Reason> {
  const value = delivery.headers[header];
  if (value === undefined) return err(unverified(`header \`${header}\` is missing`));
  if (typeof value !== 'string') return err(unverified(`header \`${header}\` is repeated`));
  return ok(value);
}

function unverified(message: string): Reason {
  return { code: 'verify.signature', message };
}

/** Bytes of standard base64; empty, and so matching nothing, where the text is not base64. */
function base64Bytes(text: string): Uint8Array {
  try {
    return base64.decode(text);
  } catch {
    return new Uint8Array();
  }
}
