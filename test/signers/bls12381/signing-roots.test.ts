import { describe, expect, test } from '@jest/globals';

import { createDutyReader, DUTY_TYPES, NETWORKS } from '../../../signers/bls12381/index.ts';
import type { JsonObject } from '../../../src/base/json.ts';
import {
  goodRequest,
  networkOf,
  objectIn,
  signingRootCases,
  textIn,
} from '../../support/bls-vectors.ts';
import { verifies } from '../../support/bls-signatures.ts';

const readMainnet = createDutyReader(NETWORKS.mainnet);

function rootOf(request: JsonObject, read = readMainnet): string {
  const duty = read(request['type'], request);
  return duty.ok ? `0x${duty.value.signingRoot}` : duty.error.message;
}

function without(object: JsonObject, ...names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

const FILES = [
  'openapi-examples',
  'lodestar-1.5.1-captured-minimal-preset',
  'produced-mainnet-preset-all-forks',
];

describe.each(FILES)('%s', (file) => {
  const cases = signingRootCases(file).map((item) => [item.name, item] as const);

  test('has cases', () => {
    expect(cases.length).toBeGreaterThan(30);
  });

  test.each(cases)('%s has the root that was published', (_name, item) => {
    const { signingRoot, ...request } = item.request;
    expect(rootOf(request, createDutyReader(networkOf(item)))).toBe(signingRoot);
  });

  const signed = cases.filter(([, { signature }]) => signature !== undefined);
  if (signed.length === 0) return;
  test.each(signed)('the signature of %s is of the root that we compute', (_name, item) => {
    const { request, publicKey = '', signature } = item;
    const root = rootOf(request, createDutyReader(networkOf(item)));
    expect(verifies(publicKey, root, signature)).toBe(true);
  });
});

describe('the body', () => {
  const attestation = goodRequest('ATTESTATION electra');
  const root = attestation['signingRoot'];

  test('names its type in either case', () => {
    expect(rootOf({ ...attestation, type: 'attestation' })).toBe(root);
    expect(rootOf({ ...attestation, type: 'Attestation' })).toBe(root);
  });

  test('names the fork of a message in either case', () => {
    const request = goodRequest('PROPOSER_PREFERENCES gloas');
    const member = objectIn(request, 'proposer_preferences');
    const written = { ...request, proposer_preferences: { ...member, version: 'gloas' } };
    expect(rootOf(written)).toBe(request['signingRoot']);
  });

  test('may have members that we do not know', () => {
    const message = objectIn(attestation, 'attestation');
    const request = { ...attestation, attestation: { ...message, new_in_heze: { a: [1n] } } };
    expect(rootOf({ ...request, comment: 'x' })).toBe(root);
  });

  test('may hold integers as numbers, and hex in upper case', () => {
    const message = objectIn(attestation, 'attestation');
    const numbers = { slot: BigInt(textIn(message, 'slot')), index: 0n };
    const upper = textIn(message, 'beacon_block_root').toUpperCase().replace('0X', '0x');
    const request = {
      ...attestation,
      attestation: { ...message, ...numbers, beacon_block_root: upper },
    };
    expect(rootOf(request)).toBe(root);
  });

  test('may leave out the root, or name it as older clients do', () => {
    const bare = without(attestation, 'signingRoot');
    expect(rootOf(bare)).toBe(root);
    expect(rootOf({ ...bare, signing_root: root ?? '' })).toBe(root);
    expect(rootOf({ ...bare, signingRoot: null })).toBe(root);
  });

  test.each(['signingRoot', 'signing_root'])('is refused when `%s` is another root', (name) => {
    const other = `0x${'ab'.repeat(32)}`;
    const duty = readMainnet('ATTESTATION', {
      ...without(attestation, 'signingRoot'),
      [name]: other,
    });
    expect(duty).toMatchObject({ ok: false, error: { code: 'duty.signing-root' } });
    expect(JSON.stringify(duty)).not.toContain('abab');
  });

  test('is refused when only one of two given roots is right', () => {
    const duty = readMainnet('ATTESTATION', {
      ...attestation,
      signing_root: `0x${'00'.repeat(32)}`,
    });
    expect(duty).toMatchObject({ ok: false, error: { code: 'duty.signing-root' } });
  });
});

describe('a registration', () => {
  const request = goodRequest('VALIDATOR_REGISTRATION hoodi');

  test('is for the network that is configured', () => {
    expect(rootOf(request, createDutyReader(NETWORKS.hoodi))).toBe(request['signingRoot']);
    expect(readMainnet('VALIDATOR_REGISTRATION', request).ok).toBe(false);
  });

  test('may bring the genesis fork version along', () => {
    expect(rootOf({ ...request, genesis_fork_version: '0x10000910' })).toBe(request['signingRoot']);
    const duty = readMainnet('VALIDATOR_REGISTRATION', { ...request, genesis_fork_version: '0x' });
    expect(duty).toMatchObject({
      error: { code: 'duty.malformed', field: 'genesis_fork_version' },
    });
  });
});

describe('what policy and slashing protection see', () => {
  test('of an attestation', () => {
    const duty = readMainnet('ATTESTATION', goodRequest('ATTESTATION with uint64 maximum values'));
    const max = 2n ** 64n - 1n;
    expect(duty).toMatchObject({
      value: {
        type: 'ATTESTATION',
        domain: 'BEACON_ATTESTER',
        slot: max,
        epoch: max,
        slashable: { kind: 'attestation', source: max, target: max },
        message: { slot: max, target: { epoch: max } },
      },
    });
  });

  test('of a block', () => {
    const duty = readMainnet('BLOCK_V2', goodRequest('BLOCK_V2 FULU proposer_index above 2^53'));
    expect(duty).toMatchObject({
      value: {
        messageFork: 'FULU',
        slashable: { kind: 'block', slot: expect.any(BigInt) },
        message: { proposer_index: 2n ** 53n + 1n },
        forkInfo: { genesis_validators_root: NETWORKS.mainnet.genesisValidatorsRoot },
      },
    });
  });

  test('of a registration, which is bound to no chain', () => {
    const duty = readMainnet(
      'VALIDATOR_REGISTRATION',
      goodRequest('VALIDATOR_REGISTRATION mainnet'),
    );
    expect(duty).toMatchObject({
      value: {
        forkVersion: '00000000',
        forkInfo: undefined,
        slashable: undefined,
        message: {
          fee_recipient: expect.stringMatching(/^[0-9a-f]{40}$/),
          gas_limit: expect.any(BigInt),
          timestamp: expect.any(BigInt),
          pubkey: expect.stringMatching(/^[0-9a-f]{96}$/),
        },
      },
    });
  });

  test('of a deposit', () => {
    const duty = readMainnet('DEPOSIT', goodRequest('DEPOSIT mainnet'));
    expect(duty).toMatchObject({
      value: { message: { genesis_fork_version: '00000000', amount: expect.any(BigInt) } },
    });
  });

  test('only blocks and attestations can be slashed', () => {
    const all = FILES.flatMap(signingRootCases).map((item) =>
      createDutyReader(networkOf(item))(item.request['type'], item.request),
    );
    const slashable = all.flatMap((duty) => (duty.ok && duty.value.slashable ? [duty.value] : []));
    const types = new Set(slashable.map(({ type }) => type));
    expect([...types].sort()).toEqual(['ATTESTATION', 'BLOCK_V2']);
  });
});

describe('types', () => {
  test('are those of the standard', () => {
    expect(DUTY_TYPES).toEqual([
      'BLOCK',
      'BLOCK_V2',
      'ATTESTATION',
      'AGGREGATE_AND_PROOF',
      'AGGREGATE_AND_PROOF_V2',
      'AGGREGATION_SLOT',
      'RANDAO_REVEAL',
      'VOLUNTARY_EXIT',
      'DEPOSIT',
      'SYNC_COMMITTEE_MESSAGE',
      'SYNC_COMMITTEE_SELECTION_PROOF',
      'SYNC_COMMITTEE_CONTRIBUTION_AND_PROOF',
      'VALIDATOR_REGISTRATION',
      'PAYLOAD_ATTESTATION_MESSAGE',
      'PROPOSER_PREFERENCES',
      'EXECUTION_PAYLOAD_BID',
      'EXECUTION_PAYLOAD_ENVELOPE',
      'BUILDER_REQUEST_AUTH',
    ]);
  });

  test('of the withdrawal key are refused by name', () => {
    const duty = readMainnet('BLS_TO_EXECUTION_CHANGE', {});
    expect(duty).toMatchObject({ ok: false, error: { code: 'duty.withdrawal-key' } });
  });

  test.each([undefined, null, 1n, '', 'PAYLOAD', 'constructor', 'toString'])(
    '%s is none',
    (type) => {
      const duty = readMainnet(type, {});
      expect(duty).toMatchObject({ ok: false, error: { code: 'duty.type' } });
    },
  );
});
