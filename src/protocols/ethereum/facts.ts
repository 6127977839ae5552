/**
 * facts — what policy may know of a duty. What is hashed into the signing root is proven; what our
 * clock, records and settings add is `configured`; of a bare root all is the caller's word.
 *
 * Slots, epochs and amounts are unsigned 64-bit integers; what does not fit a policy's `int` is
 * refused by the guard before any rule can look at it.
 */
import type { Actions, ActionSpec, FactSpec, FactType } from '../../policy/facts.ts';

type FactSpecs = Readonly<Record<string, FactSpec>>;

const proven = (type: FactType, about: string) => ({ type, provenance: 'proven', about }) as const;
const recorded = (type: FactType, about: string) =>
  ({ type, provenance: 'configured', about }) as const;
const claimed = (type: FactType, about: string) =>
  ({ type, provenance: 'claimed', about }) as const;
const optional = (spec: FactSpec): FactSpec => ({ ...spec, optional: true });

const request: FactSpecs = {
  caller: recorded('string', 'who asks: the authenticated caller or the webhook secret'),
  key: recorded('string', 'public key of the validator, with 0x'),
  network: recorded('string', 'mainnet, sepolia, hoodi, gnosis, chiado, or of the network file'),
};

const duty: FactSpecs = {
  ...request,
  type: proven('string', 'type of the request as the Remote Signing API has it'),
  fork_version: proven('string', 'fork version in the domain, with 0x'),
  fork_known: recorded('bool', 'the network is known to have that fork version'),
};

const slot: FactSpecs = { slot: proven('int', 'slot') };
const epoch: FactSpecs = { epoch: proven('int', 'epoch; of an attestation that of its target') };
const FEE_RECIPIENT = proven('string', 'execution address that earns, with 0x');
const builder: FactSpecs = {
  fee_recipient: FEE_RECIPIENT,
  gas_limit: proven('int', 'gas limit, where it is a target that one'),
};
const validator: FactSpecs = { validator_index: proven('int', 'index of the validator') };

const harmless = (about: string, ...facts: readonly FactSpecs[]): ActionSpec => ({
  movesValue: false,
  about,
  facts: facts.reduce((all, some) => ({ ...all, ...some }), duty),
});
const moving = (about: string, ...facts: readonly FactSpecs[]): ActionSpec => ({
  ...harmless(about, ...facts),
  movesValue: true,
});

export const actions: Actions = {
  block: harmless('propose a block', slot, epoch, {
    proposer_index: proven('int', 'index of the proposer'),
  }),
  attestation: harmless('attest', slot, epoch, {
    source_epoch: proven('int', 'epoch of the source checkpoint'),
    target_epoch: proven('int', 'epoch of the target checkpoint'),
    committee_index: proven('int', 'index as it is signed; from Electra on no committee'),
    block_root: proven('string', 'head of the chain that is voted for, with 0x'),
  }),
  aggregate_and_proof: harmless('hand in an aggregate', slot, epoch, {
    aggregator_index: proven('int', 'index of the aggregator'),
  }),
  aggregation_slot: harmless('prove to be an aggregator', slot, epoch),
  randao_reveal: harmless('reveal randomness', epoch),
  sync_committee_message: harmless('sign the head for the sync committee', slot, epoch),
  sync_committee_selection_proof: harmless('prove to be a sync aggregator', slot, epoch),
  sync_committee_contribution_and_proof: harmless('hand in a contribution', slot, epoch, {
    aggregator_index: proven('int', 'index of the aggregator'),
  }),
  payload_attestation_message: harmless('attest a payload', slot, epoch),
  validator_registration: moving('say to builders who earns', builder, {
    timestamp: proven('int', 'time of the registration, Unix seconds'),
    age_s: recorded('int', 'seconds since that time; negative where it lies ahead'),
    pubkey_matches: proven('bool', 'the registration names the key that signs it'),
  }),
  proposer_preferences: moving('say who earns', slot, epoch, builder, validator),
  execution_payload_bid: moving('bid as a builder', slot, epoch, builder, {
    builder_index: proven('int', 'index of the builder'),
    value: proven('int', 'what the bid is worth, gwei'),
    execution_payment: proven('int', 'what is paid besides, gwei'),
  }),
  execution_payload_envelope: moving('publish a payload', slot, epoch, {
    fee_recipient: FEE_RECIPIENT,
    self_built: proven('bool', 'the proposer made the payload itself'),
    builder_index: optional(proven('int', 'index of the builder, if another one made it')),
  }),
  builder_request_auth: moving('prove to a builder who asks', slot, epoch, {
    data: proven('string', 'what is signed for the builder, with 0x'),
  }),
  voluntary_exit: moving('leave the validator set for good', epoch, validator),
  deposit: moving('deposit', {
    withdrawal_credentials: proven('string', 'where it can be withdrawn to, with 0x'),
    amount: proven('int', 'gwei'),
    pubkey_matches: proven('bool', 'the deposit names the key that signs it'),
  }),
  raw_root: {
    movesValue: true,
    about: 'sign a root without seeing what it is of',
    facts: {
      ...request,
      domain: recorded('string', 'domain that the operator allowed, by its name in the standard'),
      slot: optional(claimed('int', 'slot that the block is said to be of')),
      source_epoch: optional(claimed('int', 'source epoch that the attestation is said to have')),
      target_epoch: optional(claimed('int', 'target epoch that the attestation is said to have')),
    },
  },
};
