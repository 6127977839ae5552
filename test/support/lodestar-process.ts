/**
 * Lodestar's validator client as far as it signs: its `ValidatorStore` with remote signers alone. It is
 * a process of its own because Lodestar fixes its preset for the whole process. Its slashing protection
 * lets everything through, so that whatever is refused was refused by the signer.
 *
 * Started with its setup as JSON in the first argument; asked by IPC.
 */
import process from 'node:process';

import { createIBeaconConfig } from '@lodestar/config';
import { SLOTS_PER_EPOCH } from '@lodestar/params';
import { type phase0, ssz } from '@lodestar/types';
import {
  externalSignerGetKeys,
  externalSignerPostSignature,
  externalSignerUpCheck,
  SignerType,
  ValidatorStore,
} from '@lodestar/validator';

import { fromHex } from '../../src/base/hex.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { unreachable } from '../../src/base/unreachable.ts';
import { withPrefix } from './bls-json.ts';
import { objectIn, textIn } from './bls-vectors.ts';
import { hex } from './hex.ts';
import type { LodestarAsk, LodestarSetup } from './lodestar-client.ts';

type StoreParts = ConstructorParameters<typeof ValidatorStore>;
type AttesterDuty = Parameters<ValidatorStore['signAttestation']>[0];
type SignableMessage = Parameters<typeof externalSignerPostSignature>[5];

// SAFETY: whoever starts this program gives it its setup.
// eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
const { url, pubkeys, genesisRoot, forkEpochs } = JSON.parse(
  process.argv[2] ?? '',
) as LodestarSetup;

const config = createIBeaconConfig(
  {
    ALTAIR_FORK_EPOCH: forkEpochs.ALTAIR,
    BELLATRIX_FORK_EPOCH: forkEpochs.BELLATRIX,
    CAPELLA_FORK_EPOCH: forkEpochs.CAPELLA,
  },
  bytes(genesisRoot),
);

const unguarded: StoreParts[1] = {
  checkAndInsertBlockProposal: () => Promise.resolve(),
  checkAndInsertAttestation: () => Promise.resolve(),
  importInterchange: () => Promise.reject(new Error('it keeps no history')),
  exportInterchange: () => Promise.reject(new Error('it keeps no history')),
};
// SAFETY: the client's services ask for the indices of validators, nothing that signs does.
// eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
const noIndices = {} as unknown as StoreParts[2];

const store = new ValidatorStore(
  config,
  unguarded,
  noIndices,
  null,
  null,
  pubkeys.map((pubkey) => ({ type: SignerType.Remote, url, pubkey })),
  undefined,
  bytes(genesisRoot),
);

type SignDuty = (pubkey: string, message: JsonObject) => Promise<Uint8Array | Composed>;

/** The client put it together itself. */
interface Composed {
  readonly message: unknown;
  readonly signature: Uint8Array;
}

