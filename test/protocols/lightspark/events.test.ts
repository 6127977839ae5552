import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '../../../src/base/json.ts';
import type { Result } from '../../../src/base/result.ts';
import type { NotOurs } from '../../../src/core/protocol.ts';
import {
  type LightsparkRequest,
  MAX_BATCH,
  parse,
} from '../../../src/protocols/lightspark/events.ts';
import { lightsparkVectors } from '../../support/lightspark-vectors.ts';

type Parsed = Result<LightsparkRequest, NotOurs>;

const PEER = '03173d97d0973d596716c8cd14066e20e27f6866ab214fd04d160301615de78f72';
const HASH = '476bdd1db5d91897d00d75300eef50c0da7e0b2dada06dde93cbb5903b7e16b2';
const CHANNEL = 'Channel:018fe6a0-4fa7-69e3-0000-e19c868ed6ed';

const job = { id: 'SignablePayload:1', derivation_path: 'm/3/7/0', message: HASH };
/** One good event of every kind. */
const good: Readonly<Record<string, JsonObject>> = {
  ECDH: { peer_public_key: PEER },
  SIGN_INVOICE: { invoice_id: 'Invoice:1', payreq_hash: HASH },
  GET_PER_COMMITMENT_POINT: {
    derivation_path: 'm/3/7',
    per_commitment_point_idx: 5n,
    node_id: 'n',
  },
  RELEASE_PER_COMMITMENT_SECRET: { derivation_path: 'm/3/7', per_commitment_point_idx: 5n },
  DERIVE_KEY_AND_SIGN: { signing_jobs: [job] },
  REQUEST_INVOICE_PAYMENT_HASH: { invoice_id: 'Invoice:1' },
  RELEASE_PAYMENT_PREIMAGE: { invoice_id: 'Invoice:1', preimage_nonce: HASH },
  REVEAL_COUNTERPARTY_PER_COMMITMENT_SECRET: {
    per_commitment_secret_idx: 5n,
    per_commitment_secret: HASH,
  },
};

function parseData(data: JsonObject, entityId = CHANNEL): Parsed {
  const envelope = {
    source: 'lightspark',
    id: 'event',
    eventType: 'REMOTE_SIGNING',
    timestamp: 't',
  };
  return parse({ ...envelope, entityId, data });
}

function parseAs(name: string, fields: JsonObject = {}): Parsed {
  const base = good[name] ?? {};
  return parseData({ sub_event_type: name, bitcoin_network: 'MAINNET', ...base, ...fields });
}

function parseJob(fields: JsonObject): Parsed {
  return parseAs('DERIVE_KEY_AND_SIGN', { signing_jobs: [{ ...job, ...fields }] });
}

function payload(parsed: Parsed): LightsparkRequest['payload'] {
  if (!parsed.ok) throw new Error(parsed.error.reason.message);
  return parsed.value.payload;
}

function firstJob(parsed: Parsed): unknown {
  const content = payload(parsed);
  return 'jobs' in content ? content.jobs[0] : undefined;
}

function without(field: string, fields: JsonObject = {}): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name !== field));
}

function malformed(message: string): Parsed {
  return { ok: false, error: { kind: 'malformed', reason: { code: 'malformed', message } } };
}

