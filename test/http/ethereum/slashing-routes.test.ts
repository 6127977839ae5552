import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { createSlashingControl } from '../../../src/adapters/ethereum/slashing-control.ts';
import { slashingRoutes } from '../../../src/http/ethereum/slashing-routes.ts';
import { aKey, aRoot, aVote, GENESIS, record } from '../../adapters/store/duties.ts';
import { type ApiServer, apiServer, TOKEN } from '../../support/api-server.ts';
import { temporaryStore } from '../../support/shared-store.ts';

const DOCUMENT = '/admin/v1/ethereum/slashing-protection';
const rig = temporaryStore();
let server: ApiServer;

beforeAll(async () => {
  const slashing = createSlashingControl(rig());
  server = await apiServer({
    deps: { worlds: (access) => slashingRoutes({ access, slashing }) },
  });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

interface Answered {
  readonly status: number;
  readonly json: unknown;
}

async function order(method: string, path: string, body?: unknown): Promise<Answered> {
  const response = await fetch(`${server.origin}${path}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const json: unknown = text === '' ? undefined : JSON.parse(text);
  return { status: response.status, json };
}

function documentOf(...data: readonly unknown[]): unknown {
  const metadata = {
    interchange_format_version: '5',
    genesis_validators_root: `0x${GENESIS}`,
  };
  return { metadata, data };
}

describe('the interchange document', () => {
  test('is exported as it was imported, and says how each key fared', async () => {
    const pubkey = `0x${aKey(1)}`;
    const entry = {
      pubkey,
      signed_blocks: [{ slot: '7', signing_root: `0x${aRoot(1)}` }],
      signed_attestations: [
        { source_epoch: '1', target_epoch: '2', signing_root: `0x${aRoot(2)}` },
        { source_epoch: '2', target_epoch: '3' },
      ],
    };
    expect(await order('POST', DOCUMENT, documentOf(entry))).toEqual({
      status: 200,
      json: {
        genesis_validators_root: `0x${GENESIS}`,
        data: [{ pubkey, status: 'imported', blocks: 1, attestations: 2 }],
      },
    });
    expect(await order('GET', DOCUMENT)).toEqual({ status: 200, json: documentOf(entry) });
  });

  test('is refused whole where any of it cannot be read', async () => {
    const good = { pubkey: `0x${aKey(2)}`, signed_blocks: [], signed_attestations: [] };
    const refused = await order('POST', DOCUMENT, documentOf(good, { pubkey: '0x12' }));
    expect(refused).toMatchObject({ status: 400, json: { code: 'interchange.malformed' } });
    expect(await rig().slashing.key(aKey(2))).toBeUndefined();
  });

  test('of another chain is refused', async () => {
    const metadata = {
      interchange_format_version: '5',
      genesis_validators_root: `0x${aRoot(99)}`,
    };
    const refused = await order('POST', DOCUMENT, { metadata, data: [] });
    expect(refused).toMatchObject({ status: 400, json: { code: 'interchange.wrong_genesis' } });
  });

  test('that breaks off is not taken for a whole one', async () => {
    // eslint-disable-next-line @typescript-eslint/require-await -- what is streamed is asynchronous
    async function* broken(): AsyncGenerator<string> {
      yield '{"metadata":{},"data":[]}';
      throw new Error('the database went away');
    }
    const slashing = { ...createSlashingControl(rig()), exportDocument: broken };
    await using other = await apiServer({
      deps: { worlds: (access) => slashingRoutes({ access, slashing }) },
    });
    const headers = { authorization: `Bearer ${TOKEN}` };
    const reading = fetch(`${other.origin}${DOCUMENT}`, { headers }).then((got) => got.text());
    await expect(reading).rejects.toThrow();
  });
});

describe('watermarks', () => {
  test('are raised for the keys that are named, below which nothing is signed', async () => {
    const key = aKey(3);
    expect(
      await order('POST', '/admin/v1/ethereum/watermarks', {
        ...{ slot: 320, epoch: '10', keys: [`0x${key}`] },
      }),
    ).toEqual({ status: 200, json: { keys: 1 } });
    const vote = (source: bigint, target: bigint) => aVote({ key, source, target, root: aRoot(1) });
    expect(await record(rig(), vote(9n, 10n), GENESIS)).toBe('target_below_watermark');
    expect(await record(rig(), vote(8n, 11n), GENESIS)).toBe('source_below_watermark');
    expect(await record(rig(), vote(9n, 11n), GENESIS)).toBe('recorded');
  });

  test('are raised for all keys that are known, and never lowered', async () => {
    await order('POST', '/admin/v1/ethereum/watermarks', {
      ...{ slot: 10, epoch: 1, keys: [`0x${aKey(4)}`, `0x${aKey(5)}`] },
    });
    const body = { slot: 5, epoch: 2, keys: 'all' };
    const { status, json } = await order('POST', '/admin/v1/ethereum/watermarks', body);
    expect(status).toBe(200);
    expect(json).toEqual({ keys: (await rig().slashing.keys(undefined, 100)).length });
    expect(await rig().slashing.key(aKey(4))).toMatchObject({
      floor: { slot: 10n, source: 1n, target: 2n },
    });
  });

  test.each([
    ['a slot too large', { slot: '18446744073709551616', epoch: 1, keys: 'all' }],
    ['a negative epoch', { slot: 1, epoch: -1, keys: 'all' }],
    ['no keys', { slot: 1, epoch: 1 }],
    ['what is no key', { slot: 1, epoch: 1, keys: ['0x12'] }],
    ['a field that is not known', { slot: 1, epoch: 1, keys: 'all', force: true }],
  ])('are not raised by %s', async (_, body) => {
    const refused = await order('POST', '/admin/v1/ethereum/watermarks', body);
    expect(refused).toMatchObject({ status: 400, json: { code: 'ethereum.request' } });
  });
});

test('the high watermark is set and removed', async () => {
  const path = '/admin/v1/ethereum/high-watermark';
  const mark = { slot: '18446744073709551615', epoch: '576460752303423487' };
  expect(await order('POST', path, mark)).toEqual({ status: 200, json: mark });
  expect((await rig().slashing.settings()).highWatermark).toEqual({
    slot: 2n ** 64n - 1n,
    epoch: 2n ** 59n - 1n,
  });
  expect(await order('DELETE', path)).toEqual({ status: 204, json: undefined });
  expect((await rig().slashing.settings()).highWatermark).toBeUndefined();
});

describe('the question whether a duty could be slashed', () => {
  const path = '/admin/v1/ethereum/check';
  const key = aKey(6);
  const pubkey = `0x${key}`;

  test('is answered as signing would be, and records nothing', async () => {
    await order('POST', '/admin/v1/ethereum/watermarks', { slot: 1, epoch: 1, keys: [pubkey] });
    const signed = aVote({ key, source: 5n, target: 6n, root: aRoot(1) });
    expect(await record(rig(), signed, GENESIS)).toBe('recorded');
    const vote = { pubkey, source_epoch: '5', target_epoch: '6' };
    expect(await order('POST', path, vote)).toMatchObject({
      status: 200,
      json: { allowed: false, rule: 'double_vote' },
    });
    expect((await order('POST', path, { ...vote, signing_root: `0x${aRoot(1)}` })).json).toEqual({
      allowed: true,
      signed_before: true,
    });
    const block = { pubkey, slot: 100 };
    for (let asked = 0; asked < 2; asked += 1) {
      expect((await order('POST', path, block)).json).toEqual({
        allowed: true,
        signed_before: false,
      });
    }
  });

  test('needs to be about a block or a vote', async () => {
    for (const body of [{ pubkey }, { pubkey, slot: 1, source_epoch: 1, target_epoch: 2 }]) {
      expect((await order('POST', path, body)).status).toBe(400);
    }
  });
});

test('all of it is for operators alone', async () => {
  for (const [method, path] of [
    ['GET', DOCUMENT],
    ['POST', DOCUMENT],
    ['POST', '/admin/v1/ethereum/watermarks'],
    ['POST', '/admin/v1/ethereum/high-watermark'],
    ['DELETE', '/admin/v1/ethereum/high-watermark'],
    ['POST', '/admin/v1/ethereum/check'],
  ] as const) {
    const { status } = await fetch(`${server.origin}${path}`, {
      method,
      ...(method === 'POST' ? { headers: { 'content-type': 'application/json' }, body: '{}' } : {}),
    });
    expect([401, 403]).toContain(status);
  }
});
