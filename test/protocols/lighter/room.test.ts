/** The room in the pipeline: desk, store and the shipped policy are the real ones. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { openSqliteStore } from '../../../src/adapters/store/sqlite-store.ts';
import { fromHex, toHex } from '../../../src/base/hex.ts';
import type { JsonObject } from '../../../src/base/json.ts';
import { ok } from '../../../src/base/result.ts';
import { Secret } from '../../../src/base/secret.ts';
import { createDesk, type Desk, type PartEnding } from '../../../src/core/desk.ts';
import { createDispatch } from '../../../src/core/dispatch.ts';
import { createOperator, type Operator } from '../../../src/core/operator.ts';
import { createPipeline } from '../../../src/core/pipeline.ts';
import type { Clock, Observer, PolicyBook, Store } from '../../../src/core/ports.ts';
import { listPathsOf, loadPolicySet } from '../../../src/policy/policy-set.ts';
import { vocabulary } from '../../../src/protocols/index.ts';
import { createKernelSigner, createLighter } from '../../../src/protocols/lighter/index.ts';
import { loaded } from '../../support/bank-policy.ts';
import { client, kernel, T0 } from '../../support/judged-slot.ts';
import { lighterClients } from '../../support/lighter-clients.ts';
import { keyVector } from '../../support/lighter-vectors.ts';
import { wallClock } from '../../support/temp-store.ts';

function shippedPolicy(): PolicyBook {
  const file = 'default.yaml';
  const text = readFileSync(new URL(`../../../policies/${file}`, import.meta.url), 'utf8');
  const sources = [{ file, text }];
  const lists = listPathsOf(sources).map((path) => [path, ok('')] as const);
  const set = loaded(loadPolicySet(sources, new Map(lists), vocabulary));
  return { hash: () => set.hash, text: () => text, evaluate: set.evaluate };
}

const policy = shippedPolicy();

/** One slot for each test, all with the same key. */
const slots = Array.from({ length: 20 }, (_, index) => ({
  ...client,
  apiKey: BigInt(index),
  keyId: `lighter/304/123/${String(index)}`,
}));
let used = 0;
let ids = 0;

interface Room {
  readonly slot: bigint;
  readonly desk: Desk;
  readonly operator: Operator;
  readonly frozen: Set<string>;
}

function openRoom(slot: bigint): Room {
  const secretKey = new Secret(fromHex(keyVector(0).privateKey));
  const frozen = new Set<string>();
  const protocol = createLighter({
    clients: lighterClients(slots),
    defaults: { nonceMode: 'skip' },
    kernel,
    signer: createKernelSigner(kernel),
    secret: () => secretKey,
    hasWallet: () => true,
    countersign: () => Promise.resolve(toHex(new Uint8Array(65))),
  });
  const clock: Clock = { now: () => Number(T0), elapsed: () => 0, after: () => () => undefined };
  const observer: Observer = {
    stage: () => undefined,
    alarm: () => undefined,
    failure(error) {
      throw error;
    },
    route: () => undefined,
  };
  const deps = {
    store,
    policy,
    clock,
    observer,
    transport: {
      route: () => 'none',
      send: () => Promise.resolve({ kind: 'delivered' as const }),
    },
    keys: { list: () => [], isFrozen: (id: string) => frozen.has(id) },
    random: {
      unit: () => 0.5,
      id: () => `job-${String((ids += 1)).padStart(6, '0')}`,
      entropy: () => new Uint8Array(64).fill((ids += 1)),
    },
    sources: [],
    desks: [{ name: 'lighter-api', dispatch: createDispatch([protocol]) }],
    outboxLifetime: 1,
    protocols: [protocol],
  };
  const pipeline = createPipeline(deps);
  const operator = createOperator({ ...deps, pipeline });
  return { slot, desk: createDesk(deps), operator, frozen };
}

/** The signing service's own example, but for the slot. */
const exampleOrder = {
  sub_event_type: 'SIGN_CREATE_ORDER',
  market_index: 0n,
  client_order_index: 1n,
  base_amount: 1_000_000n,
  price: 50_000n,
  is_ask: 0n,
  order_type: 0n,
  time_in_force: 0n,
  reduce_only: 0n,
  trigger_price: 0n,
  order_expiry: -1n,
  nonce: -1n,
};

async function ask(
  { desk, slot }: Room,
  data: JsonObject,
  id?: string,
): Promise<readonly PartEnding[]> {
  const told = await desk.ask({
    source: 'lighter-api',
    caller: 'bot',
    eventType: 'LIGHTER_SIGNING',
    entityId: 'account:123/5',
    data: { account_index: 123n, api_key_index: slot, ...data },
    ...(id === undefined ? {} : { id }),
  });
  if (told.kind !== 'decided') throw new Error(JSON.stringify(told));
  return told.parts;
}

async function askOne(room: Room, data: JsonObject, id?: string): Promise<PartEnding> {
  const [part] = await ask(room, data, id);
  if (part === undefined) throw new Error('no part was answered');
  return part;
}

const reasonOf = (part: PartEnding): string =>
  part.outcome === 'signed' ? 'signed' : part.reason.code;
const answerOf = (part: PartEnding): JsonObject => {
  if (part.outcome !== 'signed') throw new Error(part.reason.message);
  return part.answer;
};

let directory: string;
let store: Store;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'countersign-'));
  ({ store } = await openSqliteStore({ directory, clock: wallClock }));
});

