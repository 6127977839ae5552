/**
 * sign — the part, the stored inputs and the keys give the answer.
 *
 * Signing lies behind `LighterSigner`, so that Lighter's own library can stand in for our kernel.
 * Whoever signs, the hash is our own.
 */
import { fromHex, type Hex, toHex } from '../../base/hex.ts';
import type { Result } from '../../base/result.ts';
import type { Secret } from '../../base/secret.ts';
import { CannotSign, type Reason } from '../../core/outcome.ts';
import {
  createAuthToken,
  formatTxInfo,
  hashTransaction,
  type LighterKernel,
  type SignedTransaction,
  type SigningRequest,
  signTransaction,
} from '../../../signers/lighter/index.ts';
import type { SignerTraits } from './guard/judge-transaction.ts';
import type { SignerInputs, TransactionInputs } from './inputs.ts';
import type { AuthTokenPart, LighterPart, TransactionPart } from './request.ts';
import { filledTransaction } from './transaction.ts';

export interface LighterSigner extends SignerTraits {
  /**
   * `entropy` are 64 bytes; a signer that draws its own does not heed it. One that dates transactions
   * by itself keeps to the request's `ExpiredAt` as the latest, and says which it took.
   */
  readonly sign: (
    request: SigningRequest,
    privateKey: Secret,
    entropy: Uint8Array,
  ) => Promise<Result<SignedTransaction & { readonly expiredAt?: bigint }, Reason>>;
}

/** Our own kernel. Transactions live as long as those of Lighter's own client. */
export function createKernelSigner(kernel: LighterKernel): LighterSigner {
  return Object.freeze({
    lifetime: 599_000n,
    repeatable: true,
    sign: (request: SigningRequest, privateKey: Secret, entropy: Uint8Array) =>
      Promise.resolve(signTransaction(kernel, request, privateKey, entropy)),
  });
}

export interface SignDeps {
  readonly kernel: LighterKernel;
  readonly signer: LighterSigner;
  /** An API key, by its id in the key ring. */
  readonly secret: (keyId: string) => Secret | undefined;
  /** The EIP-191 signature of a text by an L1 wallet, 65 bytes; the same each time. */
  readonly countersign: (walletKeyId: string, text: string) => Promise<Hex>;
}

/** A signed transaction, in the words of the REST reply. */
export type TransactionAnswer = Readonly<{
  tx_type: bigint;
  /** What the exchange's `sendTx` takes. */
  tx_info: string;
  tx_hash: Hex;
  /** The text for the L1 wallet, of the types that have one. */
  message_to_sign?: string;
  nonce: bigint;
  /** Epoch milliseconds. */
  expired_at: bigint;
  /** The 80 bytes of `Sig`. */
  signature: Hex;
}>;

export type TokenAnswer = Readonly<{
  auth_token: string;
  /** Seconds since 1970. */
  deadline: bigint;
}>;

export type LighterAnswer = TransactionAnswer | TokenAnswer;

export async function sign(
  part: LighterPart,
  inputs: SignerInputs,
  deps: SignDeps,
): Promise<LighterAnswer> {
  const privateKey = deps.secret(part.client.keyId);
  if (privateKey === undefined) {
    throw new Error(`Signer not initialized: no key \`${part.client.keyId}\` in the key ring`);
  }
  if (part.kind === 'transaction' && inputs.kind === 'transaction') {
    return signPart(part, inputs, { ...deps, privateKey });
  }
  if (part.kind === 'auth-token' && inputs.kind === 'auth-token') {
    return signToken(part, inputs, { ...deps, privateKey });
  }
  throw new Error('stored inputs are not those of this part');
}

type KeyedDeps = SignDeps & { readonly privateKey: Secret };

async function signPart(
  part: TransactionPart,
  inputs: TransactionInputs,
  { kernel, signer, privateKey, countersign }: KeyedDeps,
): Promise<TransactionAnswer> {
  const decided = filledTransaction(part, inputs);
  const made = await signer.sign(decided, privateKey, fromHex(inputs.entropy));
  if (!made.ok) throw new CannotSign(made.error);
  const { txType, txHash, messageToSign, signature, expiredAt = inputs.expiredAt } = made.value;
  const request = filledTransaction(part, { ...inputs, expiredAt });
  const hash =
    expiredAt === inputs.expiredAt ? inputs.hash : toHex(hashTransaction(kernel, request));
  if (txHash !== hash || expiredAt > inputs.expiredAt) {
    throw new Error('the signer signed another transaction than was decided; nothing leaves');
  }
  const isForWallet = part.wallet !== undefined && messageToSign !== undefined;
  const l1Sig = isForWallet ? await countersign(part.wallet, messageToSign) : undefined;
  return {
    tx_type: BigInt(txType),
    tx_info:
      l1Sig === undefined ? made.value.txInfo : formatTxInfo(withL1Sig(request, l1Sig), signature),
    tx_hash: txHash,
    ...(messageToSign === undefined ? {} : { message_to_sign: messageToSign }),
    nonce: inputs.nonce,
    expired_at: expiredAt,
    signature: toHex(signature),
  };
}

/** The hash does not cover it. */
function withL1Sig(request: SigningRequest, l1Sig: Hex): SigningRequest {
  return { ...request, transaction: { ...request.transaction, L1Sig: `0x${l1Sig}` } };
}

/** Tokens are signed by our own kernel alone: they have no nonce, and no library is needed for them. */
function signToken(
  { client }: AuthTokenPart,
  { deadline, entropy }: Extract<SignerInputs, { kind: 'auth-token' }>,
  { kernel, privateKey }: KeyedDeps,
): TokenAnswer {
  const claims = { deadline, accountIndex: client.account, apiKeyIndex: client.apiKey };
  const token = createAuthToken(kernel, claims, privateKey, fromHex(entropy));
  if (!token.ok) throw new Error(token.error.message);
  return { auth_token: token.value, deadline };
}
