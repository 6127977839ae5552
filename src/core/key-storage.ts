/** What the command line and the start may do with keys at rest, and what composition knows of a kind. */
import type { Hex } from '../base/hex.ts';
import type { Result } from '../base/result.ts';
import type { Secret } from '../base/secret.ts';
import type { Reason } from './outcome.ts';
import type { KeyInfo } from './ports.ts';

/** One kind of key; a world that brings a new kind adds one entry where the parts are composed. */
export interface KeyKind {
  readonly kind: string;
  /** One phrase for the operator. */
  readonly about: string;
  /** The id a key of this kind has unless the operator names another. */
  readonly defaultId: string;
  /** How long a key may be, and how long a new one is made, in bytes. */
  readonly size: { readonly least: number; readonly most: number; readonly generated: number };
  /** Whether bytes of the right length are a key of this kind; absent: all are. */
  readonly isKey?: (secret: Secret) => boolean;
  /** A public name of the secret, from which nothing of it can be computed back. */
  readonly fingerprint: (secret: Secret) => Hex;
  /** The id that a key must have, where it follows from the key. */
  readonly idFor?: (fingerprint: Hex) => string;
  /** Whether a key with this id is found by who uses it; absent: with any. */
  readonly isId?: (id: string) => boolean;
}

/** A key as seen without any password. */
export interface StoredKey extends KeyInfo {
  readonly fingerprint: Hex;
}

/** A key that came with the environment; meant for development. */
export interface EnvironmentKey {
  readonly id: string;
  readonly kind: string;
  readonly secret: Secret;
}

export interface NewKey extends EnvironmentKey {
  readonly description?: string;
}

export interface KeyStorage {
  /** Where the key files lie. */
  readonly directory: string;
  readonly list: () => Result<readonly StoredKey[], Reason>;
  /** Asks for the password only if the key lies in a file. The caller disposes of the secret. */
  readonly open: (
    id: string,
    password: () => Promise<Result<Secret, Reason>>,
  ) => Promise<Result<Secret, Reason>>;
  /** Never replaces a key; the key is proven to open again before this resolves. */
  readonly add: (key: NewKey, password: Secret) => Promise<Result<StoredKey, Reason>>;
  /** A running daemon that uses the same directory obeys at once. */
  readonly freeze: (id: string) => Result<void, Reason>;
  readonly unfreeze: (id: string) => Result<void, Reason>;
}
