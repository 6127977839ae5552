/**
 * One transaction of each type, in which no two values that could be confused are equal: what is signed
 * to see that the library takes its arguments as we believe it does. They are of an account that nobody
 * has, and their key is thrown away.
 */
import type { SigningRequest, TransactionName } from '../../../signers/lighter/index.ts';

/** The last account that a master can have. */
const ACCOUNT = 2n ** 47n - 1n;
const POOL = 2n ** 47n + 12_345_678_901n;
const DAY = 86_400_000n;

interface ProbeInputs {
  /** Milliseconds since 1970, also the nonce. */
  readonly now: bigint;
  readonly expiredAt: bigint;
  readonly publicKey: Uint8Array;
}

export type Probes = { readonly [Name in TransactionName]: SigningRequest<Name>['transaction'] };

export function probeTransactions({ now, expiredAt, publicKey }: ProbeInputs): Probes {
  const head = { AccountIndex: ACCOUNT, ApiKeyIndex: 253n };
  const sender = { FromAccountIndex: ACCOUNT, ApiKeyIndex: 253n };
  const frame = { ExpiredAt: expiredAt, Nonce: now };
  const plain = { ...frame, L2TxAttributes: { SkipNonce: 1n } };
  const fees = {
    IntegratorAccountIndex: 5_000_000_007n,
    IntegratorTakerFee: 301n,
    IntegratorMakerFee: 302n,
  };
  const order = {
    MarketIndex: 71n,
    ClientOrderIndex: 4_400_000_021n,
    BaseAmount: 4_500_000_023n,
    Price: 4_294_967_001n,
    IsAsk: 0n,
    Type: 3n,
    TimeInForce: 2n,
    ReduceOnly: 1n,
    TriggerPrice: 4_294_967_003n,
    OrderExpiry: now + DAY,
  };
  return {
    ChangePubKey: { ...head, PubKey: publicKey, L1Sig: '', ...plain },
    CreateSubAccount: { ...head, ...plain },
    CreatePublicPool: {
      ...head,
      OperatorFee: 100_001n,
      InitialTotalShares: 1_000_000_003n,
      MinOperatorShareRate: 517n,
      ...plain,
    },
    UpdatePublicPool: {
      ...head,
      PublicPoolIndex: POOL,
      Status: 1n,
      OperatorFee: 100_001n,
      MinOperatorShareRate: 517n,
      ...plain,
    },
    Transfer: {
      ...sender,
      ToAccountIndex: 5_000_000_011n,
      AssetIndex: 3n,
      FromRouteType: 0n,
      ToRouteType: 1n,
      Amount: 5_000_000_013n,
      USDCFee: 5_000_000_017n,
      Memo: new Uint8Array(32).map((_, index) => 32 - index),
      L1Sig: '',
      ...plain,
    },
    Withdraw: { ...sender, AssetIndex: 3n, RouteType: 1n, Amount: 5_000_000_013n, ...plain },
    CreateOrder: { ...head, ...order, ...frame, L2TxAttributes: { ...fees, SkipNonce: 1n } },
    CancelOrder: { ...head, MarketIndex: 71n, Index: 2n ** 59n + 3n, ...plain },
    CancelAllOrders: {
      ...head,
      TimeInForce: 0n,
      Time: 0n,
      ...frame,
      L2TxAttributes: { CancelAllMarketIndex: 71n, SkipNonce: 1n },
    },
    ModifyOrder: {
      ...head,
      MarketIndex: 71n,
      Index: 2n ** 59n + 3n,
      BaseAmount: 4_500_000_023n,
      Price: 4_294_967_001n,
      TriggerPrice: 4_294_967_003n,
      ...frame,
      L2TxAttributes: {
        SkipNonce: 1n,
        SelfTradeBehavior: 2n,
        SelfTradeEquality: 1n,
        OrderVersion: 4_400_000_029n,
      },
    },
    MintShares: { ...head, PublicPoolIndex: POOL, ShareAmount: 4_600_000_031n, ...plain },
    BurnShares: { ...head, PublicPoolIndex: POOL, ShareAmount: 4_600_000_031n, ...plain },
    UpdateLeverage: {
      ...head,
      MarketIndex: 71n,
      InitialMarginFraction: 503n,
      MarginMode: 1n,
      ...plain,
    },
    CreateGroupedOrders: {
      ...head,
      GroupingType: 2n,
      Orders: [order, { ...order, ClientOrderIndex: 4_400_000_022n, Type: 5n, TriggerPrice: 9n }],
      ...frame,
      L2TxAttributes: { ...fees, SkipNonce: 1n },
    },
    UpdateMargin: {
      ...head,
      MarketIndex: 71n,
      USDCAmount: 4_700_000_037n,
      Direction: 1n,
      ...plain,
    },
    StakeAssets: { ...head, StakingPoolIndex: POOL, ShareAmount: 4_600_000_031n, ...plain },
    UnstakeAssets: { ...head, StakingPoolIndex: POOL, ShareAmount: 4_600_000_031n, ...plain },
    UpdateAccountConfig: { ...head, AccountTradingMode: 1n, ...plain },
    UpdateAccountAssetConfig: { ...head, AssetIndex: 3n, AssetMarginMode: 1n, ...plain },
    ApproveIntegrator: {
      ...head,
      IntegratorAccountIndex: 5_000_000_007n,
      MaxPerpsTakerFee: 301n,
      MaxPerpsMakerFee: 302n,
      MaxSpotTakerFee: 303n,
      MaxSpotMakerFee: 304n,
      ApprovalExpiry: now + DAY,
      L1Sig: '',
      ...plain,
    },
  };
}
