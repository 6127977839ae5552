/** One request per type of transaction that the exchange accepts, to be spoilt one field at a time. */
import type { Order, SigningRequest, TransactionName } from '../../signers/lighter/index.ts';

const owner = { AccountIndex: 123n, ApiKeyIndex: 5n };
const sender = { FromAccountIndex: 123n, ApiKeyIndex: 5n };
const frame = { ExpiredAt: 1_767_226_199_000n, Nonce: 7n, L2TxAttributes: {} };
const pool = 2n ** 47n;

/** A resting limit order in a perps market. */
export const goodOrder: Order = {
  MarketIndex: 3n,
  ClientOrderIndex: 11n,
  BaseAmount: 5000n,
  Price: 300_000n,
  IsAsk: 0n,
  Type: 0n,
  TimeInForce: 1n,
  ReduceOnly: 0n,
  TriggerPrice: 0n,
  OrderExpiry: 1_767_312_000_000n,
};

/** A take-profit limit order and a stop-loss order that close what the limit order opens. */
export const goodTakeProfit: Order = {
  ...goodOrder,
  ClientOrderIndex: 12n,
  BaseAmount: 0n,
  Price: 330_000n,
  IsAsk: 1n,
  Type: 5n,
  ReduceOnly: 1n,
  TriggerPrice: 329_000n,
};
export const goodStopLoss: Order = {
  ...goodTakeProfit,
  ClientOrderIndex: 13n,
  Price: 280_000n,
  Type: 2n,
  TimeInForce: 0n,
  TriggerPrice: 285_000n,
};

export type GoodRequests = { readonly [Name in TransactionName]: SigningRequest<Name> };

const chainId = 304n;

export const goodRequests: GoodRequests = {
  ChangePubKey: {
    name: 'ChangePubKey',
    chainId,
    transaction: { ...owner, PubKey: new Uint8Array(40).fill(9), L1Sig: '', ...frame },
  },
  CreateSubAccount: { name: 'CreateSubAccount', chainId, transaction: { ...owner, ...frame } },
  CreatePublicPool: {
    name: 'CreatePublicPool',
    chainId,
    transaction: {
      ...owner,
      OperatorFee: 100_000n,
      InitialTotalShares: 1_000_000n,
      MinOperatorShareRate: 500n,
      ...frame,
    },
  },
  UpdatePublicPool: {
    name: 'UpdatePublicPool',
    chainId,
    transaction: {
      ...owner,
      PublicPoolIndex: pool,
      Status: 1n,
      OperatorFee: 0n,
      MinOperatorShareRate: 10_000n,
      ...frame,
    },
  },
  Transfer: {
    name: 'Transfer',
    chainId,
    transaction: {
      ...sender,
      ToAccountIndex: 999n,
      AssetIndex: 3n,
      FromRouteType: 0n,
      ToRouteType: 1n,
      Amount: 5_000_000_000n,
      USDCFee: 3_000_000n,
      Memo: new Uint8Array(32),
      L1Sig: '',
      ...frame,
    },
  },
  Withdraw: {
    name: 'Withdraw',
    chainId,
    transaction: { ...sender, AssetIndex: 3n, RouteType: 0n, Amount: 1_000_000n, ...frame },
  },
  CreateOrder: {
    name: 'CreateOrder',
    chainId,
    transaction: { ...owner, ...goodOrder, ...frame },
  },
  CancelOrder: {
    name: 'CancelOrder',
    chainId,
    transaction: { ...owner, MarketIndex: 0n, Index: 1n, ...frame },
  },
  CancelAllOrders: {
    name: 'CancelAllOrders',
    chainId,
    transaction: { ...owner, TimeInForce: 0n, Time: 0n, ...frame },
  },
  ModifyOrder: {
    name: 'ModifyOrder',
    chainId,
    transaction: {
      ...owner,
      MarketIndex: 1n,
      Index: 5n,
      BaseAmount: 42n,
      Price: 4242n,
      TriggerPrice: 0n,
      ...frame,
    },
  },
  MintShares: {
    name: 'MintShares',
    chainId,
    transaction: { ...owner, PublicPoolIndex: pool, ShareAmount: 1n, ...frame },
  },
  BurnShares: {
    name: 'BurnShares',
    chainId,
    transaction: { ...owner, PublicPoolIndex: pool, ShareAmount: 1n, ...frame },
  },
  UpdateLeverage: {
    name: 'UpdateLeverage',
    chainId,
    transaction: {
      ...owner,
      MarketIndex: 0n,
      InitialMarginFraction: 500n,
      MarginMode: 0n,
      ...frame,
    },
  },
  CreateGroupedOrders: {
    name: 'CreateGroupedOrders',
    chainId,
    transaction: {
      ...owner,
      GroupingType: 3n,
      Orders: [goodOrder, goodTakeProfit, goodStopLoss],
      ...frame,
    },
  },
  UpdateMargin: {
    name: 'UpdateMargin',
    chainId,
    transaction: { ...owner, MarketIndex: 2n, USDCAmount: 7_000_000n, Direction: 1n, ...frame },
  },
  StakeAssets: {
    name: 'StakeAssets',
    chainId,
    transaction: { ...owner, StakingPoolIndex: pool, ShareAmount: 1000n, ...frame },
  },
  UnstakeAssets: {
    name: 'UnstakeAssets',
    chainId,
    transaction: { ...owner, StakingPoolIndex: pool, ShareAmount: 1000n, ...frame },
  },
  UpdateAccountConfig: {
    name: 'UpdateAccountConfig',
    chainId,
    transaction: { ...owner, AccountTradingMode: 1n, ...frame },
  },
  UpdateAccountAssetConfig: {
    name: 'UpdateAccountAssetConfig',
    chainId,
    transaction: { ...owner, AssetIndex: 1n, AssetMarginMode: 1n, ...frame },
  },
  ApproveIntegrator: {
    name: 'ApproveIntegrator',
    chainId,
    transaction: {
      ...owner,
      IntegratorAccountIndex: 12_345n,
      MaxPerpsTakerFee: 100n,
      MaxPerpsMakerFee: 50n,
      MaxSpotTakerFee: 200n,
      MaxSpotMakerFee: 100n,
      ApprovalExpiry: 1_772_323_200_000n,
      L1Sig: '',
      ...frame,
    },
  },
};

/** A good request with some fields replaced. */
export function spoilt<Name extends TransactionName>(
  name: Name,
  changes: Partial<SigningRequest<Name>['transaction']>,
): SigningRequest<Name> {
  const request: SigningRequest<Name> = goodRequests[name];
  return { ...request, transaction: { ...request.transaction, ...changes } };
}
