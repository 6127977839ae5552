/**
 * What was signed on nonces: of those that callers chose one record per transaction, for as long as
 * it may live; of those that we chose the hash, to know it when it is acknowledged.
 *
 * Records lie in blocks by their nonce, so that the block of a request is known before anything is
 * read. The blocks are a ring: a key never has more of them, and each keeps what is alive.
 */
import { z } from 'zod';

import { type Hex, isHexOf } from '../../../base/hex.ts';
import type { JsonObject } from '../../../base/json.ts';
import { deadFrom, LEAST_REMAINING } from './limits.ts';
import { type Stream, streamKey, type StreamOwner } from './stream.ts';

const hex = (length: number) =>
  z.custom<Hex>((value) => typeof value === 'string' && isHexOf(length, value));

const signedNonce = z.object({
  nonce: z.bigint(),
  /** Whether the exchange is told to jump to it. */
  skip: z.boolean(),
  /** Equal for transactions that differ in nothing but when they expire. */
  content: z.string(),
  /** What was signed. */
  hash: hex(40),
  /** When it was decided, and when it expires, epoch milliseconds. */
  at: z.bigint(),
  expiredAt: z.bigint(),
  /** Makes the same signature again. */
  entropy: hex(64),
  /** The stream's, at the time. */
  term: z.bigint(),
  /** Takes risk away, and so may join another transaction on its nonce. */
  isCancel: z.boolean(),
  /** Stands for earlier cancels as well, which may live on. */
  replacesCancel: z.boolean(),
  /** The exchange refused it, so that it will never count. */
  isRejected: z.boolean(),
});

const block = z.object({ records: z.array(signedNonce).readonly() });

export type SignedNonce = z.infer<typeof signedNonce>;
export type SignedNonces = readonly SignedNonce[];

const BLOCK_SIZE = 16n;
/** Nonces that follow the time in milliseconds come around after 17 minutes, longer than any lives. */
const BLOCKS = 65_536n;

/** The key of the document in which what was signed on `nonce` is kept. */
export function blockKey(owner: StreamOwner, nonce: bigint): string {
  const index = BigInt.asUintN(64, nonce / BLOCK_SIZE) % BLOCKS;
  return `${streamKey(owner)}/block/${String(index)}`;
}

export function readBlock(document: JsonObject | undefined): SignedNonces {
  return document === undefined ? [] : block.parse(document).records;
}

export function writeBlock(records: SignedNonces): JsonObject {
  return { records };
}

const givenNonce = z.object({ nonce: z.bigint(), hash: hex(40) });

/** The key of the document that remembers what was signed on a nonce of our own choice. */
export function givenKey(owner: StreamOwner, nonce: bigint): string {
  return `${streamKey(owner)}/given/${String(BigInt.asUintN(64, nonce) % BLOCKS)}`;
}

/** The hash, if the document still remembers this nonce: one that comes around replaces it. */
export function readGiven(document: JsonObject | undefined, nonce: bigint): Hex | undefined {
  if (document === undefined) return undefined;
  const given = givenNonce.parse(document);
  return given.nonce === nonce ? given.hash : undefined;
}

export function writeGiven(nonce: bigint, hash: Hex): JsonObject {
  return { nonce, hash };
}

/** Whether the exchange might yet include it. */
export function isLive(record: SignedNonce, stream: Stream, now: bigint): boolean {
  return !record.isRejected && record.term === stream.term && deadFrom(record.at) > now;
}

/** Whether enough of its life remains to give it out once more. */
export function isFresh({ expiredAt }: SignedNonce, now: bigint): boolean {
  return expiredAt - now >= LEAST_REMAINING;
}

/** Different cancels that are remembered of one nonce. */
const MOST_CANCELS = 8;

/**
 * The block with one more record, without the dead. Of more cancels on one nonce than are remembered
 * the last stands for the oldest, as it lives longer.
 */
export function withRecord(
  records: SignedNonces,
  added: Omit<SignedNonce, 'replacesCancel' | 'isRejected'>,
  stream: Stream,
): SignedNonces {
  const live = records.filter((record) => isLive(record, stream, added.at));
  const cancels = live.filter(({ nonce, isCancel }) => nonce === added.nonce && isCancel);
  const replaced = added.isCancel && cancels.length >= MOST_CANCELS ? cancels[0] : undefined;
  const kept = live.filter((record) => record !== replaced);
  return [...kept, { ...added, replacesCancel: replaced !== undefined, isRejected: false }];
}
