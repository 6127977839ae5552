/** Lighter's keys at a whole daemon, on real sockets and a real directory, with an exchange to ask. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { verifyMessage, Wallet } from 'ethers';
import { z } from 'zod';

import { createLighterKernel } from '../../signers/lighter/index.ts';
import { createLog } from '../../src/adapters/observe/log.ts';
import { toHex } from '../../src/base/hex.ts';
import { type JsonObject, stringifyJson } from '../../src/base/json.ts';
import { Secret } from '../../src/base/secret.ts';
import { type Daemon, startDaemon } from '../../src/compose.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import { type LighterStandIn, startLighterStandIn } from '../../src/demo/lighter-stand-in.ts';
import { captureLog } from '../support/log-lines.ts';
import { objectIn } from '../support/object-json.ts';
import { canariesIn, canaryOf, searchDirectory } from '../support/secret-search.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

jest.setTimeout(60_000);

const root = temporaryDirectory();
const dataDir = join(root, 'data');
const policyDir = join(root, 'policies');
const log = captureLog();

const kernel = createLighterKernel();
const apiKey = privateKey(3);
const otherKey = privateKey(90);
const walletKey = bytes(200, 32);
const transferWallet = bytes(61, 32);
const owner = new Wallet(`0x${toHex(walletKey)}`);
const canaries = [
  canaryOf('an API key', apiKey),
  canaryOf('another API key', otherKey),
  canaryOf('the wallet that registers', walletKey),
  canaryOf('the wallet that transfers', transferWallet),
];

const ACCOUNT = 123n;
const said: string[] = [];
let standIn: LighterStandIn;
let daemon: Daemon;

/** Bytes that nothing else has. */
function bytes(start: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (start + 37 * index + index * index) % 256);
}

function privateKey(start: number): Uint8Array {
  return kernel.derivePrivateKey(new Secret(bytes(start, 64))).reveal((key) => key.slice());
}

beforeAll(async () => {
  standIn = await startLighterStandIn();
  standIn.addAccount(ACCOUNT, owner.address);
  mkdirSync(policyDir);
  const rule = 'version: 1\nrules:\n  - id: everything\n    on: lighter\n    effect: permit\n';
  writeFileSync(join(policyDir, 'policy.yaml'), rule);
  daemon = await start();
});

afterAll(async () => {
  await daemon.stop();
  await standIn[Symbol.asyncDispose]();
});

