/**
 * Every transaction that an API key signs, as lighter-go has them at commit 17f2d60.
 *
 * A row is the type's number and its fields in the order of `tx_info`; limits, hash, JSON and the
 * TypeScript type follow from it. A new type of transaction is a new row. Numbers that are missing belong
 * to the L1 contract, to the exchange itself, or to transactions without a public signer.
 */
import { toHex } from '../../src/base/hex.ts';
import { attributes } from './attributes.ts';
import { inHalves, integer, l1Signature, memo, publicKey } from './field.ts';
import {
  account,
  amount,
  amountOrNone,
  anyApiKey,
  apiKey,
  asset,
  baseAmount,
  expiry,
  fee,
  flag,
  market,
  masterAccount,
  orderIndex,
  perpsMarket,
  pool,
  price,
  shares,
  timestamp,
  triggerPrice,
} from './field-kinds.ts';
import { l1Text, place, word } from './l1-text.ts';
import { orderFields, orderProblem } from './order.ts';
import { orderGroupProblem, orders } from './order-group.ts';
import { problem, type TransactionProblem } from './transaction-problem.ts';
import { frame, transactionType } from './transaction-type.ts';

const owner = { AccountIndex: account, ApiKeyIndex: apiKey };
const master = { AccountIndex: masterAccount, ApiKeyIndex: apiKey };
const sender = { FromAccountIndex: account, ApiKeyIndex: apiKey };

/** Ten thousandths. */
const shareRate = integer([0n, 10_000n]);

const plain = { ...frame, L2TxAttributes: attributes() };
const trading = [
  'IntegratorAccountIndex',
  'IntegratorTakerFee',
  'IntegratorMakerFee',
  'SelfTradeBehavior',
  'SelfTradeEquality',
] as const;

