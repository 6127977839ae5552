/** What the commands about Lighter keys act on, and how they ask before they do. */
import type { Hex } from '../base/hex.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Secret } from '../base/secret.ts';
import type { KeyKind, KeyStorage } from '../core/key-storage.ts';
import type { Reason } from '../core/outcome.ts';
import type { Prompt } from './prompt.ts';
import type { Terminal } from './terminal.ts';

export interface Slot {
  readonly chainId: bigint;
  readonly account: bigint;
  readonly apiKey: bigint;
}

export interface KeyRecord {
  readonly account: bigint;
  readonly apiKey: bigint;
  readonly publicKey: Hex;
  readonly privateKey: Secret;
  /** Address of the wallet that owns the account. */
  readonly owner?: Hex;
}

/** Functions where the answer depends on flags, which are read after the command was built. */
export interface LighterDeps {
  readonly terminal: Terminal;
  readonly kind: KeyKind;
  readonly keyId: (slot: Slot) => string;
  readonly slotOf: (keyId: string) => Slot | undefined;
  readonly storage: () => KeyStorage;
  readonly readRecords: (content: Uint8Array) => Result<readonly KeyRecord[], Reason>;
  readonly writeRecord: (owner: Hex, record: KeyRecord) => string;
  readonly owners: {
    readonly of: (slot: Slot) => Result<Hex | undefined, Reason>;
    readonly note: (slot: Slot, owner: Hex) => Result<void, Reason>;
    /** An address as people write it. */
    readonly read: (text: string) => Hex | undefined;
  };
  /** Fails on a file that others can read. */
  readonly readFile: (path: string) => Result<Uint8Array, Reason>;
  /** Mode 0600; never replaces a file. */
  readonly createFile: (path: string, text: string) => Result<void, Reason>;
  /** The configured `KEYS_PASSWORD_FILE`. */
  readonly passwordFile: () => string | undefined;
  readonly readSecretFile: (path: string) => Result<Secret, Reason>;
}

export async function confirmed(
  question: string,
  yes: true | undefined,
  prompt: Prompt,
): Promise<Result<void, Reason>> {
  if (yes === true) return ok(undefined);
  const answer = await prompt.confirm(question);
  if (!answer.ok) return answer;
  return answer.value ? ok(undefined) : refuse('nothing was done');
}

export function refuse(message: string): Result<never, Reason> {
  return err({ code: 'cli.lighter', message });
}
