/**
 * The digest that a signature of a version-0 witness input commits to (BIP143).
 *
 * Double SHA-256 of
 * | bytes | field |
 * |---|---|
 * | 4 | transaction version |
 * | 32 | double SHA-256 of all outpoints; zero with ANYONECANPAY |
 * | 32 | double SHA-256 of all sequences; zero with ANYONECANPAY, SINGLE or NONE |
 * | 36 | outpoint of the input |
 * | var | script code, with its length |
 * | 8 | value of the spent output |
 * | 4 | sequence of the input |
 * | 32 | double SHA-256 of all outputs (ALL), of the output at the same index (SINGLE), or zero |
 * | 4 | locktime |
 * | 4 | sighash type |
 *
 * The parts that all inputs share are hashed once per transaction, so that trying every input of a
 * large transaction stays linear.
 */
import { concatBytes } from '../../src/base/bytes.ts';
import { fromHex, type Hex } from '../../src/base/hex.ts';
import { hash256 } from './hash.ts';
import { joinHex, outputTypeOf } from './output-script.ts';
import type { TransactionInput, TransactionOutput, UnsignedTransaction } from './transaction.ts';

export const SIGHASH_ALL = 0x01;
export const SIGHASH_NONE = 0x02;
export const SIGHASH_SINGLE = 0x03;
export const SIGHASH_ANYONECANPAY = 0x80;
/** What a commitment's counterparty signs HTLC transactions with under anchors (BOLT 3). */
export const SIGHASH_SINGLE_ANYONECANPAY = SIGHASH_SINGLE | SIGHASH_ANYONECANPAY;

/** What the digest says of the spent output. */
export interface SpentOutput {
  readonly scriptCode: Hex;
  readonly sat: bigint;
}

/** Digest (32 bytes) of one input under one sighash type. */
export type Sighash = (inputIndex: number, spent: SpentOutput, sighashType: number) => Uint8Array;

/** Bytes around the script code and its length. */
const BEFORE_SCRIPT = 4 + 32 + 32 + 36;
const AFTER_SCRIPT = 8 + 4 + 32 + 4 + 4;

/** The script code of a witness script: itself, or P2PKH for a P2WPKH program (BIP143). */
export function scriptCodeOf(script: Hex): Hex {
  return outputTypeOf(script) === 'p2wpkh' ? joinHex('76a914', script.slice(4), '88ac') : script;
}

/** Digests of one transaction; throws where an input index does not exist. */
export function createSighash(transaction: UnsignedTransaction): Sighash {
  const { version, lockTime, inputs, outputs } = transaction;
  const allOutpoints = once(() => hash256(concatBytes(...inputs.map(outpoint))));
  const allSequences = once(() => hash256(concatBytes(...inputs.map((i) => uint32(i.sequence)))));
  const allOutputs = once(() => hash256(concatBytes(...outputs.flatMap(fieldsOf))));

  return (inputIndex, spent, sighashType) => {
    const input = inputs[inputIndex];
    if (input === undefined) throw new RangeError('sighash of an input that does not exist');
    const anyoneCanPay = (sighashType & SIGHASH_ANYONECANPAY) !== 0;
    const base = sighashType & 0x1f;
    const allFollow = base !== SIGHASH_SINGLE && base !== SIGHASH_NONE;
    const paired = base === SIGHASH_SINGLE ? outputs[inputIndex] : undefined;

    // What is not committed to stays zero.
    const script = concatBytes(...withLength(spent.scriptCode));
    const after = BEFORE_SCRIPT + script.length;
    const preimage = new Uint8Array(after + AFTER_SCRIPT);
    const fields = new DataView(preimage.buffer);
    fields.setUint32(0, version, true);
    if (!anyoneCanPay) preimage.set(allOutpoints(), 4);
    if (!anyoneCanPay && allFollow) preimage.set(allSequences(), 36);
    preimage.set(outpoint(input), 68);
    preimage.set(script, BEFORE_SCRIPT);
    fields.setBigUint64(after, spent.sat, true);
    fields.setUint32(after + 8, input.sequence, true);
    if (allFollow) preimage.set(allOutputs(), after + 12);
    else if (paired !== undefined)
      preimage.set(hash256(concatBytes(...fieldsOf(paired))), after + 12);
    fields.setUint32(after + 44, lockTime, true);
    fields.setUint32(after + 48, sighashType, true);
    return hash256(preimage);
  };
}

function outpoint({ txid, vout }: TransactionInput): Uint8Array {
  const bytes = new Uint8Array(36);
  bytes.set(fromHex(txid).reverse());
  bytes.set(uint32(vout), 32);
  return bytes;
}

function fieldsOf({ sat, script }: TransactionOutput): readonly Uint8Array[] {
  return [uint64(sat), ...withLength(script)];
}

function withLength(script: Hex): readonly Uint8Array[] {
  const bytes = fromHex(script);
  return [compactSize(bytes.length), bytes];
}

function compactSize(length: number): Uint8Array {
  if (length < 0xfd) return Uint8Array.of(length);
  if (length <= 0xffff) return Uint8Array.of(0xfd, length, length >>> 8);
  return concatBytes(Uint8Array.of(0xfe), uint32(length));
}

function uint32(value: number): Uint8Array {
  return Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24);
}

function uint64(value: bigint): Uint8Array {
  return concatBytes(uint32(Number(value & 0xffffffffn)), uint32(Number(value >> 32n)));
}

function once<T>(compute: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => (known ??= { value: compute() }).value;
}