describe('events as Lightspark sends them', () => {
  test.each(lightsparkVectors.webhook_end_to_end.cases)('$name is read', ({ body, name }) => {
    const parsed = parseJson(body);
    if (!parsed.ok || !isJsonObject(parsed.value)) throw new Error('vector is not JSON');
    const { entity_id, data } = parsed.value;
    if (typeof entity_id !== 'string' || !isJsonObject(data)) throw new Error('vector has no data');
    const result = parseData(data, entity_id);
    expect(result.ok && result.value).toMatchObject({
      name: name.replace(' declined', ''),
      entityId: entity_id,
      network: data['bitcoin_network'],
    });
  });

  test.each(Object.keys(good))('%s is read on every network, SIGNET included', (name) => {
    for (const network of ['MAINNET', 'TESTNET', 'REGTEST', 'SIGNET']) {
      const result = parseAs(name, { bitcoin_network: network });
      expect(result.ok && result.value).toMatchObject({ name, network, eventId: 'event' });
    }
  });

  test.each(Object.keys(good))('%s keeps its meaning when upstream adds fields', (name) => {
    const added = { new_field: { nested: [1n] }, another: null };
    expect(parseAs(name, added)).toEqual(parseAs(name));
    expect(parseJob(added)).toEqual(parseJob({}));
  });

  test.each(
    Object.entries(good).flatMap(([name, fields]) => Object.keys(fields).map((f) => [name, f])),
  )('%s without `%s` says which field is missing, unless it may be', (name = '', field = '') => {
    const rest = without(field, good[name]);
    const result = parseData({ sub_event_type: name, bitcoin_network: 'MAINNET', ...rest });
    if (['node_id', 'preimage_nonce'].includes(field)) expect(result.ok).toBe(true);
    else expect(result).toMatchObject({ error: { kind: 'malformed' } });
    if (!result.ok) expect(result.error.reason.message).toContain(`\`data.${field}\` must be`);
  });

  test('what is not for us to sign is ignored: VLS_MESSAGE, and what the future brings', () => {
    for (const name of ['VLS_MESSAGE', 'SOMETHING_NEW', 'toString', '__proto__']) {
      expect(parseAs(name)).toEqual({
        ok: false,
        error: {
          kind: 'ignored',
          reason: { code: 'sub_event', message: `\`${name}\` asks for no signature` },
        },
      });
    }
  });

  test('a network nobody knows is ignored, a missing one is malformed', () => {
    expect(parseAs('ECDH', { bitcoin_network: 'TESTNET9' })).toMatchObject({
      error: { kind: 'ignored', reason: { code: 'network' } },
    });
    expect(parseAs('ECDH', { bitcoin_network: null })).toEqual(
      malformed('`data.bitcoin_network` must be a text'),
    );
    expect(parseData({ bitcoin_network: 'MAINNET' })).toEqual(
      malformed('`data.sub_event_type` must be a text'),
    );
  });

  test('an answer that names an entity needs one', () => {
    for (const name of Object.keys(good)) {
      const data = { sub_event_type: name, bitcoin_network: 'MAINNET', ...good[name] };
      const names = /^(ECDH|GET_|RELEASE_PER|REVEAL)/.test(name);
      const expected = names ? malformed('`entity_id` must not be empty') : { ok: true };
      expect(parseData(data, '')).toMatchObject(expected);
    }
  });
});

