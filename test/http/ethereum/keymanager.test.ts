import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { NETWORKS } from '../../../signers/bls12381/index.ts';
import { slashingLane } from '../../../src/core/slashing.ts';
import { attestation, block, EPOCH, MAINNET_ROOT, root, SLOT } from '../../support/duties.ts';
import {
  type Answered,
  type EthereumRig,
  MAINNET_NOW,
  sharedRig,
} from '../../support/ethereum-rig.ts';
import { interopKey, interopKeystore, interopPassword } from '../../support/validator-files.ts';

const PATH = '/eth/v1/keystores';
/** Keys 0 and 1 lie with the operator; the others come by the API, each in a test of its own. */
const shared = sharedRig({ operatorKeys: [0, 1] });

const pubkeyOf = (index: number): string => `0x${interopKey(index).pubkey}`;

function post(rig: EthereumRig, body: unknown): Promise<Answered> {
  return rig.order(PATH, { method: 'POST', body });
}

function importing(rig: EthereumRig, index: number, more: Readonly<Record<string, unknown>> = {}) {
  const body = { keystores: [interopKeystore(index)], passwords: [interopPassword], ...more };
  return post(rig, body);
}

function remove(rig: EthereumRig, ...pubkeys: readonly string[]): Promise<Answered> {
  return rig.order(PATH, { method: 'DELETE', body: { pubkeys } });
}

function interchange(data: readonly unknown[], genesis = `0x${MAINNET_ROOT}`): string {
  return JSON.stringify({
    metadata: { interchange_format_version: '5', genesis_validators_root: genesis },
    data,
  });
}

function exported({ json }: Answered): unknown {
  if (typeof json !== 'object' || json === null || !('slashing_protection' in json))
    return undefined;
  return JSON.parse(String(json.slashing_protection));
}

describe('the list of keystores', () => {
  test('tells the keys of the operator as such', async () => {
    const { status, json } = await shared().order(PATH);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      data: expect.arrayContaining([
        { validating_pubkey: pubkeyOf(0), readonly: true, derivation_path: expect.any(String) },
      ]),
    });
  });

  test('is for the operator alone: 401 without a token, 403 with a wrong one', async () => {
    for (const method of ['GET', 'POST', 'DELETE']) {
      const init = method === 'GET' ? { method } : { method, body: {} };
      const none = await shared().call(PATH, init);
      const wrong = await shared().call(PATH, { ...init, headers: { authorization: 'Bearer no' } });
      expect([none.status, wrong.status]).toEqual([401, 403]);
      expect(none.json).toMatchObject({ message: expect.any(String) });
      expect(wrong.json).toMatchObject({ message: expect.any(String) });
    }
  });
});

