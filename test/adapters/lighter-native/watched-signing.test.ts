import { base64 } from '@scure/base';
import { describe, expect, test } from '@jest/globals';

import {
  createLighterKernel,
  type SigningRequest,
  signTransaction,
} from '../../../signers/lighter/index.ts';
import { abiOf } from '../../../src/adapters/lighter-native/abi.ts';
import { createClientSlots } from '../../../src/adapters/lighter-native/client-slots.ts';
import { latestExpiry } from '../../../src/adapters/lighter-native/expiry.ts';
import type {
  ForeignLibrary,
  ForeignTransaction,
  NewClient,
} from '../../../src/adapters/lighter-native/koffi-library.ts';
import {
  createWatchedSigning,
  type WatchedSigning,
} from '../../../src/adapters/lighter-native/watched-signing.ts';
import { fromHex } from '../../../src/base/hex.ts';
import { Secret } from '../../../src/base/secret.ts';
import { type GoodRequests, goodRequests, spoilt } from '../../support/good-lighter-requests.ts';
import { keyVector } from '../../support/lighter-vectors.ts';

const kernel = createLighterKernel();
const key = (index: number): Secret => new Secret(fromHex(keyVector(index).privateKey));
const now = 1_767_225_600_000n;
const ownExpiry = now + 599_000n;

/** What an honest library answers: it dates the transaction itself and knows no wallet. */
function honest(request: SigningRequest, privateKey = key(0)): ForeignTransaction {
  const { transaction } = request;
  const wallet = 'L1Sig' in transaction ? { L1Sig: '' } : {};
  const dated = { ...request, transaction: { ...transaction, ...wallet, ExpiredAt: ownExpiry } };
  const signed = signTransaction(kernel, dated, privateKey, new Uint8Array(64));
  if (!signed.ok) throw new Error(signed.error.message);
  const { txType, txInfo, txHash, messageToSign = null } = signed.value;
  return { txType, txInfo, txHash, messageToSign, err: null };
}

interface Bench {
  readonly sign: WatchedSigning;
  readonly clients: NewClient[];
  readonly signed: string[];
}

function bench({
  answer = honest,
  complaint = null,
  clock = () => Number(now),
}: {
  readonly answer?: (request: SigningRequest) => ForeignTransaction;
  readonly complaint?: string | null;
  readonly clock?: () => number;
} = {}): Bench & { readonly ask: (request: SigningRequest) => ReturnType<WatchedSigning> } {
  const clients: NewClient[] = [];
  const signed: string[] = [];
  let asked: SigningRequest = goodRequests.CancelOrder;
  const foreign: ForeignLibrary = {
    createClient(client) {
      clients.push({ ...client, privateKey: Uint8Array.from(client.privateKey) }, client);
      return Promise.resolve(complaint);
    },
    sign(name) {
      signed.push(name);
      return Promise.resolve(answer(asked));
    },
  };
  const library = { foreign, slots: createClientSlots(), chainId: undefined };
  const sign = createWatchedSigning(library, abiOf('2026-10'), { kernel, clock: { now: clock } });
  const ask = (request: SigningRequest): ReturnType<WatchedSigning> => {
    asked = request;
    return sign(request, key(0));
  };
  return { sign, clients, signed, ask };
}

const decided = latestExpiry(now);

function ready<Name extends keyof GoodRequests>(name: Name): SigningRequest<Name> {
  const request: SigningRequest<Name> = goodRequests[name];
  return { ...request, transaction: { ...request.transaction, ExpiredAt: decided } };
}

const requests = Object.values(goodRequests).map(({ name }) => ready(name));

describe('an honest answer', () => {
  test.each(requests)('to $name is released with the expiry that it has', async (request) => {
    const answer = honest(request);
    const released = await bench().ask(request);
    expect(released).toMatchObject({
      ok: true,
      value: { txType: answer.txType, txHash: answer.txHash, expiredAt: ownExpiry },
    });
    expect(released.ok && released.value.txInfo).toBe(answer.txInfo);
    expect(released.ok && released.value.messageToSign).toBe(answer.messageToSign ?? undefined);
  });

  test("leaves with the wallet's signature, which the library does not know", async () => {
    const request = ready('Transfer');
    const L1Sig = `0x${'ab'.repeat(65)}`;
    const released = await bench().ask({
      ...request,
      transaction: { ...request.transaction, L1Sig },
    });
    expect(released.ok && released.value.txInfo).toContain(`"L1Sig":"${L1Sig}"`);
  });
});

const order = ready('CreateOrder');
const spoil = (changes: Partial<ForeignTransaction>) => (): ForeignTransaction => ({
  ...honest(order),
  ...changes,
});
const replaced = (pattern: RegExp, by: string): (() => ForeignTransaction) =>
  spoil({ txInfo: honest(order).txInfo?.replace(pattern, by) ?? null });
const dated = (ExpiredAt: bigint) => (): ForeignTransaction => {
  const other = { ...order, transaction: { ...order.transaction, ExpiredAt } };
  const signed = signTransaction(kernel, other, key(0), new Uint8Array(64));
  if (!signed.ok) throw new Error(signed.error.message);
  const { txType, txInfo, txHash } = signed.value;
  return { txType, txInfo, txHash, messageToSign: null, err: null };
};

