import { describe, expect, test } from '@jest/globals';

import {
  createDutyReader,
  DUTY_TYPES,
  type DutyType,
  type Network,
  NETWORKS,
} from '../../../signers/bls12381/index.ts';
import { isJsonObject, type JsonObject } from '../../../src/base/json.ts';
import type { Finding, JudgeContext } from '../../../src/core/protocol.ts';
import type { FactSpec, FactValue } from '../../../src/policy/facts.ts';
import { actionOf } from '../../../src/protocols/ethereum/duty-facts.ts';
import { actions } from '../../../src/protocols/ethereum/facts.ts';
import { createGuard } from '../../../src/protocols/ethereum/guard.ts';
import { goodRequest, networkOf, objectIn, signingRootCases } from '../../support/bls-vectors.ts';
import { attestation, block, forkInfo, preferences, registration } from '../../support/duties.ts';
import { hex } from '../../support/hex.ts';

const PUBKEY = hex('ab'.repeat(48));
const OTHER = hex('cd'.repeat(48));
const NOW = 1_726_824_023_000;

const context: JudgeContext = {
  now: NOW,
  generation: 1n,
  caller: 'client-1',
  entropy: () => new Uint8Array(64),
};

function find(body: JsonObject, network: Network = NETWORKS.mainnet): Finding {
  const duty = createDutyReader(network)(body['type'], body);
  if (!duty.ok) throw new Error(duty.error.message);
  const judge = createGuard({ network, hasKey: () => true, allowsRawRoot: () => false });
  const part = { id: 'part', pubkey: PUBKEY, duty: duty.value };
  const [finding] = judge(part, new Map(), context).findings;
  if (finding === undefined) throw new Error('nothing was found');
  return finding;
}

function factsOf(body: JsonObject): Finding['facts'] {
  return find(body).facts;
}

/** What the facts of an action are not as they are declared. */
function faults({ action, facts }: Finding): readonly string[] {
  const specs = actions[action]?.facts ?? {};
  return [
    ...Object.entries(specs).flatMap(([name, spec]) => {
      const value = facts[name];
      if (value === undefined) return spec.optional === true ? [] : [`${name} is missing`];
      return isOfType(value, spec) ? [] : [`${name} is no ${spec.type}`];
    }),
    ...Object.keys(facts).flatMap((name) => (name in specs ? [] : [`${name} is not declared`])),
  ];
}

function isOfType(value: FactValue, { type }: FactSpec): boolean {
  const typeOf: Readonly<Record<string, string>> = {
    int: 'bigint',
    string: 'string',
    bool: 'boolean',
  };
  return typeof value === typeOf[type];
}

const aggregate = objectIn(goodRequest('AGGREGATE_AND_PROOF_V2 deneb'), 'aggregate_and_proof');
/** Of types that the vectors for mainnet do not have. */
const others: readonly JsonObject[] = [
  {
    type: 'AGGREGATE_AND_PROOF',
    fork_info: forkInfo,
    aggregate_and_proof: objectIn(aggregate, 'data'),
  },
  {
    type: 'BUILDER_REQUEST_AUTH',
    builder_request_auth: { version: 'GLOAS', data: { data: '0x6162', slot: '9999999' } },
  },
];
const vectors = [
  'produced-mainnet-preset-all-forks',
  'lodestar-1.5.1-captured-minimal-preset',
].flatMap((file) => signingRootCases(file));

function versionOf({ beacon_block: member }: JsonObject): unknown {
  return isJsonObject(member) ? member['version'] : undefined;
}

/** The older type of a block. */
function blockOf(request: JsonObject | undefined): JsonObject {
  if (request === undefined) throw new Error('no vector has a block of phase0');
  const { fork_info = null } = request;
  return { type: 'BLOCK', fork_info, block: objectIn(objectIn(request, 'beacon_block'), 'block') };
}

