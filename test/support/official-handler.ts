/** The published webhook handler, as an oracle for whole events. */
import { createHmac } from 'node:crypto';

import { utf8 } from '../../src/base/bytes.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../src/base/json.ts';
import { cryptoWasm } from './crypto-wasm.ts';

export interface OfficialAnswer {
  readonly document: string;
  readonly variables: JsonObject;
}

/** What crypto-wasm answers to an event; `undefined` where it says nothing. */
export function officialAnswer(
  event: JsonObject | string,
  seed: Uint8Array,
  shouldSign = true,
): OfficialAnswer | undefined {
  const body = typeof event === 'string' ? event : JSON.stringify(event);
  const secret = 'webhook-secret';
  const response = cryptoWasm.wasm_handle_remote_signing_webhook_event(
    utf8(body),
    createHmac('sha256', secret).update(body).digest('hex'),
    secret,
    seed,
    { should_sign: () => shouldSign },
  );
  if (response === undefined) return undefined;
  return { document: response.query, variables: twiceEncoded(response.variables) };
}

/** The handler encodes the variables as JSON two times. */
function twiceEncoded(text: string): JsonObject {
  const once = parseJson(text);
  const variables = once.ok && typeof once.value === 'string' ? parseJson(once.value) : once;
  if (!variables.ok || !isJsonObject(variables.value)) throw new Error('unreadable variables');
  return variables.value;
}
