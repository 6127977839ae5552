/**
 * Rebuilds the digest a job asks for: every input, every script and value the job or its PSBT names,
 * every sighash type. What matches the message is proven, whoever named it.
 */
import { type Hex, toHex } from '../../../base/hex.ts';
import { outputTypeOf } from '../../../../signers/lightning/output-script.ts';
import {
  createSighash,
  scriptCodeOf,
  SIGHASH_ALL,
  SIGHASH_ANYONECANPAY,
  SIGHASH_NONE,
  SIGHASH_SINGLE,
  SIGHASH_SINGLE_ANYONECANPAY,
} from '../../../../signers/lightning/sighash.ts';
import type { ReadTransaction } from '../../../../signers/lightning/transaction.ts';

/** What a job may mean by the output it spends. */
export interface SpentCandidate {
  readonly inputIndex: number;
  /** Witness script, or P2WPKH program. */
  readonly script: Hex;
  readonly sat: bigint;
}

export interface Match extends SpentCandidate {
  readonly sighashType: number;
  readonly digest: Hex;
}

/** Ordinary ones first; what follows is tried only to say that it was asked for. */
const SIGHASH_TYPES = [
  SIGHASH_ALL,
  SIGHASH_SINGLE_ANYONECANPAY,
  SIGHASH_NONE,
  SIGHASH_SINGLE,
  SIGHASH_ALL | SIGHASH_ANYONECANPAY,
  SIGHASH_NONE | SIGHASH_ANYONECANPAY,
];

export interface NamedOutput {
  readonly script?: Hex;
  readonly amount?: bigint;
}

/**
 * All readings of the spent output. The official validator takes input 0 and, for a PSBT, nothing
 * but its witness script; that loses every further input, and P2WPKH outputs without such a script.
 */
export function candidatesOf(read: ReadTransaction, named: NamedOutput): readonly SpentCandidate[] {
  return read.transaction.inputs.flatMap((_, inputIndex) => {
    const spent = read.format === 'psbt' ? read.spent[inputIndex] : undefined;
    const program = spent?.scriptPubKey;
    const isKeyHash = program !== undefined && outputTypeOf(program) === 'p2wpkh';
    const scripts = distinct([spent?.witnessScript, isKeyHash ? program : undefined, named.script]);
    const values = distinct([spent?.sat, named.amount]);
    return scripts.flatMap((script) => values.map((sat) => ({ inputIndex, script, sat })));
  });
}

/** Whether a digest that matches no reading is wrong for sure: no input was left without a reading. */
export function saysAllInputs(read: ReadTransaction): boolean {
  if (read.format === 'raw') return true;
  return read.spent.every(({ sat, witnessScript, scriptPubKey }) => {
    const isKeyHash = scriptPubKey !== undefined && outputTypeOf(scriptPubKey) === 'p2wpkh';
    return sat !== undefined && (witnessScript !== undefined || isKeyHash);
  });
}

/**
 * The one reading whose digest is among those wanted. No two can be: outpoints in a transaction are
 * distinct, and the digest commits to outpoint, script, value and type. The likeliest type is tried
 * first.
 */
export function findMatch(
  read: ReadTransaction,
  candidates: readonly SpentCandidate[],
  wanted: readonly Hex[],
  likeliest: number,
): Match | undefined {
  const sighash = createSighash(read.transaction);
  for (const sighashType of new Set([likeliest, ...SIGHASH_TYPES])) {
    for (const candidate of candidates) {
      const { inputIndex, script, sat } = candidate;
      const scriptCode = scriptCodeOf(script);
      const digest = toHex(sighash(inputIndex, { scriptCode, sat }, sighashType));
      if (wanted.includes(digest)) return { ...candidate, sighashType, digest };
    }
  }
  return undefined;
}

function distinct<T>(values: readonly (T | undefined)[]): readonly T[] {
  return values.filter(
    (value, place): value is T => value !== undefined && values.indexOf(value) === place,
  );
}
