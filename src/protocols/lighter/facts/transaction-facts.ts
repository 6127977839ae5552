/** Which action a transaction is, and what its fields say to policy. */
import { toHex } from '../../../base/hex.ts';
import type {
  SigningRequest,
  TransactionName,
  Transactions,
} from '../../../../signers/lighter/index.ts';
import type { LighterAction } from '../facts.ts';
import { isRevocation } from '../guard/who-signs.ts';
import {
  type Circumstances,
  createOrderFacts,
  type FactValues,
  groupFacts,
  marketFacts,
  modifyFacts,
  orderIndexFacts,
} from './order-facts.ts';

export interface TransactionCircumstances extends Circumstances {
  readonly sameOwner?: boolean | undefined;
  /** Whether the L1 wallet signs as well. */
  readonly countersigned: boolean;
}

interface Meaning<Name extends TransactionName> {
  /** The number by which the exchange knows the type. */
  readonly txType: bigint;
  readonly action: LighterAction;
  readonly facts: (fields: Transactions[Name], said: TransactionCircumstances) => FactValues;
}

const meanings: { readonly [Name in TransactionName]: Meaning<Name> } = {
  CreateOrder: { txType: 14n, action: 'create_order', facts: createOrderFacts },
  CreateGroupedOrders: { txType: 28n, action: 'create_grouped_orders', facts: groupFacts },
  ModifyOrder: { txType: 17n, action: 'modify_order', facts: modifyFacts },
  CancelOrder: {
    txType: 15n,
    action: 'cancel_order',
    facts: (fields) => ({ ...marketFacts(fields), ...orderIndexFacts(fields) }),
  },
  CancelAllOrders: { txType: 16n, action: 'cancel_all_orders', facts: cancelAllFacts },
  UpdateLeverage: {
    txType: 20n,
    action: 'update_leverage',
    facts: ({ MarketIndex, InitialMarginFraction, MarginMode }) => ({
      market: MarketIndex,
      initial_margin_fraction: InitialMarginFraction,
      leverage: leverageOf(InitialMarginFraction),
      margin_mode: MarginMode === 0n ? 'cross' : 'isolated',
    }),
  },
  UpdateMargin: {
    txType: 29n,
    action: 'update_margin',
    facts: ({ MarketIndex, USDCAmount, Direction }) => ({
      market: MarketIndex,
      amount: USDCAmount,
      direction: Direction === 0n ? 'remove' : 'add',
    }),
  },
  Withdraw: {
    txType: 13n,
    action: 'withdraw',
    facts: ({ AssetIndex, RouteType, Amount }) => ({
      asset: AssetIndex,
      route: routeName(RouteType),
      amount: Amount,
    }),
  },
  Transfer: { txType: 12n, action: 'transfer', facts: transferFacts },
  ChangePubKey: {
    txType: 8n,
    action: 'change_api_key',
    facts: ({ PubKey }, { countersigned }) => ({
      countersigned,
      new_public_key: toHex(PubKey),
      revokes: isRevocation(PubKey),
      // The guard admits no key but the one that signs.
      key_held: !isRevocation(PubKey),
    }),
  },
  CreateSubAccount: { txType: 9n, action: 'create_sub_account', facts: () => ({}) },
  CreatePublicPool: {
    txType: 10n,
    action: 'create_public_pool',
    facts: ({ OperatorFee, InitialTotalShares, MinOperatorShareRate }) => ({
      operator_fee: OperatorFee,
      initial_total_shares: InitialTotalShares,
      min_operator_share_rate: MinOperatorShareRate,
    }),
  },
  UpdatePublicPool: {
    txType: 11n,
    action: 'update_public_pool',
    facts: ({ PublicPoolIndex, Status, OperatorFee, MinOperatorShareRate }) => ({
      pool: PublicPoolIndex,
      status: Status,
      operator_fee: OperatorFee,
      min_operator_share_rate: MinOperatorShareRate,
    }),
  },
  MintShares: { txType: 18n, action: 'mint_shares', facts: publicPoolFacts },
  BurnShares: { txType: 19n, action: 'burn_shares', facts: publicPoolFacts },
  StakeAssets: { txType: 35n, action: 'stake_assets', facts: stakingPoolFacts },
  UnstakeAssets: { txType: 36n, action: 'unstake_assets', facts: stakingPoolFacts },
  ApproveIntegrator: { txType: 45n, action: 'approve_integrator', facts: approvalFacts },
  UpdateAccountConfig: {
    txType: 41n,
    action: 'update_account_config',
    facts: ({ AccountTradingMode }) => ({ trading_mode: AccountTradingMode }),
  },
  UpdateAccountAssetConfig: {
    txType: 42n,
    action: 'update_account_asset_config',
    facts: ({ AssetIndex, AssetMarginMode }) => ({
      asset: AssetIndex,
      margin_mode: AssetMarginMode,
    }),
  },
};

