/**
 * The worlds whose webhooks are answered by callbacks, as their senders and receivers see them. What
 * they sign and verify goes through the package `standardwebhooks`, which is not ours.
 */
import { randomBytes, randomUUID } from 'node:crypto';

import { bls12_381 as bls } from '@noble/curves/bls12-381.js';
import { base64 } from '@scure/base';
import { Webhook } from 'standardwebhooks';

import { createLighterKernel, ENTROPY_SIZE } from '../../signers/lighter/index.ts';
import { fromHex, type Hex, toHex } from '../../src/base/hex.ts';
import { isJsonObject, type JsonObject, parseJson, stringifyJson } from '../../src/base/json.ts';
import { Secret } from '../../src/base/secret.ts';
import { createDuties } from '../../src/demo/duties.ts';
import { createThrowawayValidator } from '../../src/demo/throwaway-validator.ts';
import type { ReceivedCallback } from './callback-receiver.ts';
import type { RunningDaemon } from './daemon-home.ts';
import { hex } from './hex.ts';
import { verify as verifyLighter } from './lighter-reference/schnorr.ts';

export interface WebhookWorld {
  readonly name: string;
  readonly path: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly eventType: string;
  /** Brings the key that is asked for below; once for each data directory. */
  readonly bringKey: (daemon: RunningDaemon) => Promise<void>;
  /** Something that may be signed, another one each time. */
  readonly permitted: () => JsonObject;
  /** Something that must not. */
  readonly refused: () => JsonObject;
  /** The code with which it is refused. */
  readonly refusal: string;
  /** Whether the result of a callback is the signature that was asked for. */
  readonly holds: (asked: JsonObject, result: JsonObject) => boolean;
  /** Sends the event as its sender does. */
  readonly deliver: (
    daemon: RunningDaemon,
    event: JsonObject,
    changes?: { readonly signedWith?: string },
  ) => Promise<{ readonly status: number; readonly job: string }>;
  /** The body of a callback, whose signature is checked; throws where it does not hold. */
  readonly open: (callback: ReceivedCallback) => JsonObject;
}

type Particulars = Omit<WebhookWorld, 'environment' | 'deliver' | 'open'> & {
  readonly variables: 'LIGHTER' | 'BLS';
  readonly settings: Readonly<Record<string, string>>;
};

function webhookWorld({ variables, settings, ...world }: Particulars): WebhookWorld {
  const [webhookSecret, callbackSecret] = [newWebhookSecret(), newWebhookSecret()];
  const receiver = new Webhook(callbackSecret);
  return {
    ...world,
    environment: {
      ...settings,
      [`${variables}_WEBHOOK_SECRET`]: webhookSecret,
      [`${variables}_CALLBACK_SECRET`]: callbackSecret,
    },
    async deliver({ origins }, event, { signedWith = webhookSecret } = {}) {
      const body = stringifyJson(event);
      const id = idOf(event);
      const now = new Date();
      const response = await fetch(`${origins.webhook}${world.path}`, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
          'webhook-signature': new Webhook(signedWith).sign(id, now, body),
        },
      });
      await response.arrayBuffer();
      return { status: response.status, job: response.headers.get('countersign-job') ?? '' };
    },
    open({ headers, text }) {
      receiver.verify(text, {
        'webhook-id': String(headers['webhook-id']),
        'webhook-timestamp': String(headers['webhook-timestamp']),
        'webhook-signature': String(headers['webhook-signature']),
      });
      const json = parseJson(text);
      if (!json.ok || !isJsonObject(json.value)) throw new Error('a callback is no JSON object');
      return json.value;
    },
  };
}

export function newWebhookSecret(): string {
  return `whsec_${base64.encode(randomBytes(32))}`;
}

/** An event of a world, of now. */
export function eventOf(
  { eventType, name }: Pick<WebhookWorld, 'eventType' | 'name'>,
  data: JsonObject,
  changes: JsonObject = {},
): JsonObject {
  return {
    event_type: eventType,
    event_id: randomUUID(),
    timestamp: new Date().toISOString(),
    entity_id: `${name}-entity`,
    data,
    ...changes,
  };
}

export function idOf(event: JsonObject): string {
  return textIn(event, 'event_id');
}

