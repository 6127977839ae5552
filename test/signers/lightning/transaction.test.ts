import { describe, expect, test } from '@jest/globals';
import { Psbt, Transaction } from 'bitcoinjs-lib';
import fc from 'fast-check';

import { p2wsh } from '../../../signers/lightning/output-script.ts';
import { type ReadTransaction, readTransaction } from '../../../signers/lightning/transaction.ts';
import { concatBytes } from '../../../src/base/bytes.ts';
import { fromHex, type Hex, toHex } from '../../../src/base/hex.ts';
import { lightsparkVectors } from '../../support/lightspark-vectors.ts';
import { bolt3Transactions } from '../../support/transaction-vectors.ts';
import { hex } from '../../support/hex.ts';

function read(hex: Hex): ReadTransaction {
  const result = readTransaction(fromHex(hex));
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

function transactionOf(inputs: number, outputs: number, sat = 1000n): Transaction {
  const made = new Transaction();
  made.version = 2;
  for (let index = 0; index < inputs; index += 1) made.addInput(new Uint8Array(32).fill(1), index);
  for (let index = 0; index < outputs; index += 1) made.addOutput(Uint8Array.of(0x51), sat);
  return made;
}

describe('raw transactions', () => {
  test.each(lightsparkVectors.bip143)(
    '$kind is read field by field',
    ({ unsigned_transaction }) => {
      const { format, transaction } = read(unsigned_transaction);
      const oracle = Transaction.fromHex(unsigned_transaction);
      expect(format).toBe('raw');
      expect(transaction).toEqual({
        txid: oracle.getId(),
        version: oracle.version,
        lockTime: oracle.locktime,
        inputs: oracle.ins.map(({ hash, index, sequence }) => ({
          txid: toHex(hash.slice().reverse()),
          vout: index,
          sequence,
        })),
        outputs: oracle.outs.map(({ value, script }) => ({ sat: value, script: toHex(script) })),
      });
    },
  );

  test('a witness does not change what is read', () => {
    const { signed_commitment } = bolt3Transactions.zero_fee_commitments;
    const stripped = Transaction.fromHex(signed_commitment);
    stripped.stripWitnesses();
    expect(read(signed_commitment)).toEqual(read(hex(stripped.toHex())));
    expect(read(signed_commitment).transaction.version).toBe(3);
  });

  test('the segwit marker with nothing but empty witnesses is accepted', () => {
    for (const inputs of [1, 2, 5]) {
      const plain = transactionOf(inputs, 2).toBuffer();
      const marked = concatBytes(
        plain.slice(0, 4),
        Uint8Array.of(0, 1),
        plain.slice(4, -4),
        new Uint8Array(inputs),
        plain.slice(-4),
      );
      expect(read(toHex(marked))).toEqual(read(toHex(plain)));
    }
  });

  test('one that relays may have thousands of inputs; one that does not is refused', () => {
    expect(read(toHex(transactionOf(2400, 1).toBuffer())).transaction.inputs).toHaveLength(2400);
    expect(readTransaction(transactionOf(2500, 1).toBuffer()).ok).toBe(false);
  });

  test('one without inputs or outputs, or that spends an output twice, is refused', () => {
    const twice = transactionOf(1, 1);
    twice.addInput(new Uint8Array(32).fill(1), 0);
    for (const made of [transactionOf(1, 0), twice]) {
      expect(readTransaction(made.toBuffer()).ok).toBe(false);
    }
    expect(readTransaction(fromHex(hex('0200000000000000000000'))).ok).toBe(false);
  });

  test('outputs beyond all money, or negative, are refused', () => {
    expect(read(toHex(transactionOf(1, 1, 2_100_000_000_000_000n).toBuffer()))).toBeDefined();
    const tooMuch = transactionOf(1, 1, 2_100_000_000_000_001n).toBuffer();
    expect(readTransaction(tooMuch).ok).toBe(false);
    const negative = transactionOf(1, 1, 0n).toBuffer();
    negative.fill(0xff, negative.length - 14, negative.length - 6);
    expect(readTransaction(negative).ok).toBe(false);
  });

  test('trailing or missing bytes are refused', () => {
    const plain = transactionOf(1, 1).toBuffer();
    expect(readTransaction(concatBytes(plain, Uint8Array.of(0))).ok).toBe(false);
    for (let length = 0; length < plain.length; length += 1) {
      expect(readTransaction(plain.slice(0, length)).ok).toBe(false);
    }
  });

  test('random bytes never throw', () => {
    const head = fc.constantFrom('', '02000000', '0200000001', '70736274ff', '70736274ff0100');
    fc.assert(
      fc.property(head, fc.uint8Array({ maxLength: 300 }), (start, rest) => {
        expect(() => readTransaction(concatBytes(fromHex(hex(start)), rest))).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });
});

describe('PSBT', () => {
  const variants = lightsparkVectors.signing_jobs.flatMap(
    ({ kind, job, psbt_variant_transaction }) =>
      psbt_variant_transaction === undefined ? [] : [{ kind, job, psbt: psbt_variant_transaction }],
  );

  test.each(variants)('of $kind holds the transaction and what it spends', ({ job, psbt }) => {
    const { transaction } = read(job.transaction);
    const isKeyHash = job.script.startsWith('0014');
    expect(read(psbt)).toEqual({
      format: 'psbt',
      transaction,
      spent: [
        isKeyHash
          ? { sat: BigInt(job.amount), scriptPubKey: job.script }
          : {
              sat: BigInt(job.amount),
              scriptPubKey: p2wsh(job.script),
              witnessScript: job.script,
            },
      ],
    });
  });

  test.each(['LDK_spendable_output', 'spendable_output'])(
    'shows the add tweak that LDK leaves under `%s`',
    (prefix) => {
      const name = new TextEncoder().encode(prefix);
      const key = concatBytes(
        Uint8Array.of(0xfc, name.length),
        name,
        Uint8Array.of(0),
        new TextEncoder().encode('add_tweak'),
      );
      const value = new Uint8Array(32).fill(7);
      const psbt = new Psbt();
      psbt.addInput({ hash: '11'.repeat(32), index: 0, unknownKeyVals: [{ key, value }] });
      psbt.addOutput({ script: Uint8Array.of(0x51), value: 1000n });
      const found = read(toHex(psbt.toBuffer()));
      expect(found).toMatchObject({ spent: [{ addTweak: toHex(value) }] });
    },
  );

  test('may be larger than a transaction, but not without end', () => {
    const magic = fromHex(hex('70736274ff'));
    const messages = [100_001, 1_000_001].map((length) => {
      const result = readTransaction(concatBytes(magic, new Uint8Array(length - magic.length)));
      return result.ok ? undefined : result.error.message;
    });
    expect(messages).toEqual(['PSBT cannot be read as version 0', 'too large']);
    expect(readTransaction(new Uint8Array(100_001))).toMatchObject({
      error: { message: 'too large' },
    });
  });

  test('every shortening of one is refused, and none throws', () => {
    const psbt = fromHex(variants[0]?.psbt ?? hex(''));
    for (let length = 0; length < psbt.length; length += 1) {
      expect(readTransaction(psbt.slice(0, length)).ok).toBe(false);
    }
  });

  test('one with a changed byte is refused or read as something else, and never throws', () => {
    const psbt = fromHex(variants[0]?.psbt ?? hex(''));
    fc.assert(
      fc.property(fc.nat(psbt.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = psbt.slice();
        changed[at] = (changed[at] ?? 0) ^ change;
        const before = read(toHex(psbt));
        const after = readTransaction(changed);
        if (after.ok) expect(after.value).not.toEqual(before);
      }),
    );
  });
});
