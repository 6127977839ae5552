/** The daemon of a validator operator, with all three worlds on. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { PublicKey, Signature, verify } from '@chainsafe/blst';

import { fromHex } from '../../src/base/hex.ts';
import { isJsonObject, type JsonObject, parseJson, stringifyJson } from '../../src/base/json.ts';
import { MAINNET_ROOT } from '../../test/support/duties.ts';
import { type Daemon, startDaemon } from '../job/contenders.ts';
import { PASSWORD, type Validator, writeKeystores } from './validators.ts';
import { rootOf, type Votes } from './votes.ts';

export interface SignerDaemon extends Daemon {
  /** Where its api answers. */
  readonly port: number;
}

/** Lightspark's account; Lighter and Ethereum are on without any. */
export function threeWorlds(): Readonly<Record<string, string>> {
  return {
    LIGHTSPARK_WEBHOOK_SECRET: 'bench',
    LIGHTSPARK_MASTER_SEED_HEX: randomBytes(64).toString('hex'),
    LIGHTSPARK_API_TOKEN_CLIENT_ID: 'bench',
    LIGHTSPARK_API_TOKEN_CLIENT_SECRET: 'bench',
    ETH_NETWORK: 'mainnet',
    KEYS_DIR: 'keys',
  };
}

/** Validators come through the Keymanager API, with a history that ends before any vote. */
export async function startSignerDaemon(
  directory: string,
  validators: readonly Validator[],
  environment: Readonly<Record<string, string>> = {},
): Promise<SignerDaemon> {
  const daemon = await startDaemon('accelerator', directory, { ...threeWorlds(), ...environment });
  const token = await readFile(join(directory, 'accelerator', 'data', 'api-token'), 'utf8');
  const response = await fetch(`${daemon.api}/eth/v1/keystores`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token.trim()}`, 'content-type': 'application/json' },
    body: stringifyJson({
      keystores: await writeKeystores(validators),
      passwords: validators.map(() => PASSWORD),
      slashing_protection: stringifyJson(historyOf(validators)),
    }),
  });
  const text = await response.text();
  if (text.split('"imported"').length !== validators.length + 1) {
    throw new Error(`not all keys were imported: ${text.slice(0, 500)}`);
  }
  return { ...daemon, port: Number(new URL(daemon.api).port) };
}

function historyOf(validators: readonly Validator[]): JsonObject {
  const root = `0x${MAINNET_ROOT}`;
  return {
    metadata: { interchange_format_version: '5', genesis_validators_root: root },
    data: validators.map(({ pubkey }) => ({
      pubkey: `0x${pubkey}`,
      signed_blocks: [],
      signed_attestations: [{ source_epoch: '0', target_epoch: '0' }],
    })),
  };
}

/** A signature that does not hold is not worth timing. */
export async function checkAnswer({ api }: SignerDaemon, votes: Votes): Promise<void> {
  for (const { path, body } of votes.epoch().slice(0, 3)) {
    const response = await fetch(`${api}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/plain' },
      body,
    });
    const signature = Signature.fromHex(await response.text());
    const pubkey = PublicKey.fromHex(path.slice(-96));
    const vote = parseJson(body);
    if (!vote.ok || !isJsonObject(vote.value)) throw new Error('a call has no vote');
    if (!verify(fromHex(rootOf(vote.value)), pubkey, signature)) {
      throw new Error('the daemon signs otherwise');
    }
  }
}
