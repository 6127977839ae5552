/**
 * Registering an API key takes two signatures: the new key signs the ChangePubKey transaction, and the
 * wallet that owns the account countersigns its text. The key is kept, encrypted, before anything is
 * signed with it; until its registration is complete it signs nothing else.
 */
import { recoverPersonalSigner } from '../../../signers/ethereum-wallet/index.ts';
import { ENTROPY_SIZE } from '../../../signers/lighter/index.ts';
import { type Hex, isHexOf, toHex } from '../../base/hex.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';
import type {
  LighterDesk,
  LighterRefusal,
  NewRegistration,
  Registration,
} from '../../protocols/lighter/ports.ts';
import type { Activation } from './activation.ts';
import type { Countersigned, SignedChange } from './change-signer.ts';
import type { DeskOptions, DeskParts } from './desk-parts.ts';
import { refusalOf, refuse } from './refusal.ts';
import { planRegistration } from './registration-plan.ts';
import { type RegistrationRecord, slotOfRegistration } from './registrations.ts';
import { describeSlot, pendingKeyId, type Slot } from './slot.ts';

type Answer = Result<Registration, LighterRefusal>;

export function createRegistering(
  options: Pick<DeskOptions, 'hosts'>,
  parts: DeskParts,
  activation: Activation,
): Pick<LighterDesk, 'register' | 'countersign'> {
  const { keys, book, registrations, signChange, kernel, alarm } = parts;

  async function register(asked: NewRegistration, caller: string): Promise<Answer> {
    const plan = await planRegistration(asked, options, parts);
    if (!plan.ok) return plan;
    const { slot, url, nonce, owner, byStoredWallet } = plan.value;
    const key = await keyFor(slot);
    if (!key.ok) return err(refusalOf(key.error));
    const publicKey = key.value;
    const countersigned: Countersigned = byStoredWallet
      ? { by: 'wallet', address: owner }
      : { by: 'nobody' };
    const signed = await signChange({ slot, publicKey, nonce, caller, countersigned });
    if (!signed.ok) return signed;
    const registration = {
      id: parts.id(),
      chain_id: slot.chainId,
      account: slot.account,
      api_key: slot.apiKey,
      public_key: publicKey,
      owner,
      ...(url === undefined ? {} : { url }),
      active: false,
    };
    return await settle({ ...registration, ...wordsOf(signed.value) });
  }

  /** A new one, unless there is one whose registration never began: it was refused, or cut short. */
  async function keyFor(slot: Slot): Promise<Result<Hex, Reason>> {
    const begun = new Set(registrations.of(slot).map((other) => other.public_key));
    const spare = keys
      .apiKeys()
      .find((key) => key.keyId === pendingKeyId(slot, key.publicKey) && !begun.has(key.publicKey));
    if (spare !== undefined) return ok(spare.publicKey);
    using wide = parts.randomSecret(ENTROPY_SIZE);
    const secret = kernel.derivePrivateKey(wide);
    const publicKey = toHex(kernel.publicKey(secret));
    const kept = await keys.addApiKey(pendingKeyId(slot, publicKey), secret);
    if (!kept.ok) return kept;
    book.refresh();
    return ok(publicKey);
  }

  async function countersign(id: string, text: string, caller: string): Promise<Answer> {
    const registration = registrations.get(id);
    if (registration === undefined) {
      return refuse('unknown', 'lighter.registration', 'there is no such registration');
    }
    const signature = text.replace(/^0x/i, '').toLowerCase();
    if (!isHexOf(65, signature)) {
      return refuse('invalid', 'lighter.countersignature', '`signature` is not 65 bytes of hex');
    }
    if (registration.l1_signature !== undefined) return repeated(registration, signature);
    const slot = slotOfRegistration(registration);
    const later = registrations.of(slot).find((other) => other.l1_signature !== undefined);
    if (later !== undefined && isAfter(later, registration)) {
      const message = `another key was registered for ${describeSlot(slot)} since; begin anew`;
      return refuse('conflict', 'lighter.registration', message);
    }
    const { owner, message_to_sign: message, public_key: publicKey, nonce } = registration;
    const signer = recoverPersonalSigner(message, signature);
    if (signer !== owner) return refuseSigner(signer, owner);
    const countersigned = { by: 'owner', signature } as const;
    const signed = await signChange({ slot, publicKey, nonce, caller, countersigned });
    return signed.ok ? await settle({ ...registration, ...wordsOf(signed.value) }) : signed;
  }

  /** Checks what the wallet signed, keeps the registration, and gives the key its slot if complete. */
  async function settle(registration: RegistrationRecord): Promise<Answer> {
    const { l1_signature: signature, message_to_sign: message, owner } = registration;
    if (signature !== undefined && recoverPersonalSigner(message, signature) !== owner) {
      throw new Error('the countersignature is not by the owner of the account; nothing leaves');
    }
    const saved = registrations.put(registration);
    if (!saved.ok) return err(refusalOf(saved.error));
    if (signature !== undefined) {
      const activated = await activation.completed(registration);
      if (!activated.ok) alarm(activated.error);
    }
    return ok(viewOf(registration));
  }

  function isAfter(one: RegistrationRecord, other: RegistrationRecord): boolean {
    const all = registrations.all();
    return all.indexOf(one) > all.indexOf(other);
  }

  return Object.freeze({ register, countersign });
}

function repeated(registration: RegistrationRecord, signature: string): Answer {
  if (registration.l1_signature === signature) return ok(viewOf(registration));
  const message = 'the registration is complete already, by another signature';
  return refuse('conflict', 'lighter.registration', message);
}

function refuseSigner(signer: string | undefined, owner: string): Answer {
  const by = signer === undefined ? 'nobody can have made it' : `it is by \`0x${signer}\``;
  const message = `the signature is not of \`message_to_sign\` by \`0x${owner}\`, the owner of the account: ${by}`;
  return refuse('invalid', 'lighter.countersignature', message);
}

/** Fields of the record that a signed transaction fills. */
function wordsOf(signed: SignedChange) {
  return {
    nonce: signed.nonce,
    message_to_sign: signed.messageToSign,
    tx_type: signed.txType,
    tx_info: signed.txInfo,
    tx_hash: signed.txHash,
    expired_at: signed.expiredAt,
    ...(signed.l1Signature === undefined ? {} : { l1_signature: signed.l1Signature }),
  };
}

function viewOf(registration: RegistrationRecord): Registration {
  const slot = slotOfRegistration(registration);
  return {
    id: registration.id,
    state: registration.l1_signature === undefined ? 'awaiting_countersignature' : 'complete',
    ...slot,
    publicKey: registration.public_key,
    messageToSign: registration.message_to_sign,
    txType: registration.tx_type,
    txInfo: registration.tx_info,
    txHash: registration.tx_hash,
    nonce: registration.nonce,
    expiredAt: registration.expired_at,
  };
}