describe('the facts of a duty', () => {
  const seen = new Map<DutyType, readonly string[]>();
  const phase0 = vectors.find(({ request }) => versionOf(request) === 'PHASE0');
  const asked = [
    ...vectors.map((item) => ({ request: item.request, network: networkOf(item) })),
    ...others.map((request) => ({ request, network: NETWORKS.mainnet })),
    { request: blockOf(phase0?.request), network: NETWORKS.minimal },
  ];
  for (const { request, network } of asked) {
    const type = DUTY_TYPES.find((name) => name === request['type']);
    if (type === undefined) continue;
    seen.set(type, [...(seen.get(type) ?? []), ...faults(find(request, network))]);
  }

  test.each([...DUTY_TYPES])('%s are those that its action declares, of their types', (type) => {
    expect(seen.get(type)).toEqual([]);
  });

  test.each([...DUTY_TYPES])('%s has an action that policy knows', (type) => {
    expect(Object.keys(actions)).toContain(actionOf(type));
  });

  test('tell who asks, for which key, and on which chain', () => {
    expect(factsOf(attestation(312_500n))).toMatchObject({
      caller: 'client-1',
      key: `0x${PUBKEY}`,
      network: 'mainnet',
      type: 'ATTESTATION',
      fork_version: '0x05000000',
      fork_known: true,
    });
  });

  test('of an attestation are its checkpoints and its head', () => {
    expect(factsOf(attestation(312_500n, { source: 312_498n, head: 9n }))).toMatchObject({
      slot: 10_000_000n,
      epoch: 312_500n,
      source_epoch: 312_498n,
      target_epoch: 312_500n,
      committee_index: 0n,
      block_root: `0x${'9'.padStart(64, '0')}`,
    });
  });

  test('of a block are its slot and its proposer', () => {
    expect(factsOf(block(10_000_000n))).toMatchObject({ slot: 10_000_000n, proposer_index: 7n });
  });

  test('tell a fork that the network is not known to have', () => {
    const foreign = { ...forkInfo, fork: { ...forkInfo.fork, previous_version: '0x99000000' } };
    expect(factsOf({ ...attestation(312_500n), fork_info: foreign })).toMatchObject({
      fork_version: '0x99000000',
      fork_known: false,
    });
  });

  test('of a registration are who earns, how old it is, and whether it is of its own key', () => {
    const timestamp = String(NOW / 1000 - 60);
    expect(factsOf(registration(PUBKEY, { timestamp }))).toMatchObject({
      fee_recipient: `0x${'ab'.repeat(20)}`,
      gas_limit: 36_000_000n,
      age_s: 60n,
      pubkey_matches: true,
      fork_version: '0x00000000',
    });
    const ahead = registration('cd'.repeat(48), { timestamp: String(NOW / 1000 + 60) });
    expect(factsOf(ahead)).toMatchObject({ age_s: -60n, pubkey_matches: false });
  });

  test.each<[DutyType, string, readonly FactValue[]]>([
    ['ATTESTATION', 'key', [`0x${PUBKEY}`, `0x${OTHER}`]],
    ['VALIDATOR_REGISTRATION', 'pubkey_matches', [true, false]],
    ['VALIDATOR_REGISTRATION', 'age_s', [0n, 60n]],
    ['DEPOSIT', 'pubkey_matches', [true, false]],
  ])('of one %s that two keys are asked to sign are each key’s own: %s', (type, fact, values) => {
    const bodies: Partial<Record<DutyType, JsonObject>> = {
      ATTESTATION: attestation(10n),
      VALIDATOR_REGISTRATION: registration(PUBKEY, { timestamp: String(NOW / 1000) }),
      DEPOSIT: {
        type: 'DEPOSIT',
        deposit: {
          pubkey: `0x${PUBKEY}`,
          withdrawal_credentials: `0x${'00'.repeat(32)}`,
          amount: '32000000000',
          genesis_fork_version: '0x00000000',
        },
      },
    };
    const duty = createDutyReader(NETWORKS.mainnet)(type, bodies[type] ?? {});
    if (!duty.ok) throw new Error(duty.error.message);
    const judge = createGuard({
      network: NETWORKS.mainnet,
      hasKey: () => true,
      allowsRawRoot: () => false,
    });
    const seen = [PUBKEY, OTHER].map((pubkey, index) => {
      const now = NOW + 60_000 * index;
      const part = { id: 'part', pubkey, duty: duty.value };
      return judge(part, new Map(), { ...context, now }).findings[0]?.facts[fact];
    });
    expect(seen).toEqual(values);
  });

  test('of preferences are who earns and the target of the gas limit', () => {
    expect(factsOf(preferences(10_000_001n))).toMatchObject({
      slot: 10_000_001n,
      fee_recipient: `0x${'ab'.repeat(20)}`,
      gas_limit: 36_000_000n,
      validator_index: 7n,
    });
  });

  test('of an envelope tell a payload that the proposer made itself from one of a builder', () => {
    const { signingRoot, ...request } = goodRequest('EXECUTION_PAYLOAD_ENVELOPE gloas');
    expect(signingRoot).toBeDefined();
    const envelope = objectIn(request, 'execution_payload_envelope');
    const by = (builder_index: string): Finding => {
      const data = { ...objectIn(envelope, 'data'), builder_index };
      return find({ ...request, execution_payload_envelope: { ...envelope, data } });
    };
    expect(by('7').facts).toMatchObject({ self_built: false, builder_index: 7n });
    const own = by(String(2n ** 64n - 1n));
    expect(own.facts).toMatchObject({ self_built: true });
    expect(own.facts).not.toHaveProperty('builder_index');
    expect(own.violations.map(({ code }) => code)).not.toContain('ethereum.out_of_range');
    expect(faults(own)).toEqual([]);
  });
});
