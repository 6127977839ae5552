/**
 * Bodies of the Remote Signing API (ethereum/remote-signing-api v1.4.0) as the api's description has
 * them. They are read by the signer's own table; members have the names of consensus-specs.
 */
import { z } from 'zod';

import { FORK_NAMES } from '../../protocols/ethereum/index.ts';

const uint64 = z.string().regex(/^[0-9]{1,20}$/);
const bytes = (size: number): z.ZodString =>
  z.string().regex(new RegExp(`^0x[0-9a-fA-F]{${String(2 * size)}}$`));
const someBytes = z.string().regex(/^0x([0-9a-fA-F]{2})*$/);
const root = bytes(32);
const version = bytes(4);
const address = bytes(20);
export const pubkey = bytes(48);
export const signature = bytes(96);

const named = <Schema extends z.ZodType>(id: string, schema: Schema): Schema => schema.meta({ id });

const forkInfo = named(
  'ForkInfo',
  z.object({
    fork: z.object({ previous_version: version, current_version: version, epoch: uint64 }),
    genesis_validators_root: root,
  }),
);

const checkpoint = z.object({ epoch: uint64, root });
const attestationData = named(
  'AttestationData',
  z.object({
    slot: uint64,
    index: uint64,
    beacon_block_root: root,
    source: checkpoint,
    target: checkpoint,
  }),
);
const attestation = z.object({ aggregation_bits: someBytes, data: attestationData, signature });
const aggregateOf = (aggregate: z.ZodObject): z.ZodObject =>
  z.object({ aggregator_index: uint64, aggregate, selection_proof: signature });
const aggregateAndProof = named('AggregateAndProof', aggregateOf(attestation));
/** Since Electra an aggregate is of several committees. */
const committeesAggregateAndProof = named(
  'CommitteesAggregateAndProof',
  aggregateOf(attestation.extend({ committee_bits: someBytes })),
);

const block = named(
  'BeaconBlock',
  z.object({
    slot: uint64,
    proposer_index: uint64,
    parent_root: root,
    state_root: root,
    body: z.looseObject({}).meta({ description: 'The whole body, as the beacon chain has it.' }),
  }),
);
const blockHeader = named(
  'BeaconBlockHeader',
  z.object({
    slot: uint64,
    proposer_index: uint64,
    parent_root: root,
    state_root: root,
    body_root: root,
  }),
);

const contribution = z.object({
  slot: uint64,
  beacon_block_root: root,
  subcommittee_index: uint64,
  aggregation_bits: someBytes,
  signature,
});

const payload = named(
  'ExecutionPayload',
  z.object({
    parent_hash: root,
    fee_recipient: address,
    state_root: root,
    receipts_root: root,
    logs_bloom: bytes(256),
    prev_randao: root,
    block_number: uint64,
    gas_limit: uint64,
    gas_used: uint64,
    timestamp: uint64,
    extra_data: someBytes,
    base_fee_per_gas: z.string().regex(/^[0-9]{1,78}$/),
    block_hash: root,
    transactions: z.array(someBytes),
    withdrawals: z.array(
      z.object({ index: uint64, validator_index: uint64, address, amount: uint64 }),
    ),
    blob_gas_used: uint64,
    excess_blob_gas: uint64,
    block_access_list: someBytes,
    slot_number: uint64,
  }),
);
const builderDeposit = z.object({
  pubkey,
  withdrawal_credentials: root,
  amount: uint64,
  signature,
});
const executionRequests = named(
  'ExecutionRequests',
  z.object({
    deposits: z.array(builderDeposit.extend({ index: uint64 })),
    withdrawals: z.array(
      z.object({ source_address: address, validator_pubkey: pubkey, amount: uint64 }),
    ),
    consolidations: z.array(
      z.object({ source_address: address, source_pubkey: pubkey, target_pubkey: pubkey }),
    ),
    builder_deposits: z.array(builderDeposit),
    builder_exits: z.array(z.object({ source_address: address, pubkey })),
  }),
);

const signingRoot = root.optional().meta({
  description: 'If it is given, it must be the root of the message; else 400.',
});

/** Under the domain of a fork. */
const ofFork = <const Type extends string>(type: Type, members: z.ZodRawShape) =>
  ofGenesis(type, { fork_info: forkInfo, ...members });

/** Under a domain that outlives forks. */
const ofGenesis = <const Type extends string>(type: Type, members: z.ZodRawShape) =>
  named(type, z.object({ type: z.literal(type), ...members, signingRoot }));

const sinceGloas = (data: z.ZodType): z.ZodObject =>
  z.object({ version: z.literal('GLOAS'), data });

