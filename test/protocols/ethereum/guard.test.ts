import { describe, expect, test } from '@jest/globals';

import { createDutyReader, type Network, NETWORKS } from '../../../signers/bls12381/index.ts';
import type { JsonObject } from '../../../src/base/json.ts';
import type { Finding, StateView } from '../../../src/core/protocol.ts';
import { createGuard, type GuardDeps } from '../../../src/protocols/ethereum/guard.ts';
import { readRawRoot } from '../../../src/protocols/ethereum/raw-root.ts';
import { settingsKey, writeSettings } from '../../../src/protocols/ethereum/settings.ts';
import {
  attestation,
  block,
  EPOCH,
  exit,
  forkInfo,
  MAINNET_ROOT,
  preferences,
  randao,
  registration,
  root,
  SLOT,
} from '../../support/duties.ts';
import { hex } from '../../support/hex.ts';

const PUBKEY = hex('ab'.repeat(48));
const RECIPIENT = hex('ab'.repeat(20));
/** Mainnet is at `SLOT`. */
const NOW = 1_726_824_023_000;

interface Asked extends Partial<GuardDeps> {
  readonly state?: StateView;
  readonly now?: number;
}

function find(body: JsonObject, asked: Asked = {}): Finding {
  const { state = new Map(), now = NOW, ...deps } = asked;
  const { network = NETWORKS.mainnet } = deps;
  const isRaw = body['type'] === undefined;
  const duty = isRaw ? readRawRoot(body) : createDutyReader(network)(body['type'], body);
  if (!duty.ok) throw new Error(duty.error.message);
  const judge = createGuard({ network, hasKey: () => true, allowsRawRoot: () => true, ...deps });
  const context = { now, generation: 1n, caller: 'client', entropy: () => new Uint8Array(64) };
  const judgement = judge({ id: 'part', pubkey: PUBKEY, duty: duty.value }, state, context);
  const [finding] = judgement.findings;
  if (finding === undefined) throw new Error('nothing was found');
  expect(judgement.inputs).toEqual({ root: duty.value.signingRoot });
  return finding;
}

function codes(body: JsonObject, asked: Asked = {}): readonly string[] {
  return find(body, asked).violations.map(({ code }) => code);
}

const foreign = {
  fork_info: { ...forkInfo, genesis_validators_root: root(1) },
};

