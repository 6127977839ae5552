/**
 * What a validator signs, computed for the demo a second time and from the standard alone
 * (consensus-specs, "Simple serialize" and `compute_signing_root`): SHA-256 over pairs of 32 bytes.
 */
import { concatBytes } from '../base/bytes.ts';
import { fromHex, type Hex } from '../base/hex.ts';
import { sha256 } from '../base/sha256.ts';

const CHUNK = 32;

/** `DOMAIN_…` of the standard. */
export const DOMAIN = {
  beaconProposer: 0,
  beaconAttester: 1,
  randao: 2,
  selectionProof: 5,
} as const;

export interface Chain {
  /** Four bytes. */
  readonly forkVersion: Hex;
  readonly genesisValidatorsRoot: Hex;
}

/** Root of a container whose members have these roots. */
export function containerRoot(...members: readonly Uint8Array[]): Uint8Array {
  let layer = padded(members);
  while (layer.length > 1) {
    layer = layer.flatMap((left, index) =>
      index % 2 === 0 ? [sha256(concatBytes(left, layer[index + 1] ?? left))] : [],
    );
  }
  return layer[0] ?? new Uint8Array(CHUNK);
}

export function uint64Root(value: bigint): Uint8Array {
  const chunk = new Uint8Array(CHUNK);
  new DataView(chunk.buffer).setBigUint64(0, value, true);
  return chunk;
}

export function signingRoot(objectRoot: Uint8Array, domainType: number, chain: Chain): Uint8Array {
  const version = new Uint8Array(CHUNK);
  version.set(fromHex(chain.forkVersion));
  const forkDataRoot = containerRoot(version, fromHex(chain.genesisValidatorsRoot));
  const domain = concatBytes(Uint8Array.of(domainType, 0, 0, 0), forkDataRoot.subarray(0, 28));
  return containerRoot(objectRoot, domain);
}

/** With zeros up to the next power of two. */
function padded(chunks: readonly Uint8Array[]): Uint8Array[] {
  const size = 2 ** Math.ceil(Math.log2(Math.max(1, chunks.length)));
  const padding = Array.from({ length: size - chunks.length }, () => new Uint8Array(CHUNK));
  return [...chunks, ...padding];
}
