/** What a search for validator keys finds, before anything is decrypted. */
import type { Hex } from '../../base/hex.ts';
import type { Result } from '../../base/result.ts';
import type { Secret } from '../../base/secret.ts';
import type { Reason } from '../../core/outcome.ts';

/** One key that should be loaded. */
export type FoundKey = FoundKeystore | FoundRawKey;

interface Found {
  /** Names the key in reports: a path, with the document's number where a file holds several. */
  readonly origin: string;
  /** The file whose damage would make the key disappear from the search. */
  readonly file: string;
}

export interface FoundKeystore extends Found {
  readonly kind: 'keystore';
  readonly content: Uint8Array;
  /** SHA-256 of the content. */
  readonly digest: Hex;
  readonly password: () => Result<Secret, Reason>;
}

/** A key in the clear; the finder gives it away, to be disposed of. */
export interface FoundRawKey extends Found {
  readonly kind: 'raw';
  readonly secret: Secret;
}

/** A key, a file or a whole directory that cannot be used. */
export interface KeyProblem {
  /** Its origin. */
  readonly file: string;
  readonly reason: Reason;
}

export interface Search {
  readonly found: readonly FoundKey[];
  readonly problems: readonly KeyProblem[];
}

/** A directory of the operator's in which keys are looked for. */
export interface KeySource {
  readonly name: string;
  readonly directory: string;
  /** Fails where the directory itself cannot be read: then nothing is known of its keys. */
  readonly search: () => Promise<Result<Search, Reason>>;
}

/** Larger than any keystore of a single key. */
export const MAX_KEYSTORE_FILE = 65_536;

/** So many files are read between two turns of the event loop. */
export const FILES_PER_TURN = 64;
