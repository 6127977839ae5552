import { describe, expect, test } from '@jest/globals';

import { SLASHING_SETTINGS_LANE } from '../../../src/core/slashing.ts';
import { ethereumRig } from '../../support/ethereum-rig.ts';
import { interopKey, writeInteropKeystores } from '../../support/validator-files.ts';

describe('the public keys', () => {
  test('are told with 0x, in lower case', async () => {
    await using rig = await ethereumRig({ operatorKeys: [0, 1] });
    const { status, json } = await rig.call('/api/v1/eth2/publicKeys');
    expect(status).toBe(200);
    expect(json).toEqual([`0x${interopKey(0).pubkey}`, `0x${interopKey(1).pubkey}`]);
  });

  test('are an empty list where there are none', async () => {
    await using rig = await ethereumRig();
    expect((await rig.call('/api/v1/eth2/publicKeys')).json).toEqual([]);
  });

  test('are not told before they are loaded: a client would begin with too few', async () => {
    await using rig = await ethereumRig({ operatorKeys: [0], load: false });
    const { status, headers } = await rig.call('/api/v1/eth2/publicKeys');
    expect([status, headers.get('retry-after')]).toEqual([503, '1']);
    await rig.validators.reload();
    expect((await rig.call('/api/v1/eth2/publicKeys')).status).toBe(200);
  });
});

test('the high watermark is told where there is one', async () => {
  await using rig = await ethereumRig();
  expect((await rig.call('/api/v1/eth2/highWatermark')).json).toEqual({});
  await rig.store.transact([SLASHING_SETTINGS_LANE], (tx) =>
    tx.slashing.setHighWatermark({ slot: 100n, epoch: 3n }),
  );
  expect((await rig.call('/api/v1/eth2/highWatermark')).json).toEqual({ epoch: '3', slot: '100' });
});

describe('a reload', () => {
  test('is ordered by the operator, and told of by GET', async () => {
    await using rig = await ethereumRig({ operatorKeys: [0] });
    expect((await rig.call('/reload', { method: 'POST' })).status).toBe(401);
    writeInteropKeystores(`${rig.home}/keystores`, [1]);
    const { status, json } = await rig.order('/reload', { method: 'POST' });
    expect([status, json]).toMatchObject([
      202,
      { status: 'accepted', message: expect.any(String) },
    ]);
    const again = await rig.order('/reload', { method: 'POST' });
    expect([409, 202]).toContain(again.status);
    let told: unknown = {};
    for (let tries = 0; tries < 200; tries += 1) {
      told = (await rig.call('/reload')).json;
      if (JSON.stringify(told).includes('completed')) break;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(told).toMatchObject({ status: 'completed' });
    expect((await rig.call('/api/v1/eth2/publicKeys')).json).toHaveLength(2);
  });
});
