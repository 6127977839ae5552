/** Who can sign on Lighter: the API keys this daemon holds, by chain, account and slot. */
import type { Hex } from '../../base/hex.ts';
import type { Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';

/** One API key in one slot of an account on a chain. */
export interface LighterClient {
  /** Mainnet is 304, testnet 300. */
  readonly chainId: bigint;
  readonly account: bigint;
  /** The slot, 0 to 254. */
  readonly apiKey: bigint;
  /** 40 bytes. */
  readonly publicKey: Hex;
  /** In the key ring: `lighter/<chain>/<account>/<slot>`. */
  readonly keyId: string;
  /** The exchange's REST base, for looking up keys and nonces; signing never needs it. */
  readonly url?: string;
  /** Owner of the account, lower case with `0x`; where known. */
  readonly l1Address?: string;
}

/** How a request names its client; what is absent must be unambiguous. */
export interface ClientWish {
  readonly chainId?: bigint;
  readonly account?: bigint;
  readonly apiKey: bigint;
  /**
   * The client that holds this key: the slot's own, or one whose registration in the slot is under
   * way. Absent: the slot's own.
   */
  readonly publicKey?: Hex;
}

export interface LighterClients {
  /**
   * The one client that fits. `lighter.no_client` where none does (its message begins with
   * `Signer not initialized`), `lighter.ambiguous_client` where several do.
   */
  readonly find: (wish: ClientWish) => Result<LighterClient, Reason>;
  readonly list: () => readonly LighterClient[];
}

export function lighterKeyId(chainId: bigint, account: bigint, apiKey: bigint): string {
  return `lighter/${String(chainId)}/${String(account)}/${String(apiKey)}`;
}
