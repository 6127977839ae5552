/**
 * `channel_announcement` (BOLT 7): what its four signatures commit to.
 *
 * | bytes | field |
 * |---|---|
 * | 2 | type 256 |
 * | 4 × 64 | signatures of both nodes and both funding keys |
 * | 2 + n | features |
 * | 32 | chain hash |
 * | 8 | short channel id |
 * | 4 × 33 | node ids and funding keys of both sides |
 * | rest | fields of the future |
 *
 * The digest is the double SHA-256 of everything after the signatures. Whoever hands over the
 * message may leave out the type, the signatures, or both, since they are not part of the digest.
 */
import { type Hex, toHex } from '../../src/base/hex.ts';
import { hash256 } from './hash.ts';
import type { BitcoinNetwork } from './lightning-keys.ts';

export interface ChannelAnnouncement {
  readonly digest: Hex;
  readonly chainHash: Hex;
  readonly shortChannelId: Hex;
  readonly nodeIds: readonly [Hex, Hex];
  readonly fundingKeys: readonly [Hex, Hex];
}

const TYPE_BYTES = 2;
const SIGNATURE_BYTES = 4 * 64;
/** Where the signed part may start: with type and signatures, with one of them, with neither. */
const STARTS = [TYPE_BYTES + SIGNATURE_BYTES, SIGNATURE_BYTES, TYPE_BYTES, 0];
const FIXED_BYTES = 32 + 8 + 4 * 33;
/** A Lightning message fits into two length bytes (BOLT 8). */
const MAX_MESSAGE_BYTES = 65_535;

/** Block hash of each network's genesis block, in the byte order of the wire (BOLT 0). */
const CHAIN_HASHES: Readonly<Record<BitcoinNetwork, string>> = {
  MAINNET: '6fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000',
  TESTNET: '43497fd7f826957108f4a30fd9cec3aeba79972084e90ead01ea330900000000',
  REGTEST: '06226e46111a0b59caaf126043eb5bbf28c34f3a5e332a1fc7b2b73cf188910f',
  SIGNET: 'f61eee3b63a380a477a063af32b2bbc97c9ff9f01f2c4225e973988108000000',
};

export function isChainOf(network: BitcoinNetwork, chainHash: Hex): boolean {
  return CHAIN_HASHES[network] === chainHash;
}

/** Every way to read the bytes as an announcement; only the one whose digest is asked for is meant. */
export function readAnnouncements(bytes: Uint8Array): readonly ChannelAnnouncement[] {
  if (bytes.length > MAX_MESSAGE_BYTES) return [];
  return STARTS.flatMap((start) => readSignedPart(bytes.subarray(start)) ?? []);
}

function readSignedPart(signed: Uint8Array): ChannelAnnouncement | undefined {
  const [high, low] = signed;
  if (high === undefined || low === undefined) return undefined;
  let offset = 2 + high * 256 + low;
  if (signed.length < offset + FIXED_BYTES) return undefined;
  const take = (length: number): Hex => toHex(signed.subarray(offset, (offset += length)));
  return {
    digest: toHex(hash256(signed)),
    chainHash: take(32),
    shortChannelId: take(8),
    nodeIds: [take(33), take(33)],
    fundingKeys: [take(33), take(33)],
  };
}