export function actionOf(name: TransactionName): LighterAction {
  return meanings[name].action;
}

export function transactionFacts<Name extends TransactionName>(
  { name, transaction }: Pick<SigningRequest<Name>, 'name' | 'transaction'>,
  said: TransactionCircumstances,
): FactValues {
  const { txType, facts }: Meaning<Name> = meanings[name];
  return { tx_type: txType, ...facts(transaction, said) };
}

function cancelAllFacts(
  { TimeInForce, Time, L2TxAttributes }: Transactions['CancelAllOrders'],
  { at }: Circumstances,
): FactValues {
  const { CancelAllMarketIndex: one = EVERY_MARKET } = L2TxAttributes;
  return {
    timing: ['immediate', 'scheduled', 'abort'][Number(TimeInForce)] ?? 'unknown',
    ...(Time === 0n ? {} : { in_ms: Time - at }),
    all_markets: one === EVERY_MARKET,
    ...(one === EVERY_MARKET ? {} : { market: one }),
  };
}

const EVERY_MARKET = 255n;

/** Rounded up, so that a limit on it holds. */
function leverageOf(initialMarginFraction: bigint): bigint {
  if (initialMarginFraction <= 0n) return 0n;
  return (10_000n + initialMarginFraction - 1n) / initialMarginFraction;
}

function transferFacts(
  fields: Transactions['Transfer'],
  { sameOwner, countersigned }: TransactionCircumstances,
): FactValues {
  const memo = toHex(fields.Memo);
  return {
    countersigned,
    to_account: fields.ToAccountIndex,
    to_self: fields.ToAccountIndex === fields.FromAccountIndex,
    asset: fields.AssetIndex,
    from_route: routeName(fields.FromRouteType),
    to_route: routeName(fields.ToRouteType),
    amount: fields.Amount,
    fee: fields.USDCFee,
    memo,
    ...(holdsAddress(fields.Memo) ? { memo_address: `0x${memo.slice(0, 40)}` } : {}),
    ...(sameOwner === undefined ? {} : { same_owner: sameOwner }),
  };
}

/** Fast withdrawals name the L1 address in the first 20 bytes, and leave the others zero. */
function holdsAddress(memo: Uint8Array): boolean {
  const [address, rest] = [memo.subarray(0, 20), memo.subarray(20)];
  return address.some((byte) => byte !== 0) && rest.every((byte) => byte === 0);
}

function approvalFacts(
  fields: Transactions['ApproveIntegrator'],
  { at, countersigned }: TransactionCircumstances,
): FactValues {
  const { ApprovalExpiry: expiry } = fields;
  return {
    countersigned,
    integrator: fields.IntegratorAccountIndex,
    perps_taker_fee: fields.MaxPerpsTakerFee,
    perps_maker_fee: fields.MaxPerpsMakerFee,
    spot_taker_fee: fields.MaxSpotTakerFee,
    spot_maker_fee: fields.MaxSpotMakerFee,
    revokes: expiry === 0n,
    ...(expiry === 0n ? {} : { expires_in_ms: expiry - at }),
  };
}

function publicPoolFacts(fields: Transactions['MintShares']): FactValues {
  return { pool: fields.PublicPoolIndex, shares: fields.ShareAmount };
}

function stakingPoolFacts(fields: Transactions['StakeAssets']): FactValues {
  return { pool: fields.StakingPoolIndex, shares: fields.ShareAmount };
}

function routeName(route: bigint): string {
  return route === 0n ? 'perps' : 'spot';
}