/** What its services have signed, by the type of request that it makes of that. */
const duties: Readonly<Record<string, SignDuty>> = {
  async BLOCK_V2(pubkey, block) {
    const slot = numberIn(block, 'slot');
    const isBlinded = 'execution_payload_header' in objectIn(block, 'body');
    const types = isBlinded ? config.getBlindedForkTypes(slot) : config.getForkTypes(slot);
    const { signature } = await store.signBlock(
      bytes(pubkey),
      types.BeaconBlock.fromJson(block),
      slot,
    );
    return signature;
  },
  async ATTESTATION(pubkey, message) {
    const data = ssz.phase0.AttestationData.fromJson(message);
    const { signature } = await store.signAttestation(
      dutyOf(pubkey, data),
      data,
      data.target.epoch,
    );
    return signature;
  },
  AGGREGATION_SLOT: (pubkey, message) =>
    store.signAttestationSelectionProof(pubkey, numberIn(message, 'slot')),
  async AGGREGATE_AND_PROOF(pubkey, message) {
    const { aggregate, aggregatorIndex, selectionProof } =
      ssz.phase0.AggregateAndProof.fromJson(message);
    const { signature } = await store.signAggregateAndProof(
      { ...dutyOf(pubkey, aggregate.data), validatorIndex: aggregatorIndex },
      selectionProof,
      aggregate,
    );
    return signature;
  },
  RANDAO_REVEAL: (pubkey, message) =>
    store.signRandao(bytes(pubkey), SLOTS_PER_EPOCH * numberIn(message, 'epoch')),
  async SYNC_COMMITTEE_MESSAGE(pubkey, message) {
    const { signature } = await store.signSyncCommitteeSignature(
      pubkey,
      MEMBER.validatorIndex,
      numberIn(message, 'slot'),
      bytes(textIn(message, 'beacon_block_root')),
    );
    return signature;
  },
  SYNC_COMMITTEE_SELECTION_PROOF: (pubkey, message) =>
    store.signSyncCommitteeSelectionProof(
      pubkey,
      numberIn(message, 'slot'),
      numberIn(message, 'subcommittee_index'),
    ),
  async SYNC_COMMITTEE_CONTRIBUTION_AND_PROOF(pubkey, message) {
    const asked = ssz.altair.ContributionAndProof.fromJson(message);
    const { signature } = await store.signContributionAndProof(
      { pubkey, validatorIndex: asked.aggregatorIndex },
      asked.selectionProof,
      asked.contribution,
    );
    return signature;
  },
  async VOLUNTARY_EXIT(pubkey, message) {
    const { validatorIndex, epoch } = ssz.phase0.VoluntaryExit.fromJson(message);
    const { signature } = await store.signVoluntaryExit(pubkey, validatorIndex, epoch);
    return signature;
  },
  async VALIDATOR_REGISTRATION(pubkey, message) {
    const wanted = {
      feeRecipient: textIn(message, 'fee_recipient'),
      gasLimit: numberIn(message, 'gas_limit'),
    };
    const { message: composed, signature } = await store.getValidatorRegistration(
      pubkey,
      wanted,
      0,
    );
    return { message: ssz.bellatrix.ValidatorRegistrationV1.toJson(composed), signature };
  },
};

/** What it can send, though no service of it does. */
const oddities: Readonly<Record<string, (message: JsonObject) => unknown>> = {
  DEPOSIT: (message) => ({
    ...ssz.phase0.DepositMessage.fromJson(message),
    genesisForkVersion: bytes(textIn(message, 'genesis_fork_version')),
  }),
  BLS_TO_EXECUTION_CHANGE: (message) => ssz.capella.BLSToExecutionChange.fromJson(message),
};

async function answer(ask: LodestarAsk): Promise<unknown> {
  switch (ask.call) {
    case 'keys':
      return externalSignerGetKeys(url);
    case 'up':
      return externalSignerUpCheck(url);
    case 'sign': {
      const made = await duties[ask.type]?.(ask.pubkey, ask.message);
      if (made === undefined) throw new Error(`the client has no duty ${ask.type}`);
      return made instanceof Uint8Array
        ? { message: ask.message, signature: withPrefix(made) }
        : { ...made, signature: withPrefix(made.signature) };
    }
    case 'post': {
      // SAFETY: the table makes of each type what the client's types want of it.
      // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
      const message = {
        type: ask.type,
        data: oddities[ask.type]?.(ask.message),
      } as unknown as SignableMessage;
      const root = bytes(ask.root);
      return externalSignerPostSignature(config, url, ask.pubkey, root, 0, message);
    }
    default:
      return unreachable(ask);
  }
}

/** Of a committee that it does not matter which. */
const MEMBER = {
  validatorIndex: 7,
  committeeLength: 4,
  committeesAtSlot: 1,
  validatorCommitteeIndex: 2,
};

function dutyOf(pubkey: string, { slot, index }: phase0.AttestationData): AttesterDuty {
  return { ...MEMBER, pubkey: bytes(pubkey), slot, committeeIndex: index };
}

function bytes(text: string): Uint8Array {
  return fromHex(hex(text.replace(/^0x/, '')));
}

function numberIn(message: JsonObject, name: string): number {
  return Number(textIn(message, name));
}

process.on('message', (ask: LodestarAsk & { readonly id: number }) => {
  void answer(ask).then(
    (value) => process.send?.({ id: ask.id, value }),
    (error: unknown) => process.send?.({ id: ask.id, error: String(error) }),
  );
});
process.send?.({ id: 0 });
