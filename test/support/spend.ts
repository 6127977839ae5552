/**
 * Signing jobs for tests, built from what is spent and where it goes. Digests come from
 * bitcoinjs-lib and not from the code under test. Amounts are satoshi.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { Psbt, Transaction } from 'bitcoinjs-lib';

import type { KeyTweaks, LightningKeys } from '../../signers/lightning/index.ts';
import {
  hash160,
  joinHex,
  outputTypeOf,
  p2wpkh,
  p2wsh,
} from '../../signers/lightning/output-script.ts';
import { concatBytes, utf8 } from '../../src/base/bytes.ts';
import { fromHex, type Hex, toHex } from '../../src/base/hex.ts';
import type { JsonObject } from '../../src/base/json.ts';
import type { SigningJob } from '../../src/protocols/lightspark/events.ts';

export interface Output {
  readonly sat: bigint;
  readonly script: Hex;
}

/** An output that can be spent: where it is, what it is worth, and the script behind it. */
export interface Coin {
  readonly txid: Hex;
  readonly vout: number;
  readonly sat: bigint;
  /** Witness script, or P2WPKH program. */
  readonly script: Hex;
}

export interface SpendSpec {
  readonly path: string;
  readonly tweaks?: KeyTweaks;
  readonly coin: Coin;
  readonly outputs: readonly Output[];
  readonly sequence?: number;
  readonly lockTime?: number;
  readonly version?: number;
  readonly sighashType?: number;
  /** Further inputs, before and after the coin's own. */
  readonly inputsBefore?: readonly Coin[];
  readonly inputsAfter?: readonly Coin[];
  readonly destinationPath?: string;
  /** Sends the transaction as PSBT, as force-closure claims are. */
  readonly psbt?: boolean;
}

export interface Spend {
  readonly job: SigningJob;
  readonly transaction: Transaction;
  readonly txid: Hex;
  /** The coin that output `vout` becomes; `script` is its witness script where it has one. */
  readonly coin: (vout: number, script?: Hex) => Coin;
}

let jobsMade = 0;
let coinsMade = 0;

/** A payload id that no other call returns. */
export function freshJobId(): string {
  jobsMade += 1;
  return `SignablePayload:${String(jobsMade)}`;
}

/** A P2WPKH output of the node's key at `path`, at an outpoint that no other call returns. */
export function walletCoin(keys: LightningKeys, path: string, sat: bigint): Coin {
  coinsMade += 1;
  const txid = toHex(sha256(utf8(`coin ${String(coinsMade)}`)));
  return { txid, vout: coinsMade % 3, sat, script: p2wpkh(toHex(keys.publicKey(path))) };
}

/** The output script of somebody else. */
export function foreignScript(label: string): Hex {
  return joinHex('0014', hash160(utf8(label)));
}

/** A job that asks for the signature of one input. */
export function spend(spec: SpendSpec): Spend {
  const { inputsBefore = [] } = spec;
  const inputIndex = inputsBefore.length;
  const transaction = new Transaction();
  transaction.version = spec.version ?? 2;
  transaction.locktime = spec.lockTime ?? 0;
  for (const [index, { txid, vout }] of coinsOf(spec).entries()) {
    const sequence = index === inputIndex ? (spec.sequence ?? 0xfffffffd) : 0xfffffffd;
    transaction.addInput(fromHex(txid).reverse(), vout, sequence);
  }
  for (const { script, sat } of spec.outputs) transaction.addOutput(fromHex(script), sat);
  const txid = toHex(transaction.getHash(false).reverse());
  return {
    transaction,
    txid,
    coin(vout, script) {
      const output = transaction.outs[vout];
      if (output === undefined) throw new RangeError('no such output');
      return { txid, vout, sat: output.value, script: script ?? toHex(output.script) };
    },
    job: jobOf(spec, transaction, inputIndex),
  };
}

function jobOf(spec: SpendSpec, transaction: Transaction, inputIndex: number): SigningJob {
  const { path, tweaks, coin, sighashType = 0x01, destinationPath, psbt = false } = spec;
  return {
    id: freshJobId(),
    derivationPath: path,
    message: digestOf(transaction, inputIndex, coin, sighashType),
    isRaw: true,
    ...(tweaks?.add && { addTweak: toHex(tweaks.add) }),
    ...(tweaks?.mul && { mulTweak: toHex(tweaks.mul) }),
    script: coin.script,
    transaction: psbt ? psbtOf(spec, transaction) : toHex(transaction.toBuffer()),
    amount: coin.sat,
    ...(destinationPath !== undefined && { destinationPath }),
  };
}

/** The job without some of its optional fields. */
export function jobWithout(
  job: SigningJob,
  ...names: readonly Exclude<keyof SigningJob, 'id' | 'derivationPath' | 'message' | 'isRaw'>[]
): SigningJob {
  const rest = { ...job };
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- only optional fields can be named
  for (const name of names) delete rest[name];
  return rest;
}

/** The JSON of a job as Lightspark sends it. */
export function wireJob(job: SigningJob): JsonObject {
  return {
    id: job.id,
    derivation_path: job.derivationPath,
    message: job.message,
    add_tweak: job.addTweak ?? null,
    mul_tweak: job.mulTweak ?? null,
    is_raw: job.isRaw,
    script: job.script ?? null,
    transaction: job.transaction ?? null,
    amount: job.amount ?? null,
    ...(job.destinationPath !== undefined && { destination_derivation_path: job.destinationPath }),
  };
}

function coinsOf({ coin, inputsBefore = [], inputsAfter = [] }: SpendSpec): readonly Coin[] {
  return [...inputsBefore, coin, ...inputsAfter];
}

function digestOf(transaction: Transaction, index: number, coin: Coin, type: number): Hex {
  const isKeyHash = outputTypeOf(coin.script) === 'p2wpkh';
  const scriptCode = isKeyHash ? joinHex('76a914', coin.script.slice(4), '88ac') : coin.script;
  return toHex(transaction.hashForWitnessV0(index, fromHex(scriptCode), coin.sat, type));
}

/** As LDK makes it for spendable outputs: spent output, witness script, and the tweak beside them. */
function psbtOf(spec: SpendSpec, transaction: Transaction): Hex {
  const add = spec.tweaks?.add;
  const psbt = new Psbt();
  psbt.setVersion(transaction.version);
  psbt.setLocktime(transaction.locktime);
  for (const [index, coin] of coinsOf(spec).entries()) {
    const isKeyHash = outputTypeOf(coin.script) === 'p2wpkh';
    psbt.addInput({
      hash: fromHex(coin.txid).reverse(),
      index: coin.vout,
      sequence: transaction.ins[index]?.sequence ?? 0,
      witnessUtxo: {
        script: fromHex(isKeyHash ? coin.script : p2wsh(coin.script)),
        value: coin.sat,
      },
      ...(!isKeyHash && { witnessScript: fromHex(coin.script) }),
      ...(add && coin === spec.coin && { unknownKeyVals: [{ key: ldkAddTweak, value: add }] }),
    });
  }
  psbt.addOutputs(transaction.outs.map(({ script, value }) => ({ script, value })));
  return toHex(psbt.toBuffer());
}

const ldkPrefix = utf8('LDK_spendable_output');
const ldkAddTweak = concatBytes(
  Uint8Array.of(0xfc, ldkPrefix.length),
  ldkPrefix,
  Uint8Array.of(0),
  utf8('add_tweak'),
);