describe('an import', () => {
  test('brings a key into use, encrypted at rest, and knows it again', async () => {
    const rig = shared();
    const imported = await importing(rig, 2);
    expect([imported.status, imported.json]).toEqual([200, { data: [{ status: 'imported' }] }]);
    expect((await rig.sign(pubkeyOf(2), attestation(EPOCH + 1n, { slot: SLOT }))).status).toBe(200);
    expect(readdirSync(`${rig.home}/imported`)).toContain(`${interopKey(2).pubkey}.json`);
    expect((await importing(rig, 2)).json).toEqual({ data: [{ status: 'duplicate' }] });
    expect((await importing(rig, 0)).json).toEqual({ data: [{ status: 'duplicate' }] });
  });

  test('tells of each keystore by itself, in order', async () => {
    const rig = shared();
    const body = {
      keystores: ['no keystore', interopKeystore(3), interopKeystore(4), interopKeystore(4)],
      passwords: ['x', 'wrong', interopPassword, interopPassword],
    };
    const { status, json } = await post(rig, body);
    expect([status, json]).toEqual([
      200,
      {
        data: [
          { status: 'error', message: expect.any(String) },
          { status: 'error', message: expect.any(String) },
          { status: 'imported' },
          { status: 'duplicate' },
        ],
      },
    ]);
    expect(rig.validators.keys.has(interopKey(3).pubkey)).toBe(false);
    expect(JSON.stringify(json)).not.toContain('wrong');
  });

  test('of a keystore whose public key is another one is refused', async () => {
    const keystore = interopKeystore(3, { pubkey: interopKey(4).pubkey });
    const { json } = await post(shared(), { keystores: [keystore], passwords: [interopPassword] });
    expect(json).toMatchObject({ data: [{ status: 'error' }] });
  });

  test('of nothing is nothing', async () => {
    const { status, json } = await post(shared(), { keystores: [], passwords: [] });
    expect([status, json]).toEqual([200, { data: [] }]);
  });

  test.each([
    ['fewer passwords', { keystores: ['{}'], passwords: [] }],
    ['no passwords', { keystores: ['{}'] }],
    ['no texts', { keystores: [{}], passwords: ['x'] }],
    ['nothing', {}],
    ['history that is no text', { keystores: [], passwords: [], slashing_protection: {} }],
  ])('with %s is 400', async (_what, body) => {
    const { status, json } = await post(shared(), body);
    expect([status, json]).toMatchObject([400, { message: expect.any(String) }]);
  });

  test('begins a key without history at the clock', async () => {
    const rig = shared();
    await importing(rig, 5);
    expect((await rig.sign(pubkeyOf(5), block(SLOT))).status).toBe(412);
    expect((await rig.sign(pubkeyOf(5), block(SLOT + 1n))).status).toBe(200);
  });

  test('with history goes on where the key was, and not before', async () => {
    const rig = shared();
    const vote = { source_epoch: '3', target_epoch: '4', signing_root: root(9) };
    const data = [
      { pubkey: pubkeyOf(6), signed_blocks: [{ slot: '80' }], signed_attestations: [vote] },
    ];
    const { json } = await importing(rig, 6, { slashing_protection: interchange(data) });
    expect(json).toEqual({ data: [{ status: 'imported' }] });
    expect((await rig.sign(pubkeyOf(6), block(80n))).status).toBe(412);
    expect((await rig.sign(pubkeyOf(6), block(81n))).status).toBe(200);
    expect((await rig.sign(pubkeyOf(6), attestation(4n, { slot: 130n }))).status).toBe(412);
    expect((await rig.sign(pubkeyOf(6), attestation(5n, { slot: 160n }))).status).toBe(200);
  });

  test.each([
    ['of another chain', interchange([], root(1))],
    ['of another format', interchange([]).replace('"5"', '"4"')],
    ['that is no document', '[]'],
  ])('with history %s is 400, and no key comes into use', async (_what, document) => {
    const { status, json } = await importing(shared(), 7, { slashing_protection: document });
    expect([status, json]).toMatchObject([400, { message: expect.any(String) }]);
    expect(shared().validators.keys.has(interopKey(7).pubkey)).toBe(false);
  });
});

describe('an import whose history cannot be recorded', () => {
  /** Fails for one key, as a broken disk would. */
  const broken = sharedRig({
    historyStoreFor: (store) => ({
      ...store,
      transact: (lanes, work) =>
        lanes.includes(slashingLane(interopKey(2).pubkey))
          ? Promise.reject(new Error('the disk is full'))
          : store.transact(lanes, work),
    }),
  });

  test('leaves that key out of use, and brings the others', async () => {
    const data = [2, 3].map((index) => ({
      pubkey: pubkeyOf(index),
      signed_blocks: [{ slot: '80' }],
      signed_attestations: [],
    }));
    const { json } = await post(broken(), {
      keystores: [interopKeystore(2), interopKeystore(3)],
      passwords: [interopPassword, interopPassword],
      slashing_protection: interchange(data),
    });
    expect(json).toEqual({
      data: [
        { status: 'error', message: 'its slashing protection was not imported: the disk is full' },
        { status: 'imported' },
      ],
    });
    expect(broken().validators.keys.publicKeys()).toEqual([interopKey(3).pubkey]);
  });
});

