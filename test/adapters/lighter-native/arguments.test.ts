import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { SigningRequest, TransactionName } from '../../../signers/lighter/index.ts';
import { ABI_NAMES, abiOf, type CType } from '../../../src/adapters/lighter-native/abi.ts';
import { argumentsOf, type ForeignValue } from '../../../src/adapters/lighter-native/arguments.ts';
import { goodOrder, goodRequests, spoilt } from '../../support/good-lighter-requests.ts';
import { check } from '../../support/lighter-cases.ts';

const newest = abiOf('2026-10');

/** Bits and signedness in C, on every platform that has a library; a market is 16 bits within an order. */
const WIDTHS: Readonly<Record<CType, readonly [min: bigint, max: bigint] | undefined>> = {
  int: [-(1n << 31n), (1n << 31n) - 1n],
  uint: [0n, (1n << 32n) - 1n],
  uint32: [0n, (1n << 32n) - 1n],
  longlong: [-(1n << 63n), (1n << 63n) - 1n],
  ulonglong: [0n, (1n << 64n) - 1n],
  uint8: [0n, 255n],
  int16: [-32_768n, 32_767n],
  text: undefined,
  orders: undefined,
};

/** A request with a value in one field that no transaction may have; only its width is looked at. */
function withField(name: TransactionName, field: string, value: bigint): SigningRequest {
  const request: SigningRequest = goodRequests[name];
  const isField = field in request.transaction;
  const L2TxAttributes = isField ? {} : { [field]: value };
  const changes = isField ? { [field]: value } : { L2TxAttributes };
  return { ...request, transaction: { ...request.transaction, ...changes } };
}

const integers = ABI_NAMES.flatMap((abi) =>
  Object.entries(abiOf(abi).functions).flatMap(([name, values]) =>
    values.flatMap(({ name: field, type }) => {
      const width = WIDTHS[type];
      // The number of orders is counted, and key 255 has a test of its own.
      return width === undefined || field === 'OrderCount' || field === 'ApiKeyIndex'
        ? []
        : // SAFETY: the names of the functions are those of the transactions.
          // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
          [{ abi, name: name as TransactionName, field, width }];
    }),
  ),
);

function integerOf(value: ForeignValue | undefined): bigint | undefined {
  return typeof value === 'number' || typeof value === 'bigint' ? BigInt(value) : undefined;
}

