/**
 * Which class of signature a spent script, our key in it and the transaction around it make
 * (BOLT 3, "Transactions"). Nothing here knows whether the digest agrees.
 */
import { unreachable } from '../../../base/unreachable.ts';
import { fromHex, type Hex } from '../../../base/hex.ts';
import type { PathUse } from '../../../../signers/lightning/index.ts';
import { obscuredNumberOf } from '../../../../signers/lightning/commitment-number.ts';
import { hash160, outputTypeOf, p2wsh } from '../../../../signers/lightning/output-script.ts';
import { type ChannelScript, parseChannelScript } from '../../../../signers/lightning/script.ts';
import { SIGHASH_SINGLE_ANYONECANPAY } from '../../../../signers/lightning/sighash.ts';
import type { UnsignedTransaction } from '../../../../signers/lightning/transaction.ts';
import type { ClassDetails, JobClass } from '../classified.ts';

/** One input, as a job asks to sign it. */
export interface SigningQuestion {
  readonly use: PathUse;
  /** Compressed public key of the path, after tweaks. */
  readonly ownKey: Hex;
  /** Witness script of the spent output, or its P2WPKH program. */
  readonly script: Hex;
  readonly transaction: UnsignedTransaction;
  readonly inputIndex: number;
  readonly sighashType: number;
}

export type Recognition =
  | { readonly class: JobClass; readonly details: ClassDetails }
  /** The script does not belong to this path, our key is not in it, or the shape is wrong. */
  | 'unknown_class'
  | 'own_key_not_in_script';

type KeyUse = Extract<PathUse, { kind: 'channel_key' }>['key'];

const CHANNEL_VERSIONS: readonly number[] = [2, 3];
/** Mutual closes signal no relative locktime: final, or replaceable (BOLT 3, "Closing Transaction"). */
const LOWEST_CLOSING_SEQUENCE = 0xfffffffd;
/** BIP68: this bit turns relative locktime off, the low 16 bits count blocks. */
const SEQUENCE_DISABLED = 0x80000000;

export function recognise(question: SigningQuestion): Recognition {
  const script = parseChannelScript(question.script);
  const { use } = question;
  if (script === undefined) return 'unknown_class';
  switch (use.kind) {
    case 'l1_wallet':
      return keyHash(question, script, 'l1_spend');
    case 'destination':
      return keyHash(question, script, 'wallet_spend');
    case 'channel_key':
      return CHANNEL_KEY_CLASSES[use.key](question, script);
    case 'master':
    case 'identity':
    case 'channel':
    case 'preimage_base':
    case 'operation':
    case 'unknown':
      return 'unknown_class';
    default:
      return unreachable(use);
  }
}

type Recogniser = (question: SigningQuestion, script: ChannelScript) => Recognition;

const CHANNEL_KEY_CLASSES: Readonly<Record<KeyUse, Recogniser>> = {
  funding,
  revocation,
  payment,
  delayed_payment: delayedPayment,
  htlc,
};

function keyHash(question: SigningQuestion, script: ChannelScript, name: JobClass): Recognition {
  if (script.kind !== 'key_hash') return 'unknown_class';
  if (script.hash160 !== hash160(fromHex(question.ownKey))) return 'own_key_not_in_script';
  return { class: name, details: {} };
}

function funding(question: SigningQuestion, script: ChannelScript): Recognition {
  if (script.kind === 'anchor') {
    if (script.fundingKey !== question.ownKey) return 'own_key_not_in_script';
    return { class: 'anchor_spend', details: {} };
  }
  if (script.kind !== 'funding') return 'unknown_class';
  if (!script.keys.includes(question.ownKey)) return 'own_key_not_in_script';
  return fundingSpend(question, script.keys);
}

function fundingSpend(question: SigningQuestion, keys: readonly [Hex, Hex]): Recognition {
  const { transaction, inputIndex, ownKey } = question;
  const input = transaction.inputs[inputIndex];
  if (input === undefined) return 'unknown_class';
  const fundingScript = question.script;
  const counterpartyFundingKey = keys[0] === ownKey ? keys[1] : keys[0];
  const details: ClassDetails = { fundingScript, counterpartyFundingKey };
  const isAlone = transaction.inputs.length === 1;

  const obscuredNumber = obscuredNumberOf({ ...input, lockTime: transaction.lockTime });
  if (isAlone && obscuredNumber !== undefined) {
    if (!CHANNEL_VERSIONS.includes(transaction.version)) return 'unknown_class';
    return { class: 'commitment', details: { ...details, obscuredNumber } };
  }

  const fundingOutput = p2wsh(fundingScript);
  const recreated = transaction.outputs.filter((output) => output.script === fundingOutput);
  if (recreated.length > 0) {
    const recreatedFundingSat = recreated.reduce((sum, output) => sum + output.sat, 0n);
    return { class: 'splice', details: { ...details, recreatedFundingSat } };
  }
  // The other side's new key is not known to us: a new funding output may look like any P2WSH.
  if (!isAlone) return { class: 'splice', details };
  const isClose = transaction.outputs.length <= 2 && input.sequence >= LOWEST_CLOSING_SEQUENCE;
  return isClose ? { class: 'mutual_close', details } : 'unknown_class';
}

