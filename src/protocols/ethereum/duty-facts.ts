/** What a duty says of itself: one table from types of request to actions and their facts. */
import type { Duty, DutyMessage, DutyType } from '../../../signers/bls12381/index.ts';
import type { Hex } from '../../base/hex.ts';
import type { FactValue } from '../../policy/facts.ts';

type FactValues = Readonly<Record<string, FactValue>>;

export interface DutyFacts {
  readonly action: string;
  /** Of this action, besides those that every duty has. */
  readonly facts: FactValues;
  /** Who earns by it, where the operator can say who shall. */
  readonly earnings?: Earnings;
}

export interface Earnings {
  readonly feeRecipient: Hex;
  readonly gasLimit?: bigint;
}

export interface FactContext {
  readonly pubkey: Hex;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Names of actions and facts are those of `facts.ts`. */
interface Described<Message> {
  readonly action: string;
  readonly facts?: (message: Message, context: FactContext) => FactValues;
  readonly earnings?: (message: Message) => Earnings;
  /** The same message says something else of another key, or at another time. */
  readonly dependsOnContext?: true;
}

const block = {
  action: 'block',
  facts: ({ proposer_index }: { readonly proposer_index: bigint }) => ({ proposer_index }),
};
const aggregateAndProof = {
  action: 'aggregate_and_proof',
  facts: ({ aggregator_index }: { readonly aggregator_index: bigint }) => ({ aggregator_index }),
};

/** `BUILDER_INDEX_SELF_BUILD` of consensus-specs: the proposer made the payload itself. */
const SELF_BUILT = 2n ** 64n - 1n;

const DESCRIBED: { readonly [Type in DutyType]: Described<DutyMessage<Type>> } = {
  BLOCK: block,
  BLOCK_V2: block,
  ATTESTATION: {
    action: 'attestation',
    facts: ({ index, beacon_block_root, source, target }) => ({
      source_epoch: source.epoch,
      target_epoch: target.epoch,
      committee_index: index,
      block_root: withPrefix(beacon_block_root),
    }),
  },
  AGGREGATE_AND_PROOF: aggregateAndProof,
  AGGREGATE_AND_PROOF_V2: aggregateAndProof,
  AGGREGATION_SLOT: { action: 'aggregation_slot' },
  RANDAO_REVEAL: { action: 'randao_reveal' },
  SYNC_COMMITTEE_MESSAGE: { action: 'sync_committee_message' },
  SYNC_COMMITTEE_SELECTION_PROOF: { action: 'sync_committee_selection_proof' },
  SYNC_COMMITTEE_CONTRIBUTION_AND_PROOF: {
    action: 'sync_committee_contribution_and_proof',
    facts: ({ aggregator_index }) => ({ aggregator_index }),
  },
  PAYLOAD_ATTESTATION_MESSAGE: { action: 'payload_attestation_message' },
  VALIDATOR_REGISTRATION: {
    action: 'validator_registration',
    facts: ({ fee_recipient, gas_limit, timestamp, pubkey: named }, { pubkey, now }) => ({
      fee_recipient: withPrefix(fee_recipient),
      gas_limit,
      timestamp,
      age_s: BigInt(Math.floor(now / 1000)) - timestamp,
      pubkey_matches: named === pubkey,
    }),
    dependsOnContext: true,
    earnings: ({ fee_recipient, gas_limit }) => ({
      feeRecipient: fee_recipient,
      gasLimit: gas_limit,
    }),
  },
  PROPOSER_PREFERENCES: {
    action: 'proposer_preferences',
    facts: ({ validator_index, fee_recipient, target_gas_limit }) => ({
      validator_index,
      fee_recipient: withPrefix(fee_recipient),
      gas_limit: target_gas_limit,
    }),
    earnings: ({ fee_recipient, target_gas_limit }) => ({
      feeRecipient: fee_recipient,
      gasLimit: target_gas_limit,
    }),
  },
  EXECUTION_PAYLOAD_BID: {
    action: 'execution_payload_bid',
    facts: ({ fee_recipient, gas_limit, builder_index, value, execution_payment }) => ({
      fee_recipient: withPrefix(fee_recipient),
      gas_limit,
      builder_index,
      value,
      execution_payment,
    }),
  },
  EXECUTION_PAYLOAD_ENVELOPE: {
    action: 'execution_payload_envelope',
    facts: ({ payload, builder_index }) => ({
      fee_recipient: withPrefix(payload.fee_recipient),
      self_built: builder_index === SELF_BUILT,
      ...(builder_index === SELF_BUILT ? {} : { builder_index }),
    }),
    earnings: ({ payload }) => ({ feeRecipient: payload.fee_recipient }),
  },
  BUILDER_REQUEST_AUTH: {
    action: 'builder_request_auth',
    facts: ({ data }) => ({ data: withPrefix(data) }),
  },
  VOLUNTARY_EXIT: {
    action: 'voluntary_exit',
    facts: ({ validator_index }) => ({ validator_index }),
  },
  DEPOSIT: {
    action: 'deposit',
    facts: ({ pubkey: named, withdrawal_credentials, amount }, { pubkey }) => ({
      withdrawal_credentials: withPrefix(withdrawal_credentials),
      amount,
      pubkey_matches: named === pubkey,
    }),
    dependsOnContext: true,
  },
};

/** The action of a type of request. */
export function actionOf(type: DutyType): string {
  return DESCRIBED[type].action;
}

export function dutyFacts(duty: Duty, context: FactContext): DutyFacts {
  const { action, facts, earnings } = describedAs(duty);
  const { message, slot, epoch } = duty;
  return {
    action,
    facts: {
      ...(slot === undefined ? {} : { slot }),
      ...(epoch === undefined ? {} : { epoch }),
      ...facts?.(message, context),
    },
    ...(earnings === undefined ? {} : { earnings: earnings(message) }),
  };
}

/** Whether facts of this type's duties are the same for every key, at any time. */
export function isSameForAll(type: DutyType): boolean {
  return DESCRIBED[type].dependsOnContext !== true;
}

/** Whether the operator can say who earns by a duty of this type. */
export function hasEarnings(type: DutyType): boolean {
  return DESCRIBED[type].earnings !== undefined;
}

function describedAs({ type }: Duty): Described<Duty['message']> {
  // SAFETY: each entry reads messages of its own type, and gets none but those of `duty`.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  return DESCRIBED[type] as Described<Duty['message']>;
}

export function withPrefix(hex: Hex): string {
  return `0x${hex}`;
}
