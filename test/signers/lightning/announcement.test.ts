import { sha256 } from '@noble/hashes/sha2.js';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { isChainOf, readAnnouncements } from '../../../signers/lightning/announcement.ts';
import type { BitcoinNetwork } from '../../../signers/lightning/index.ts';
import { fromHex, toHex } from '../../../src/base/hex.ts';
import { hex } from '../../support/hex.ts';

const fields = {
  chainHash: '6fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000',
  shortChannelId: '0b16210000010001',
  nodeIds: [`02${'11'.repeat(32)}`, `03${'22'.repeat(32)}`],
  fundingKeys: [`02${'33'.repeat(32)}`, `03${'44'.repeat(32)}`],
};
const body = [fields.chainHash, fields.shortChannelId, ...fields.nodeIds, ...fields.fundingKeys];
const signatures = 'ab'.repeat(4 * 64);

describe('channel announcements (BOLT 7)', () => {
  test.each([
    ['with type and signatures', `0100${signatures}`],
    ['with signatures and no type', signatures],
    ['with type and no signatures', '0100'],
    ['with neither', ''],
  ])('are read %s', (_, prefix) => {
    for (const [features, rest] of [
      ['0000', ''],
      ['0003010203', ''],
      ['0000', 'beef'],
    ] as const) {
      const signedPart = hex(`${features}${body.join('')}${rest}`);
      const digest = toHex(sha256(sha256(fromHex(signedPart))));
      const found = readAnnouncements(fromHex(hex(prefix + signedPart)));
      expect(found.find((announcement) => announcement.digest === digest)).toEqual({
        digest,
        ...fields,
      });
    }
  });

  test('too short, too long or random bytes never throw', () => {
    expect(readAnnouncements(new Uint8Array(70_000))).toEqual([]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (random) => {
        expect(readAnnouncements(random).length).toBeLessThanOrEqual(4);
        expect(readAnnouncements(random.slice(0, 170)).length).toBe(0);
      }),
    );
  });

  /** Time, difficulty and nonce of each genesis block; all else is the same in all four. */
  test.each([
    ['MAINNET', 1_231_006_505, 0x1d00ffff, 2_083_236_893],
    ['TESTNET', 1_296_688_602, 0x1d00ffff, 414_098_458],
    ['REGTEST', 1_296_688_602, 0x207fffff, 2],
    ['SIGNET', 1_598_918_400, 0x1e0377ae, 52_613_770],
  ] as const)('chain hash of %s is that of its genesis block', (network, time, bits, nonce) => {
    const merkleRoot = '3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a';
    const header = new Uint8Array(80);
    header[0] = 1;
    header.set(fromHex(hex(merkleRoot)), 36);
    const view = new DataView(header.buffer);
    for (const [index, value] of [time, bits, nonce].entries()) {
      view.setUint32(68 + 4 * index, value, true);
    }
    const chainHash = toHex(sha256(sha256(header)));
    const networks: readonly BitcoinNetwork[] = ['MAINNET', 'TESTNET', 'REGTEST', 'SIGNET'];
    for (const other of networks) expect(isChainOf(other, chainHash)).toBe(other === network);
  });
});