describe('a deletion', () => {
  test('ends a key and hands out its history, as often as it is asked', async () => {
    const rig = shared();
    await importing(rig, 8);
    await rig.sign(pubkeyOf(8), block(SLOT + 1n));
    const first = await remove(rig, interopKey(8).pubkey);
    expect([first.status, first.json]).toMatchObject([200, { data: [{ status: 'deleted' }] }]);
    expect(exported(first)).toMatchObject({
      metadata: { genesis_validators_root: `0x${MAINNET_ROOT}` },
      data: [
        {
          pubkey: pubkeyOf(8),
          signed_blocks: [{ slot: String(SLOT) }, { slot: String(SLOT + 1n) }],
        },
      ],
    });
    expect((await rig.sign(pubkeyOf(8), block(SLOT + 2n))).status).toBe(404);
    const again = await remove(rig, pubkeyOf(8).toUpperCase().replace('0X', '0x'));
    expect(again.json).toMatchObject({ data: [{ status: 'not_active' }] });
    expect(exported(again)).toEqual(exported(first));
    expect(readdirSync(`${rig.home}/imported`)).not.toContain(`${interopKey(8).pubkey}.json`);
  });

  test('can be taken back with the history that it gave', async () => {
    const rig = shared();
    await importing(rig, 9);
    await rig.sign(pubkeyOf(9), block(SLOT + 1n));
    const history = JSON.stringify(exported(await remove(rig, pubkeyOf(9))));
    const back = await importing(rig, 9, { slashing_protection: history });
    expect(back.json).toEqual({ data: [{ status: 'imported' }] });
    expect((await rig.sign(pubkeyOf(9), block(SLOT + 1n, { body: 2n }))).status).toBe(412);
    expect((await rig.sign(pubkeyOf(9), block(SLOT + 1n))).status).toBe(200);
    expect((await rig.sign(pubkeyOf(9), attestation(EPOCH + 1n, { slot: SLOT }))).status).toBe(200);
  });

  test('of a key of the operator is an error, and gives out no history of a key that signs', async () => {
    const rig = shared();
    const answer = await remove(rig, pubkeyOf(1), pubkeyOf(15));
    expect(answer.json).toMatchObject({
      data: [
        { status: 'error', message: expect.stringMatching(/remove it there and reload$/) },
        { status: 'not_found' },
      ],
    });
    expect(exported(answer)).toMatchObject({ data: [] });
    expect((await rig.sign(pubkeyOf(1), block(SLOT + 1n))).status).toBe(200);
  });

  test('of nothing gives an empty document', async () => {
    const answer = await remove(shared());
    expect([answer.status, answer.json]).toMatchObject([200, { data: [] }]);
    expect(exported(answer)).toMatchObject({ data: [] });
  });

  test.each([[{}], [{ pubkeys: 'x' }], [{ pubkeys: ['0x00'] }], [{ pubkeys: [7] }]])(
    'of %p is 400',
    async (body) => {
      const { status, json } = await shared().order(PATH, { method: 'DELETE', body });
      expect([status, json]).toMatchObject([400, { message: expect.any(String) }]);
    },
  );
});

describe('a key that comes back without its history', () => {
  const later = sharedRig();

  test('signs nothing of the time in which nobody watched it', async () => {
    const rig = later();
    await importing(rig, 2);
    await remove(rig, pubkeyOf(2));
    rig.setNow(MAINNET_NOW + 12_000 * 320);
    await importing(rig, 2);
    expect((await rig.sign(pubkeyOf(2), block(SLOT + 320n))).status).toBe(412);
    expect((await rig.sign(pubkeyOf(2), block(SLOT + 321n))).status).toBe(200);
  });
});

describe('a key of the operator that went and comes back', () => {
  const busy = sharedRig({ operatorKeys: [0, 1] });
  const keystoreOf = (rig: EthereumRig) => `${rig.home}/keystores/key-1.json`;

  test('signs nothing of the time in which it was away', async () => {
    const rig = busy();
    expect((await rig.sign(pubkeyOf(1), attestation(EPOCH + 1n, { slot: SLOT }))).status).toBe(200);
    const keystore = readFileSync(keystoreOf(rig));
    rmSync(keystoreOf(rig));
    await rig.validators.reload();
    rig.setNow(MAINNET_NOW + 12_000 * 320);
    writeFileSync(keystoreOf(rig), keystore, { mode: 0o600 });
    await rig.validators.reload();
    const vote = attestation(EPOCH + 10n, { slot: SLOT + 320n });
    expect((await rig.sign(pubkeyOf(1), vote)).status).toBe(412);
    const next = attestation(EPOCH + 11n, { slot: SLOT + 320n });
    expect((await rig.sign(pubkeyOf(1), next)).status).toBe(200);
  });
});

describe('on a chain without a known genesis', () => {
  const local = sharedRig({ network: NETWORKS.minimal });

  test('a key is guarded by its records alone', async () => {
    await importing(local(), 2);
    expect((await local().sign(pubkeyOf(2), block(1n))).status).toBe(200);
    expect((await local().sign(pubkeyOf(2), block(1n, { body: 2n }))).status).toBe(412);
    const answer = await remove(local(), pubkeyOf(2));
    expect(exported(answer)).toMatchObject({ data: [{ signed_blocks: [{ slot: '1' }] }] });
  });
});
