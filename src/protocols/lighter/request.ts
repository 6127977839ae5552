/** What a Lighter request asks for, once it is read: parts that are decided and signed one by one. */
import type { TransactionName, Transactions } from '../../../signers/lighter/index.ts';
import type { LighterClient } from './clients.ts';

/** Fields that the daemon fills in when it decides. */
type Filled = 'Nonce' | 'ExpiredAt';

/**
 * Where the nonce comes from.
 *
 * - `explicit`: the caller's own
 * - `strict`: one more than the last, counted from what the exchange said
 * - `skip`: the time in milliseconds, with the attribute that lets the exchange jump
 */
export type NonceWish =
  | { readonly mode: 'explicit'; readonly nonce: bigint; readonly skip: boolean }
  | { readonly mode: 'strict' }
  | { readonly mode: 'skip' };

/** A transaction lacking nonce and expiry; the attribute SkipNonce is set from the wish. */
export type TransactionPart = {
  readonly [Name in TransactionName]: {
    readonly kind: 'transaction';
    /** The caller's id of this part; the request's id where it has only one. */
    readonly id: string;
    /** `SIGN_CREATE_ORDER` and so on; the action of policy is named by it. */
    readonly subEvent: string;
    readonly client: LighterClient;
    readonly name: Name;
    /**
     * An `OrderExpiry` of −1 is the caller's wish for the customary one; `withOrderExpiry` of
     * `order-expiry.ts` replaces it when the part is decided.
     */
    readonly fields: Omit<Transactions[Name], Filled>;
    readonly nonce: NonceWish;
    /** Key ring id of the L1 wallet that is to countersign: `wallet/<address without 0x>`. */
    readonly wallet?: string;
    /** What the caller says about the request beyond what is signed; never proven. */
    readonly claims: {
      /** Whether sender and destination of a transfer have the same owner. */
      readonly sameOwner?: boolean;
      /** The price the caller believes to be fair, in the market's ticks. */
      readonly oraclePrice?: bigint;
    };
  };
}[TransactionName];

/** A token that lets its bearer read the account and more until its deadline. */
export interface AuthTokenPart {
  readonly kind: 'auth-token';
  readonly id: string;
  readonly subEvent: 'CREATE_AUTH_TOKEN';
  readonly client: LighterClient;
  /** Seconds since 1970; absent: `lifetime` from now, or as long as is customary. */
  readonly deadline?: bigint;
  /** Seconds from the decision on; never beside a deadline. */
  readonly lifetime?: bigint;
}

export type LighterPart = TransactionPart | AuthTokenPart;

export interface LighterRequest {
  /** The event's id, and where its callback goes. */
  readonly id: string;
  readonly callbackUrl?: string;
  readonly timestamp: string;
  /** Of the event; for a batch with mixed kinds that of the first part. */
  readonly subEvent: string;
  /** Whether it came as `signing_jobs`. */
  readonly isBatch: boolean;
  /** Answered in the dialect of the action names of an in-browser signer: `{txType, txInfo, txHash}`. */
  readonly dialect: 'rest' | 'action';
  readonly parts: readonly [LighterPart, ...LighterPart[]];
}
