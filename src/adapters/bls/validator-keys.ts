/** The validator keys of a running daemon: which there are, and signatures of theirs. */
import type { Hex } from '../../base/hex.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Secret } from '../../base/secret.ts';
import type { StoredKey } from '../../core/key-storage.ts';
import type { Reason } from '../../core/outcome.ts';
import type { KeyRing } from '../../core/ports.ts';
import type { FrozenKeys } from '../keys/frozen-keys.ts';
import type { BlsWorkers } from './bls-workers.ts';
import type { KeySlots } from './key-slots.ts';

/** Where a key came from. Public keys are 48 bytes of lower-case hex without `0x`. */
export interface ValidatorKeyLabel {
  readonly pubkey: Hex;
  /** The file it came from. */
  readonly origin: string;
  /** EIP-2334 path; empty where the file names none. */
  readonly path: string;
  /** Whether it lies in a file of the operator's, which no API call removes. */
  readonly isReadonly: boolean;
}

/** The fingerprint is the public key. */
export interface ValidatorKeyInfo extends StoredKey, ValidatorKeyLabel {}

export interface ValidatorKeys extends KeyRing {
  readonly list: () => readonly ValidatorKeyInfo[];
  /** In the order in which they were added. */
  readonly publicKeys: () => readonly Hex[];
  readonly count: () => number;
  readonly has: (pubkey: Hex) => boolean;
  readonly find: (pubkey: Hex) => ValidatorKeyLabel | undefined;
  /**
   * The 96-byte signature of a 32-byte signing root. A freeze is the core's matter and hides nothing
   * here. Rejects as `BlsWorkers.sign` does, and where there is no such key.
   */
  readonly sign: (pubkey: Hex, root: Uint8Array) => Promise<Uint8Array>;
  /** Copies the key; the caller disposes of the secret and has proven that it belongs to the label. */
  readonly add: (label: ValidatorKeyLabel, secret: Secret) => Result<void, Reason>;
  /**
   * Takes no more requests for the key at once; resolves when the threads have answered those there
   * were and the key is overwritten. `false` where there is no such key.
   */
  readonly remove: (pubkey: Hex) => Promise<boolean>;
  /** Takes effect at once, even where it fails because it could not be saved. */
  readonly freeze: (id: string) => Result<StoredKey, Reason>;
  readonly unfreeze: (id: string) => Result<StoredKey, Reason>;
}

export interface ValidatorKeysDeps {
  readonly slots: KeySlots;
  readonly workers: Pick<BlsWorkers, 'sign' | 'released'>;
  readonly frozen: FrozenKeys;
}

interface Held {
  readonly label: ValidatorKeyLabel;
  readonly slot: number;
}

const KIND = 'bls-key';

/** The id under which policy, freeze list and audit know a validator key. */
function validatorKeyId(pubkey: Hex): string {
  return `ethereum/${pubkey}`;
}

export function createValidatorKeys({ slots, workers, frozen }: ValidatorKeysDeps): ValidatorKeys {
  const held = new Map<Hex, Held>();

  function add(label: ValidatorKeyLabel, secret: Secret): Result<void, Reason> {
    if (held.has(label.pubkey)) {
      const message = `there is a validator key \`${label.pubkey}\` already`;
      return err({ code: 'bls.duplicate', message });
    }
    const slot = slots.put(secret);
    if (!slot.ok) return slot;
    held.set(label.pubkey, { label, slot: slot.value });
    return ok(undefined);
  }

  async function remove(pubkey: Hex): Promise<boolean> {
    const key = held.get(pubkey);
    if (key === undefined) return false;
    held.delete(pubkey);
    await workers.released(key.slot);
    slots.wipe(key.slot);
    return true;
  }

  function sign(pubkey: Hex, root: Uint8Array): Promise<Uint8Array> {
    const key = held.get(pubkey);
    if (key !== undefined) return workers.sign(key.slot, root);
    return Promise.reject(new Error(`there is no validator key \`${pubkey}\`; nothing was signed`));
  }

  function infoOf({ label }: Held): ValidatorKeyInfo {
    const id = validatorKeyId(label.pubkey);
    const state = frozen.has(id) ? 'frozen' : 'active';
    return { ...label, id, kind: KIND, fingerprint: label.pubkey, state };
  }

  function change(id: string, to: 'add' | 'remove'): Result<StoredKey, Reason> {
    const key = [...held.values()].find(({ label }) => validatorKeyId(label.pubkey) === id);
    if (key === undefined) {
      return err({ code: 'keys.unknown', message: `no validator key \`${id}\`` });
    }
    const changed = frozen[to](id);
    return changed.ok ? ok(infoOf(key)) : changed;
  }

  return Object.freeze({
    list: () => [...held.values()].map(infoOf),
    publicKeys: () => [...held.keys()],
    count: () => held.size,
    has: (pubkey: Hex) => held.has(pubkey),
    find: (pubkey: Hex) => held.get(pubkey)?.label,
    isFrozen: (id: string) => frozen.has(id),
    sign,
    add,
    remove,
    freeze: (id: string) => change(id, 'add'),
    unfreeze: (id: string) => change(id, 'remove'),
  });
}
