import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { createDutyReader, NETWORKS } from '../../../signers/bls12381/index.ts';
import type { JsonObject, JsonValue } from '../../../src/base/json.ts';
import { nameOf, type Place, placesIn, replaceAt, valueAt } from '../../support/bls-places.ts';
import { goodRequest, networkOf, signingRootCases } from '../../support/bls-vectors.ts';

const FILES = [
  'openapi-examples',
  'lodestar-1.5.1-captured-minimal-preset',
  'produced-mainnet-preset-all-forks',
];

/** One request of each shape. */
const requests = new Map(
  FILES.flatMap(signingRootCases).map((item) => [shapeOf(item.request), item] as const),
);

function shapeOf(request: JsonObject): string {
  const version = placesIn(request).find((place) => place.at(-1) === 'version');
  const fork = version && valueAt(request, version);
  return [request['type'], fork].filter((text) => typeof text === 'string').join(' ');
}

const readMainnet = createDutyReader(NETWORKS.mainnet);

function problemOf(request: JsonObject, read = readMainnet): unknown {
  const duty = read(request['type'], replaceAt(request, ['signingRoot'], undefined));
  return duty.ok ? 'no problem' : { code: duty.error.code, field: duty.error.field };
}

function problemAt(request: JsonObject, place: Place, value: JsonValue | undefined): unknown {
  return problemOf(replaceAt(request, place, value));
}

describe.each([...requests])('%s', (_name, item) => {
  const { type, ...message } = item.request;
  const request = replaceAt(message, ['signingRoot'], undefined);
  const read = createDutyReader(networkOf(item));
  const places = placesIn(request);

  function problemsWith(value: JsonValue | undefined, at: readonly Place[]): readonly string[] {
    return at.map((place) => {
      const duty = read(type, replaceAt(request, place, value));
      return duty.ok ? nameOf(place) : `${duty.error.code} ${duty.error.field}`;
    });
  }

  test('needs every member of its body', () => {
    const members = places.filter((place) => typeof place.at(-1) === 'string');
    expect(problemsWith(undefined, members)).toEqual(
      members.map((place) => `duty.missing ${nameOf(place)}`),
    );
  });

  test.each([null, -1n, 1.5, '0xzz', '-1', 'canary'])('has no place for `%s`', (value) => {
    expect(problemsWith(value, places)).toEqual(
      places.map((place) => {
        const code = place.at(-1) === 'version' ? 'duty.version' : 'duty.malformed';
        return `${code} ${nameOf(place)}`;
      }),
    );
  });

  test('is not repeated in what is said about it', () => {
    const said = places.map((place) => read(type, replaceAt(request, place, 'canary')));
    expect(JSON.stringify(said)).not.toContain('canary');
  });
});

test('whatever a body holds, reading it ends in a root or in a problem', () => {
  const json = fc.letrec<{ value: JsonValue }>((tie) => ({
    value: fc.oneof(
      fc.constantFrom(null, true, 0n, -1n, 2n ** 80n, 1.5, '', '0x', '0x0', '0x01', '1', 'GLOAS'),
      fc.string(),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.string(), tie('value'), { maxKeys: 3 }),
    ),
  })).value;
  const shape = fc.constantFrom(...requests.values());
  fc.assert(
    fc.property(shape, fc.nat(), json, ({ request }, where, value) => {
      const places = placesIn(request);
      const changed = replaceAt(request, places[where % places.length] ?? ['type'], value);
      const duty = readMainnet(changed['type'], changed);
      expect(duty.ok ? duty.value.signingRoot : duty.error.code).toMatch(/^(duty\.|[0-9a-f]{64}$)/);
    }),
    { numRuns: 400 },
  );
});

describe('an integer', () => {
  const request = goodRequest('ATTESTATION electra');
  const place = ['attestation', 'target', 'epoch'];

  test.each([
    '18446744073709551616',
    '9'.repeat(80),
    '',
    ' 1',
    '1 ',
    '+1',
    '1.0',
    '1e3',
    '0x10',
    '١',
  ])('is not written `%s`', (text) => {
    expect(problemAt(request, place, text)).toEqual({
      code: 'duty.malformed',
      field: 'attestation.target.epoch',
    });
  });

  test.each([2n ** 64n, -1n, 1.5, 1e30, true])('is not %s', (value) => {
    expect(problemAt(request, place, value)).toMatchObject({ code: 'duty.malformed' });
  });

  test.each([0n, 2n ** 64n - 1n, '0', '18446744073709551615'])('may be %s', (value) => {
    expect(problemAt(request, place, value)).toBe('no problem');
  });
});

describe('bytes', () => {
  const request = goodRequest('ATTESTATION electra');
  const place = ['attestation', 'beacon_block_root'];
  const root = 'ab'.repeat(32);

  test.each([
    [root, 'have a prefix'],
    [`0X${root}`, 'have a small x'],
    [`0x${root}ab`, 'are not longer'],
    [`0x${root.slice(2)}`, 'are not shorter'],
    [`0x${root.slice(1)}`, 'have two digits each'],
    [`0x${root.slice(1)}g`, 'are hex to the last digit'],
    [`0x${root.slice(1)}é`, 'are not read from other alphabets'],
    ['0x', 'are not left out'],
  ])('such as `%s` %s', (text) => {
    expect(problemAt(request, place, text)).toEqual({
      code: 'duty.malformed',
      field: 'attestation.beacon_block_root',
    });
  });
});

