/** The freeze of validators: they lie in no key file of the daemon's, and are frozen like those that do. */
import { join } from 'node:path';

import { createFrozenKeys, type FrozenKeys } from '../adapters/keys/frozen-keys.ts';
import { err, type Result } from '../base/result.ts';
import type { KeyStorage } from '../core/key-storage.ts';
import type { Reason } from '../core/outcome.ts';
import { readIdentifier } from '../protocols/ethereum/index.ts';

const PREFIX = 'ethereum/';

export function openFrozenValidators(dataDir: string, alarm: (reason: Reason) => void): FrozenKeys {
  return createFrozenKeys({ file: join(dataDir, 'frozen-validators.json'), alarm });
}

/**
 * Key files with validators beside them, as `keys freeze` has them. Which validators there are only
 * the daemon knows, so any public key can be frozen.
 */
export function withValidators(storage: KeyStorage, frozen: FrozenKeys): KeyStorage {
  const changing =
    (to: 'add' | 'remove', other: KeyStorage['freeze']) =>
    (id: string): Result<void, Reason> => {
      if (!id.startsWith(PREFIX)) return other(id);
      const pubkey = readIdentifier(id.slice(PREFIX.length));
      if (pubkey !== undefined) return frozen[to](PREFIX + pubkey);
      const message = `write \`${PREFIX}\` and the public key, 48 bytes in hex`;
      return err({ code: 'keys.unknown', message });
    };
  return Object.freeze({
    ...storage,
    freeze: changing('add', storage.freeze),
    unfreeze: changing('remove', storage.unfreeze),
  });
}