const duty = z.discriminatedUnion('type', [
  ofFork('ATTESTATION', { attestation: attestationData }),
  ofFork('BLOCK_V2', {
    beacon_block: z.union([
      z.object({ version: z.enum(FORK_NAMES).extract(['PHASE0', 'ALTAIR']), block }),
      z.object({
        version: z.enum(FORK_NAMES).exclude(['PHASE0', 'ALTAIR']),
        block_header: blockHeader,
      }),
    ]),
  }),
  ofFork('AGGREGATION_SLOT', { aggregation_slot: z.object({ slot: uint64 }) }),
  ofFork('AGGREGATE_AND_PROOF_V2', {
    aggregate_and_proof: z.union([
      z.object({
        version: z.enum(FORK_NAMES).exclude(['ELECTRA', 'FULU', 'GLOAS']),
        data: aggregateAndProof,
      }),
      z.object({
        version: z.enum(FORK_NAMES).extract(['ELECTRA', 'FULU', 'GLOAS']),
        data: committeesAggregateAndProof,
      }),
    ]),
  }),
  ofFork('RANDAO_REVEAL', { randao_reveal: z.object({ epoch: uint64 }) }),
  ofFork('SYNC_COMMITTEE_MESSAGE', {
    sync_committee_message: z.object({ beacon_block_root: root, slot: uint64 }),
  }),
  ofFork('SYNC_COMMITTEE_SELECTION_PROOF', {
    sync_aggregator_selection_data: z.object({ slot: uint64, subcommittee_index: uint64 }),
  }),
  ofFork('SYNC_COMMITTEE_CONTRIBUTION_AND_PROOF', {
    contribution_and_proof: z.object({
      aggregator_index: uint64,
      selection_proof: signature,
      contribution,
    }),
  }),
  ofFork('PAYLOAD_ATTESTATION_MESSAGE', {
    payload_attestation_message: sinceGloas(
      z.object({
        beacon_block_root: root,
        slot: uint64,
        payload_present: z.boolean(),
        blob_data_available: z.boolean(),
      }),
    ),
  }),
  ofGenesis('VALIDATOR_REGISTRATION', {
    validator_registration: z.object({
      fee_recipient: address,
      gas_limit: uint64,
      timestamp: uint64.meta({ description: 'Seconds since 1970.' }),
      pubkey,
    }),
    genesis_fork_version: version.optional(),
  }),
  ofFork('PROPOSER_PREFERENCES', {
    proposer_preferences: sinceGloas(
      z.object({
        dependent_root: root,
        proposal_slot: uint64,
        validator_index: uint64,
        fee_recipient: address,
        target_gas_limit: uint64,
      }),
    ),
  }),
  ofFork('EXECUTION_PAYLOAD_BID', {
    execution_payload_bid: sinceGloas(
      z.object({
        parent_block_hash: root,
        parent_block_root: root,
        block_hash: root,
        prev_randao: root,
        fee_recipient: address,
        gas_limit: uint64,
        builder_index: uint64,
        slot: uint64,
        value: uint64,
        execution_payment: uint64,
        blob_kzg_commitments: z.array(bytes(48)),
        execution_requests_root: root,
      }),
    ),
  }),
  ofFork('EXECUTION_PAYLOAD_ENVELOPE', {
    execution_payload_envelope: sinceGloas(
      z.object({
        payload,
        execution_requests: executionRequests,
        builder_index: uint64,
        beacon_block_root: root,
        parent_beacon_block_root: root,
      }),
    ),
  }),
  ofGenesis('BUILDER_REQUEST_AUTH', {
    builder_request_auth: sinceGloas(z.object({ data: someBytes, slot: uint64 })),
  }),
  ofFork('VOLUNTARY_EXIT', {
    voluntary_exit: z.object({ epoch: uint64, validator_index: uint64 }),
  }),
  ofGenesis('DEPOSIT', {
    deposit: z.object({
      pubkey,
      withdrawal_credentials: root,
      amount: uint64.meta({ description: 'Gwei.' }),
      genesis_fork_version: version,
    }),
  }),
  ofFork('BLOCK', { block }),
  ofFork('AGGREGATE_AND_PROOF', { aggregate_and_proof: aggregateAndProof }),
]);

const rawRoot = named(
  'RawRoot',
  z.object({
    signingRoot: root,
    domain_name: z
      .string()
      .optional()
      .meta({ description: 'One of `ETH_ALLOW_RAW_ROOT`, such as `randao`.' }),
    domain: version.optional().meta({ description: 'The same as four bytes.' }),
    slot: uint64.optional().meta({ description: 'Needed for `beacon_proposer`.' }),
    source_epoch: uint64.optional().meta({ description: 'Needed for `beacon_attester`.' }),
    target_epoch: uint64.optional(),
    genesis_validators_root: root.optional().meta({ description: 'Needed for both.' }),
  }),
);

/** What one key is to sign. */
export const dutyRequest = z.union([duty, rawRoot]);