function revocation({ ownKey }: SigningQuestion, script: ChannelScript): Recognition {
  switch (script.kind) {
    case 'to_local':
      if (script.revocationKey !== ownKey) return 'own_key_not_in_script';
      return { class: 'justice', details: { revokedOutput: 'to_local' } };
    case 'offered_htlc':
    case 'received_htlc':
      if (script.revocationHash160 !== hash160(fromHex(ownKey))) return 'own_key_not_in_script';
      return { class: 'justice', details: { revokedOutput: 'htlc' } };
    case 'key_hash':
    case 'funding':
    case 'to_remote':
    case 'anchor':
      return 'unknown_class';
    default:
      return unreachable(script);
  }
}

function payment(question: SigningQuestion, script: ChannelScript): Recognition {
  if (script.kind !== 'to_remote') return keyHash(question, script, 'to_remote_claim');
  if (script.paymentKey !== question.ownKey) return 'own_key_not_in_script';
  return { class: 'to_remote_claim', details: {} };
}

function delayedPayment(question: SigningQuestion, script: ChannelScript): Recognition {
  if (script.kind !== 'to_local') return 'unknown_class';
  if (script.delayedKey !== question.ownKey) return 'own_key_not_in_script';
  const { toSelfDelay } = script;
  const sequence = question.transaction.inputs[question.inputIndex]?.sequence ?? 0;
  const waits = sequence < SEQUENCE_DISABLED && (sequence & 0xffff) >= toSelfDelay;
  return waits ? { class: 'to_local_sweep', details: { toSelfDelay } } : 'unknown_class';
}

function htlc(question: SigningQuestion, script: ChannelScript): Recognition {
  if (script.kind !== 'offered_htlc' && script.kind !== 'received_htlc') return 'unknown_class';
  const { localHtlcKey, remoteHtlcKey, paymentHash160 } = script;
  const isHolder = localHtlcKey === question.ownKey;
  if (!isHolder && remoteHtlcKey !== question.ownKey) return 'own_key_not_in_script';
  const { transaction } = question;
  const cltvExpiry = script.kind === 'received_htlc' ? script.cltvExpiry : transaction.lockTime;
  const details: ClassDetails = {
    paymentHash160,
    htlcDirection: script.kind === 'offered_htlc' ? 'offered' : 'received',
    htlcOwner: isHolder ? 'holder' : 'counterparty',
    ...(cltvExpiry > 0 && { cltvExpiry }),
  };
  if (isHtlcTransaction(question, script, isHolder)) return { class: 'htlc_transaction', details };
  // Only the side that does not own the commitment can spend an HTLC without its transaction.
  return isHolder ? 'unknown_class' : { class: 'htlc_claim', details };
}

/**
 * BOLT 3, "HTLC-Timeout and HTLC-Success Transactions": a timeout waits for its expiry, a success does
 * not, and each pays a delayed output at the index of its input. Under anchors and in version 3 the
 * owner may add inputs and outputs that pay fees, because the other side signs only the pair.
 */
function isHtlcTransaction(
  { transaction, inputIndex, sighashType }: SigningQuestion,
  script: Extract<ChannelScript, { kind: 'offered_htlc' | 'received_htlc' }>,
  isHolder: boolean,
): boolean {
  const { version, lockTime, inputs, outputs } = transaction;
  const paired = outputs[inputIndex];
  if (paired === undefined || outputTypeOf(paired.script) !== 'p2wsh') return false;
  if (!CHANNEL_VERSIONS.includes(version)) return false;
  if ((script.kind === 'offered_htlc') !== lockTime > 0) return false;
  const isExtendable = script.delayed || version === 3;
  const signsPair = sighashType === SIGHASH_SINGLE_ANYONECANPAY;
  if (isExtendable) return isHolder || signsPair;
  return inputs.length === 1 && outputs.length === 1 && !signsPair;
}
