import { describe, expect, test } from '@jest/globals';

import {
  createLighterKernel,
  formatTxInfo,
  hashTransaction,
  type SignedTransaction,
  type SigningRequest,
  signTransaction,
  transactionProblem,
} from '../../../signers/lighter/index.ts';
import { transactionTypes } from '../../../signers/lighter/transaction-types.ts';
import { fromHex, toHex } from '../../../src/base/hex.ts';
import { isJsonObject, type JsonValue, parseJson, stringifyJson } from '../../../src/base/json.ts';
import { Secret } from '../../../src/base/secret.ts';
import { goodRequests, spoilt } from '../../support/good-lighter-requests.ts';
import {
  keyVector,
  requestOf,
  requestOfTxInfo,
  type TransactionVector,
  vectors,
} from '../../support/lighter-vectors.ts';

const kernel = createLighterKernel();
const entropy = new Uint8Array(64).fill(1);

function sign(request: SigningRequest, key = 0): SignedTransaction {
  const privateKey = new Secret(fromHex(keyVector(key).privateKey));
  const signed = signTransaction(kernel, request, privateKey, entropy);
  if (!signed.ok) throw new Error(signed.error.message);
  return signed.value;
}

function parse(text: string): Readonly<Record<string, JsonValue>> {
  const parsed = parseJson(text);
  if (!parsed.ok || !isJsonObject(parsed.value)) throw new Error('tx_info is an object');
  return parsed.value;
}

const titled = vectors.transactions.map((vector, index) => ({
  title: `${String(index)} ${vector.tx} ${vector.note ?? ''}`,
  ...vector,
}));
/** The reference signs a negative margin; we only hash it. */
const refused = (vector: TransactionVector): boolean =>
  (vector.note ?? '').includes('negative amount');

describe('every golden transaction', () => {
  test('is of a type in the table, and every type has one', () => {
    expect(new Set(vectors.transactions.map(({ tx }) => tx))).toEqual(
      new Set(Object.keys(transactionTypes)),
    );
    for (const { tx, txType } of vectors.transactions) {
      expect(transactionTypes[tx].txType).toBe(txType);
    }
  });

  test.each(titled)('$title has the official hash', (vector) => {
    expect(toHex(hashTransaction(kernel, requestOf(vector)))).toBe(vector.txHash);
  });

  test.each(titled)('$title has the official tx_info, byte for byte', (vector) => {
    expect(formatTxInfo(requestOf(vector), fromHex(vector.sig))).toBe(vector.txInfo);
    expect(requestOfTxInfo(vector.tx, vector.chainId, vector.txInfo)).toEqual(requestOf(vector));
  });

  test.each(titled.filter((vector) => !refused(vector)))(
    '$title is signed so that it verifies, with the official text for the wallet',
    (vector) => {
      const signed = sign(requestOf(vector), vector.key);
      expect(signed.txType).toBe(vector.txType);
      expect(signed.txHash).toBe(vector.txHash);
      expect(signed.messageToSign).toBe(vector.messageToSign);
      expect(signed.txInfo).toBe(formatTxInfo(requestOf(vector), signed.signature));
      const publicKey = fromHex(keyVector(vector.key).publicKey);
      expect(kernel.verify(signed.signature, fromHex(vector.txHash), publicKey)).toBe(true);
    },
  );

  test.each(titled.filter(refused))('$title is refused', (vector) => {
    expect(transactionProblem(requestOf(vector))?.code).toBe('lighter.range');
  });
});

describe('the transactions of an older client', () => {
  const outdated = vectors.legacyNpmWasm.filter(({ note }) => note.startsWith('legacy'));
  const current = vectors.legacyNpmWasm.filter((vector) => !outdated.includes(vector));

  test.each(current)('$tx $note have the same hash', ({ tx, chainId, txInfo, txHash }) => {
    const request = requestOfTxInfo(tx, chainId, txInfo);
    expect(toHex(hashTransaction(kernel, request))).toBe(txHash);
  });

  test('with asset and routes missing are of the types that have got them since', () => {
    expect(new Set(outdated.map(({ tx }) => tx))).toEqual(new Set(['Transfer', 'Withdraw']));
    for (const { txInfo } of outdated) expect(parse(txInfo)).not.toHaveProperty('AssetIndex');
  });
});

describe('tx_info', () => {
  test.each(Object.values(goodRequests))('of $name is compact JSON that reads back', (request) => {
    const { txInfo } = sign(request);
    expect(stringifyJson(parse(txInfo))).toBe(txInfo);
  });

  test('has its own order, not that of the object it was given', () => {
    const { transaction } = goodRequests.CancelOrder;
    const reversed = Object.fromEntries(Object.entries(transaction).reverse());
    // SAFETY: the same members in another order.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
    const request = { ...goodRequests.CancelOrder, transaction: reversed as typeof transaction };
    expect(sign(request).txInfo).toBe(sign(goodRequests.CancelOrder).txInfo);
    expect(sign(request).txHash).toBe(sign(goodRequests.CancelOrder).txHash);
  });

  test('writes integers beyond 2^53 digit by digit', () => {
    const Amount = 2n ** 60n - 1n;
    const { txInfo } = sign(spoilt('Withdraw', { Amount }));
    expect(txInfo).toContain('"Amount":1152921504606846975,');
    expect(parse(txInfo)['Amount']).toBe(Amount);
  });

  test('takes the wallet’s signature later, for the same hash and signature', () => {
    const request = goodRequests.Transfer;
    const signed = sign(request);
    const L1Sig = `0x${'ab'.repeat(65)}`;
    const countersigned = spoilt('Transfer', { L1Sig });
    expect(sign(countersigned).txHash).toBe(signed.txHash);
    expect(formatTxInfo(countersigned, signed.signature)).toBe(
      signed.txInfo.replace('"L1Sig":""', `"L1Sig":"${L1Sig}"`),
    );
  });
});
