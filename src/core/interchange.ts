/**
 * The slashing protection interchange format, version 5
 * (https://eips.ethereum.org/EIPS/eip-3076): its parts as values, and values as its parts.
 */
import { type Hex, isHexOf } from '../base/hex.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Reason } from './outcome.ts';
import type { ProtectedKey, SignedAttestation, SignedBlock, SigningHistory } from './slashing.ts';

const FORMAT_VERSION = '5';

/** One element of `data`. */
export interface InterchangeEntry {
  readonly key: Hex;
  readonly history: SigningHistory;
}

/** The genesis validators root that a document is about. */
export function readMetadata(value: JsonValue | undefined): Result<Hex, Reason> {
  if (!isJsonObject(value)) return refuse('`metadata` is missing');
  if (value['interchange_format_version'] !== FORMAT_VERSION) {
    return refuse(`\`interchange_format_version\` is not "${FORMAT_VERSION}"`);
  }
  const root = readHex(32, value['genesis_validators_root']);
  if (root === undefined) return refuse('`genesis_validators_root` is not 32 bytes of hex');
  return ok(root);
}

/** `index` is the element's place in `data`, for the message. */
export function readEntry(value: JsonValue, index: number): Result<InterchangeEntry, Reason> {
  const place = `data[${String(index)}]`;
  if (!isJsonObject(value)) return refuse(`\`${place}\` is not an object`);
  const key = readHex(48, value['pubkey']);
  if (key === undefined) return refuse(`\`${place}.pubkey\` is not 48 bytes of hex`);
  const blocks = readList(value, 'signed_blocks', readBlock);
  if (!blocks.ok) return refuse(`\`${place}.${blocks.error}`);
  const attestations = readList(value, 'signed_attestations', readAttestation);
  if (!attestations.ok) return refuse(`\`${place}.${attestations.error}`);
  return ok({ key, history: { blocks: blocks.value, attestations: attestations.value } });
}

/** Without a root the database is of no chain yet, and has nothing to tell. */
export function writeMetadata(genesisRoot: Hex | undefined): JsonObject {
  return {
    interchange_format_version: FORMAT_VERSION,
    genesis_validators_root: `0x${genesisRoot ?? '00'.repeat(32)}`,
  };
}

/**
 * What another signer must know of a key. Its floor is told as the lowest record, in place of all that
 * is below it: the minimum is where every importer begins.
 */
export function writeEntry({ key, low, floor }: ProtectedKey, history: SigningHistory): JsonObject {
  const { slot, source, target } = floor;
  const blocks: readonly SignedBlock[] = [
    ...(slot === undefined ? [] : [{ slot }]),
    ...history.blocks.filter((block) => slot === undefined || block.slot > slot),
  ];
  const from = source ?? low.source ?? 0n;
  const attestations: readonly SignedAttestation[] = [
    ...(source === undefined && target === undefined
      ? []
      : [{ source: from, target: target ?? from }]),
    ...history.attestations.filter((vote) => target === undefined || vote.target > target),
  ];
  return {
    pubkey: `0x${key}`,
    signed_blocks: blocks.map((block) => ({
      slot: String(block.slot),
      ...(block.root === undefined ? {} : { signing_root: `0x${block.root}` }),
    })),
    signed_attestations: attestations.map((vote) => ({
      source_epoch: String(vote.source),
      target_epoch: String(vote.target),
      ...(vote.root === undefined ? {} : { signing_root: `0x${vote.root}` }),
    })),
  };
}

function readList<T>(
  entry: JsonObject,
  name: string,
  read: (value: JsonObject) => T | undefined,
): Result<readonly T[], string> {
  const list = entry[name];
  if (!Array.isArray(list)) return err(`${name}\` is not a list`);
  const records: T[] = [];
  for (const [index, value] of list.entries()) {
    const record = isJsonObject(value) ? read(value) : undefined;
    if (record === undefined) return err(`${name}[${String(index)}]\` is not a record`);
    records.push(record);
  }
  return ok(records);
}

function readBlock(value: JsonObject): SignedBlock | undefined {
  const slot = readUint64(value['slot']);
  const root = readRoot(value);
  return slot === undefined || root === undefined ? undefined : { slot, ...root };
}

function readAttestation(value: JsonObject): SignedAttestation | undefined {
  const source = readUint64(value['source_epoch']);
  const target = readUint64(value['target_epoch']);
  const root = readRoot(value);
  if (source === undefined || target === undefined || root === undefined) return undefined;
  return { source, target, ...root };
}

/** An absent root is fine; a root that is none is not. */
function readRoot(value: JsonObject): { readonly root?: Hex } | undefined {
  const written = value['signing_root'];
  if (written === undefined || written === null) return {};
  const root = readHex(32, written);
  return root === undefined ? undefined : { root };
}

function readUint64(value: JsonValue | undefined): bigint | undefined {
  if (typeof value === 'string' && !/^\d{1,20}$/.test(value)) return undefined;
  if (typeof value !== 'string' && typeof value !== 'bigint') return undefined;
  const number = BigInt(value);
  return number >= 0n && number < 2n ** 64n ? number : undefined;
}

/** Hex of any case, with or without `0x`. */
function readHex(length: number, value: JsonValue | undefined): Hex | undefined {
  if (typeof value !== 'string') return undefined;
  const hex = value.toLowerCase().replace(/^0x/, '');
  return isHexOf(length, hex) ? hex : undefined;
}

function refuse(message: string): Result<never, Reason> {
  return err({ code: 'interchange.malformed', message: `${message}; nothing was imported` });
}
