/** Transactions: what is wrong with them, their hash, `tx_info`, and their signature. */
import { type Hex, toHex } from '../../src/base/hex.ts';
import { err, ok, type Result } from '../../src/base/result.ts';
import type { Secret } from '../../src/base/secret.ts';
import { attributeElements } from './attributes.ts';
import type { LighterKernel } from './lighter-kernel.ts';
import { limbsOf } from './limbs.ts';
import { problem, type TransactionProblem } from './transaction-problem.ts';
import type { TransactionType } from './transaction-type.ts';
import { transactionTypes } from './transaction-types.ts';

export type TransactionName = keyof typeof transactionTypes;

type TransactionOf<Type> = Type extends TransactionType<infer Transaction> ? Transaction : never;

/** The fields of every type, before it is signed. */
export type Transactions = {
  readonly [Name in TransactionName]: TransactionOf<(typeof transactionTypes)[Name]>;
};

/** A transaction and the chain on which it is to count. */
export interface SigningRequest<Name extends TransactionName = TransactionName> {
  readonly name: Name;
  /** Mainnet is 304, testnet 300. */
  readonly chainId: bigint;
  readonly transaction: Transactions[Name];
}

export interface SignedTransaction {
  readonly txType: number;
  /** What `sendTx` takes. */
  readonly txInfo: string;
  /** The signed message; it covers all but `Sig`, `L1Sig` and `Memo`. */
  readonly txHash: Hex;
  /** The text that the L1 wallet may have to sign. */
  readonly messageToSign?: string;
  /** The 80 bytes of `Sig`. */
  readonly signature: Uint8Array;
}

const types: {
  readonly [Name in TransactionName]: TransactionType<Transactions[Name]>;
} = transactionTypes;

const MAX_CHAIN_ID = 2n ** 32n - 1n;

/** What the exchange would refuse in a transaction, or we do, if anything. */
export function transactionProblem<Name extends TransactionName>({
  name,
  chainId,
  transaction,
}: SigningRequest<Name>): TransactionProblem | undefined {
  if (chainId < 1n || chainId > MAX_CHAIN_ID) {
    const complaint = `is \`${String(chainId)}\`; give 1 to ${String(MAX_CHAIN_ID)}`;
    return problem('lighter.chain-id', 'chainId', complaint);
  }
  return types[name].problem(transaction);
}

/**
 * The message that is signed, 40 bytes: h = H5(chain, type, nonce, expiry, fields), or where there are
 * attributes H5(h ‖ H5(attributes)). Nothing is checked here.
 */
export function hashTransaction<Name extends TransactionName>(
  kernel: LighterKernel,
  { name, chainId, transaction }: SigningRequest<Name>,
): Uint8Array {
  const type = types[name];
  const { Nonce, ExpiredAt, L2TxAttributes } = transaction;
  const hash = kernel.hash([
    chainId,
    BigInt(type.txType),
    Nonce,
    ExpiredAt,
    ...type.elements(transaction, kernel.hash),
  ]);
  const attributes = attributeElements(L2TxAttributes);
  if (attributes === undefined) return hash;
  return kernel.hash([...limbsOf(hash), ...limbsOf(kernel.hash(attributes))]);
}

/** `tx_info` of a signed transaction, byte for byte as Lighter's own client writes it. */
export function formatTxInfo<Name extends TransactionName>(
  { name, transaction }: SigningRequest<Name>,
  signature: Uint8Array,
): string {
  return types[name].txInfo(transaction, signature);
}

/** The text that the L1 wallet may have to sign, of the types that have one. */
export function messageToSign<Name extends TransactionName>({
  name,
  chainId,
  transaction,
}: SigningRequest<Name>): string | undefined {
  return types[name].l1Text?.(transaction, chainId);
}

/** The transaction with a signature that was made of its hash, here or elsewhere; nothing is checked. */
export function completeTransaction<Name extends TransactionName>(
  kernel: LighterKernel,
  request: SigningRequest<Name>,
  sign: (message: Uint8Array) => Uint8Array,
): SignedTransaction {
  const message = hashTransaction(kernel, request);
  const signature = sign(message);
  const text = messageToSign(request);
  return {
    txType: types[request.name].txType,
    txInfo: formatTxInfo(request, signature),
    txHash: toHex(message),
    ...(text === undefined ? {} : { messageToSign: text }),
    signature,
  };
}

/** Checks and signs; `entropy` are 64 fresh random bytes. */
export function signTransaction<Name extends TransactionName>(
  kernel: LighterKernel,
  request: SigningRequest<Name>,
  privateKey: Secret,
  entropy: Uint8Array,
): Result<SignedTransaction, TransactionProblem> {
  const found = transactionProblem(request);
  if (found !== undefined) return err(found);
  return ok(
    completeTransaction(kernel, request, (message) => kernel.sign(message, privateKey, entropy)),
  );
}