describe('a duty', () => {
  test.each([
    ['attestation', attestation(EPOCH)],
    ['block', block(SLOT)],
    ['randao reveal', randao(EPOCH)],
    ['exit', exit(EPOCH)],
    ['registration', registration(PUBKEY)],
    ['preference', preferences(SLOT + 1n)],
  ])('of this chain and time passes: %s', (_name, body) => {
    expect(codes(body)).toEqual([]);
  });

  test('of a key that is not loaded is refused first of all', () => {
    const asked = { hasKey: () => false };
    expect(codes({ ...attestation(EPOCH), ...foreign }, asked)[0]).toBe('ethereum.unknown_key');
  });

  test.each([attestation(EPOCH), block(SLOT), randao(EPOCH), exit(EPOCH)])(
    'of another chain is refused, whatever its type',
    (body) => {
      expect(codes({ ...body, ...foreign })).toEqual(['slashing.wrong_genesis']);
    },
  );

  test('is of any chain where the network has no known root', () => {
    const network: Network = NETWORKS.minimal;
    expect(codes({ ...attestation(EPOCH), ...foreign }, { network })).toEqual([]);
  });

  test('carries what slashing protection records', () => {
    expect(find(attestation(EPOCH)).duty).toEqual({
      duty: {
        kind: 'attestation',
        key: PUBKEY,
        source: EPOCH - 1n,
        target: EPOCH,
        root: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      genesisRoot: MAINNET_ROOT,
    });
    expect(find(block(SLOT)).duty?.duty).toMatchObject({ kind: 'block', key: PUBKEY, slot: SLOT });
    expect(find(randao(EPOCH)).duty).toBeUndefined();
    expect(find(registration(PUBKEY)).duty).toBeUndefined();
  });
});

describe('the clock', () => {
  test.each([
    ['a block of the next slot', block(SLOT + 1n), []],
    ['a block of the slot after', block(SLOT + 2n), ['slashing.far_future']],
    ['an attestation of the next epoch', attestation(EPOCH + 1n, { slot: SLOT }), []],
    [
      'an attestation of the epoch after',
      attestation(EPOCH + 2n, { slot: SLOT }),
      ['slashing.far_future'],
    ],
    [
      'an attestation of a slot far ahead',
      attestation(EPOCH, { slot: SLOT + 2n }),
      ['slashing.far_future'],
    ],
    ['a reveal two epochs ahead', randao(EPOCH + 2n), []],
    ['a reveal three epochs ahead', randao(EPOCH + 3n), ['ethereum.far_future']],
    ['an exit far ahead', exit(EPOCH + 1000n), []],
    ['a block long ago', block(1n), []],
  ])('judges %s', (_what, body, expected) => {
    expect(codes(body)).toEqual(expected);
  });

  test('is not asked where genesis is not known', () => {
    expect(codes(block(10n ** 9n), { network: NETWORKS.minimal })).toEqual([]);
  });

  test('before genesis stands at slot zero', () => {
    expect(codes(block(1n), { now: 0 })).toEqual([]);
    expect(codes(block(2n), { now: 0 })).toEqual(['slashing.far_future']);
  });

  test('refuses numbers beyond 64 bits with a sign, even without a genesis', () => {
    const network = NETWORKS.minimal;
    const finding = find(block(2n ** 63n), { network });
    expect(finding.violations.map(({ code }) => code)).toEqual(['ethereum.out_of_range']);
    expect(finding.facts['slot']).toBe(2n ** 63n - 1n);
    expect(codes(block(2n ** 63n - 1n), { network })).toEqual([]);
    const old = find(registration(PUBKEY, { timestamp: String(2n ** 64n - 1n) }));
    expect(old.violations.map(({ code }) => code)).toEqual(['ethereum.out_of_range']);
    expect(old.facts['age_s']).toBe(-(2n ** 63n));
  });
});

describe('what the operator ordered', () => {
  const ordered = (settings: Parameters<typeof writeSettings>[0]): Asked => ({
    state: new Map([[settingsKey(PUBKEY), writeSettings(settings)]]),
  });
  const other = hex('cd'.repeat(20));

  test.each([
    ['registration', registration(PUBKEY)],
    ['preference', preferences(SLOT + 1n)],
  ])('binds the fee recipient and the gas limit of a %s', (_which, body) => {
    expect(codes(body, ordered({ feeRecipient: RECIPIENT, gasLimit: 36_000_000n }))).toEqual([]);
    expect(codes(body, ordered({ feeRecipient: other }))).toEqual(['ethereum.fee_recipient']);
    expect(codes(body, ordered({ gasLimit: 30_000_000n }))).toEqual(['ethereum.gas_limit']);
    expect(codes(body, ordered({}))).toEqual([]);
  });

  test('says what was ordered, and how to change it', () => {
    const [problem] = find(registration(PUBKEY), ordered({ feeRecipient: other })).violations;
    expect(problem?.message).toBe(
      `the fee recipient ordered is \`0x${other}\`; set the same in the client, or order another with the Keymanager API`,
    );
  });

  test('is no matter for duties that earn nothing', () => {
    expect(codes(attestation(EPOCH), ordered({ feeRecipient: other }))).toEqual([]);
  });
});

describe('a bare root', () => {
  const bare = { signingRoot: root(7), domain_name: 'randao' };
  const blockClaims = {
    signingRoot: root(7),
    domain_name: 'beacon_proposer',
    slot: String(SLOT),
    genesis_validators_root: `0x${MAINNET_ROOT}`,
  };
  const voteClaims = {
    signingRoot: root(7),
    domain: '0x01000000',
    source_epoch: EPOCH - 1n,
    target_epoch: String(EPOCH),
    genesis_validators_root: MAINNET_ROOT,
  };

  test('is refused unless the operator allows its domain', () => {
    const allowsRawRoot: GuardDeps['allowsRawRoot'] = (domain) => domain === 'RANDAO';
    expect(codes(bare, { allowsRawRoot })).toEqual([]);
    expect(codes({ ...bare, domain_name: 'deposit' }, { allowsRawRoot })).toEqual([
      'ethereum.raw_root_off',
    ]);
  });

  test('of a domain that could be slashed is refused without claims, allowed or not', () => {
    const allowsRawRoot = (): boolean => false;
    for (const domain of ['beacon_proposer', 'beacon_attester']) {
      const unclaimed = { ...bare, domain_name: domain };
      expect(codes(unclaimed)).toEqual(['ethereum.raw_root_unclaimed']);
      expect(codes(unclaimed, { allowsRawRoot })).toEqual(['ethereum.raw_root_off']);
    }
  });

  test('is recorded as what it is said to be', () => {
    expect(find(blockClaims)).toMatchObject({
      action: 'raw_root',
      facts: { domain: 'BEACON_PROPOSER', slot: SLOT },
      duty: {
        duty: { kind: 'block', slot: SLOT, root: root(7).slice(2) },
        genesisRoot: MAINNET_ROOT,
      },
    });
    expect(find(voteClaims)).toMatchObject({
      facts: { domain: 'BEACON_ATTESTER', source_epoch: EPOCH - 1n, target_epoch: EPOCH },
      duty: { duty: { kind: 'attestation', source: EPOCH - 1n, target: EPOCH } },
    });
  });

  test('cannot lock its key by a claim far ahead, nor be of another chain', () => {
    expect(codes({ ...blockClaims, slot: String(SLOT + 2n) })).toEqual(['slashing.far_future']);
    expect(codes({ ...voteClaims, target_epoch: String(EPOCH + 2n) })).toEqual([
      'slashing.far_future',
    ]);
    expect(codes({ ...blockClaims, genesis_validators_root: root(1) })).toEqual([
      'slashing.wrong_genesis',
    ]);
    expect(
      codes({ ...blockClaims, slot: String(2n ** 64n - 1n) }, { network: NETWORKS.minimal }),
    ).toEqual(['ethereum.out_of_range']);
  });
});
