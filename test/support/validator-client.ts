/** A validator client: keeps its connections, and asks again until it knows whether it was signed. */
import { setTimeout as sleep } from 'node:timers/promises';

import { Pool } from 'undici';

import { isJsonObject, type JsonObject, parseJson, stringifyJson } from '../../src/base/json.ts';

export interface SigningReply {
  readonly status: number;
  readonly json: JsonObject;
  /** With `0x`; absent where nothing was signed. */
  readonly signature?: string;
}

export interface ValidatorClient {
  readonly sign: (pubkey: string, body: JsonObject) => Promise<SigningReply>;
  /** Asks until it is signed or refused for good, through whatever outage. */
  readonly settle: (pubkey: string, body: JsonObject) => Promise<SigningReply>;
  readonly close: () => Promise<void>;
}

const PATIENCE = 60_000;

export function createValidatorClient(origin: string, connections: number): ValidatorClient {
  const pool = new Pool(origin, { connections });

  async function sign(pubkey: string, body: JsonObject): Promise<SigningReply> {
    const answer = await pool.request({
      method: 'POST',
      path: `/api/v1/eth2/sign/0x${pubkey}`,
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: stringifyJson(body),
    });
    const parsed = parseJson(await answer.body.text());
    const json = parsed.ok && isJsonObject(parsed.value) ? parsed.value : {};
    const { signature } = json;
    return {
      status: answer.statusCode,
      json,
      ...(typeof signature === 'string' ? { signature } : {}),
    };
  }

  async function settle(pubkey: string, body: JsonObject): Promise<SigningReply> {
    const deadline = performance.now() + PATIENCE;
    for (;;) {
      // Whatever the connection said, the next answer tells more.
      const reply = await sign(pubkey, body).catch(() => undefined);
      if (reply !== undefined && !isTemporary(reply)) return reply;
      if (performance.now() > deadline) throw new Error('nobody has answered for a minute');
      await sleep(20);
    }
  }

  return Object.freeze({ sign, settle, close: () => pool.destroy() });
}

/** A daemon that has just begun knows no keys yet. */
function isTemporary({ status }: SigningReply): boolean {
  return status === 503;
}