describe('arguments of the library', () => {
  test('carry every integer that fits, and no integer that does not', () => {
    check(
      fc.property(
        fc.constantFrom(...integers),
        fc.bigInt({ min: -(1n << 65n), max: 1n << 65n }),
        ({ abi, name, field, width: [min, max] }, drawn) => {
          for (const value of [drawn, min - 1n, min, max, max + 1n]) {
            const made = argumentsOf(abiOf(abi), withField(name, field, value));
            expect(made.ok).toBe(value >= min && value <= max);
            if (!made.ok) expect(made.error.code).toBe('lighter.native_unreachable');
            const position = abiOf(abi).functions[name].findIndex((known) => known.name === field);
            if (made.ok) expect(integerOf(made.value[position])).toBe(value);
          }
        },
      ),
    );
  });

  test('are as many as the header has', () => {
    const counts = (abi: (typeof ABI_NAMES)[number]): Record<string, number> =>
      Object.fromEntries(
        Object.entries(abiOf(abi).functions).map(([name, values]) => [name, values.length]),
      );
    const expected = {
      ChangePubKey: 5,
      CreateSubAccount: 4,
      CreatePublicPool: 7,
      UpdatePublicPool: 8,
      Transfer: 11,
      Withdraw: 7,
      CreateOrder: 19,
      CancelOrder: 6,
      CancelAllOrders: 7,
      ModifyOrder: 15,
      MintShares: 6,
      BurnShares: 6,
      UpdateLeverage: 7,
      CreateGroupedOrders: 12,
      UpdateMargin: 7,
      StakeAssets: 6,
      UnstakeAssets: 6,
      UpdateAccountConfig: 5,
      UpdateAccountAssetConfig: 6,
      ApproveIntegrator: 10,
    };
    expect(counts('2026-10')).toEqual(expected);
    expect(counts('2026-08')).toEqual(expected);
    expect(counts('2026-06')).toEqual({ ...expected, ModifyOrder: 14 });
  });

  test('stand in the order of the header', () => {
    const request = spoilt('CreateOrder', {
      L2TxAttributes: {
        SkipNonce: 1n,
        IntegratorAccountIndex: 21n,
        IntegratorTakerFee: 22n,
        IntegratorMakerFee: 23n,
      },
    });
    expect(argumentsOf(newest, request)).toEqual({
      ok: true,
      value: [
        3n,
        11n,
        5000n,
        300_000,
        0,
        0,
        1,
        0,
        0,
        1_767_312_000_000n, // the order
        21n,
        22,
        23,
        0,
        0, // its attributes
        1,
        7n,
        5,
        123n, // skipping, nonce, key, account
      ],
    });
  });

  test('put the version of an order between nonce and key', () => {
    const request = spoilt('ModifyOrder', { L2TxAttributes: { OrderVersion: 9n } });
    const made = argumentsOf(newest, request);
    expect(made.ok && made.value.slice(-4)).toEqual([7n, 9n, 5, 123n]);
  });

  test('say every market where a mass cancellation names none', () => {
    const made = argumentsOf(newest, goodRequests.CancelAllOrders);
    expect(made.ok && made.value[2]).toBe(255n);
  });

  test('carry bytes as hex, which no zero byte cuts short', () => {
    const transfer = argumentsOf(newest, goodRequests.Transfer);
    expect(transfer.ok && transfer.value[6]).toBe(`0x${'00'.repeat(32)}`);
    const change = argumentsOf(newest, goodRequests.ChangePubKey);
    expect(change.ok && change.value[0]).toBe(`0x${'09'.repeat(40)}`);
  });

  test('carry a group as structures and their number', () => {
    const made = argumentsOf(newest, goodRequests.CreateGroupedOrders);
    const [grouping, orders, count] = made.ok ? made.value : [];
    expect([grouping, count]).toEqual([3, 3]);
    expect(orders).toHaveLength(3);
    expect(orders).toHaveProperty('0', {
      MarketIndex: 3n,
      ClientOrderIndex: 11n,
      BaseAmount: 5000n,
      Price: 300_000,
      IsAsk: 0,
      Type: 0,
      TimeInForce: 1,
      ReduceOnly: 0,
      TriggerPrice: 0,
      OrderExpiry: 1_767_312_000_000n,
    });
  });

  test('refuse a member of a structure that is too wide', () => {
    const Orders = [{ ...goodOrder, MarketIndex: 32_768n }];
    const request = spoilt('CreateGroupedOrders', { Orders });
    expect(argumentsOf(abiOf('2026-08'), request)).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('-32768 to 32767 as `MarketIndex`') },
    });
    expect(argumentsOf(newest, request).ok).toBe(true);
  });

  test('refuse more shares than the function takes, though the exchange would', () => {
    const request = spoilt('CreatePublicPool', { InitialTotalShares: 2n ** 31n });
    expect(argumentsOf(newest, request)).toMatchObject({
      ok: false,
      error: {
        code: 'lighter.native_unreachable',
        message: expect.stringContaining('`LIGHTER_BACKEND=kernel`'),
      },
    });
  });

  test('refuse an attribute for which the generation has no argument, unless it says nothing', () => {
    const versioned = (OrderVersion: bigint): SigningRequest<'ModifyOrder'> =>
      spoilt('ModifyOrder', { L2TxAttributes: { OrderVersion } });
    expect(argumentsOf(abiOf('2026-06'), versioned(1n))).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('`L2TxAttributes.OrderVersion`') },
    });
    expect(argumentsOf(abiOf('2026-06'), versioned(0n)).ok).toBe(true);
  });

  test('refuse key 255, by which the library means any client', () => {
    const request = spoilt('CancelAllOrders', { ApiKeyIndex: 255n });
    expect(argumentsOf(newest, request).ok).toBe(false);
  });
});
