/** One good request of every kind, as a client of the REST API sends it, and what it means. */
import type { JsonObject } from '../../src/base/json.ts';
import type { TransactionName } from '../../signers/lighter/index.ts';

export interface RestRequest {
  readonly body: JsonObject;
  readonly transaction: TransactionName;
  /** Without account, key, nonce and expiry. */
  readonly fields: Readonly<Record<string, unknown>>;
}

const POOL = 2n ** 47n;

export const restOrder = {
  market_index: 0n,
  client_order_index: 1n,
  base_amount: 1_000_000n,
  price: 50_000n,
  is_ask: 0n,
  order_type: 0n,
  time_in_force: 1n,
};

export const order = {
  MarketIndex: 0n,
  ClientOrderIndex: 1n,
  BaseAmount: 1_000_000n,
  Price: 50_000n,
  IsAsk: 0n,
  Type: 0n,
  TimeInForce: 1n,
  ReduceOnly: 0n,
  TriggerPrice: 0n,
  OrderExpiry: -1n,
};

const none = { L2TxAttributes: {} };
const NEW_KEY = 'bb'.repeat(40);

export const restRequests: Readonly<Record<string, RestRequest>> = {
  SIGN_CREATE_ORDER: {
    body: restOrder,
    transaction: 'CreateOrder',
    fields: { ...order, ...none },
  },
  SIGN_CREATE_GROUPED_ORDERS: {
    body: {
      grouping_type: 1n,
      orders: [
        restOrder,
        {
          ...restOrder,
          client_order_index: 2n,
          base_amount: 0n,
          is_ask: 1n,
          order_type: 2n,
          time_in_force: 0n,
          reduce_only: 1n,
          trigger_price: 45_000n,
        },
      ],
    },
    transaction: 'CreateGroupedOrders',
    fields: {
      GroupingType: 1n,
      Orders: [
        order,
        {
          ...order,
          ClientOrderIndex: 2n,
          BaseAmount: 0n,
          IsAsk: 1n,
          Type: 2n,
          TimeInForce: 0n,
          ReduceOnly: 1n,
          TriggerPrice: 45_000n,
        },
      ],
      ...none,
    },
  },
  SIGN_CANCEL_ORDER: {
    body: { market_index: 0n, order_index: 2n ** 60n - 1n },
    transaction: 'CancelOrder',
    fields: { MarketIndex: 0n, Index: 2n ** 60n - 1n, ...none },
  },
  SIGN_CANCEL_ALL_ORDERS: {
    body: { time_in_force: 0n, time: 0n },
    transaction: 'CancelAllOrders',
    fields: { TimeInForce: 0n, Time: 0n, ...none },
  },
  SIGN_MODIFY_ORDER: {
    body: { market_index: 2048n, order_index: 7n, base_amount: 5n, price: 6n, trigger_price: 0n },
    transaction: 'ModifyOrder',
    fields: { MarketIndex: 2048n, Index: 7n, BaseAmount: 5n, Price: 6n, TriggerPrice: 0n, ...none },
  },
  SIGN_WITHDRAW: {
    body: { usdc_amount: 1_000_000n },
    transaction: 'Withdraw',
    fields: { AssetIndex: 3n, RouteType: 0n, Amount: 1_000_000n, ...none },
  },
  SIGN_TRANSFER: {
    body: { to_account_index: 124n, usdc_amount: 2n ** 60n - 1n, fee: 3n, memo: 'm'.repeat(32) },
    transaction: 'Transfer',
    fields: {
      ToAccountIndex: 124n,
      AssetIndex: 3n,
      FromRouteType: 0n,
      ToRouteType: 0n,
      Amount: 2n ** 60n - 1n,
      USDCFee: 3n,
      Memo: new Uint8Array(32).fill(109),
      L1Sig: '',
      ...none,
    },
  },
  SIGN_CHANGE_API_KEY: {
    body: { new_pubkey: `0x${NEW_KEY}`, nonce: 3n },
    transaction: 'ChangePubKey',
    fields: { PubKey: new Uint8Array(40).fill(0xbb), L1Sig: '', ...none },
  },
  SIGN_CREATE_SUB_ACCOUNT: { body: {}, transaction: 'CreateSubAccount', fields: none },
  SIGN_CREATE_PUBLIC_POOL: {
    body: { operator_fee: 100n, initial_total_shares: 1_000_000n, min_operator_share_rate: 50n },
    transaction: 'CreatePublicPool',
    fields: {
      OperatorFee: 100n,
      InitialTotalShares: 1_000_000n,
      MinOperatorShareRate: 50n,
      ...none,
    },
  },
  SIGN_UPDATE_PUBLIC_POOL: {
    body: {
      public_pool_index: POOL,
      status: 1n,
      operator_fee: 100n,
      min_operator_share_rate: 50n,
    },
    transaction: 'UpdatePublicPool',
    fields: {
      PublicPoolIndex: POOL,
      Status: 1n,
      OperatorFee: 100n,
      MinOperatorShareRate: 50n,
      ...none,
    },
  },
  SIGN_MINT_SHARES: {
    body: { public_pool_index: POOL, share_amount: 9n },
    transaction: 'MintShares',
    fields: { PublicPoolIndex: POOL, ShareAmount: 9n, ...none },
  },
  SIGN_BURN_SHARES: {
    body: { public_pool_index: POOL, share_amount: 9n },
    transaction: 'BurnShares',
    fields: { PublicPoolIndex: POOL, ShareAmount: 9n, ...none },
  },
  SIGN_UPDATE_LEVERAGE: {
    body: { market_index: 1n, fraction: 500n, margin_mode: 1n },
    transaction: 'UpdateLeverage',
    fields: { MarketIndex: 1n, InitialMarginFraction: 500n, MarginMode: 1n, ...none },
  },
  SIGN_UPDATE_MARGIN: {
    body: { market_index: 1n, usdc_amount: 5n, direction: 1n },
    transaction: 'UpdateMargin',
    fields: { MarketIndex: 1n, USDCAmount: 5n, Direction: 1n, ...none },
  },
  SIGN_STAKE_ASSETS: {
    body: { staking_pool_index: POOL, share_amount: 9n },
    transaction: 'StakeAssets',
    fields: { StakingPoolIndex: POOL, ShareAmount: 9n, ...none },
  },
  SIGN_UNSTAKE_ASSETS: {
    body: { staking_pool_index: POOL, share_amount: 9n },
    transaction: 'UnstakeAssets',
    fields: { StakingPoolIndex: POOL, ShareAmount: 9n, ...none },
  },
  SIGN_APPROVE_INTEGRATOR: {
    body: {
      integrator_account_index: 77n,
      max_perps_taker_fee: 1n,
      max_perps_maker_fee: 2n,
      max_spot_taker_fee: 3n,
      max_spot_maker_fee: 4n,
      approval_expiry: 1_800_000_000_000n,
    },
    transaction: 'ApproveIntegrator',
    fields: {
      IntegratorAccountIndex: 77n,
      MaxPerpsTakerFee: 1n,
      MaxPerpsMakerFee: 2n,
      MaxSpotTakerFee: 3n,
      MaxSpotMakerFee: 4n,
      ApprovalExpiry: 1_800_000_000_000n,
      L1Sig: '',
      ...none,
    },
  },
  SIGN_UPDATE_ACCOUNT_CONFIG: {
    body: { account_trading_mode: 1n },
    transaction: 'UpdateAccountConfig',
    fields: { AccountTradingMode: 1n, ...none },
  },
  SIGN_UPDATE_ACCOUNT_ASSET_CONFIG: {
    body: { asset_index: 1n, asset_margin_mode: 1n },
    transaction: 'UpdateAccountAssetConfig',
    fields: { AssetIndex: 1n, AssetMarginMode: 1n, ...none },
  },
};
