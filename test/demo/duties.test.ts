/** The demo computes signing roots by itself; here Lodestar says whether it may be believed. */
import { describe, expect, test } from '@jest/globals';
import { bls12_381 as bls } from '@noble/curves/bls12-381.js';

import { parseKeystore } from '../../src/adapters/keys/keystore-document.ts';
import { openKeystore } from '../../src/adapters/keys/keystore.ts';
import { toHex } from '../../src/base/hex.ts';
import { createDuties, type Duty } from '../../src/demo/duties.ts';
import { createThrowawayValidator } from '../../src/demo/throwaway-validator.ts';
import { oracleCases } from '../support/bls-oracle.ts';
import { hex } from '../support/hex.ts';
import { word } from '../support/validator-files.ts';

const chain = { forkVersion: hex('90000069'), genesisValidatorsRoot: hex('5a'.repeat(32)) };
const duties = createDuties(chain);

describe('the roots of the demo', () => {
  test.each<readonly [string, Duty]>([
    ['ATTESTATION', duties.attestation({ source: 3n, target: 4n })],
    ['BLOCK_V2', duties.block(1_000n)],
    ['AGGREGATION_SLOT', duties.selectionProof(2n ** 40n)],
    ['RANDAO_REVEAL', duties.randaoReveal(7n)],
  ])('of %s are those that Lodestar computes', (type, { body, root }) => {
    const fork = type === 'BLOCK_V2' ? 'DENEB' : '';
    const oracle = oracleCases.find((entry) => entry.type === type && entry.name.includes(fork));
    expect(`0x${toHex(root)}`).toBe(oracle?.root(body, '0x90000069'));
  });

  test('differ for another body, and so make a second vote', () => {
    const [one, other] = [
      duties.attestation({ source: 3n, target: 4n }),
      duties.attestation({ source: 3n, target: 4n }),
    ];
    expect(one.root).not.toEqual(other.root);
  });
});

describe('the throw-away validator', () => {
  test('believes signatures of its own key only, and of that root only', async () => {
    const validator = await createThrowawayValidator();
    const other = await createThrowawayValidator();
    const root = new Uint8Array(32).fill(7);
    const keystore = parseKeystore(validator.keystore);
    if (!keystore.ok) throw new Error(keystore.error.message);
    const opened = await openKeystore(keystore.value, word(validator.password));
    if (!opened.ok) throw new Error(opened.error.message);
    const signature = opened.value.reveal((key) => `0x${toHex(signWith(key, root))}`);

    expect(validator.hasSigned(root, signature)).toBe(true);
    expect(validator.hasSigned(new Uint8Array(32), signature)).toBe(false);
    expect(other.hasSigned(root, signature)).toBe(false);
    expect(validator.hasSigned(root, '')).toBe(false);
  });
});

function signWith(key: Uint8Array, root: Uint8Array): Uint8Array {
  const scheme = bls.longSignatures;
  const point = scheme.hash(root, 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_');
  return scheme.sign(point, key).toBytes(true);
}