afterAll(async () => {
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

/** A room and a slot that nobody has used. */
function freshRoom(): Room {
  used += 1;
  return openRoom(BigInt(used));
}

describe('the room of Lighter', () => {
  test('signs the example order of the signing service under the shipped policy', async () => {
    const answer = answerOf(await askOne(freshRoom(), exampleOrder));
    expect(answer).toMatchObject({ tx_type: 14n, nonce: T0, expired_at: T0 + 599_000n });
  });

  test('declines at once what no rule permits, and takes no nonce for it', async () => {
    const room = freshRoom();
    const withdraw = { sub_event_type: 'SIGN_WITHDRAW', usdc_amount: 1n, nonce: 7n };
    expect(await askOne(room, withdraw)).toMatchObject({
      outcome: 'declined',
      reason: { code: 'policy.no_rule' },
    });
    expect(answerOf(await askOne(room, { ...exampleOrder, nonce: 7n }))['nonce']).toBe(7n);
  });

  test('gives the same answer under the same id, and another nonce under another', async () => {
    const room = freshRoom();
    const first = await askOne(room, exampleOrder, 'once');
    expect(await askOne(room, exampleOrder, 'once')).toEqual(first);
    const second = await askOne(room, exampleOrder, 'twice');
    expect(answerOf(second)['nonce']).toBe(T0 + 1n);
  });

  test('gives hundreds of concurrent requests on one key a nonce each', async () => {
    const room = freshRoom();
    const told = await Promise.all(Array.from({ length: 200 }, () => askOne(room, exampleOrder)));
    const nonces = told.map((part) => answerOf(part)['nonce']);
    expect(new Set(nonces).size).toBe(200);
  });

  test('never lets two of many concurrent requests have one nonce', async () => {
    const room = freshRoom();
    const asked = Array.from({ length: 50 }, (_, index) => ({
      ...exampleOrder,
      client_order_index: BigInt(index + 1),
      nonce: 7n,
    }));
    const told = await Promise.all(asked.map((order) => askOne(room, order)));
    const reasons = told.map(reasonOf);
    expect(reasons.filter((code) => code === 'signed')).toHaveLength(1);
    expect(reasons.filter((code) => code === 'lighter.nonce_reserved')).toHaveLength(49);
  });

  test('counts without a gap in strict mode, however many ask at once', async () => {
    const room = freshRoom();
    const args = { account: 123n, key: room.slot, next_nonce: 100n };
    await room.operator.operate({ world: 'lighter', operation: 'refresh', args, by: 'operator' });
    const strict = { ...exampleOrder, nonce_mode: 'strict' };
    const told = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        // Every fifth is refused by policy, and must not take a nonce.
        askOne(room, index % 5 === 0 ? { ...strict, price: 50_001n } : strict),
      ),
    );
    const nonces = told.flatMap((part) =>
      part.outcome === 'signed' ? [part.answer['nonce']] : [],
    );
    expect(nonces.map(Number).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 80 }, (_, index) => 100 + index),
    );
  });

  test('decides each job of a batch on its own, with nonces in a row', async () => {
    const jobs = [
      { id: 'a', ...exampleOrder },
      { id: 'b', sub_event_type: 'SIGN_WITHDRAW', usdc_amount: 1n },
      {
        id: 'c',
        sub_event_type: 'SIGN_CANCEL_ORDER',
        market_index: 0n,
        order_index: 1n,
      },
    ];
    const parts = await ask(freshRoom(), { signing_jobs: jobs });
    expect(parts.map((part) => [part.id, reasonOf(part)])).toEqual([
      ['a', 'signed'],
      ['b', 'policy.no_rule'],
      ['c', 'signed'],
    ]);
    expect(
      parts.flatMap((part) => (part.outcome === 'signed' ? [part.answer['nonce']] : [])),
    ).toEqual([T0, T0 + 1n]);
  });

  test('remembers nonces over a restart', async () => {
    const room = freshRoom();
    const first = answerOf(await askOne(room, { ...exampleOrder, nonce: 7n }));
    const again = openRoom(room.slot);
    expect(answerOf(await askOne(again, { ...exampleOrder, nonce: 7n }))).toEqual(first);
    const other = { ...exampleOrder, nonce: 7n, price: 49_999n };
    expect(reasonOf(await askOne(again, other))).toBe('lighter.nonce_reserved');
  });

  test('lets an operator acknowledge, and keeps a record of it', async () => {
    const room = freshRoom();
    await askOne(room, { ...exampleOrder, nonce: 7n });
    const args = { account: 123n, key: room.slot, nonce: 7n, status: 'rejected' };
    const done = await room.operator.operate({
      world: 'lighter',
      operation: 'acknowledge',
      args,
      by: 'operator',
    });
    expect(done).toEqual(ok({ message: 'nonce `7` is the next again' }));
    const other = { ...exampleOrder, nonce: 7n, price: 49_999n };
    expect(reasonOf(await askOne(room, other))).toBe('signed');
    const [record] = await store.jobs({ source: 'operator', limit: 1 });
    expect(record).toMatchObject({ caller: 'operator', eventType: 'lighter.acknowledge' });
  });

  test('tells programs which nonces are reserved', async () => {
    const room = freshRoom();
    const args = { account: 123n, key: room.slot, count: 3n };
    const order = { world: 'lighter', operation: 'reserve', args, by: 'operator' };
    expect(await room.operator.operate(order)).toMatchObject(ok({ from: T0, to: T0 + 2n }));
  });

  test('refuses a frozen key', async () => {
    const room = freshRoom();
    room.frozen.add(`lighter/304/123/${String(room.slot)}`);
    expect(await askOne(room, exampleOrder)).toMatchObject({ outcome: 'declined' });
  });

  test('gives a token', async () => {
    const answer = answerOf(await askOne(freshRoom(), { sub_event_type: 'CREATE_AUTH_TOKEN' }));
    expect(answer['deadline']).toBe(T0 / 1000n + 25_200n);
  });
});