describe('bits', () => {
  const electra = goodRequest('AGGREGATE_AND_PROOF_V2 electra');
  const deneb = goodRequest('AGGREGATE_AND_PROOF_V2 deneb');
  const sync = goodRequest('SYNC_COMMITTEE_CONTRIBUTION_AND_PROOF deneb');
  const aggregate = ['aggregate_and_proof', 'data', 'aggregate'];
  const bits = [...aggregate, 'aggregation_bits'];

  test.each([
    ['0x', 'have an end'],
    ['0x00', 'have an end that is set'],
    ['0xff00', 'end in their last byte'],
  ])('such as `%s` %s', (text) => {
    expect(problemAt(electra, bits, text)).toMatchObject({ code: 'duty.malformed' });
    expect(problemAt(deneb, bits, text)).toMatchObject({ code: 'duty.malformed' });
  });

  test('of an aggregate are as many as a committee has members', () => {
    expect(problemAt(deneb, bits, `0x${'00'.repeat(256)}01`)).toBe('no problem');
    expect(problemAt(deneb, bits, `0x${'00'.repeat(256)}02`)).toMatchObject({
      code: 'duty.malformed',
    });
  });

  test('of an aggregate since electra are as many as all committees of a slot have', () => {
    expect(problemAt(electra, bits, `0x${'00'.repeat(16_384)}01`)).toBe('no problem');
    expect(problemAt(electra, bits, `0x${'00'.repeat(16_384)}02`)).toMatchObject({
      code: 'duty.malformed',
    });
  });

  test('of committees are four in the minimal preset', () => {
    const readMinimal = createDutyReader(NETWORKS.minimal);
    const place = [...aggregate, 'committee_bits'];
    expect(problemOf(replaceAt(electra, place, '0x0f'), readMinimal)).toBe('no problem');
    expect(problemOf(replaceAt(electra, place, '0x10'), readMinimal)).toMatchObject({
      code: 'duty.malformed',
    });
    expect(problemOf(electra, readMinimal)).toMatchObject({ code: 'duty.malformed' });
  });

  test('of a sync committee are not those of another preset', () => {
    const place = ['contribution_and_proof', 'contribution', 'aggregation_bits'];
    expect(problemAt(sync, place, '0xff')).toMatchObject({ code: 'duty.malformed' });
  });
});

describe('a list', () => {
  const phase0 =
    signingRootCases('openapi-examples').find(({ name }) => name === 'BLOCK_V2 (PHASE 0)')
      ?.request ?? {};
  const body = ['beacon_block', 'block', 'body'];

  test.each([
    'proposer_slashings',
    'attester_slashings',
    'attestations',
    'deposits',
    'voluntary_exits',
  ])('of %s has an end', (name) => {
    const place = [...body, name];
    const tooMany = Array.from({ length: 129 }, () => ({}));
    expect(problemAt(phase0, place, tooMany)).toEqual({
      code: 'duty.malformed',
      field: nameOf(place),
    });
  });

  test('is not an object, nor the other way round', () => {
    const place = [...body, 'deposits'];
    expect(problemAt(phase0, place, {})).toMatchObject({ field: nameOf(place) });
    expect(problemAt(phase0, body, [])).toMatchObject({ field: nameOf(body) });
  });

  test('names the item that is wrong', () => {
    const place = [...body, 'voluntary_exits'];
    const item = { message: { epoch: '1', validator_index: '2' }, signature: '0x' };
    expect(problemAt(phase0, place, [item])).toEqual({
      code: 'duty.malformed',
      field: 'beacon_block.block.body.voluntary_exits[0].signature',
    });
  });

  test('of bytes has an end', () => {
    const request = {
      type: 'BUILDER_REQUEST_AUTH',
      builder_request_auth: { version: 'GLOAS', data: { data: '0x', slot: '1' } },
    };
    const place = ['builder_request_auth', 'data', 'data'];
    expect(problemAt(request, place, `0x${'00'.repeat(4_096)}`)).toBe('no problem');
    expect(problemAt(request, place, `0x${'00'.repeat(4_097)}`)).toMatchObject({
      code: 'duty.malformed',
    });
  });
});

describe('the version of a message', () => {
  test.each(['HEZE', 'phase1', '', 'ELECTRA '])('is not `%s`', (version) => {
    const request = goodRequest('BLOCK_V2 deneb');
    expect(problemAt(request, ['beacon_block', 'version'], version)).toEqual({
      code: 'duty.version',
      field: 'beacon_block.version',
    });
  });

  test('is not a fork before the message existed', () => {
    const request = goodRequest('PAYLOAD_ATTESTATION_MESSAGE gloas');
    const place = ['payload_attestation_message', 'version'];
    expect(valueAt(request, place)).toBe('GLOAS');
    expect(problemAt(request, place, 'FULU')).toEqual({
      code: 'duty.version',
      field: 'payload_attestation_message.version',
    });
  });

  test('says which shape the message must have', () => {
    const header = goodRequest('BLOCK_V2 deneb');
    expect(problemAt(header, ['beacon_block', 'version'], 'ALTAIR')).toEqual({
      code: 'duty.missing',
      field: 'beacon_block.block',
    });
    const aggregate = goodRequest('AGGREGATE_AND_PROOF_V2 deneb');
    expect(problemAt(aggregate, ['aggregate_and_proof', 'version'], 'ELECTRA')).toEqual({
      code: 'duty.missing',
      field: 'aggregate_and_proof.data.aggregate.committee_bits',
    });
  });
});

describe('a given root', () => {
  test.each(['0x', '00'.repeat(32), `0x${'00'.repeat(31)}`, 1n, {}])('is not %s', (signingRoot) => {
    const duty = readMainnet('ATTESTATION', { ...goodRequest('ATTESTATION electra'), signingRoot });
    expect(duty).toMatchObject({ error: { code: 'duty.malformed', field: 'signingRoot' } });
  });
});
