/**
 * What leaves of the library's answers: a transaction that is, field by field, the one that was asked
 * for, with the hash of our own kernel and a signature that verifies under the key's own public key.
 */
import { base64 } from '@scure/base';

import {
  completeTransaction,
  formatTxInfo,
  type LighterKernel,
  type SignedTransaction,
  type SigningRequest,
} from '../../../signers/lighter/index.ts';
import { fromHex } from '../../base/hex.ts';
import { isJsonObject, type JsonObject, parseJson, stringifyJson } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';
import { isPlausible } from './expiry.ts';
import type { ForeignTransaction } from './koffi-library.ts';

export interface NativeTransaction extends SignedTransaction {
  /** `ExpiredAt`, in milliseconds since 1970: at most what the request has. */
  readonly expiredAt: bigint;
}

/** A call of the library, and the public key of the private key that it had. */
export interface Call {
  readonly request: SigningRequest;
  readonly publicKey: Uint8Array;
  /** Milliseconds since 1970. */
  readonly called: bigint;
  readonly returned: bigint;
}

const SIGNATURE_SIZE = 80;

/** The transaction, or how the library's answer differs from it. */
export function release(
  kernel: LighterKernel,
  { request, publicKey, called, returned }: Call,
  answer: ForeignTransaction,
): Result<NativeTransaction, Reason> {
  if (answer.err !== null) return refused(answer.err);
  const fields = fieldsOf(answer.txInfo);
  const expiredAt = fields['ExpiredAt'];
  if (
    typeof expiredAt !== 'bigint' ||
    !isPlausible(expiredAt, called, returned) ||
    expiredAt > request.transaction.ExpiredAt
  ) {
    return mismatch('ExpiredAt');
  }
  const signature = signatureOf(fields);
  if (signature === undefined) return mismatch('Sig');

  const dated = withFields(request, { ExpiredAt: expiredAt });
  // The library does not know the wallet's signature, and the hash does not cover it.
  const asAsked = completeTransaction(kernel, withFields(dated, { L1Sig: '' }), () => signature);
  if (asAsked.txInfo !== answer.txInfo) {
    return mismatch(firstDifference(fieldsOf(asAsked.txInfo), fields));
  }
  if (asAsked.txType !== answer.txType) return mismatch('txType');
  if (asAsked.txHash !== answer.txHash) return mismatch('txHash');
  if ((asAsked.messageToSign ?? null) !== answer.messageToSign) return mismatch('messageToSign');
  if (!kernel.verify(signature, fromHex(asAsked.txHash), publicKey)) return mismatch('Sig');
  return ok({ ...asAsked, txInfo: formatTxInfo(dated, signature), expiredAt });
}

/** The request with other values in those of its fields that it has. */
function withFields(
  request: SigningRequest,
  changes: { readonly ExpiredAt?: bigint; readonly L1Sig?: string },
): SigningRequest {
  const { transaction } = request;
  const known = Object.entries(changes).filter(([name]) => name in transaction);
  return {
    ...request,
    transaction: { ...transaction, ...Object.fromEntries(known) },
  };
}

function fieldsOf(txInfo: string | null): JsonObject {
  const parsed = parseJson(txInfo ?? '');
  return parsed.ok && isJsonObject(parsed.value) ? parsed.value : {};
}

function signatureOf({ Sig: text }: JsonObject): Uint8Array | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    const signature = base64.decode(text);
    return signature.length === SIGNATURE_SIZE ? signature : undefined;
  } catch {
    return undefined;
  }
}

function firstDifference(expected: JsonObject, actual: JsonObject): string {
  const names = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  const written = (value: JsonObject[string] | undefined): string | undefined =>
    value === undefined ? undefined : stringifyJson(value);
  return [...names].find((name) => written(expected[name]) !== written(actual[name])) ?? 'txInfo';
}

function refused(complaint: string): Result<never, Reason> {
  const message = `lighter's library refuses the transaction: \`${complaint}\``;
  return err({ code: 'lighter.native_refused', message });
}

function mismatch(what: string): Result<never, Reason> {
  const message =
    `lighter's library signed something else than it was asked to, \`${what}\` differs; ` +
    'nothing was released; check the library or set `LIGHTER_BACKEND=kernel`';
  return err({ code: 'lighter.native_mismatch', message });
}
