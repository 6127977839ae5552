import { describe, expect, test } from '@jest/globals';

import { signPersonalMessage, walletAddress } from '../../../signers/ethereum-wallet/index.ts';
import { messageToSign, TRANSACTION_PROBLEM_CODES } from '../../../signers/lighter/index.ts';
import { fromHex } from '../../../src/base/hex.ts';
import { Secret } from '../../../src/base/secret.ts';
import { createGuard } from '../../../src/protocols/lighter/guard.ts';
import type { AuthTokenPart, TransactionPart } from '../../../src/protocols/lighter/request.ts';
import { filledTransaction } from '../../../src/protocols/lighter/transaction.ts';
import {
  client,
  createSlot,
  kernel,
  named,
  order,
  partOf,
  reasonsOf,
  T0,
  UNKNOWN_WALLET,
} from '../../support/judged-slot.ts';

const codesOf = (...args: Parameters<typeof partOf>): readonly string[] =>
  reasonsOf(createSlot().judge(partOf(...args))).map(({ code }) => code);

const skip = { mode: 'skip' } as const;

describe('what the exchange would refuse', () => {
  test('is refused under the name of the limit it breaks, without a nonce', () => {
    const slot = createSlot();
    const judgement = slot.judge(partOf('UpdateMargin', skip, { USDCAmount: -1n }));
    expect(judgement.findings[0]?.violations).toEqual([
      { code: 'lighter.range', message: expect.stringContaining('`USDCAmount` is `-1`') },
    ]);
    expect(judgement).toMatchObject({ changes: new Map(), inputs: {} });
    expect(TRANSACTION_PROBLEM_CODES).toContain('lighter.range');
  });

  test('is refused also in the attributes', () => {
    expect(codesOf('CreateOrder', skip, { L2TxAttributes: { IntegratorTakerFee: 5n } })).toEqual([
      'lighter.integrator-missing',
    ]);
  });
});

test('what its signer cannot sign is refused with its words, and takes no nonce', () => {
  const reason = { code: 'lighter.native_unreachable', message: 'takes no account 0' };
  const slot = createSlot({
    objectionTo: ({ name }) => (name === 'Withdraw' ? reason : undefined),
  });
  const judgement = slot.judge(partOf('Withdraw', skip));
  expect(judgement.findings[0]?.violations).toEqual([reason]);
  expect(judgement).toMatchObject({ changes: new Map(), inputs: {} });
  expect(reasonsOf(slot.judge(partOf('CancelOrder', skip)))).toEqual([]);
});

describe('who signs what', () => {
  test('a key signs for its own account and slot only', () => {
    expect(codesOf('CancelOrder', skip, { AccountIndex: 124n })).toEqual(['lighter.foreign_slot']);
    expect(codesOf('Withdraw', skip, { FromAccountIndex: 124n })).toEqual(['lighter.foreign_slot']);
    expect(codesOf('CancelOrder', skip, { ApiKeyIndex: 6n })).toEqual(['lighter.foreign_slot']);
  });

  test('a new key signs for itself', () => {
    expect(codesOf('ChangePubKey')).toEqual(['lighter.foreign_key']);
    expect(codesOf('ChangePubKey', skip, { PubKey: fromHex(client.publicKey) })).toEqual([]);
  });

  test('the key in a slot signs to leave it empty', () => {
    expect(codesOf('ChangePubKey', skip, { PubKey: new Uint8Array(40) })).toEqual([]);
  });

  test('a wallet that is not kept countersigns nothing', () => {
    const judgement = createSlot().judge({ ...partOf('Transfer'), wallet: UNKNOWN_WALLET });
    expect(reasonsOf(judgement)).toMatchObject([{ code: 'lighter.no_wallet' }]);
  });

  test('a countersignature from elsewhere is of this text, and by the owner where he is known', () => {
    const key = new Secret(new Uint8Array(32).fill(1));
    const part = partOf('Transfer', named(7n));
    const text = (of: TransactionPart): string =>
      messageToSign(filledTransaction(of, { nonce: 7n, skip: false, at: T0, expiredAt: T0 })) ?? '';
    const bring = (signature: string, l1Address?: string): readonly string[] => {
      const brought = partOf('Transfer', named(7n), { L1Sig: `0x${signature}` });
      const owned = { ...client, ...(l1Address === undefined ? {} : { l1Address }) };
      const asked = { ...brought, client: owned };
      return reasonsOf(createSlot().judge(asked)).map(({ code }) => code);
    };
    const signature = signPersonalMessage(key, text(part));
    const refused = ['lighter.countersignature'];
    expect(bring(signature)).toEqual([]);
    expect(bring(signature, `0x${walletAddress(key)}`)).toEqual([]);
    expect(bring(signature, `0x${'22'.repeat(20)}`)).toEqual(refused);
    expect(bring('00'.repeat(65))).toEqual(refused);
    const other = signPersonalMessage(key, text(partOf('Transfer', named(7n), { Amount: 9n })));
    expect(bring(other, `0x${walletAddress(key)}`)).toEqual(refused);
  });

  test('a wallet countersigns only what has a text for it', () => {
    const withWallet = (part: ReturnType<typeof partOf>) =>
      reasonsOf(createSlot().judge({ ...part, wallet: 'wallet/00' })).map(({ code }) => code);
    expect(withWallet(partOf('Transfer'))).toEqual([]);
    expect(withWallet(partOf('ApproveIntegrator'))).toEqual([]);
    expect(withWallet(partOf('Withdraw'))).toEqual(['lighter.no_l1_text']);
    expect(withWallet(partOf('CreateOrder'))).toEqual(['lighter.no_l1_text']);
  });
});

