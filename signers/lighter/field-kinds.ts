/**
 * What the exchange admits in the fields that several transactions share, as its own client checks it
 * (lighter-go, commit 17f2d60), less what makes no sense: no negative margin, no account −1.
 */
import { integer, type Range } from './field.ts';

const UP_TO_2_48: Range = [0n, 2n ** 48n - 1n];
const INT64: Range = [0n, 2n ** 63n - 1n];

const MASTER_ACCOUNTS: Range = [0n, 2n ** 47n - 1n];
const SUB_ACCOUNTS: Range = [2n ** 47n, 2n ** 48n - 2n];
const PERPS_MARKETS: Range = [0n, 254n];
const SPOT_MARKETS: Range = [2048n, 4094n];

export const account = integer([0n, 2n ** 48n - 2n]);
export const masterAccount = integer(MASTER_ACCOUNTS);
/** Pools are accounts of the exchange's numbering, as sub-accounts are. */
export const pool = integer(SUB_ACCOUNTS);
export const apiKey = integer([0n, 254n]);
/** 255 stands for every API key of the account. */
export const anyApiKey = integer([0n, 255n]);
export const nonce = integer(UP_TO_2_48);
/** Milliseconds since 1970; fields of this kind must fit 48 bits. */
export const timestamp = integer(UP_TO_2_48);
/** Milliseconds since 1970, or 0 for none. */
export const expiry = integer(INT64);

export const market = integer(PERPS_MARKETS, SPOT_MARKETS);
export const perpsMarket = integer(PERPS_MARKETS);
export const clientOrderIndex = integer(UP_TO_2_48);
/** Up to 2^48 − 1 an index that the client gave, beyond it one that the exchange gave. */
export const orderIndex = integer([1n, 2n ** 60n - 1n]);
export const baseAmount = integer(UP_TO_2_48);
export const price = integer([1n, 2n ** 32n - 1n]);
/** 0 for none. */
export const triggerPrice = integer([0n, 2n ** 32n - 1n]);

/** 1 is ETH, 3 is USDC. */
export const asset = integer([1n, 62n]);
/** In the asset's smallest unit. */
export const amount = integer([1n, 2n ** 60n - 1n]);
export const amountOrNone = integer([0n, 2n ** 60n - 1n]);
export const shares = integer([1n, 2n ** 60n - 1n]);
/** Millionths. */
export const fee = integer([0n, 1_000_000n]);

export const flag = integer([0n, 1n]);

export function isSpotMarket(index: bigint): boolean {
  return index >= SPOT_MARKETS[0];
}
