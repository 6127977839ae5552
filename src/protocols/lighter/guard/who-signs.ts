/** Who signs what: each API key for its own slot, a new key for itself, the wallet its own texts. */
import { recoverPersonalSigner } from '../../../../signers/ethereum-wallet/index.ts';
import { messageToSign, type SigningRequest } from '../../../../signers/lighter/index.ts';
import { isHex, toHex } from '../../../base/hex.ts';
import type { Reason } from '../../../core/outcome.ts';
import type { TransactionPart } from '../request.ts';
import { hasL1Text } from '../transaction.ts';

export function signerViolations(part: TransactionPart): readonly Reason[] {
  return [
    ...(isOwnSlot(part) ? [] : [FOREIGN_SLOT]),
    ...(isOwnKey(part) ? [] : [FOREIGN_KEY]),
    ...(part.wallet === undefined || hasL1Text(part) ? [] : [NOTHING_FOR_WALLET]),
  ];
}

/** What the L1 wallet has to do with it: it is kept here, or it has signed this very text. */
export function walletViolations(
  { client, wallet }: TransactionPart,
  request: SigningRequest,
  { hasWallet }: { readonly hasWallet: (keyId: string) => boolean },
): readonly Reason[] {
  if (wallet !== undefined) return hasWallet(wallet) ? [] : [noWallet(wallet)];
  const { transaction } = request;
  const signature = 'L1Sig' in transaction ? transaction.L1Sig.replace(/^0x/, '') : '';
  const text = messageToSign(request);
  if (signature === '' || text === undefined) return [];
  const signer = isHex(signature) ? recoverPersonalSigner(text, signature) : undefined;
  const isOwner = client.l1Address === undefined || client.l1Address === `0x${signer ?? ''}`;
  return signer !== undefined && isOwner ? [] : [FOREIGN_COUNTERSIGNATURE];
}

function isOwnSlot({ client, fields }: TransactionPart): boolean {
  const account = 'AccountIndex' in fields ? fields.AccountIndex : fields.FromAccountIndex;
  return account === client.account && fields.ApiKeyIndex === client.apiKey;
}

/** A slot is given to a key by that key itself; only to leave it empty takes the one that has it. */
function isOwnKey(part: TransactionPart): boolean {
  return (
    part.name !== 'ChangePubKey' ||
    isRevocation(part.fields.PubKey) ||
    toHex(part.fields.PubKey) === part.client.publicKey
  );
}

/** Zeros in place of a key leave its slot empty. */
export function isRevocation(publicKey: Uint8Array): boolean {
  return publicKey.every((byte) => byte === 0);
}

const FOREIGN_SLOT: Reason = {
  code: 'lighter.foreign_slot',
  message: 'the transaction names another account or slot than the key that is to sign it',
};

const FOREIGN_KEY: Reason = {
  code: 'lighter.foreign_key',
  message:
    'a slot is given to a new key by a signature of that key; register it here first, or let its holder sign',
};

const NOTHING_FOR_WALLET: Reason = {
  code: 'lighter.no_l1_text',
  message:
    'the L1 wallet signs no transaction of this kind; only change of key, transfer and integrator have a text for it',
};

const FOREIGN_COUNTERSIGNATURE: Reason = {
  code: 'lighter.countersignature',
  message:
    "`l1_signature` is not of this transaction's `message_to_sign` by the owner of the account; ask for the text again with the same nonce",
};

function noWallet(keyId: string): Reason {
  const message = `no wallet \`${keyId}\` is kept here; import it first, or sign \`message_to_sign\` elsewhere`;
  return { code: 'lighter.no_wallet', message };
}
