import { describe, expect, test } from '@jest/globals';
import { script as bitcoinScript, Transaction } from 'bitcoinjs-lib';
import fc from 'fast-check';

import { nobleCurve } from '../../../signers/lightning/index.ts';
import { p2wsh } from '../../../signers/lightning/output-script.ts';
import { parseChannelScript } from '../../../signers/lightning/script.ts';
import { createSighash, scriptCodeOf } from '../../../signers/lightning/sighash.ts';
import { readTransaction } from '../../../signers/lightning/transaction.ts';
import { fromHex, type Hex, toHex } from '../../../src/base/hex.ts';
import { lightsparkVectors } from '../../support/lightspark-vectors.ts';
import { bip143Examples, bolt3Transactions } from '../../support/transaction-vectors.ts';
import { hex } from '../../support/hex.ts';

interface Spent {
  readonly script: Hex;
  readonly sat: bigint;
}

function digest(transaction: Hex, inputIndex: number, spent: Spent, sighashType: number): Hex {
  const read = readTransaction(fromHex(transaction));
  if (!read.ok) throw new Error(read.error.message);
  const { script, sat } = spent;
  const sighash = createSighash(read.value.transaction);
  return toHex(sighash(inputIndex, { scriptCode: scriptCodeOf(script), sat }, sighashType));
}

describe('BIP143 digests', () => {
  test.each(bip143Examples)(
    '$name',
    ({ transaction, input_index, script, amount_sat, sighashes }) => {
      const spent = { script, sat: BigInt(amount_sat) };
      for (const [type, expected] of Object.entries(sighashes)) {
        expect(digest(transaction, input_index, spent, Number(type))).toBe(expected);
      }
    },
  );

  test.each(lightsparkVectors.bip143)('official $kind at $derivation_path', (given) => {
    const { unsigned_transaction, input_index, script, amount_sat, sighash_type } = given;
    const spent = { script, sat: BigInt(amount_sat) };
    expect(digest(unsigned_transaction, input_index, spent, sighash_type)).toBe(given.sighash);
    if (given.script_code !== undefined) expect(scriptCodeOf(script)).toBe(given.script_code);
  });

  test('agree with bitcoinjs-lib for random transactions, inputs and types', () => {
    const script = fc.uint8Array({ maxLength: 300 });
    const outputs = fc.array(
      fc.tuple(script, fc.bigInt({ min: 0n, max: 2_100_000_000_000_000n })),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    const uint32 = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(
        fc.record({
          version: uint32,
          lockTime: uint32,
          inputs: fc.array(fc.tuple(fc.uint8Array({ minLength: 32, maxLength: 32 }), uint32), {
            minLength: 1,
            maxLength: 4,
          }),
          outputs,
          scriptCode: script,
          sat: fc.bigInt({ min: 0n, max: 2_100_000_000_000_000n }),
          type: fc.constantFrom(0x01, 0x02, 0x03, 0x81, 0x82, 0x83),
        }),
        ({ version, lockTime, inputs, outputs: paid, scriptCode, sat, type }) => {
          const oracle = new Transaction();
          oracle.version = version;
          oracle.locktime = lockTime;
          for (const [index, [txid, sequence]] of inputs.entries()) {
            oracle.addInput(txid, index, sequence);
          }
          for (const [paidTo, value] of paid) oracle.addOutput(paidTo, value);
          const sighash = createSighash({
            txid: toHex(new Uint8Array(32)),
            version,
            lockTime,
            inputs: inputs.map(([txid, sequence], vout) => ({
              txid: toHex(txid.slice().reverse()),
              vout,
              sequence,
            })),
            outputs: paid.map(([paidTo, value]) => ({ sat: value, script: toHex(paidTo) })),
          });
          for (const index of inputs.keys()) {
            const spent = { scriptCode: toHex(scriptCode), sat };
            expect(toHex(sighash(index, spent, type))).toBe(
              toHex(oracle.hashForWitnessV0(index, scriptCode, sat, type)),
            );
          }
        },
      ),
    );
  });

  test('an input that does not exist is a bug of the caller', () => {
    const sighash = createSighash({
      txid: toHex(new Uint8Array(32)),
      version: 2,
      lockTime: 0,
      inputs: [],
      outputs: [],
    });
    expect(() => sighash(0, { scriptCode: hex(''), sat: 0n }, 1)).toThrow(RangeError);
  });
});

describe('signatures published with BOLT 3 (zero-fee commitments, version 3)', () => {
  const { funding_sat, signed_commitment, htlc_transactions } =
    bolt3Transactions.zero_fee_commitments;

  test('both funding keys signed the commitment', () => {
    const [, first, second, script] = witnessOf(signed_commitment);
    const parts = parseChannelScript(script ?? hex(''));
    if (parts?.kind !== 'funding') throw new Error('not a funding script');
    const spent = { script: script ?? hex(''), sat: BigInt(funding_sat) };
    for (const [index, signature] of [first, second].entries()) {
      expect(isSignedBy(parts.keys[index] ?? hex(''), signature, signed_commitment, spent)).toBe(
        0x01,
      );
    }
  });

  test.each(htlc_transactions)('the other side signed $kind as SINGLE|ANYONECANPAY', (given) => {
    const { kind, sat, output_script, signed_transaction } = given;
    const [, remote, local, , script = hex('')] = witnessOf(signed_transaction);
    const parts = parseChannelScript(script);
    if (parts?.kind !== kind) throw new Error('not the expected HTLC script');
    expect(parts.delayed).toBe(false);
    expect(p2wsh(script)).toBe(output_script);
    const spent = { script, sat: BigInt(sat) };
    expect(isSignedBy(parts.remoteHtlcKey, remote, signed_transaction, spent)).toBe(0x83);
    expect(isSignedBy(parts.localHtlcKey, local, signed_transaction, spent)).toBe(0x01);
  });
});

function witnessOf(signed: Hex): readonly Hex[] {
  return (Transaction.fromHex(signed).ins[0]?.witness ?? []).map(toHex);
}

/** The sighash type under which `key` signed input 0; `undefined` if it did not. */
function isSignedBy(key: Hex, der: Hex | undefined, signed: Hex, spent: Spent): number | undefined {
  const { signature, hashType } = bitcoinScript.signature.decode(fromHex(der ?? hex('')));
  const message = fromHex(digest(signed, 0, spent, hashType));
  return nobleCurve.verify(signature, message, fromHex(key)) ? hashType : undefined;
}
