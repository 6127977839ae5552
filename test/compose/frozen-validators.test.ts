import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { createKeyStorage } from '../../src/adapters/keys/key-storage.ts';
import { openFrozenValidators, withValidators } from '../../src/compose/frozen-validators.ts';
import { keyKinds } from '../support/key-kinds.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const directory = temporaryDirectory();
const pubkey = 'ab'.repeat(48);

function open() {
  const alarm = () => undefined;
  const frozen = openFrozenValidators(directory, alarm);
  const keyFiles = { directory: join(directory, 'keys'), environment: [] };
  const storage = createKeyStorage(keyFiles, { kinds: keyKinds, alarm });
  return { frozen, keys: withValidators(storage, frozen) };
}

test('a validator is frozen without a running daemon, and one that runs obeys at once', () => {
  const daemon = open().frozen;
  const { keys } = open();
  expect(daemon.has(`ethereum/${pubkey}`)).toBe(false);
  expect(keys.freeze(`ethereum/0x${pubkey.toUpperCase()}`).ok).toBe(true);
  expect(daemon.has(`ethereum/${pubkey}`)).toBe(true);
  expect(keys.unfreeze(`ethereum/${pubkey}`).ok).toBe(true);
  expect(daemon.has(`ethereum/${pubkey}`)).toBe(false);
});

test('what is no public key freezes nothing', () => {
  expect(open().keys.freeze('ethereum/main')).toMatchObject({
    error: { message: 'write `ethereum/` and the public key, 48 bytes in hex' },
  });
});

test('another key is looked for among the key files', () => {
  expect(open().keys.freeze('lighter/1/2')).toMatchObject({
    error: { message: 'no key `lighter/1/2`; there are none' },
  });
});
