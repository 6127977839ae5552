/**
 * Transactions to be signed, read from what a remote-signing job carries: a raw transaction, with or
 * without the segregated-witness marker (BIP144), or a PSBT version 0 (BIP174), told apart by the
 * PSBT's magic bytes.
 */
import { Psbt, Transaction } from 'bitcoinjs-lib';

import { concatBytes, equalBytes, utf8 } from '../../src/base/bytes.ts';
import { type Hex, toHex } from '../../src/base/hex.ts';
import { err, ok, type Result } from '../../src/base/result.ts';
import { hash256 } from './hash.ts';

export interface TransactionInput {
  readonly txid: Hex;
  readonly vout: number;
  readonly sequence: number;
}

export interface TransactionOutput {
  readonly sat: bigint;
  readonly script: Hex;
}

export interface UnsignedTransaction {
  readonly txid: Hex;
  readonly version: number;
  readonly lockTime: number;
  readonly inputs: readonly TransactionInput[];
  readonly outputs: readonly TransactionOutput[];
}

/** What a PSBT says of the output an input spends. Nothing here is proven until a digest matches. */
export interface PsbtInput {
  readonly sat?: bigint;
  readonly scriptPubKey?: Hex;
  readonly witnessScript?: Hex;
  /** The tweak LDK attaches to its spendable outputs as a proprietary entry. */
  readonly addTweak?: Hex;
}

export type ReadTransaction =
  | { readonly format: 'raw'; readonly transaction: UnsignedTransaction }
  | {
      readonly format: 'psbt';
      readonly transaction: UnsignedTransaction;
      /** One entry per input, in order. */
      readonly spent: readonly PsbtInput[];
    };

export interface TransactionError {
  readonly code: 'transaction';
  readonly message: string;
}

/** Heaviest transaction that nodes relay is 400,000 weight units: 100,000 bytes without witness. */
const MAX_TRANSACTION_BYTES = 100_000;
/** A PSBT adds the spent output and its script to every input. */
const MAX_PSBT_BYTES = 10 * MAX_TRANSACTION_BYTES;
/** Of 41 bytes each, more inputs do not fit into a transaction that is relayed. */
const MAX_INPUTS = Math.floor(MAX_TRANSACTION_BYTES / 41);
/** Of 9 bytes each, more outputs do not fit. */
const MAX_OUTPUTS = Math.floor(MAX_TRANSACTION_BYTES / 9);
const MAX_SAT = 2_100_000_000_000_000n;

const PSBT_MAGIC = Uint8Array.of(0x70, 0x73, 0x62, 0x74, 0xff);
const ADD_TWEAK_KEYS = ['LDK_spendable_output', 'spendable_output'].map((prefix) =>
  concatBytes(
    Uint8Array.of(0xfc, prefix.length),
    utf8(prefix),
    Uint8Array.of(0x00),
    utf8('add_tweak'),
  ),
);

/** Reads any of the three forms. Never throws on bad input; errors never quote it. */
export function readTransaction(bytes: Uint8Array): Result<ReadTransaction, TransactionError> {
  const isPsbt = equalBytes(bytes.slice(0, PSBT_MAGIC.length), PSBT_MAGIC);
  if (bytes.length > (isPsbt ? MAX_PSBT_BYTES : MAX_TRANSACTION_BYTES)) return refuse('too large');
  return isPsbt ? readPsbt(bytes) : readRaw(bytes);
}

function readRaw(bytes: Uint8Array): Result<ReadTransaction, TransactionError> {
  const transaction = readUnsigned(bytes);
  return transaction.ok ? ok({ format: 'raw', transaction: transaction.value }) : transaction;
}

function readPsbt(bytes: Uint8Array): Result<ReadTransaction, TransactionError> {
  const psbt = attempt(() => Psbt.fromBuffer(bytes));
  if (psbt === undefined) return refuse('PSBT cannot be read as version 0');
  const transaction = readUnsigned(psbt.data.globalMap.unsignedTx.toBuffer());
  if (!transaction.ok) return transaction;
  const spent = psbt.data.inputs.map(
    ({ witnessUtxo, witnessScript, unknownKeyVals }): PsbtInput => {
      const tweak = unknownKeyVals?.find(({ key }) =>
        ADD_TWEAK_KEYS.some((k) => equalBytes(k, key)),
      );
      return {
        ...(witnessUtxo && { sat: witnessUtxo.value, scriptPubKey: toHex(witnessUtxo.script) }),
        ...(witnessScript && { witnessScript: toHex(witnessScript) }),
        ...(tweak && { addTweak: toHex(tweak.value) }),
      };
    },
  );
  return ok({ format: 'psbt', transaction: transaction.value, spent });
}

function readUnsigned(bytes: Uint8Array): Result<UnsignedTransaction, TransactionError> {
  const parsed =
    attempt(() => Transaction.fromBuffer(bytes)) ??
    attempt(() => Transaction.fromBuffer(withoutEmptyWitness(bytes)));
  if (parsed === undefined) return refuse('neither a raw transaction nor a PSBT version 0');
  const { ins, outs } = parsed;
  if (ins.length === 0 || outs.length === 0) return refuse('no inputs or no outputs');
  if (ins.length > MAX_INPUTS || outs.length > MAX_OUTPUTS) {
    return refuse('too many inputs or outputs');
  }
  if (outs.some(({ value }) => value < 0n || value > MAX_SAT)) return refuse('output out of range');
  const inputs = ins.map(({ hash, index, sequence }) => ({
    txid: toHex(hash.slice().reverse()),
    vout: index,
    sequence,
  }));
  const outpoints = new Set(inputs.map(({ txid, vout }) => `${txid}:${String(vout)}`));
  if (outpoints.size !== inputs.length) return refuse('the same output is spent twice');
  return ok({
    txid: txidOf(parsed, bytes),
    version: parsed.version,
    lockTime: parsed.locktime,
    inputs,
    outputs: outs.map(({ value, script }) => ({ sat: value, script: toHex(script) })),
  });
}

/** The bytes themselves are hashed where they hold no witness; serialising them again is slow. */
function txidOf(parsed: Transaction, bytes: Uint8Array): Hex {
  const isPlain = parsed.byteLength(false) === bytes.length;
  return toHex((isPlain ? hash256(bytes) : parsed.getHash(false)).slice().reverse());
}

/**
 * Some encoders write the marker and an empty witness for every input of an unsigned transaction;
 * the library refuses that as superfluous. Without marker and witness it is the same transaction.
 */
function withoutEmptyWitness(bytes: Uint8Array): Uint8Array {
  const [marker, flag, inputCount = 0] = bytes.slice(4, 7);
  const witnessStart = bytes.length - 4 - inputCount;
  const isEmptyWitness =
    marker === 0 &&
    flag === 1 &&
    inputCount < 0xfd &&
    witnessStart > 6 &&
    bytes.slice(witnessStart, -4).every((byte) => byte === 0);
  return isEmptyWitness
    ? concatBytes(bytes.slice(0, 4), bytes.slice(6, witnessStart), bytes.slice(-4))
    : bytes;
}

/** The library throws on bytes it cannot read; for us that is an expected answer. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function refuse(message: string): Result<never, TransactionError> {
  return err({ code: 'transaction', message });
}