describe('aliases and quirks', () => {
  test('the peer key is read under three names, and `peer_public_key` is preferred', () => {
    const other = '02'.padEnd(66, '1');
    const read = (fields: JsonObject) =>
      payload(parseData({ sub_event_type: 'ECDH', bitcoin_network: 'MAINNET', ...fields }));
    for (const fields of [
      { peer_public_key: PEER, peer_pub_key: other, public_key: other },
      { peer_public_key: null, peer_pub_key: PEER, public_key: other },
      { peer_public_key: '', public_key: PEER },
    ]) {
      expect(read(fields)).toEqual({ peerPublicKey: PEER });
    }
  });

  test('a peer key that is no point of the curve is malformed', () => {
    const rule = '`data.peer_public_key` must be a compressed public key, 33 bytes of hex';
    for (const key of [`04${PEER.slice(2)}`, `02${'ff'.repeat(32)}`, PEER.slice(2), 7n]) {
      expect(parseAs('ECDH', { peer_public_key: key })).toEqual(malformed(rule));
    }
  });

  test('null, absent and empty tweaks, script and transaction all mean none', () => {
    const names = ['add_tweak', 'mul_tweak', 'script', 'transaction', 'amount'];
    for (const none of [null, '']) {
      const fields = Object.fromEntries(names.map((name) => [name, none]));
      const result = firstJob(parseJob({ ...fields, destination_derivation_path: none }));
      expect(result).toEqual(firstJob(parseJob({})));
    }
  });

  test('`is_raw` is true unless it says false', () => {
    for (const raw of [{}, { is_raw: null }, { is_raw: true }]) {
      expect(firstJob(parseJob(raw))).toMatchObject({ isRaw: true });
    }
    expect(firstJob(parseJob({ is_raw: false }))).toMatchObject({ isRaw: false });
    expect(parseJob({ is_raw: 'true' }).ok).toBe(false);
  });

  test('a message that is still to be hashed may have any length, a raw one has 32 bytes', () => {
    expect(firstJob(parseJob({ is_raw: false, message: '48656c6c6f' }))).toMatchObject({
      message: '48656c6c6f',
    });
    expect(parseJob({ message: '48656c6c6f' })).toEqual(
      malformed('`data.signing_jobs[0].message` must be 32 bytes of hex'),
    );
  });

  test('upper-case hex is the same hex', () => {
    const lower = { add_tweak: HASH, script: 'abcd', transaction: 'ef01' };
    const upper = Object.fromEntries(
      Object.entries({ ...lower, message: HASH }).map(([name, text]) => [name, text.toUpperCase()]),
    );
    expect(parseJob(upper)).toEqual(parseJob(lower));
    expect(parseAs('ECDH', { peer_public_key: PEER.toUpperCase() })).toEqual(parseAs('ECDH'));
  });

  test('a null or absent preimage nonce is no error: the preimage may have been imported', () => {
    for (const none of [{ preimage_nonce: null }, { preimage_nonce: '' }]) {
      expect(payload(parseAs('RELEASE_PAYMENT_PREIMAGE', none))).toEqual({
        invoiceId: 'Invoice:1',
        isUma: false,
        isLnurl: false,
      });
    }
    const flags = { is_uma: true, is_lnurl: true };
    expect(payload(parseAs('RELEASE_PAYMENT_PREIMAGE', flags))).toMatchObject({
      isUma: true,
      isLnurl: true,
    });
  });

  test('the point index of a job is a hint, and a bad one is no hint', () => {
    expect(firstJob(parseJob({ per_commitment_point_idx: 7n }))).toMatchObject({
      pointIndexHint: 7n,
    });
    for (const bad of [-1n, 2n ** 48n, '7', null, 1.5]) {
      expect(parseJob({ per_commitment_point_idx: bad })).toEqual(parseJob({}));
    }
  });

  test('a path of any shape is kept for the guard to doubt, not refused as malformed', () => {
    for (const derivation_path of ['m/3/7/9', 'nonsense', '', 'm/+1']) {
      expect(firstJob(parseJob({ derivation_path }))).toMatchObject({
        derivationPath: derivation_path,
      });
    }
  });
});

describe('ranges', () => {
  const indices = [
    ['GET_PER_COMMITMENT_POINT', 'per_commitment_point_idx'],
    ['RELEASE_PER_COMMITMENT_SECRET', 'per_commitment_point_idx'],
    ['REVEAL_COUNTERPARTY_PER_COMMITMENT_SECRET', 'per_commitment_secret_idx'],
  ] as const;

  test.each(indices)('%s takes an index within 48 bits and no other', (name, field) => {
    const rule = malformed(`\`data.${field}\` must be an integer from 0 to 2^48 - 1`);
    for (const index of [0n, 27_363_191n, 2n ** 48n - 1n]) {
      expect(payload(parseAs(name, { [field]: index }))).toMatchObject({ index });
    }
    // The official library answers for 2^48 with the secret of index 0.
    for (const index of [-1n, 2n ** 48n, 2n ** 64n - 1n, '5', 12_345.0, 1e3, null, true]) {
      expect(parseAs(name, { [field]: index })).toEqual(rule);
    }
  });

  test('an index written with a fraction or exponent is refused although its value is whole', () => {
    for (const literal of ['12345.0', '1e3', '"5"']) {
      const text = `{"sub_event_type":"GET_PER_COMMITMENT_POINT","bitcoin_network":"MAINNET",
        "derivation_path":"m/3/7","per_commitment_point_idx":${literal}}`;
      const data = parseJson(text);
      if (!data.ok || !isJsonObject(data.value)) throw new Error('test text is not JSON');
      expect(parseData(data.value)).toMatchObject({ error: { kind: 'malformed' } });
    }
  });

  test('an amount is whole satoshi up to all there are', () => {
    const rule = malformed(
      '`data.signing_jobs[0].amount` must be an integer from 0 to 2100000000000000',
    );
    for (const amount of [0n, 500_000n, 2_100_000_000_000_000n]) {
      expect(firstJob(parseJob({ amount }))).toMatchObject({ amount });
    }
    for (const amount of [-1n, 2_100_000_000_000_001n, 0.5, '5']) {
      expect(parseJob({ amount })).toEqual(rule);
    }
  });
});

