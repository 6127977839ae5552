/** Who signs what: each API key for its own slot, a new key for itself, the wallet its own texts. */
import { toHex } from '../../../base/hex.ts';
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
