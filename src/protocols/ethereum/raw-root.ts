/**
 * Bare signing roots, as older signers took them. Nothing in a root can be checked, so only domains
 * that the operator names are signed; for those under which a validator can be slashed, the caller
 * must say what the root is of, and that is recorded as if it were true.
 */
import { DOMAIN_TYPES, type DomainName, type Slashable } from '../../../signers/bls12381/index.ts';
import { type Hex, isHexOf } from '../../base/hex.ts';
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';
import type { RawRoot } from './request.ts';

/** Names that other signers give to domains, and ours, which are those of consensus-specs. */
const NAMES: Readonly<Record<string, DomainName>> = {
  beacon_proposer: 'BEACON_PROPOSER',
  beacon_attester: 'BEACON_ATTESTER',
  randao: 'RANDAO',
  deposit: 'DEPOSIT',
  voluntary_exit: 'VOLUNTARY_EXIT',
  selection_proof: 'SELECTION_PROOF',
  aggregate_and_proof: 'AGGREGATE_AND_PROOF',
  sync_committee: 'SYNC_COMMITTEE',
  sync_committee_selection_proof: 'SYNC_COMMITTEE_SELECTION_PROOF',
  contribution_and_proof: 'CONTRIBUTION_AND_PROOF',
};

/** A request that names no type, but a root and its domain. */
export function isRawRoot(body: JsonObject): boolean {
  const names = ['domain', 'domain_name'];
  return body['type'] === undefined && names.some((name) => body[name] !== undefined);
}

export function isDomainName(text: string): boolean {
  return Object.hasOwn(NAMES, text);
}

/** The domain of a name; `undefined` where `isDomainName` does not know it. */
export function rawRootDomain(name: string): DomainName | undefined {
  return isDomainName(name) ? NAMES[name] : undefined;
}

export function readRawRoot(body: JsonObject): Result<RawRoot, Reason> {
  const signingRoot = hexOf(body['signingRoot'] ?? body['signing_root'], 32);
  if (signingRoot === undefined) return refuse('`signingRoot` must be 32 bytes in hex');
  const domain = readDomain(body);
  if (domain === undefined) {
    const names = Object.keys(NAMES).join(', ');
    return refuse(`\`domain_name\` must be one of ${names}; or give \`domain\`, four bytes in hex`);
  }
  const claims = readClaims(body, domain);
  return claims.ok ? ok({ type: 'RAW_ROOT', signingRoot, domain, ...claims.value }) : claims;
}

function readDomain(body: JsonObject): DomainName | undefined {
  const { domain_name: name, domain } = body;
  if (typeof name === 'string') return rawRootDomain(name.toLowerCase());
  const type = hexOf(domain, 4);
  return Object.values(NAMES).find((candidate) => DOMAIN_TYPES[candidate] === type);
}

interface Claims {
  readonly slashable?: Slashable;
  readonly genesisRoot?: Hex;
}

const NAMES_OF_CLAIMS = ['slot', 'source_epoch', 'target_epoch', 'genesis_validators_root'];

/** Whether a validator can be slashed for a message under this domain. */
export function isSlashableDomain(domain: DomainName): boolean {
  return domain === 'BEACON_PROPOSER' || domain === 'BEACON_ATTESTER';
}

/** Where nothing is claimed the guard refuses, which knows whether the domain is allowed at all. */
function readClaims(body: JsonObject, domain: DomainName): Result<Claims, Reason> {
  const isClaimed = NAMES_OF_CLAIMS.some((name) => body[name] !== undefined);
  if (!isSlashableDomain(domain) || !isClaimed) return ok({});
  const genesisRoot = hexOf(body['genesis_validators_root'], 32);
  const slashable = domain === 'BEACON_PROPOSER' ? readBlock(body) : readAttestation(body);
  if (genesisRoot !== undefined && slashable !== undefined) return ok({ slashable, genesisRoot });
  return refuse(neededClaims(domain));
}

/** What must be said of a root that could be slashed. */
export function neededClaims(domain: DomainName): string {
  const claims = domain === 'BEACON_PROPOSER' ? '`slot`' : '`source_epoch` and `target_epoch`';
  return `a root of this domain needs ${claims} and \`genesis_validators_root\`, so that it can be recorded; better send the message itself`;
}

function readBlock({ slot }: JsonObject): Slashable | undefined {
  const number = uint64(slot);
  return number === undefined ? undefined : { kind: 'block', slot: number };
}

function readAttestation(body: JsonObject): Slashable | undefined {
  const source = uint64(body['source_epoch']);
  const target = uint64(body['target_epoch']);
  if (source === undefined || target === undefined) return undefined;
  return { kind: 'attestation', source, target };
}

function uint64(value: JsonValue | undefined): bigint | undefined {
  const number =
    typeof value === 'string' && /^(?:0|[1-9][0-9]{0,19})$/.test(value) ? BigInt(value) : value;
  return typeof number === 'bigint' && number >= 0n && number < 2n ** 64n ? number : undefined;
}

/** With `0x` or without, as older signers wrote it. */
function hexOf(value: JsonValue | undefined, size: number): Hex | undefined {
  const hex = typeof value === 'string' ? value.toLowerCase().replace(/^0x/, '') : '';
  return isHexOf(size, hex) ? hex : undefined;
}

function refuse(message: string): Result<never, Reason> {
  return err({ code: 'ethereum.raw_root', message });
}
