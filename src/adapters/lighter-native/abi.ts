/**
 * The C interface of Lighter's shared library, by generation.
 *
 * Its functions take their arguments by position, their number and width have changed nine times, and
 * nothing in the file says which they are: a call with the arguments of another generation does not
 * fail, it signs something else. So a generation is known by the file's SHA-256 only, and every
 * generation that we speak is written down here, as in the header file beside the official library.
 *
 * A generation is named by the year and month in which the header first had that form.
 */
import type { TransactionName } from '../../../signers/lighter/index.ts';

/**
 * - `uint`: declared as `int`, and read as 32 bits without a sign
 * - `text`: bytes as `0x` and hex
 * - `orders`: pointer to an array of the order structure
 */
export type CType =
  'int' | 'uint' | 'longlong' | 'ulonglong' | 'uint8' | 'int16' | 'uint32' | 'text' | 'orders';

export interface Argument<Type extends CType = CType> {
  /** The field of the transaction, or its attribute; `OrderCount` is the number of orders. */
  readonly name: string;
  readonly type: Type;
}

export type ScalarType = Exclude<CType, 'orders'>;

export interface Abi {
  /** Members of the order structure. */
  readonly order: readonly Argument<ScalarType>[];
  /** Arguments of the function that signs a transaction of that name. */
  readonly functions: Readonly<Record<TransactionName, readonly Argument[]>>;
}

/** What differs between the generations. */
interface Generation {
  /** Of a market's index as an argument, and as a member of the order structure. */
  readonly market: { readonly argument: ScalarType; readonly member: ScalarType };
  readonly orderVersion: boolean;
}

const narrowMarket = { argument: 'int', member: 'int16' } as const;
const wideMarket = { argument: 'longlong', member: 'longlong' } as const;

const generations = {
  '2026-06': { market: narrowMarket, orderVersion: false },
  '2026-08': { market: narrowMarket, orderVersion: true },
  '2026-10': { market: wideMarket, orderVersion: true },
} as const satisfies Readonly<Record<string, Generation>>;

export type AbiName = keyof typeof generations;

// SAFETY: the keys of a constant object are the keys of its type.
// eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
export const ABI_NAMES = Object.keys(generations) as readonly AbiName[];

export function isAbiName(name: string): name is AbiName {
  return Object.hasOwn(generations, name);
}

export function abiOf(name: AbiName): Abi {
  return abi(generations[name]);
}

const argument =
  <Type extends CType>(type: Type) =>
  (name: string): Argument<Type> => ({ name, type });

const int = argument('int');
const uint = argument('uint');
const longlong = argument('longlong');
const ulonglong = argument('ulonglong');
const uint8 = argument('uint8');
const int16 = argument('int16');
const uint32 = argument('uint32');
const text = argument('text');

function abi({ market, orderVersion }: Generation): Abi {
  const marketIndex = argument(market.argument)('MarketIndex');
  const cancelAllMarket = argument(market.argument)('CancelAllMarketIndex');
  const order = [
    longlong('ClientOrderIndex'),
    longlong('BaseAmount'),
    uint('Price'),
    int('IsAsk'),
    int('Type'),
    int('TimeInForce'),
    int('ReduceOnly'),
    uint('TriggerPrice'),
    longlong('OrderExpiry'),
  ];
  const slot = [int('ApiKeyIndex'), longlong('AccountIndex')];
  const tail = [uint8('SkipNonce'), longlong('Nonce'), ...slot];
  const senderTail = [...tail.slice(0, -1), longlong('FromAccountIndex')];
  const trading = [
    longlong('IntegratorAccountIndex'),
    int('IntegratorTakerFee'),
    int('IntegratorMakerFee'),
    uint8('SelfTradeBehavior'),
    uint8('SelfTradeEquality'),
  ];
  const pool = [longlong('PublicPoolIndex'), longlong('ShareAmount'), ...tail];
  const staking = [longlong('StakingPoolIndex'), longlong('ShareAmount'), ...tail];

  return {
    order: [
      argument(market.member)('MarketIndex'),
      longlong('ClientOrderIndex'),
      longlong('BaseAmount'),
      uint32('Price'),
      uint8('IsAsk'),
      uint8('Type'),
      uint8('TimeInForce'),
      uint8('ReduceOnly'),
      uint32('TriggerPrice'),
      longlong('OrderExpiry'),
    ],
    functions: {
      ChangePubKey: [text('PubKey'), ...tail],
      CreateSubAccount: tail,
      CreatePublicPool: [
        longlong('OperatorFee'),
        int('InitialTotalShares'),
        longlong('MinOperatorShareRate'),
        ...tail,
      ],
      UpdatePublicPool: [
        longlong('PublicPoolIndex'),
        int('Status'),
        longlong('OperatorFee'),
        int('MinOperatorShareRate'),
        ...tail,
      ],
      Transfer: [
        longlong('ToAccountIndex'),
        int16('AssetIndex'),
        uint8('FromRouteType'),
        uint8('ToRouteType'),
        longlong('Amount'),
        longlong('USDCFee'),
        text('Memo'),
        ...senderTail,
      ],
      Withdraw: [int('AssetIndex'), int('RouteType'), ulonglong('Amount'), ...senderTail],
      CreateOrder: [marketIndex, ...order, ...trading, ...tail],
      CancelOrder: [marketIndex, longlong('Index'), ...tail],
      CancelAllOrders: [int('TimeInForce'), longlong('Time'), cancelAllMarket, ...tail],
      ModifyOrder: [
        marketIndex,
        longlong('Index'),
        longlong('BaseAmount'),
        longlong('Price'),
        longlong('TriggerPrice'),
        ...trading,
        uint8('SkipNonce'),
        longlong('Nonce'),
        ...(orderVersion ? [longlong('OrderVersion')] : []),
        ...slot,
      ],
      MintShares: pool,
      BurnShares: pool,
      UpdateLeverage: [marketIndex, int('InitialMarginFraction'), int('MarginMode'), ...tail],
      CreateGroupedOrders: [
        uint8('GroupingType'),
        argument('orders')('Orders'),
        int('OrderCount'),
        ...trading,
        ...tail,
      ],
      UpdateMargin: [marketIndex, longlong('USDCAmount'), int('Direction'), ...tail],
      StakeAssets: staking,
      UnstakeAssets: staking,
      UpdateAccountConfig: [uint8('AccountTradingMode'), ...tail],
      UpdateAccountAssetConfig: [int16('AssetIndex'), uint8('AssetMarginMode'), ...tail],
      ApproveIntegrator: [
        longlong('IntegratorAccountIndex'),
        uint32('MaxPerpsTakerFee'),
        uint32('MaxPerpsMakerFee'),
        uint32('MaxSpotTakerFee'),
        uint32('MaxSpotMakerFee'),
        longlong('ApprovalExpiry'),
        ...tail,
      ],
    },
  };
}
