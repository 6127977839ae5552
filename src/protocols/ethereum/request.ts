/** What an Ethereum request asks for, once it is read: one duty for each key. */
import type { DomainName, Duty, Slashable } from '../../../signers/bls12381/index.ts';
import type { Hex } from '../../base/hex.ts';

/** A signing root that nobody showed the message of; what it says of itself is the caller's word. */
export interface RawRoot {
  readonly type: 'RAW_ROOT';
  readonly signingRoot: Hex;
  readonly domain: DomainName;
  /** What the caller says that the root is of; without it nothing is signed that could be slashed. */
  readonly slashable?: Slashable;
  readonly genesisRoot?: Hex;
}

export interface EthereumPart {
  /** The caller's id of this part; the request's id where it has only one. */
  readonly id: string;
  /** 48 bytes. */
  readonly pubkey: Hex;
  readonly duty: Duty | RawRoot;
}

export interface EthereumRequest {
  /** The event's id, and where its callback goes. */
  readonly id: string;
  readonly callbackUrl?: string;
  readonly timestamp: string;
  /** Of the event; for a batch of several types that of the first part. */
  readonly subEvent: string;
  readonly parts: readonly [EthereumPart, ...EthereumPart[]];
}
