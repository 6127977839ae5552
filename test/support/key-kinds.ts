/** Kinds and costs for tests of the key store: a fingerprint by hash, a derivation that takes no time. */
import { createHash } from 'node:crypto';

import { toHex } from '../../src/base/hex.ts';
import type { KeyKind } from '../../src/core/key-storage.ts';

const size = { least: 16, most: 64, generated: 64 };

function named(kind: string, defaultId: string): KeyKind {
  return {
    kind,
    about: `a ${kind}`,
    defaultId,
    size,
    fingerprint: (secret) =>
      secret.reveal((bytes) => toHex(createHash('sha256').update(bytes).digest().subarray(0, 20))),
  };
}

export const keyKinds: readonly [KeyKind, KeyKind] = [
  named('lightning-seed', 'lightspark/main'),
  named('lightning-test-seed', 'lightspark/test'),
];

export const cheapCost = { function: 'scrypt', n: 2, r: 8, p: 1 } as const;