describe('what is decided', () => {
  test('is reserved in the changes of the judgement, with what the signer needs', () => {
    const { changes, inputs } = createSlot().judge(order(named(7n)));
    expect([...changes.keys()].sort()).toEqual(['nonces/304/123/5', 'nonces/304/123/5/block/0']);
    expect(changes.get('nonces/304/123/5/block/0')).toMatchObject({
      records: [{ nonce: 7n, hash: inputs['hash'], expiredAt: T0 + 599_000n }],
    });
    expect(inputs).toMatchObject({
      kind: 'transaction',
      nonce: 7n,
      skip: false,
      at: T0,
      expiredAt: T0 + 599_000n,
      entropy: '01'.repeat(64),
    });
  });

  test('is not reserved where it is refused, and nothing is learnt', () => {
    const slot = createSlot();
    slot.judge(order(named(7n)));
    const { changes, knowledge } = slot.judge(order(named(7n), 2n));
    expect([changes.size, knowledge.size]).toEqual([0, 0]);
  });

  test('takes nonces in a row within a batch', () => {
    const slot = createSlot();
    const nonces = [1n, 2n, 3n].map((index) => slot.signed(order({ mode: 'skip' }, index)).nonce);
    expect(nonces).toEqual([T0, T0 + 1n, T0 + 2n]);
  });

  test('waits only for what is decided on the same key', () => {
    const guard = createGuard({
      kernel,
      signer: { lifetime: 599_000n, repeatable: true },
      hasWallet: () => false,
    });
    const other = { ...order(skip), client: { ...client, apiKey: 6n } };
    expect(guard.lanes(order(skip))).toEqual(['nonces/304/123/5']);
    expect(guard.lanes(other)).toEqual(['nonces/304/123/6']);
    expect(guard.lanes(token({}))).toEqual([]);
  });
});

function token(wish: Pick<AuthTokenPart, 'deadline' | 'lifetime'>): AuthTokenPart {
  return { kind: 'auth-token', id: 'a', subEvent: 'CREATE_AUTH_TOKEN', client, ...wish };
}

describe('an auth token', () => {
  const seconds = T0 / 1000n;
  const judged = (wish: Pick<AuthTokenPart, 'deadline' | 'lifetime'>) =>
    createSlot().judge(token(wish));

  test.each([
    ['seven hours, where nothing is said', {}, 25_200n],
    ['as long as is asked for', { lifetime: 3600n }, 3600n],
    ['until the deadline', { deadline: seconds + 1n }, 1n],
    ['eight hours at most', { deadline: seconds + 28_800n }, 28_800n],
  ])('lives %s', (_how, wish, lifetime) => {
    const { findings, inputs } = judged(wish);
    expect(findings).toMatchObject([
      {
        action: 'auth_token',
        facts: { deadline: seconds + lifetime, lifetime_s: lifetime, account: 123n },
        violations: [],
        doubts: [],
      },
    ]);
    expect(inputs).toMatchObject({ kind: 'auth-token', deadline: seconds + lifetime });
  });

  test.each([
    ['a deadline that is past', { deadline: seconds }, 'lighter.deadline_past'],
    ['a deadline of long ago', { deadline: 1_704_067_200n }, 'lighter.deadline_past'],
    ['more than eight hours', { deadline: seconds + 28_801n }, 'lighter.deadline_far'],
    ['a lifetime of more than eight hours', { lifetime: 28_801n }, 'lighter.deadline_far'],
  ])('is refused for %s', (_what, wish, code) => {
    expect(reasonsOf(judged(wish)).map((reason) => reason.code)).toEqual([code]);
  });

  test('is refused while the clock has stepped', () => {
    const slot = createSlot();
    slot.signed(order(skip));
    slot.now -= 6_000n;
    expect(reasonsOf(slot.judge(token({}))).map(({ code }) => code)).toEqual([
      'lighter.clock_step',
    ]);
  });
});