describe('an answer is not released', () => {
  const cases: readonly [string, () => ForeignTransaction, string][] = [
    ['that has another price', replaced(/"Price":[0-9]+/, '"Price":1'), 'Price'],
    ['that has another nonce', replaced(/"Nonce":7/, '"Nonce":8'), 'Nonce'],
    ['that has another market', replaced(/"MarketIndex":3/, '"MarketIndex":0'), 'MarketIndex'],
    ['that lacks a field', replaced(/"IsAsk":0,/, ''), 'IsAsk'],
    ['that has a field more', replaced(/^\{/, '{"More":1,'), 'More'],
    ['that has a field twice', replaced(/"IsAsk":0,/, '"IsAsk":1,"IsAsk":0,'), 'ExpiredAt'],
    ['that has its fields in another order', replaced(/("IsAsk":0),("Type":0)/, '$2,$1'), 'txInfo'],
    ['that has attributes nobody asked for', replaced(/null\}$/, '{"4":1}}'), 'L2TxAttributes'],
    ['that is no JSON', spoil({ txInfo: 'panic' }), 'ExpiredAt'],
    ['that is empty', spoil({ txInfo: null }), 'ExpiredAt'],
    ['of another type', spoil({ txType: 15 }), 'txType'],
    ['with another hash', spoil({ txHash: '00'.repeat(40) }), 'txHash'],
    ['without a hash', spoil({ txHash: null }), 'txHash'],
    ['with a text for the wallet that has none', spoil({ messageToSign: 'x' }), 'messageToSign'],
    ['signed by another key', () => honest(order, key(1)), 'Sig'],
    ['with a short signature', replaced(/"Sig":"[^"]*"/, '"Sig":"AAAA"'), 'Sig'],
    ['with a signature that is no base64', replaced(/"Sig":"[^"]*"/, '"Sig":"*"'), 'Sig'],
    [
      'with a signature of zeros',
      replaced(/"Sig":"[^"]*"/, `"Sig":"${base64.encode(new Uint8Array(80))}"`),
      'Sig',
    ],
    ['that expires later than decided', dated(decided + 1n), 'ExpiredAt'],
    ['that expires much sooner than it should', dated(now + 588_999n), 'ExpiredAt'],
  ];
  test.each(cases)('%s', async (_, answer, what) => {
    expect(await bench({ answer }).ask(order)).toMatchObject({
      ok: false,
      error: {
        code: 'lighter.native_mismatch',
        message: expect.stringContaining(`\`${what}\` differs`),
      },
    });
  });

  test('where the library refuses, whose words are passed on', async () => {
    const err = 'panic: out of range';
    const answer = spoil({ txType: 0, txInfo: null, txHash: null, err });
    expect(await bench({ answer }).ask(order)).toMatchObject({
      ok: false,
      error: { code: 'lighter.native_refused', message: expect.stringContaining(err) },
    });
  });

  test('where the text for the wallet differs, as with another chain', async () => {
    const transfer = ready('Transfer');
    const answer = (): ForeignTransaction => ({
      ...honest(transfer),
      messageToSign: honest({ ...transfer, chainId: 300n }).messageToSign,
    });
    expect(await bench({ answer }).ask(transfer)).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('`messageToSign` differs') },
    });
  });
});

describe('the library is not called', () => {
  const refusals: readonly [string, SigningRequest, string][] = [
    ['for a nonce of −1, which it would look up', spoilt('CancelOrder', { Nonce: -1n }), 'range'],
    ['for a price that it would cut', spoilt('CreateOrder', { Price: 2n ** 32n + 1n }), 'range'],
    [
      'for account 0, which it does not know',
      spoilt('CancelOrder', { AccountIndex: 0n, ExpiredAt: decided }),
      'native_unreachable',
    ],
    [
      'for a chain that it would cut',
      { ...ready('CancelOrder'), chainId: 2n ** 31n },
      'native_unreachable',
    ],
  ];
  test.each(refusals)('%s', async (_, request, code) => {
    const { ask, clients, signed } = bench();
    expect(await ask(request)).toMatchObject({ ok: false, error: { code: `lighter.${code}` } });
    expect([...clients, ...signed]).toEqual([]);
  });

  test('where it would let the transaction live longer than decided', async () => {
    const { ask, signed } = bench({ clock: () => Number(now) + 11_001 });
    expect(await ask(order)).toMatchObject({ ok: false, error: { code: 'lighter.native_expiry' } });
    expect(signed).toEqual([]);
  });
});

describe('a private key', () => {
  test('reaches the library once, in bytes that are wiped afterwards', async () => {
    const { ask, clients } = bench();
    await ask(order);
    await ask(order);
    expect(clients).toHaveLength(2);
    const [during, after] = clients;
    expect(new TextDecoder().decode(during?.privateKey)).toBe(`${keyVector(0).privateKey}\0`);
    expect(during).toMatchObject({ chainId: 304, apiKey: 5, account: 123n });
    expect(after?.privateKey).toEqual(new Uint8Array(81));
  });

  test('is not told where the library quotes it', async () => {
    const { ask, signed } = bench({ complaint: `bad key ${keyVector(0).privateKey}` });
    const refused = await ask(order);
    expect(refused).toMatchObject({ ok: false, error: { code: 'lighter.native_unreachable' } });
    expect(JSON.stringify(refused)).not.toContain(keyVector(0).privateKey);
    expect(signed).toEqual([]);
  });
});
