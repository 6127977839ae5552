/** What the command line may do with the callers at rest. */
import type { Result } from '../base/result.ts';
import type { Secret } from '../base/secret.ts';
import type { GrantableScope } from './caller.ts';
import type { Reason } from './outcome.ts';

export interface NewCaller {
  readonly name: string;
  readonly scopes: readonly GrantableScope[];
  /** Epoch milliseconds; never, if left out. */
  readonly expiresAt?: number;
}

export interface StoredCaller extends NewCaller {
  readonly createdAt: number;
}

export interface CallerStorage {
  readonly list: () => Result<readonly StoredCaller[], Reason>;
  /** Makes a token for a name that is free; it is told this once, and only its hash is kept. */
  readonly add: (caller: NewCaller) => Result<Secret, Reason>;
  /** A running daemon that uses the same file refuses the token at once. */
  readonly revoke: (name: string) => Result<void, Reason>;
}
