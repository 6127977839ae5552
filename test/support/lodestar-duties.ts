/**
 * Every duty that Lodestar's validator client has signed, on a chain of the minimal preset that begins
 * with phase 0, with signing roots by types of another version than the client's. Lodestar fixes its
 * preset when it is loaded: set the active one before importing this.
 */
import { ssz } from '@lodestar/types';

import type { Fork, ForkName } from '../../signers/bls12381/network.ts';
import { isJsonObject, type JsonObject } from '../../src/base/json.ts';
import { type AnyType, withPrefix } from './bls-json.ts';
import { oracleCases } from './bls-oracle.ts';
import { objectIn } from './bls-vectors.ts';
import { GENESIS_ROOT } from './ethereum-daemon.ts';
import { hex } from './hex.ts';
import type { Duty } from './lodestar-client.ts';

export interface LodestarDuty extends Duty {
  readonly name: string;
  /** Of a message of this duty, with `0x`. */
  readonly rootOf: (message: JsonObject) => string;
}

const GENESIS: Fork = { name: 'PHASE0', version: hex('00000001'), epoch: 0n };
/** After phase 0, in the versions that the client has for the minimal preset. */
export const FORKS: readonly Required<Fork>[] = [
  { name: 'ALTAIR', version: hex('01000001'), epoch: 1n },
  { name: 'BELLATRIX', version: hex('02000001'), epoch: 2n },
  { name: 'CAPELLA', version: hex('03000001'), epoch: 3n },
];
const GENESIS_VERSION = `0x${GENESIS.version}`;

const SLOTS_PER_EPOCH = 8;
const slotIn = (epoch: number): string => String(SLOTS_PER_EPOCH * epoch);
const root = (byte: string): string => `0x${byte.repeat(32)}`;
/** The point at infinity: well formed, and of nobody. */
const SIGNATURE = `0xc0${'00'.repeat(95)}`;

/** Where a message stands in a request, and what decides its domain. */
interface Place {
  /** A type of the oracle. */
  readonly name: string;
  readonly member: string;
  /** Absent where the domain is that of genesis. */
  readonly epoch?: number;
  /** What stands there, if not the message itself. */
  readonly asRequested?: (message: JsonObject) => JsonObject;
}

const itself = (message: JsonObject): JsonObject => message;

function dutyOf(place: Place, pubkey: string, message: JsonObject): LodestarDuty {
  const { name, member, epoch, asRequested = itself } = place;
  const [type = ''] = name.split(' ');
  const forkInfo =
    epoch === undefined
      ? {}
      : { fork_info: { fork: forkAt(epoch), genesis_validators_root: GENESIS_ROOT } };
  const oracle = oracleCases.find((item) => item.name === name);
  if (oracle === undefined) throw new Error(`no oracle for ${name}`);
  return {
    ...{ name, type, pubkey, message },
    rootOf: (signed) =>
      oracle.root({ type, ...forkInfo, [member]: asRequested(signed) }, GENESIS_VERSION),
  };
}

function forkAt(epoch: number): JsonObject {
  const begun = FORKS.filter((fork) => fork.epoch <= BigInt(epoch));
  const [current, previous] = [begun.at(-1), begun.at(-2)];
  const versionOf = (fork: Fork = GENESIS): string => `0x${fork.version}`;
  return {
    previous_version: versionOf(previous),
    current_version: versionOf(current),
    epoch: String(current?.epoch ?? 0n),
  };
}

const { phase0, altair, bellatrix, capella } = ssz;

interface BlockKind {
  readonly version: ForkName;
  readonly slot: number;
  readonly block: AnyType;
  readonly body: AnyType;
}

const BLOCKS: Readonly<Record<string, BlockKind>> = {
  phase0: { version: 'PHASE0', slot: 3, block: phase0.BeaconBlock, body: phase0.BeaconBlockBody },
  altair: { version: 'ALTAIR', slot: 9, block: altair.BeaconBlock, body: altair.BeaconBlockBody },
  bellatrix: {
    ...{ version: 'BELLATRIX', slot: 17 },
    ...{ block: bellatrix.BeaconBlock, body: bellatrix.BeaconBlockBody },
  },
  'blinded bellatrix': {
    ...{ version: 'BELLATRIX', slot: 18 },
    ...{ block: bellatrix.BlindedBeaconBlock, body: bellatrix.BlindedBeaconBlockBody },
  },
  capella: {
    ...{ version: 'CAPELLA', slot: 25 },
    ...{ block: capella.BeaconBlock, body: capella.BeaconBlockBody },
  },
  'blinded capella': {
    ...{ version: 'CAPELLA', slot: 26 },
    ...{ block: capella.BlindedBeaconBlock, body: capella.BlindedBeaconBlockBody },
  },
};