function configuration(): Config {
  const loaded = loadConfig({
    env: {
      DATA_DIR: dataDir,
      POLICY_DIR: policyDir,
      STATE_MARKER: join(root, 'marker.json'),
      PORT: '0',
      API_PORT: '0',
      LIGHTER_API_HOSTS: standIn.host,
    },
    flags: new Map(),
    readFile: (path) => readFileSync(path, 'utf8'),
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return loaded.value.config;
}

async function start(): Promise<Daemon> {
  const started = await startDaemon(configuration(), {
    log: createLog({ level: 'trace', destination: log.destination }),
  });
  if (!started.ok) throw new Error(started.error.join('\n'));
  return started.value;
}

interface Told {
  readonly status: number;
  readonly json: JsonObject;
}

async function call(method: 'GET' | 'POST', path: string, body?: JsonObject): Promise<Told> {
  const token = readFileSync(join(dataDir, 'api-token'), 'utf8').trim();
  const response = await fetch(`${daemon.apiOrigins[0] ?? ''}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: stringifyJson(body) }),
  });
  const text = await response.text();
  said.push(JSON.stringify([...response.headers]), text);
  return { status: response.status, json: objectIn(text) };
}

const post = (path: string, body: JsonObject) => call('POST', path, body);

function textOf({ json }: Told, field: string): string {
  return z.string().parse(json[field]);
}

/** The wallet that signed the `L1Sig` of a reply. */
function countersigner(told: Told): string {
  const info: unknown = JSON.parse(textOf(told, 'tx_info'));
  const { L1Sig } = z.object({ L1Sig: z.string() }).parse(info);
  return verifyMessage(textOf(told, 'message_to_sign'), L1Sig);
}

async function sendTx(told: Told): Promise<void> {
  const body = new URLSearchParams({ tx_type: '8', tx_info: textOf(told, 'tx_info') });
  const answer = await fetch(`${standIn.url}/api/v1/sendTx`, { method: 'POST', body });
  expect(await answer.json()).toMatchObject({ code: 200 });
}

const slot = { account_index: ACCOUNT, chain_id: 300n };
const order = {
  market_index: 0n,
  client_order_index: 1n,
  base_amount: 1_000_000n,
  price: 50_000n,
  is_ask: 0n,
  order_type: 0n,
  time_in_force: 0n,
};

test('a raw key makes a client, and no other key takes its slot', async () => {
  const client = { ...slot, url: standIn.url, api_key_index: 5n };
  const raw = { ...client, private_key: `0x${toHex(apiKey)}` };
  expect(await post('/create_client', raw)).toMatchObject({ status: 200 });
  expect(await post('/create_client', raw)).toMatchObject({ status: 200 });
  const other = await post('/create_client', { ...client, private_key: toHex(otherKey) });
  expect(other.status).toBe(409);
  expect(await post('/sign_create_order', { ...order, api_key_index: 5n })).toMatchObject({
    status: 200,
  });
});

test('a raw key where none belongs is refused and forgotten', async () => {
  const misplaced = { ...order, api_key_index: 5n, private_key: toHex(otherKey) };
  expect((await post('/sign_create_order', misplaced)).status).toBe(400);
  expect((await post('/create_client', { ...slot, private_key: toHex(otherKey) })).status).toBe(
    400,
  );
});

test('a kept wallet countersigns a registration, which the exchange takes', async () => {
  const registered = await post('/register_api_key', {
    ...slot,
    url: standIn.url,
    eth_private_key: toHex(walletKey),
  });
  expect(registered).toMatchObject({ status: 200, json: { state: 'complete' } });
  expect(countersigner(registered)).toBe(owner.address);
  await sendTx(registered);
  const check = await post('/check_client', { ...slot, api_key_index: 42n });
  expect(check.status).toBe(200);
  expect(await post('/sign_create_order', { ...order, api_key_index: 42n })).toMatchObject({
    status: 200,
  });
  const setup = await call('GET', `/setup/${String(ACCOUNT)}?chain_id=300`);
  expect(setup.status).toBe(200);
  expect(stringifyJson(setup.json)).not.toContain('"done":false');
});

test('an external wallet countersigns a registration', async () => {
  const begun = await post('/register_api_key', { ...slot, url: standIn.url, api_key_index: 7n });
  expect(begun).toMatchObject({ status: 200, json: { state: 'awaiting_countersignature' } });
  const text = textOf(begun, 'message_to_sign');
  const path = `/register_api_key/${textOf(begun, 'id')}/countersign`;
  const stranger = new Wallet(`0x${'22'.repeat(32)}`).signMessageSync(text);
  expect((await post(path, { signature: stranger })).status).toBe(400);
  expect((await post('/sign_create_order', { ...order, api_key_index: 7n })).status).toBe(400);
  const complete = await post(path, { signature: owner.signMessageSync(text) });
  expect(complete).toMatchObject({ status: 200, json: { state: 'complete' } });
  expect(countersigner(complete)).toBe(owner.address);
  await sendTx(complete);
  expect((await post('/sign_create_order', { ...order, api_key_index: 7n })).status).toBe(200);
});

test('the wallet of a transfer countersigns it', async () => {
  const transfer = await post('/sign_transfer', {
    ...slot,
    api_key_index: 5n,
    eth_private_key: `0x${toHex(transferWallet)}`,
    to_account_index: 321n,
    usdc_amount: 1_000_000n,
    fee: 0n,
    memo: 'a memo of exactly 32 characters!',
  });
  expect(transfer.status).toBe(200);
  expect(countersigner(transfer)).toBe(new Wallet(`0x${toHex(transferWallet)}`).address);
});

test('clients outlive the daemon, and no key is found outside of its file', async () => {
  await daemon.stop();
  daemon = await start();
  for (const index of [5n, 7n, 42n]) {
    const again = await post('/sign_create_order', { ...order, ...slot, api_key_index: index });
    expect(again.status).toBe(200);
  }
  expect(searchDirectory(dataDir, canaries)).toEqual([]);
  const heard = [...said, ...log.lines.map((line) => JSON.stringify(line))].join('\n');
  expect(canariesIn(heard, canaries)).toEqual([]);
});
