/**
 * The desk of Lighter's keys and clients, as the routes about them ask it.
 *
 * Raw keys arrive as `Secret` and belong to the desk from then on; it stores them encrypted and
 * disposes of them, also where it refuses.
 */
import type { Hex } from '../../base/hex.ts';
import type { Result } from '../../base/result.ts';
import type { Secret } from '../../base/secret.ts';
import type { Reason } from '../../core/outcome.ts';

/**
 * - `invalid`: what was asked for makes no sense (400)
 * - `forbidden`: not allowed by configuration (403)
 * - `unknown`: no such key, client or registration (404)
 * - `conflict`: the slot holds another key, or the step does not fit (409)
 * - `exchange`: the exchange refused, or cannot be reached (502)
 * - `unavailable`: not now; asking again later may help (503)
 */
export type LighterRefusalKind =
  'invalid' | 'forbidden' | 'unknown' | 'conflict' | 'exchange' | 'unavailable';

export interface LighterRefusal {
  readonly kind: LighterRefusalKind;
  readonly reason: Reason;
}

/** A slot of an account; what is absent must be unambiguous, or follow from the URL. */
export interface SlotWish {
  readonly chainId?: bigint;
  readonly account?: bigint;
  readonly apiKey: bigint;
}

export interface NewClient extends SlotWish {
  readonly account: bigint;
  /** The exchange's REST base; names the chain where `chainId` is absent. */
  readonly url?: string;
  /** A raw key of 40 bytes, or the id of a stored one. */
  readonly key:
    | { readonly kind: 'raw'; readonly privateKey: Secret }
    | { readonly kind: 'stored'; readonly keyId: string };
  /** Owner of the account, lower case with `0x`. */
  readonly l1Address?: string;
}

export interface ClientView {
  readonly chainId: bigint;
  readonly account: bigint;
  readonly apiKey: bigint;
  readonly publicKey: Hex;
  readonly keyId: string;
}

/** A fresh pair that no account knows yet. */
export interface NewApiKey {
  readonly publicKey: Hex;
  /** Where the daemon keeps it. */
  readonly keyId?: string;
  /** Given away only where raw keys are accepted; the route disposes of it. */
  readonly privateKey?: Secret;
}

export interface NewRegistration extends SlotWish {
  readonly account: bigint;
  readonly url?: string;
  /** −1: from the exchange. */
  readonly nonce: bigint;
  /** Id of the stored L1 wallet that countersigns; absent: the text is handed out for it. */
  readonly wallet?: string;
  readonly l1Address?: string;
  /** Whether a key that the slot already has may be replaced. */
  readonly replace: boolean;
}

export interface Registration {
  readonly id: string;
  readonly state: 'awaiting_countersignature' | 'complete';
  readonly chainId: bigint;
  readonly account: bigint;
  readonly apiKey: bigint;
  readonly publicKey: Hex;
  /** The text for the L1 wallet, by EIP-191. */
  readonly messageToSign: string;
  /** The ChangePubKey transaction; what the exchange accepts only once it is complete. */
  readonly txType: bigint;
  readonly txInfo: string;
  readonly txHash: Hex;
  readonly nonce: bigint;
  /** Milliseconds since 1970. */
  readonly expiredAt: bigint;
}

/** One thing that must be there before an account can trade through this daemon. */
export interface SetupStep {
  readonly step: string;
  readonly done: boolean;
  /** What to do next. */
  readonly hint: string;
}

export interface LighterDesk {
  /** The chain that is meant, by number or by the exchange's REST base. */
  readonly chainOf: (named: Pick<NewClient, 'chainId' | 'url'>) => Result<bigint, LighterRefusal>;
  /** The client in use at a slot. */
  readonly find: (slot: SlotWish) => Result<ClientView, LighterRefusal>;
  /** The same key again in its slot gives the same client; another key is a conflict. */
  readonly createClient: (
    client: NewClient,
    caller: string,
  ) => Promise<Result<ClientView, LighterRefusal>>;
  /** From a seed of 32 bytes or more, or at random. */
  readonly createApiKey: (
    seed: Secret | undefined,
    caller: string,
  ) => Promise<Result<NewApiKey, LighterRefusal>>;
  /** Whether the exchange knows the client's key. */
  readonly checkClient: (slot: SlotWish) => Promise<Result<ClientView, LighterRefusal>>;
  /** Keeps an L1 wallet's raw key of 32 bytes; resolves to its id, `wallet/<address without 0x>`. */
  readonly keepWallet: (key: Secret, caller: string) => Promise<Result<string, LighterRefusal>>;
  readonly register: (
    registration: NewRegistration,
    caller: string,
  ) => Promise<Result<Registration, LighterRefusal>>;
  /** `signature`: 65 bytes, `0x` and hex, by the owner of the account. */
  readonly countersign: (
    id: string,
    signature: string,
    caller: string,
  ) => Promise<Result<Registration, LighterRefusal>>;
  readonly setup: (slot: SlotWish) => Promise<Result<readonly SetupStep[], LighterRefusal>>;
}