/** Another `graffiti` byte makes another block of the same slot. */
export function blockDuty(pubkey: string, kind: string, graffiti = 'aa'): LodestarDuty {
  const { [kind]: found } = BLOCKS;
  if (found === undefined) throw new Error(`no block is of ${kind}`);
  const { version, slot, block, body } = found;
  const blank = block.toJson(block.defaultValue());
  if (!isJsonObject(blank)) throw new Error('a block is an object');
  const exit = { message: { epoch: '0', validator_index: '9' }, signature: SIGNATURE };
  const message = {
    ...blank,
    ...{ slot: String(slot), proposer_index: '5' },
    ...{ parent_root: root('b1'), state_root: root('b2') },
    body: { ...objectIn(blank, 'body'), graffiti: root(graffiti), voluntary_exits: [exit] },
  };

  /** From Bellatrix on a request has the header alone. */
  function asRequested({ body: content, ...rest }: JsonObject): JsonObject {
    if (['PHASE0', 'ALTAIR'].includes(version)) return { version, block: message };
    const bodyRoot = withPrefix(body.hashTreeRoot(body.fromJson(content)));
    return { version, block_header: { ...rest, body_root: bodyRoot } };
  }
  const epoch = Math.floor(slot / SLOTS_PER_EPOCH);
  const place = { name: `BLOCK_V2 ${version}`, member: 'beacon_block', epoch, asRequested };
  return { ...dutyOf(place, pubkey, message), name: `BLOCK_V2 of ${kind}` };
}

/** Another `head` byte makes another vote for the same target. */
export function voteDuty(
  pubkey: string,
  target: number,
  { source = target - 1, head = 'a1' } = {},
): LodestarDuty {
  const place = { name: 'ATTESTATION', member: 'attestation', epoch: target };
  const duty = dutyOf(place, pubkey, vote(target, { source, head }));
  return { ...duty, name: `ATTESTATION for epoch ${String(target)}` };
}

function vote(target: number, { source = target - 1, head = 'a1' } = {}): JsonObject {
  return {
    ...{ slot: slotIn(target), index: '0', beacon_block_root: root(head) },
    source: { epoch: String(source), root: root('a2') },
    target: { epoch: String(target), root: root('a3') },
  };
}

/** Public keys, with `0x`, and what each of them is to do. */
interface Keys {
  readonly proposer: string;
  readonly attester: string;
  readonly syncMember: string;
}

/** All that policy permits from the first day. */
export function everydayDuties(keys: Keys): readonly LodestarDuty[] {
  const { proposer, attester, syncMember } = keys;
  const slot = slotIn(3);
  const at = (name: string, member: string): Place => ({ name, member, epoch: 3 });
  return [
    ...Object.keys(BLOCKS).map((kind) => blockDuty(proposer, kind)),
    ...[1, 2, 3, 4].map((target) => voteDuty(attester, target)),
    dutyOf(at('AGGREGATION_SLOT', 'aggregation_slot'), attester, { slot }),
    dutyOf(at('AGGREGATE_AND_PROOF', 'aggregate_and_proof'), attester, {
      aggregator_index: '7',
      aggregate: { aggregation_bits: '0x0d', data: vote(3), signature: SIGNATURE },
      selection_proof: SIGNATURE,
    }),
    dutyOf(at('RANDAO_REVEAL', 'randao_reveal'), proposer, { epoch: '3' }),
    dutyOf(at('SYNC_COMMITTEE_MESSAGE', 'sync_committee_message'), syncMember, {
      ...{ slot, beacon_block_root: root('a1') },
    }),
    dutyOf(at('SYNC_COMMITTEE_SELECTION_PROOF', 'sync_aggregator_selection_data'), syncMember, {
      ...{ slot, subcommittee_index: '2' },
    }),
    dutyOf(at('SYNC_COMMITTEE_CONTRIBUTION_AND_PROOF', 'contribution_and_proof'), syncMember, {
      ...{ aggregator_index: '7', selection_proof: SIGNATURE },
      contribution: {
        ...{ slot, beacon_block_root: root('a1'), subcommittee_index: '2' },
        ...{ aggregation_bits: '0x2d', signature: SIGNATURE },
      },
    }),
    dutyOf({ name: 'VALIDATOR_REGISTRATION', member: 'validator_registration' }, proposer, {
      ...{ fee_recipient: `0x${'ab'.repeat(20)}`, gas_limit: '36000000', pubkey: proposer },
    }),
  ];
}

export function exitDuty(pubkey: string): LodestarDuty {
  const place = { name: 'VOLUNTARY_EXIT', member: 'voluntary_exit', epoch: 3 };
  return dutyOf(place, pubkey, { epoch: '3', validator_index: '7' });
}

export function depositDuty(pubkey: string): LodestarDuty {
  return dutyOf({ name: 'DEPOSIT', member: 'deposit' }, pubkey, {
    ...{ pubkey, withdrawal_credentials: root('01'), amount: '32000000000' },
    genesis_fork_version: GENESIS_VERSION,
  });
}
