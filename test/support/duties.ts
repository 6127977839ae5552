/** Bodies of requests to sign, as validator clients of mainnet send them. */
import type { JsonObject } from '../../src/base/json.ts';

/** Of mainnet, without `0x`. */
export const MAINNET_ROOT = '4b363db94e286120d76eb905340fdd4e54bfe9f06bf33ff6cf5ad27f511bfe95';
/** In `ethereum-rig.ts` it is this slot. */
export const SLOT = 10_000_000n;
export const EPOCH = SLOT / 32n;

export const forkInfo = {
  fork: { previous_version: '0x05000000', current_version: '0x06000000', epoch: '411392' },
  genesis_validators_root: `0x${MAINNET_ROOT}`,
};

export function root(seed: number | bigint): string {
  return `0x${seed.toString(16).padStart(64, '0')}`;
}

export function attestation(
  target: bigint,
  { source = target - 1n, head = 1n, slot = 32n * target, fork_info = forkInfo } = {},
): JsonObject {
  return {
    type: 'ATTESTATION',
    fork_info,
    attestation: {
      slot: String(slot),
      index: '0',
      beacon_block_root: root(head),
      source: { epoch: String(source), root: root(2) },
      target: { epoch: String(target), root: root(3) },
    },
  };
}

export function block(slot: bigint, { body = 1n, fork_info = forkInfo } = {}): JsonObject {
  return {
    type: 'BLOCK_V2',
    fork_info,
    beacon_block: {
      version: 'FULU',
      block_header: {
        slot: String(slot),
        proposer_index: '7',
        parent_root: root(4),
        state_root: root(5),
        body_root: root(body),
      },
    },
  };
}

export function randao(epoch: bigint): JsonObject {
  return { type: 'RANDAO_REVEAL', fork_info: forkInfo, randao_reveal: { epoch: String(epoch) } };
}

export function registration(pubkey: string, changes: JsonObject = {}): JsonObject {
  return {
    type: 'VALIDATOR_REGISTRATION',
    validator_registration: {
      fee_recipient: `0x${'ab'.repeat(20)}`,
      gas_limit: '36000000',
      timestamp: '1726824023',
      pubkey: `0x${pubkey}`,
      ...changes,
    },
  };
}

export function exit(epoch: bigint): JsonObject {
  return {
    type: 'VOLUNTARY_EXIT',
    fork_info: forkInfo,
    voluntary_exit: { epoch: String(epoch), validator_index: '7' },
  };
}

export function preferences(slot: bigint, changes: JsonObject = {}): JsonObject {
  return {
    type: 'PROPOSER_PREFERENCES',
    fork_info: forkInfo,
    proposer_preferences: {
      version: 'GLOAS',
      data: {
        dependent_root: root(6),
        proposal_slot: String(slot),
        validator_index: '7',
        fee_recipient: `0x${'ab'.repeat(20)}`,
        target_gas_limit: '36000000',
        ...changes,
      },
    },
  };
}