/** Several requests as one event. */
export function batchOf(jobs: Readonly<Record<string, JsonObject>>): JsonObject {
  return { signing_jobs: Object.entries(jobs).map(([id, job]) => ({ id, ...job })) };
}

// --- Lighter -----------------------------------------------------------------------------------

export function lighterWorld(): WebhookWorld {
  const kernel = createLighterKernel();
  const secret = kernel.derivePrivateKey(new Secret(randomBytes(ENTROPY_SIZE)));
  const publicKey = kernel.publicKey(secret);
  const slot = { api_key_index: 5n, account_index: 123n };
  let orders = 0n;
  return webhookWorld({
    name: 'lighter',
    path: '/webhooks/lighter',
    variables: 'LIGHTER',
    settings: {},
    eventType: 'LIGHTER_SIGNING',
    async bringKey(daemon) {
      const privateKey = secret.reveal((bytes) => toHex(bytes));
      const body = { ...slot, chain_id: 304n, private_key: privateKey };
      const { status, text } = await daemon.post('/create_client', body);
      if (status !== 200) throw new Error(text);
    },
    permitted() {
      orders += 1n;
      return {
        ...slot,
        sub_event_type: 'SIGN_CREATE_ORDER',
        ...{ market_index: 0n, client_order_index: orders, base_amount: 1_000n, price: 50_000n },
        ...{ is_ask: 0n, order_type: 0n, time_in_force: 0n },
      };
    },
    refused: () => ({ ...slot, sub_event_type: 'SIGN_WITHDRAW', usdc_amount: 1_000_000n }),
    refusal: 'policy.no_rule',
    holds(asked, result) {
      const info = parseJson(textIn(result, 'tx_info'));
      if (!info.ok || !isJsonObject(info.value)) return false;
      const { Sig: signature, ClientOrderIndex: index } = info.value;
      return (
        index === asked['client_order_index'] &&
        typeof signature === 'string' &&
        verifyLighter(base64.decode(signature), fromHex(hexIn(result, 'tx_hash')), publicKey)
      );
    },
  });
}

// --- Ethereum ----------------------------------------------------------------------------------

export async function ethereumWorld(): Promise<WebhookWorld> {
  const validator = await createThrowawayValidator();
  const identifier = `0x${validator.pubkey}`;
  const duties = createDuties({
    forkVersion: hex('00000001'),
    genesisValidatorsRoot: toHex(randomBytes(32)),
  });
  const roots = new Map<string, Uint8Array>();
  let target = 1n;
  function vote(): JsonObject {
    const { body, root } = duties.attestation({ source: target - 1n, target });
    const { type = null, ...fields } = body;
    const data = { identifier, sub_event_type: type, ...fields };
    roots.set(stringifyJson(fields['attestation'] ?? null), root);
    return data;
  }
  return webhookWorld({
    name: 'ethereum',
    path: '/webhooks/bls',
    variables: 'BLS',
    settings: { ETH_NETWORK: 'minimal' },
    eventType: 'BLS_SIGNING',
    async bringKey(daemon) {
      const body = { keystores: [validator.keystore], passwords: [validator.password] };
      const { status, text } = await daemon.post('/eth/v1/keystores', body);
      if (status !== 200 || !text.includes('"imported"')) throw new Error(text);
    },
    permitted() {
      target += 1n;
      return vote();
    },
    refused: () => ({
      identifier,
      sub_event_type: 'VOLUNTARY_EXIT',
      fork_info: vote()['fork_info'] ?? null,
      voluntary_exit: { epoch: '1', validator_index: '1' },
    }),
    refusal: 'policy.no_rule',
    holds(asked, result) {
      const root = roots.get(stringifyJson(asked['attestation'] ?? null));
      if (root === undefined) throw new Error('nothing of the kind was asked');
      const scheme = bls.longSignatures;
      const message = scheme.hash(root, 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_');
      const signature = fromHex(hexIn(result, 'signature'));
      return scheme.verify(signature, message, fromHex(validator.pubkey));
    },
  });
}

function textIn(object: JsonObject, name: string): string {
  const value = object[name];
  return typeof value === 'string' ? value : '';
}

function hexIn(object: JsonObject, name: string): Hex {
  return hex(textIn(object, name).replace(/^0x/, ''));
}
