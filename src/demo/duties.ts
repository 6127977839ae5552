/** Duties as a validator client asks for them, each with the root that has to be signed. */
import { randomBytes } from 'node:crypto';

import { type Hex, toHex, fromHex } from '../base/hex.ts';
import type { JsonObject } from '../base/json.ts';
import { type Chain, containerRoot, DOMAIN, signingRoot, uint64Root } from './signing-root.ts';

export interface Duty {
  /** Of the Remote Signing API. */
  readonly body: JsonObject;
  readonly root: Uint8Array;
}

export interface Vote {
  readonly source: bigint;
  readonly target: bigint;
}

export interface Duties {
  /** For another head each time, so that two with one target are a double vote. */
  readonly attestation: (vote: Vote) => Duty;
  /** With another body each time. */
  readonly block: (slot: bigint) => Duty;
  readonly selectionProof: (slot: bigint) => Duty;
  readonly randaoReveal: (epoch: bigint) => Duty;
  readonly exit: (epoch: bigint) => JsonObject;
}

/** Eight slots make an epoch of the minimal preset. */
const SLOTS_PER_EPOCH = 8n;
const VALIDATOR = 17n;

export function createDuties(chain: Chain): Duties {
  const version = `0x${chain.forkVersion}`;
  const forkInfo = {
    fork: { previous_version: version, current_version: version, epoch: '0' },
    genesis_validators_root: `0x${chain.genesisValidatorsRoot}`,
  };
  const duty = (type: string, message: JsonObject, root: Uint8Array, domain: number): Duty => ({
    body: { type, fork_info: forkInfo, ...message },
    root: signingRoot(root, domain, chain),
  });

  return Object.freeze({
    attestation({ source, target }: Vote) {
      const slot = target * SLOTS_PER_EPOCH;
      const [head, from, to] = [randomRoot(), randomRoot(), randomRoot()];
      const attestation = {
        slot: String(slot),
        index: '0',
        beacon_block_root: `0x${head}`,
        source: { epoch: String(source), root: `0x${from}` },
        target: { epoch: String(target), root: `0x${to}` },
      };
      const root = containerRoot(
        uint64Root(slot),
        uint64Root(0n),
        fromHex(head),
        containerRoot(uint64Root(source), fromHex(from)),
        containerRoot(uint64Root(target), fromHex(to)),
      );
      return duty('ATTESTATION', { attestation }, root, DOMAIN.beaconAttester);
    },
    block(slot: bigint) {
      const [parent, state, body] = [randomRoot(), randomRoot(), randomRoot()];
      const header = {
        slot: String(slot),
        proposer_index: String(VALIDATOR),
        parent_root: `0x${parent}`,
        state_root: `0x${state}`,
        body_root: `0x${body}`,
      };
      const root = containerRoot(
        uint64Root(slot),
        uint64Root(VALIDATOR),
        ...[parent, state, body].map(fromHex),
      );
      const block = { version: 'DENEB', block_header: header };
      return duty('BLOCK_V2', { beacon_block: block }, root, DOMAIN.beaconProposer);
    },
    selectionProof: (slot: bigint) =>
      duty(
        'AGGREGATION_SLOT',
        { aggregation_slot: { slot: String(slot) } },
        uint64Root(slot),
        DOMAIN.selectionProof,
      ),
    randaoReveal: (epoch: bigint) =>
      duty(
        'RANDAO_REVEAL',
        { randao_reveal: { epoch: String(epoch) } },
        uint64Root(epoch),
        DOMAIN.randao,
      ),
    exit: (epoch: bigint) => ({
      type: 'VOLUNTARY_EXIT',
      fork_info: forkInfo,
      voluntary_exit: { epoch: String(epoch), validator_index: String(VALIDATOR) },
    }),
  });
}

function randomRoot(): Hex {
  return toHex(randomBytes(32));
}
