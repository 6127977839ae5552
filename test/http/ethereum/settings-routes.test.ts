import { describe, expect, test } from '@jest/globals';

import { registration, preferences, SLOT } from '../../support/duties.ts';
import { sharedRig } from '../../support/ethereum-rig.ts';
import { interopKey } from '../../support/validator-files.ts';

const shared = sharedRig({ operatorKeys: [0] });
const { pubkey } = interopKey(0);
const validator = `/eth/v1/validator/0x${pubkey}`;
const feeRecipient = `${validator}/feerecipient`;
const gasLimit = `${validator}/gas_limit`;
const ours = `0x${'AB'.repeat(20)}`;
const theirs = `0x${'cd'.repeat(20)}`;

describe('the fee recipient of a key', () => {
  test('is ordered, told, binding and taken back', async () => {
    const rig = shared();
    expect((await rig.order(feeRecipient)).status).toBe(404);
    const set = await rig.order(feeRecipient, { method: 'POST', body: { ethaddress: theirs } });
    expect([set.status, set.text]).toEqual([202, '']);
    expect((await rig.order(feeRecipient)).json).toEqual({
      data: { pubkey: `0x${pubkey}`, ethaddress: theirs },
    });
    for (const body of [registration(pubkey), preferences(SLOT + 1n)]) {
      const { status, json } = await rig.sign(pubkey, body);
      expect([status, json]).toMatchObject([403, { code: 'ethereum.fee_recipient' }]);
    }
    await rig.order(feeRecipient, { method: 'POST', body: { ethaddress: ours } });
    expect((await rig.sign(pubkey, registration(pubkey))).status).toBe(200);
    await rig.order(feeRecipient, { method: 'POST', body: { ethaddress: theirs } });
    expect((await rig.order(feeRecipient, { method: 'DELETE' })).status).toBe(204);
    expect((await rig.sign(pubkey, registration(pubkey))).status).toBe(200);
  });

  test.each([
    [{}],
    [{ ethaddress: null }],
    [{ ethaddress: 'ab' }],
    [{ ethaddress: `0x${'00'.repeat(20)}` }],
  ])('is refused as %p', async (body) => {
    const rig = shared();
    const { status, json } = await rig.order(feeRecipient, { method: 'POST', body });
    expect([status, json]).toMatchObject([
      400,
      { message: expect.stringMatching(/^`ethaddress` must /) },
    ]);
  });
});

describe('the gas limit of a key', () => {
  test('is ordered as text or number, told as text, binding and taken back', async () => {
    const rig = shared();
    for (const limit of ['30000000', 30_000_000]) {
      const body = { gas_limit: limit };
      expect((await rig.order(gasLimit, { method: 'POST', body })).status).toBe(202);
    }
    expect((await rig.order(gasLimit)).json).toEqual({
      data: { pubkey: `0x${pubkey}`, gas_limit: '30000000' },
    });
    const { status, json } = await rig.sign(pubkey, registration(pubkey));
    expect([status, json]).toMatchObject([403, { code: 'ethereum.gas_limit' }]);
    expect((await rig.order(gasLimit, { method: 'DELETE' })).status).toBe(204);
    expect((await rig.sign(pubkey, registration(pubkey))).status).toBe(200);
    expect((await rig.order(gasLimit)).status).toBe(404);
  });

  test.each([[{}], [{ gas_limit: '0' }], [{ gas_limit: 'a lot' }], [{ gas_limit: 1.5 }]])(
    'is refused as %p',
    async (body) => {
      const rig = shared();
      const { status, json } = await rig.order(gasLimit, { method: 'POST', body });
      expect([status, json]).toMatchObject([
        400,
        { message: expect.stringMatching(/^`gas_limit` must be an integer/) },
      ]);
    },
  );
});

describe('settings', () => {
  test('are for the operator alone: 401 without a token, 403 with a wrong one', async () => {
    const rig = shared();
    for (const path of [feeRecipient, gasLimit]) {
      for (const method of ['GET', 'POST', 'DELETE']) {
        const body = method === 'POST' ? { body: {} } : {};
        const anonymous = await rig.call(path, { method, ...body });
        const wrong = await rig.call(path, {
          method,
          ...body,
          headers: { authorization: 'Bearer wrong' },
        });
        expect([anonymous.status, wrong.status]).toEqual([401, 403]);
        expect(wrong.json).toMatchObject({ message: expect.any(String) });
      }
    }
  }, 20_000);

  test('of a key that is not here are 404, and of none 400', async () => {
    const rig = shared();
    const at = async (key: string): Promise<number> =>
      (await rig.order(`/eth/v1/validator/${key}/gas_limit`)).status;
    expect(await at(`0x${interopKey(9).pubkey}`)).toBe(404);
    expect(await at('0x00')).toBe(400);
    expect(await at(pubkey)).toBe(404);
  });

  test('know no graffiti, which a signer does not see', async () => {
    const rig = shared();
    const { status, json } = await rig.order(`${validator}/graffiti`);
    expect([status, json]).toMatchObject([501, { code: 'ethereum.graffiti' }]);
  });
});
