/** The Lighter signer's door. */
export type { AttributeName, Attributes } from './attributes.ts';
export { type AuthTokenClaims, createAuthToken } from './auth-token.ts';
export { createLighterKernel } from './create-kernel.ts';
export { ENTROPY_SIZE, type LighterKernel } from './lighter-kernel.ts';
export type { Order } from './order.ts';
export {
  importPrivateKey,
  parsePrivateKey,
  privateKeyFromSeed,
  type PrivateKeyProblem,
} from './private-key.ts';
export {
  completeTransaction,
  formatTxInfo,
  hashTransaction,
  messageToSign,
  type SignedTransaction,
  type SigningRequest,
  signTransaction,
  type TransactionName,
  transactionProblem,
  type Transactions,
} from './transaction.ts';
export {
  TRANSACTION_PROBLEM_CODES,
  type TransactionProblem,
  type TransactionProblemCode,
} from './transaction-problem.ts';
