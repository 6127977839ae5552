import { describe, expect, test } from '@jest/globals';

import { createDutyReader, NETWORKS } from '../../../signers/bls12381/index.ts';
import type { JsonObject } from '../../../src/base/json.ts';
import type { Reason } from '../../../src/core/outcome.ts';
import {
  MAX_PARTS,
  parseEthereum,
  readIdentifier,
} from '../../../src/protocols/ethereum/events.ts';
import { signingAction } from '../../../src/protocols/ethereum/action.ts';
import type { EthereumRequest } from '../../../src/protocols/ethereum/request.ts';
import { attestation, block, EPOCH, randao, root, SLOT } from '../../support/duties.ts';

const readDuty = createDutyReader(NETWORKS.mainnet);
const [ONE, TWO] = ['ab'.repeat(48), 'cd'.repeat(48)];

function parse(data: JsonObject): ReturnType<typeof parseEthereum> {
  const envelope = {
    source: 'ethereum',
    id: 'event-1',
    eventType: 'BLS_SIGNING',
    entityId: '',
    timestamp: '2026-01-01T00:00:00Z',
    callbackUrl: 'https://client.example/done',
    data,
  };
  return parseEthereum(envelope, readDuty);
}

function good(data: JsonObject): EthereumRequest {
  const parsed = parse(data);
  if (!parsed.ok) throw new Error(parsed.error.reason.message);
  return parsed.value;
}

function refused(data: JsonObject): Reason {
  const parsed = parse(data);
  if (parsed.ok) throw new Error('it was read');
  expect(parsed.error.kind).toBe('malformed');
  return parsed.error.reason;
}

/** As the data of a webhook has it. */
function asked({ type = null, ...body }: JsonObject): JsonObject {
  return { sub_event_type: type, ...body };
}

describe('one duty of one key', () => {
  test('has the id of its event', () => {
    expect(good({ ...asked(attestation(EPOCH)), identifier: `0x${ONE}` })).toMatchObject({
      id: 'event-1',
      subEvent: 'ATTESTATION',
      callbackUrl: 'https://client.example/done',
      timestamp: '2026-01-01T00:00:00Z',
      parts: [{ id: 'event-1', pubkey: ONE, duty: { type: 'ATTESTATION' } }],
    });
  });

  test('may name its type in either case', () => {
    const body = { ...asked(attestation(EPOCH)), sub_event_type: 'attestation', identifier: ONE };
    expect(good(body).subEvent).toBe('ATTESTATION');
  });

  test.each([undefined, null, 7n, '', '0x', ONE.slice(2), `${ONE}00`, `0x${'zz'.repeat(48)}`])(
    'is refused without a public key: %p',
    (identifier) => {
      const data = {
        ...asked(attestation(EPOCH)),
        ...(identifier === undefined ? {} : { identifier }),
      };
      expect(refused(data)).toEqual({
        code: 'ethereum.request',
        message: '`identifier` must be a public key, 48 bytes in hex',
      });
    },
  );

  test('is refused with the code of what is wrong with it', () => {
    const body = { ...asked(attestation(EPOCH)), identifier: ONE };
    expect(refused({ ...body, sub_event_type: 'NOTHING' }).code).toBe('duty.type');
    expect(refused({ ...body, attestation: null }).code).toMatch(/^duty\./);
    expect(refused({ ...body, signingRoot: root(1) }).code).toBe('duty.signing-root');
  });
});

describe('an identifier', () => {
  test.each([ONE, `0x${ONE}`, ONE.toUpperCase(), `0x${ONE.toUpperCase()}`])('may be %s', (text) => {
    expect(readIdentifier(text)).toBe(ONE);
  });
});

describe('one duty of many keys', () => {
  test('is one message, signed by each', () => {
    const { parts } = good({ ...asked(attestation(EPOCH)), identifiers: [`0x${ONE}`, TWO] });
    expect(parts.map(({ id, pubkey }) => [id, pubkey])).toEqual([
      [ONE, ONE],
      [TWO, TWO],
    ]);
    expect(parts[1]?.duty).toBe(parts[0].duty);
  });

  test.each([[[]], [ONE], [[ONE, 7n]], [[ONE, `0x${ONE}`]], [[ONE, 'x']]])(
    'is refused for %p',
    (identifiers) => {
      const data = { ...asked(attestation(EPOCH)), identifiers };
      expect(refused(data).code).toBe('ethereum.request');
    },
  );
});