export const transactionTypes = {
  /** Signed by the new key itself, and by the wallet. A key of 40 zeros revokes the slot. */
  ChangePubKey: transactionType(
    8,
    { ...owner, PubKey: publicKey, L1Sig: l1Signature, ...plain },
    {
      l1Text: (tx) =>
        l1Text('Register Lighter Account', {
          pubkey: `0x${toHex(tx.PubKey)}`,
          nonce: word(tx.Nonce),
          'account index': word(tx.AccountIndex),
          'api key index': word(tx.ApiKeyIndex),
        }),
    },
  ),

  CreateSubAccount: transactionType(9, { ...master, ...plain }),

  CreatePublicPool: transactionType(10, {
    ...master,
    OperatorFee: fee,
    InitialTotalShares: integer([1n, 10n ** 12n]),
    MinOperatorShareRate: shareRate,
    ...plain,
  }),

  UpdatePublicPool: transactionType(11, {
    ...owner,
    PublicPoolIndex: account,
    Status: flag,
    OperatorFee: fee,
    MinOperatorShareRate: shareRate,
    ...plain,
  }),

  /** Needs the wallet unless sender and receiver are one owner's. */
  Transfer: transactionType(
    12,
    {
      ...sender,
      ToAccountIndex: account,
      AssetIndex: asset,
      /** 0 perps, 1 spot. */
      FromRouteType: flag,
      ToRouteType: flag,
      Amount: inHalves(amount),
      USDCFee: inHalves(amountOrNone),
      Memo: memo,
      ...frame,
      L1Sig: l1Signature,
      L2TxAttributes: attributes(),
    },
    {
      l1Text: (tx, chainId) =>
        l1Text('Transfer', {
          nonce: word(tx.Nonce),
          from: place(tx.FromAccountIndex, tx.FromRouteType),
          'api key': word(tx.ApiKeyIndex),
          to: place(tx.ToAccountIndex, tx.ToRouteType),
          asset: word(tx.AssetIndex),
          amount: word(tx.Amount),
          fee: word(tx.USDCFee),
          chainId: word(chainId),
          memo: toHex(tx.Memo),
        }),
    },
  ),

  /** To the owner's own L1 address. */
  Withdraw: transactionType(13, {
    ...sender,
    AssetIndex: asset,
    RouteType: flag,
    Amount: inHalves(amount),
    ...plain,
  }),

  CreateOrder: transactionType(
    14,
    { ...owner, ...orderFields, ...frame, L2TxAttributes: attributes(...trading) },
    { rule: (tx) => orderProblem(tx) },
  ),

  CancelOrder: transactionType(15, { ...owner, MarketIndex: market, Index: orderIndex, ...plain }),

  CancelAllOrders: transactionType(
    16,
    {
      AccountIndex: account,
      ApiKeyIndex: anyApiKey,
      /** 0 at once, 1 at `Time`, 2 calls such an appointment off. */
      TimeInForce: integer([0n, 2n]),
      Time: expiry,
      ...frame,
      L2TxAttributes: attributes('CancelAllMarketIndex'),
    },
    { rule: cancelAllProblem },
  ),

  ModifyOrder: transactionType(17, {
    ...owner,
    MarketIndex: market,
    Index: orderIndex,
    BaseAmount: baseAmount,
    Price: price,
    TriggerPrice: triggerPrice,
    ...frame,
    L2TxAttributes: attributes(...trading, 'OrderVersion'),
  }),

  MintShares: transactionType(18, {
    ...owner,
    PublicPoolIndex: pool,
    ShareAmount: shares,
    ...plain,
  }),

  BurnShares: transactionType(19, {
    ...owner,
    PublicPoolIndex: pool,
    ShareAmount: shares,
    ...plain,
  }),

  UpdateLeverage: transactionType(20, {
    ...owner,
    MarketIndex: perpsMarket,
    /** Ten thousandths; the leverage is 10,000 over it. */
    InitialMarginFraction: integer([1n, 10_000n]),
    /** 0 cross, 1 isolated. */
    MarginMode: flag,
    ...plain,
  }),

  CreateGroupedOrders: transactionType(
    28,
    {
      ...owner,
      /** 1 OTO, 2 OCO, 3 OTOCO. */
      GroupingType: integer([1n, 3n]),
      Orders: orders,
      ...frame,
      L2TxAttributes: attributes(...trading),
    },
    { rule: orderGroupProblem },
  ),

  UpdateMargin: transactionType(29, {
    ...owner,
    MarketIndex: perpsMarket,
    USDCAmount: inHalves(amount),
    /** 0 removes from an isolated position, 1 adds. */
    Direction: flag,
    ...plain,
  }),

  StakeAssets: transactionType(35, {
    ...owner,
    StakingPoolIndex: pool,
    ShareAmount: shares,
    ...plain,
  }),

  UnstakeAssets: transactionType(36, {
    ...owner,
    StakingPoolIndex: pool,
    ShareAmount: shares,
    ...plain,
  }),

  UpdateAccountConfig: transactionType(41, { ...owner, AccountTradingMode: flag, ...plain }),

  UpdateAccountAssetConfig: transactionType(42, {
    ...owner,
    AssetIndex: asset,
    AssetMarginMode: flag,
    ...plain,
  }),

  /** Needs the wallet where fees are granted to another owner's account. */
  ApproveIntegrator: transactionType(
    45,
    {
      ...owner,
      IntegratorAccountIndex: account,
      MaxPerpsTakerFee: fee,
      MaxPerpsMakerFee: fee,
      MaxSpotTakerFee: fee,
      MaxSpotMakerFee: fee,
      /** 0, with no fees, revokes the approval. */
      ApprovalExpiry: timestamp,
      ...frame,
      L1Sig: l1Signature,
      L2TxAttributes: attributes(),
    },
    {
      rule: approvalProblem,
      l1Text: (tx, chainId) =>
        l1Text('Approve Integrator', {
          nonce: word(tx.Nonce),
          'account index': word(tx.AccountIndex),
          'api key index': word(tx.ApiKeyIndex),
          'integrator account index': word(tx.IntegratorAccountIndex),
          'max perps taker fee': word(tx.MaxPerpsTakerFee),
          'max perps maker fee': word(tx.MaxPerpsMakerFee),
          'max spot taker fee': word(tx.MaxSpotTakerFee),
          'max spot maker fee': word(tx.MaxSpotMakerFee),
          'approval expiry': word(tx.ApprovalExpiry),
          chainId: word(chainId),
        }),
    },
  ),
};

function cancelAllProblem(tx: {
  readonly TimeInForce: bigint;
  readonly Time: bigint;
  readonly L2TxAttributes: { readonly CancelAllMarketIndex?: bigint };
}): TransactionProblem | undefined {
  const scheduled = tx.TimeInForce === 1n;
  if (scheduled !== (tx.Time !== 0n)) {
    const complaint = `is \`${String(tx.Time)}\`; ${scheduled ? 'give a time in milliseconds' : 'give 0, as nothing is scheduled'}`;
    return problem('lighter.cancel-all-time', 'Time', complaint);
  }
  const { CancelAllMarketIndex: one = 255n } = tx.L2TxAttributes;
  if (tx.TimeInForce !== 0n && one !== 255n) {
    const complaint = `is \`${String(one)}\`; only orders that are cancelled at once can be those of one market`;
    return problem('lighter.cancel-all-market', 'L2TxAttributes.CancelAllMarketIndex', complaint);
  }
  return undefined;
}

function approvalProblem(tx: {
  readonly MaxPerpsTakerFee: bigint;
  readonly MaxPerpsMakerFee: bigint;
  readonly MaxSpotTakerFee: bigint;
  readonly MaxSpotMakerFee: bigint;
  readonly ApprovalExpiry: bigint;
}): TransactionProblem | undefined {
  const fees = tx.MaxPerpsTakerFee + tx.MaxPerpsMakerFee + tx.MaxSpotTakerFee + tx.MaxSpotMakerFee;
  if (tx.ApprovalExpiry !== 0n || fees === 0n) return undefined;
  const complaint = 'is `0`, which revokes; give a time in milliseconds, or no fees';
  return problem('lighter.approval-expiry', 'ApprovalExpiry', complaint);
}
