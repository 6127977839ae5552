/**
 * The sending half of Standard Webhooks (version 1, symmetric signatures): what is signed, with
 * which key, and how the three headers are written. The receiving half is a scheme of `verify`.
 */
import { createHmac } from 'node:crypto';

import { base64 } from '@scure/base';

import { utf8 } from '../base/bytes.ts';
import { err, ok, type Result } from '../base/result.ts';
import { Secret } from '../base/secret.ts';

/** 192 bits, the least that the specification allows ("Signature scheme"). */
const SHORTEST_KEY = 24;

/**
 * The key of a secret as it is handed out: base64 with padding, with or without the prefix `whsec_`.
 * Text that is not base64 is refused rather than taken as the key itself, because the libraries of
 * receivers would decode it or refuse it. The error completes a sentence and never shows the secret.
 */
export function webhookKey(text: string): Result<Secret, string> {
  const bytes = decode(text.startsWith('whsec_') ? text.slice(6) : text);
  if (bytes !== undefined && bytes.length >= SHORTEST_KEY) return ok(new Secret(bytes));
  bytes?.fill(0);
  return err(
    `must be \`whsec_\` and base64 of at least ${String(SHORTEST_KEY)} bytes; \`openssl rand -base64 32\` makes one`,
  );
}

export interface WebhookMessage {
  /** The same for every attempt, so that the receiver knows a repetition; see `webhookId`. */
  readonly id: string;
  /** Time of this attempt, epoch milliseconds. */
  readonly attemptedAt: number;
  /** The body exactly as it is sent. */
  readonly body: string;
}

/** Headers of one attempt. Several keys, while one is being replaced, give several signatures. */
export function webhookHeaders(
  message: WebhookMessage,
  keys: readonly Secret[],
): Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  const timestamp = String(Math.floor(message.attemptedAt / 1000));
  const signed = utf8(`${message.id}.${timestamp}.${message.body}`);
  const signatures = keys.map((key) =>
    key.reveal((bytes) => `v1,${createHmac('sha256', bytes).update(signed).digest('base64')}`),
  );
  return {
    'webhook-id': message.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}

/**
 * An id of parts that others chose. Full stops delimit what is signed, so none may stand in an id:
 * they are written `%2E`, and the percent sign `%25`.
 */
export function webhookId(...parts: readonly string[]): string {
  return parts.join(':').replace(/[.%]/g, (char) => (char === '.' ? '%2E' : '%25'));
}

function decode(text: string): Uint8Array | undefined {
  try {
    return base64.decode(text);
  } catch {
    return undefined;
  }
}