describe('several duties', () => {
  const jobs = [
    { id: 'a', identifier: ONE, ...asked(block(SLOT)) },
    { id: 'b', identifier: `0x${TWO}`, ...asked(randao(EPOCH)) },
  ];

  test('each have their id, key and message', () => {
    const request = good({ signing_jobs: jobs });
    expect(request.subEvent).toBe('BLOCK_V2');
    expect(request.parts).toMatchObject([
      { id: 'a', pubkey: ONE, duty: { type: 'BLOCK_V2' } },
      { id: 'b', pubkey: TWO, duty: { type: 'RANDAO_REVEAL' } },
    ]);
  });

  test('share what stands beside them', () => {
    const { fork_info, ...rest } = asked(randao(EPOCH));
    const request = good({
      fork_info: fork_info ?? null,
      signing_jobs: [{ id: 'a', identifier: ONE, ...rest }],
    });
    expect(request.parts).toMatchObject([{ id: 'a', duty: { type: 'RANDAO_REVEAL' } }]);
  });

  test.each([
    ['no list', { signing_jobs: {} }, '`signing_jobs` must be a list'],
    ['none', { signing_jobs: [] }, '`signing_jobs` is empty; name at least one'],
    ['one that is no object', { signing_jobs: [7n] }, '`signing_jobs[0]` needs an `id` of its own'],
    [
      'one without an id',
      { signing_jobs: [{ ...jobs[0], id: '' }] },
      '`signing_jobs[0]` needs an `id` of its own',
    ],
    [
      'two of the same id',
      { signing_jobs: [jobs[0] ?? {}, { ...jobs[1], id: 'a' }] },
      'two parts have the same id; give each its own',
    ],
    [
      'one without a key',
      { signing_jobs: [jobs[0] ?? {}, { ...jobs[1], identifier: '' }] },
      '`signing_jobs[1]` needs an `identifier`, a public key in hex',
    ],
  ])('are refused: %s', (_what, data, message) => {
    expect(refused(data)).toEqual({ code: 'ethereum.request', message });
  });

  test('are refused with the place of the one that cannot be read', () => {
    const broken = { ...jobs[1], randao_reveal: {} };
    expect(refused({ signing_jobs: [jobs[0] ?? {}, broken] }).message).toMatch(
      /^`signing_jobs\[1\]`: `randao_reveal.epoch` /,
    );
  });

  test('are bounded', () => {
    const one = { identifier: ONE, ...asked(randao(EPOCH)) };
    const many = Array.from({ length: MAX_PARTS + 1 }, (_, id) => ({ ...one, id: String(id) }));
    expect(refused({ signing_jobs: many }).message).toBe(
      'more than 10000 parts; split the request',
    );
  });
});

describe('a bare root', () => {
  const bare = { sub_event_type: 'RAW_ROOT', identifier: ONE, signingRoot: root(7) };

  test.each([
    ['domain_name', { domain_name: 'randao' }, 'RANDAO'],
    ['domain_name in capitals', { domain_name: 'RANDAO' }, 'RANDAO'],
    ['domain', { domain: '0x02000000' }, 'RANDAO'],
    ['domain without 0x', { domain: '02000000' }, 'RANDAO'],
    ['the last of the names', { domain_name: 'contribution_and_proof' }, 'CONTRIBUTION_AND_PROOF'],
  ])('names its domain by %s', (_how, domain, expected) => {
    expect(good({ ...bare, ...domain }).parts).toMatchObject([
      { duty: { type: 'RAW_ROOT', signingRoot: root(7).slice(2), domain: expected } },
    ]);
  });

  test.each([
    ['no domain', {}],
    ['an unknown name', { domain_name: 'everything' }],
    ['a name of JavaScript', { domain_name: 'constructor' }],
    ['a domain of five bytes', { domain: '0x0200000000' }],
    ['a domain of another layer', { domain: '0x0a000000' }],
    ['no root', { domain_name: 'randao', signingRoot: null }],
    ['a short root', { domain_name: 'randao', signingRoot: '0x00' }],
    [
      'a block without a slot',
      { domain_name: 'beacon_proposer', genesis_validators_root: root(1) },
    ],
    ['a block of no chain', { domain_name: 'beacon_proposer', slot: '7' }],
    [
      'an attestation without a source',
      { domain_name: 'beacon_attester', target_epoch: '7', genesis_validators_root: root(1) },
    ],
    [
      'a slot that is no number',
      { domain_name: 'beacon_proposer', slot: '0x7', genesis_validators_root: root(1) },
    ],
    [
      'a slot beyond 64 bits',
      { domain_name: 'beacon_proposer', slot: 2n ** 64n, genesis_validators_root: root(1) },
    ],
  ])('is refused with %s', (_what, body) => {
    expect(refused({ ...bare, ...body }).code).toBe('ethereum.raw_root');
  });
});

describe('the action that scopes are asked for', () => {
  test.each([
    [{ type: 'attestation' }, 'attestation'],
    [{ type: 'BLOCK' }, 'block'],
    [{ type: 'BLOCK_V2' }, 'block'],
    [{ type: 'RAW_ROOT' }, 'raw_root'],
    [{ domain: '0x02000000', signingRoot: root(1) }, 'raw_root'],
    [{ type: 'NOTHING' }, undefined],
    [{ type: 7n }, undefined],
    [{}, undefined],
  ])('of %p is %p', (body, action) => {
    expect(signingAction(body)).toBe(action);
  });
});