describe('batches', () => {
  const jobs = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      ...job,
      id: `SignablePayload:${String(index)}`,
    }));

  test('of up to a thousand jobs keep their order', () => {
    const content = payload(parseAs('DERIVE_KEY_AND_SIGN', { signing_jobs: jobs(MAX_BATCH) }));
    const ids = 'jobs' in content ? content.jobs.map(({ id }) => id) : [];
    expect(ids).toEqual(jobs(MAX_BATCH).map(({ id }) => id));
    expect(parseAs('DERIVE_KEY_AND_SIGN', { signing_jobs: jobs(MAX_BATCH + 1) })).toEqual(
      malformed('`data.signing_jobs` must have at most 1000 jobs'),
    );
  });

  test('without any job ask for nothing', () => {
    expect(parseAs('DERIVE_KEY_AND_SIGN', { signing_jobs: [] })).toMatchObject({
      error: { kind: 'ignored', reason: { code: 'empty_batch' } },
    });
  });

  test('with a repeated or empty id are malformed: an answer could not be told apart', () => {
    expect(parseAs('DERIVE_KEY_AND_SIGN', { signing_jobs: [job, { ...job }] })).toEqual(
      malformed('`data.signing_jobs[1].id` must be unique within the batch'),
    );
    expect(parseJob({ id: '' })).toEqual(
      malformed('`data.signing_jobs[0].id` must be a text of 1 to 256 characters'),
    );
  });

  test('with anything but a list of objects are malformed', () => {
    for (const signing_jobs of [null, {}, 'jobs', [1n], [null], [[]]]) {
      expect(parseAs('DERIVE_KEY_AND_SIGN', { signing_jobs })).toMatchObject({
        error: { kind: 'malformed' },
      });
    }
  });
});

describe('anything at all', () => {
  const json = fc.letrec<{ value: JsonValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constant(null),
      fc.boolean(),
      fc.bigInt(),
      fc.double(),
      fc.string(),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.string(), tie('value'), { maxKeys: 3 }),
    ),
  })).value;

  test('is read, ignored or malformed, and never throws', () => {
    const names = fc.constantFrom(...Object.keys(good));
    fc.assert(
      fc.property(names, fc.dictionary(fc.string(), json), (name, noise) => {
        expect(typeof parseAs(name, noise).ok).toBe('boolean');
      }),
    );
  });

  test('in a known field breaks a rule that names the field and hides the value', () => {
    const places = Object.entries(good).flatMap(([name, fields]) =>
      Object.keys(fields).map((field) => ({ name, field })),
    );
    const canary = 'canary-5f2e';
    const bad: fc.Arbitrary<JsonValue> = fc.oneof(
      fc.constant(canary.repeat(40)),
      fc.constant([canary]),
      fc.constant({ [canary]: canary }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...places), bad, ({ name, field }, value) => {
        const parsed = parseAs(name, { [field]: value });
        if (parsed.ok) throw new Error(`${name} took anything as ${field}`);
        expect(parsed.error.reason.message).toContain(`\`data.${field}`);
        expect(parsed.error.reason.message).not.toContain(canary);
      }),
    );
  });
});
