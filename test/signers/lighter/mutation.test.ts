/** What a signature is bound to: one good request of every type, changed in one place at a time. */
import { describe, expect, test } from '@jest/globals';

import {
  type AttributeName,
  createLighterKernel,
  hashTransaction,
  type Order,
  type SigningRequest,
  signTransaction,
} from '../../../signers/lighter/index.ts';
import { fromHex, toHex } from '../../../src/base/hex.ts';
import { Secret } from '../../../src/base/secret.ts';
import { goodRequests, spoilt } from '../../support/good-lighter-requests.ts';
import { keyVector } from '../../support/lighter-vectors.ts';

const kernel = createLighterKernel();
const publicKey = fromHex(keyVector(0).publicKey);

interface Mutant {
  readonly what: string;
  readonly request: SigningRequest;
}

function mutant(request: SigningRequest, field: string, value: unknown): Mutant {
  const transaction = { ...request.transaction, [field]: value };
  return { what: field, request: { ...request, transaction } };
}

/** Every bit of an integer of 63 bits, and its sign. */
const bits = Array.from({ length: 63 }, (_, bit) => 1n << BigInt(bit));
const integersNear = (value: bigint): readonly bigint[] => [
  ...bits.map((bit) => value ^ bit),
  -1n - value,
];

function bytesNear(bytes: Uint8Array): readonly Uint8Array[] {
  return Array.from(bytes, (byte, index) => bytes.with(index, byte ^ 1));
}

const attributeValues: Readonly<Record<AttributeName, readonly bigint[]>> = {
  IntegratorAccountIndex: [1n, 2n ** 48n - 2n],
  IntegratorTakerFee: [1n, 1_000_000n],
  IntegratorMakerFee: [1n, 1_000_000n],
  SkipNonce: [1n],
  CancelAllMarketIndex: [0n, 1n, 254n],
  SelfTradeBehavior: [1n, 2n, 3n],
  SelfTradeEquality: [1n],
  OrderVersion: [1n, 2n ** 48n - 1n],
};
const attributeSets = Object.entries(attributeValues).flatMap(([name, values]) =>
  values.map((value) => ({ [name]: value })),
);

/** One field of one order replaced, two orders exchanged, one left out. */
function groupsNear(orders: readonly Order[]): readonly (readonly Order[])[] {
  const changed = orders.flatMap((order, index) =>
    Object.entries(order).flatMap(([field, value]) =>
      integersNear(value).map((near) => orders.with(index, { ...order, [field]: near })),
    ),
  );
  return [...changed, [...orders].reverse(), orders.slice(1), orders.slice(0, -1)];
}

/** Other values for a field that the hash covers. */
function valuesNear(field: string, value: unknown): readonly unknown[] {
  if (typeof value === 'bigint') return integersNear(value);
  if (field === 'Orders') return groupsNear(goodRequests.CreateGroupedOrders.transaction.Orders);
  return field === 'PubKey' ? bytesNear(goodRequests.ChangePubKey.transaction.PubKey) : [];
}

function mutantsOf(request: SigningRequest): readonly Mutant[] {
  const fields = Object.entries<unknown>(request.transaction).flatMap(([field, value]) =>
    valuesNear(field, value).map((near) => mutant(request, field, near)),
  );
  const attributes = attributeSets.map((set) => mutant(request, 'L2TxAttributes', set));
  const chains = [1n, 300n, 305n, 466_324n].map((chainId) => ({
    what: 'chainId',
    request: { ...request, chainId },
  }));
  return [...fields, ...attributes, ...chains];
}

const hashOf = (request: SigningRequest): string => toHex(hashTransaction(kernel, request));

function signatureOf(request: SigningRequest): Uint8Array {
  const key = new Secret(fromHex(keyVector(0).privateKey));
  const signed = signTransaction(kernel, request, key, new Uint8Array(64));
  if (!signed.ok) throw new Error(signed.error.message);
  return signed.value.signature;
}

describe.each(Object.values(goodRequests))('$name', (request: SigningRequest) => {
  test('has another hash for every bit of every field, for every attribute and every chain', () => {
    const mutants = mutantsOf(request);
    const hashes = new Set([request, ...mutants.map(({ request }) => request)].map(hashOf));
    expect(hashes.size).toBe(mutants.length + 1);
    expect(mutants.length).toBeGreaterThan(4 * 64);
  });

  test('has a signature that verifies for no other value of any field', () => {
    const signature = signatureOf(request);
    expect(kernel.verify(signature, hashTransaction(kernel, request), publicKey)).toBe(true);
    const oneOfEach = new Map(mutantsOf(request).map((mutant) => [mutant.what, mutant]));
    for (const { request: changed } of oneOfEach.values()) {
      expect(kernel.verify(signature, hashTransaction(kernel, changed), publicKey)).toBe(false);
    }
  });

  test('has a hash that no other type has, whatever fields they share', () => {
    const hashes = Object.values(goodRequests).map((other: SigningRequest) => hashOf(other));
    expect(hashes.filter((hash) => hash === hashOf(request))).toHaveLength(1);
  });
});

describe('the hash does not cover', () => {
  test('the wallet’s signature, which can therefore be added later', () => {
    for (const name of ['ChangePubKey', 'Transfer', 'ApproveIntegrator'] as const) {
      const countersigned = spoilt(name, { L1Sig: `0x${'ab'.repeat(65)}` });
      expect(hashOf(countersigned)).toBe(hashOf(goodRequests[name]));
    }
  });

  test('the memo of a transfer, which is in the wallet’s text alone', () => {
    const memo = spoilt('Transfer', { Memo: new Uint8Array(32).fill(1) });
    expect(hashOf(memo)).toBe(hashOf(goodRequests.Transfer));
  });

  test('attributes that say nothing', () => {
    const silent = { SkipNonce: 0n, SelfTradeBehavior: 0n, OrderVersion: 0n };
    expect(hashOf(spoilt('ModifyOrder', { L2TxAttributes: silent }))).toBe(
      hashOf(goodRequests.ModifyOrder),
    );
    const everyMarket = { CancelAllMarketIndex: 255n };
    expect(hashOf(spoilt('CancelAllOrders', { L2TxAttributes: everyMarket }))).toBe(
      hashOf(goodRequests.CancelAllOrders),
    );
  });
});
