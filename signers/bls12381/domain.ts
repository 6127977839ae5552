/**
 * Domains, which are mixed into every signing root so that no signature means anything in another
 * place, at another fork or on another chain (consensus-specs, `compute_domain`).
 */
import { fromHex, type Hex, isHexOf } from '../../src/base/hex.ts';
import { CHUNK_SIZE, hashPair } from './ssz/chunks.ts';

/** Domain types, four bytes, by their names in consensus-specs and builder-specs. */
export const DOMAIN_TYPES = {
  BEACON_PROPOSER: '00000000',
  BEACON_ATTESTER: '01000000',
  RANDAO: '02000000',
  DEPOSIT: '03000000',
  VOLUNTARY_EXIT: '04000000',
  SELECTION_PROOF: '05000000',
  AGGREGATE_AND_PROOF: '06000000',
  SYNC_COMMITTEE: '07000000',
  SYNC_COMMITTEE_SELECTION_PROOF: '08000000',
  CONTRIBUTION_AND_PROOF: '09000000',
  BEACON_BUILDER: '0b000000',
  PTC_ATTESTER: '0c000000',
  PROPOSER_PREFERENCES: '0d000000',
  APPLICATION_BUILDER: '00000001',
  BUILDER_REQUEST_AUTH: '0b000001',
} as const;
export type DomainName = keyof typeof DOMAIN_TYPES;

export interface DomainParameters {
  readonly type: DomainName;
  /** Fork version, four bytes. */
  readonly version: Hex;
  /** 32 bytes; zeros for what is not bound to a chain. */
  readonly genesisValidatorsRoot: Hex;
}

const zeroRoot = '00'.repeat(32);
if (!isHexOf(32, zeroRoot)) throw new Error('zeros are no hex');
/** Stands for the genesis validators root of messages that are valid before genesis. */
export const ZERO_ROOT: Hex = zeroRoot;

/** A chain has a handful of domains at a time; more are asked for by mistake or with intent. */
const CACHE_SIZE = 256;

/** Computes domains, 32 bytes; the caller must not write into them. */
export function createDomains(): (parameters: DomainParameters) => Uint8Array {
  const cache = new Map<string, Uint8Array>();
  return ({ type, version, genesisValidatorsRoot }) => {
    const key = `${type}/${version}/${genesisValidatorsRoot}`;
    const known = cache.get(key);
    if (known !== undefined) return known;
    const forkData = new Uint8Array(2 * CHUNK_SIZE);
    forkData.set(fromHex(version));
    forkData.set(fromHex(genesisValidatorsRoot), CHUNK_SIZE);
    hashPair(forkData, forkData, 0);
    const domain = new Uint8Array(CHUNK_SIZE);
    domain.set(typeBytes(type));
    domain.set(forkData.subarray(0, CHUNK_SIZE - TYPE_SIZE), TYPE_SIZE);
    if (cache.size === CACHE_SIZE) cache.clear();
    cache.set(key, domain);
    return domain;
  };
}

const TYPE_SIZE = 4;

function typeBytes(type: DomainName): Uint8Array {
  const digits: string = DOMAIN_TYPES[type];
  if (!isHexOf(TYPE_SIZE, digits)) throw new Error('a domain type is not four bytes');
  return fromHex(digits);
}
