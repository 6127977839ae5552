import { expect, test } from '@jest/globals';

import {
  type ChangeOfKey,
  createChangeSigner,
} from '../../../src/adapters/lighter/change-signer.ts';
import type { Ask, Told } from '../../../src/core/desk.ts';
import { hex } from '../../support/hex.ts';

const KEY = hex('ab'.repeat(40));
const HASH = hex('cd'.repeat(40));
const SIGNATURE = hex('ef'.repeat(65));
const reason = { code: 'some.code', message: 'why' };

const change: ChangeOfKey = {
  slot: { chainId: 304n, account: 281_474_976_710_654n, apiKey: 42n },
  publicKey: KEY,
  nonce: 9_007_199_254_740_993n,
  caller: 'alice',
  countersigned: { by: 'nobody' },
};

function signed(L1Sig: string): Told {
  const answer = {
    tx_type: 8n,
    tx_info: JSON.stringify({ L1Sig, Sig: '' }),
    tx_hash: HASH,
    message_to_sign: 'text',
    nonce: change.nonce,
    expired_at: 1n,
    signature: '',
  };
  return { kind: 'decided', job: 'job', parts: [{ id: 'part', outcome: 'signed', answer }] };
}

function refused(outcome: 'declined' | 'withheld', code: string): Told {
  const part = { id: 'part', outcome, reason: { code, message: 'why' }, rules: [] };
  return { kind: 'decided', job: 'job', parts: [part] };
}

async function sign(told: Told, changes: Partial<ChangeOfKey> = {}) {
  const asked: Ask[] = [];
  const signChange = createChangeSigner(
    { source: 'lighter-api' },
    {
      ask: (ask) => {
        asked.push(ask);
        return Promise.resolve(told);
      },
    },
  );
  return { result: await signChange({ ...change, ...changes }), asked: asked[0] };
}

test('a change of key is asked for as any request is, with exact integers and no key', async () => {
  const { asked } = await sign(signed(''));
  expect(asked).toEqual({
    source: 'lighter-api',
    caller: 'alice',
    eventType: 'LIGHTER_SIGNING',
    entityId: 'account:281474976710654/42',
    data: {
      sub_event_type: 'REGISTER_API_KEY',
      chain_id: 304n,
      account_index: 281_474_976_710_654n,
      api_key_index: 42n,
      new_pubkey: KEY,
      nonce: 9_007_199_254_740_993n,
    },
  });
});

test('the wallet is named where it is kept, its signature given where it is not', async () => {
  const address = hex('11'.repeat(20));
  const byWallet = await sign(signed(''), { countersigned: { by: 'wallet', address } });
  expect(byWallet.asked?.data).toMatchObject({ wallet: `wallet/${address}` });
  const byOwner = await sign(signed(''), { countersigned: { by: 'owner', signature: SIGNATURE } });
  expect(byOwner.asked?.data).toMatchObject({ l1_signature: `0x${SIGNATURE}` });
});

test('the countersignature is read from what the exchange would get', async () => {
  expect((await sign(signed(`0x${SIGNATURE}`))).result).toMatchObject({
    ok: true,
    value: { txHash: HASH, l1Signature: SIGNATURE },
  });
  expect((await sign(signed(''))).result).not.toHaveProperty('value.l1Signature');
});

test.each<[string, Told, string]>([
  ['cannot be read', { kind: 'malformed', reason }, 'invalid'],
  ['came before', { kind: 'conflict', reason, job: 'job' }, 'conflict'],
  ['came too early', { kind: 'unavailable', reason, retryAfter: 1 }, 'unavailable'],
  ['policy forbids', refused('declined', 'policy.forbid'), 'forbidden'],
  ['has a spent nonce', refused('declined', 'lighter.nonce_reserved'), 'conflict'],
  ['waits for the clock', refused('declined', 'lighter.clock_step'), 'unavailable'],
  ['the room refuses', refused('declined', 'lighter.foreign_key'), 'invalid'],
  ['is withheld', refused('withheld', 'keys.frozen'), 'unavailable'],
  ['has no part', { kind: 'decided', job: 'job', parts: [] }, 'unavailable'],
])('a change that %s is refused', async (_what, told, kind) => {
  expect((await sign(told)).result).toMatchObject({ ok: false, error: { kind } });
});
