import { describe, expect, test } from '@jest/globals';
import { RemoteSigningSubEventType } from '@lightsparkdev/lightspark-sdk';

import { fromHex, type Hex, toHex } from '../../../src/base/hex.ts';
import { isJsonObject, type JsonObject, parseJson, stringifyJson } from '../../../src/base/json.ts';
import { Secret } from '../../../src/base/secret.ts';
import { chooseFastestCurve } from '../../../src/compose/curve.ts';
import type {
  Envelope,
  Job,
  JudgeContext,
  Message,
  Part,
  Protocol,
  StateView,
} from '../../../src/core/protocol.ts';
import {
  createLightspark,
  type LightsparkDeps,
  type LightsparkOptions,
  SIGNATURE_HEADER,
} from '../../../src/protocols/lightspark/index.ts';
import { createLightningKeys } from '../../../signers/lightning/index.ts';
import { lightsparkVectors } from '../../support/lightspark-vectors.ts';

const { cases, seed } = lightsparkVectors.webhook_end_to_end;
const { curve } = await chooseFastestCurve();
const keysOf = (bytes: Uint8Array) => createLightningKeys(new Secret(bytes.slice()), curve);
const mainKeys = keysOf(new Uint8Array(32).fill(1));
const testKeys = keysOf(fromHex(seed));

const OPTIONS: LightsparkOptions = {
  network: 'MAINNET',
  nodeIds: [],
  mode: 'enforce',
  migrationWindow: 0,
  takenOverAt: 0,
  keyIds: { main: 'lightspark/main', test: 'lightspark/test' },
};

function room(
  options: Partial<LightsparkOptions> = {},
  deps: Partial<LightsparkDeps> = {},
): Protocol {
  return createLightspark(
    { ...OPTIONS, ...options },
    { keys: mainKeys, sealedPreimage: () => undefined, ...deps },
  );
}

const withTestSeed = { testKeys };

function envelopeOf(body: string | JsonObject): Envelope {
  const parsed = parseJson(typeof body === 'string' ? body : stringifyJson(body));
  const event = parsed.ok && isJsonObject(parsed.value) ? parsed.value : {};
  const text = (name: string): string => {
    const value = event[name];
    return typeof value === 'string' ? value : '';
  };
  return {
    source: 'lightspark',
    id: text('event_id'),
    eventType: text('event_type'),
    entityId: text('entity_id'),
    timestamp: text('timestamp'),
    data: isJsonObject(event['data']) ? event['data'] : {},
  };
}

function remoteSigning(sub_event_type: string, fields: JsonObject = {}): Envelope {
  return envelopeOf({
    event_type: 'REMOTE_SIGNING',
    event_id: 'event-1',
    timestamp: '2026-01-01T00:00:00+00:00',
    entity_id: 'Channel:1',
    data: { sub_event_type, bitcoin_network: 'MAINNET', ...fields },
  });
}

function open(protocol: Protocol, envelope: Envelope): Job {
  const opened = protocol.open(envelope);
  if (!opened.ok) throw new Error(opened.error.reason.message);
  return opened.value;
}

/** A request of this world is one part, batches too. */
function partOf({ parts }: Job): Part {
  const [part, ...others] = parts;
  if (part === undefined || others.length > 0) throw new Error('not one part');
  return part;
}

const context: JudgeContext = {
  now: 1_000,
  generation: 1n,
  caller: 'lightspark/secret-1',
  entropy: () => new Uint8Array(64),
};

const judge = (job: Job, state: StateView = new Map()) => partOf(job).judge(state, context);
const keyIds = (job: Job): readonly string[] => partOf(job).keyIds;

async function delivered(job: Job, inputs: JsonObject): Promise<Message> {
  const { id, sign } = partOf(job);
  return job.deliver([{ id, answer: await sign(inputs) }]);
}

/** The example's variables with integers as the room has them. */
function exact(variables: unknown): unknown {
  const parsed = parseJson(JSON.stringify(variables));
  return parsed.ok ? parsed.value : undefined;
}

describe('a whole event', () => {
  test.each(cases.filter(({ mutation, should_sign }) => mutation !== null && should_sign))(
    'of kind $name is answered as the published handler answers it',
    async ({ body, mutation, variables }) => {
      const job = open(room({ network: 'SIGNET' }, withTestSeed), envelopeOf(body));
      const { findings, inputs } = judge(job);
      expect(findings.flatMap(({ violations, doubts }) => [...violations, ...doubts])).toEqual([]);
      expect(await delivered(job, inputs)).toMatchObject({
        kind: 'graphql',
        operation: mutation,
        variables: exact(variables),
      });
    },
  );

  test.each(cases.filter(({ mutation }) => mutation === 'DeclineToSignMessages'))(
    'that is refused is declined with all its payloads',
    ({ body, variables }) => {
      const job = open(room({ network: 'SIGNET' }, withTestSeed), envelopeOf(body));
      expect(job.decline([])).toMatchObject({ operation: 'DeclineToSignMessages', variables });
    },
  );

  test.each(cases.filter(({ mutation }) => mutation === null))(
    'of kind $name informs and asks nothing',
    ({ body }) => {
      const job = open(room({ network: 'SIGNET' }, withTestSeed), envelopeOf(body));
      expect(judge(job).findings).toEqual([]);
      expect(job.decline([])).toBeUndefined();
    },
  );

  test('asks for the same answer again from what was stored', async () => {
    const job = open(
      room(),
      remoteSigning('REQUEST_INVOICE_PAYMENT_HASH', { invoice_id: 'Invoice:1' }),
    );
    const { inputs } = judge(job);
    const stored = parseJson(stringifyJson(inputs));
    const restored = stored.ok && isJsonObject(stored.value) ? stored.value : {};
    expect(await partOf(job).sign(restored)).toEqual(await partOf(job).sign(inputs));
  });
});

describe('what cannot be declined in words', () => {
  test.each(cases.filter(({ name }) => !name.startsWith('DERIVE')))(
    '$name has no mutation for a refusal',
    ({ body }) => {
      const job = open(room({ network: 'SIGNET' }, withTestSeed), envelopeOf(body));
      expect(
        job.decline([{ id: '', reason: { code: 'x', message: 'x' }, rules: [] }]),
      ).toBeUndefined();
    },
  );
});

describe('an answer', () => {
  const isSecret = (name: string): boolean => {
    const example = cases.find((candidate) => candidate.name === name);
    const envelope = envelopeOf(example?.body ?? '');
    return open(room({ network: 'SIGNET' }, withTestSeed), envelope).answers === 'secret';
  };

  test.each(['ECDH', 'RELEASE_PER_COMMITMENT_SECRET', 'RELEASE_PAYMENT_PREIMAGE'])(
    'to %s is a secret and never stored',
    (name) => {
      expect(isSecret(name)).toBe(true);
    },
  );

  test.each(['GET_PER_COMMITMENT_POINT', 'SIGN_INVOICE', 'DERIVE_KEY_AND_SIGN'])(
    'to %s is stored before it is sent',
    (name) => {
      expect(isSecret(name)).toBe(false);
    },
  );
});

describe('the network pin', () => {
  const regtest = remoteSigning('REQUEST_INVOICE_PAYMENT_HASH', {
    invoice_id: 'Invoice:1',
    bitcoin_network: 'REGTEST',
  });

  test('keeps an event of another network away from the seed, and names the setting', () => {
    const opened = room().open(regtest);
    expect(opened).toMatchObject({
      ok: false,
      error: { kind: 'ignored', reason: { code: 'network' } },
    });
    expect(JSON.stringify(opened)).toContain('LIGHTSPARK_NETWORK');
  });

  test('has an event of another network answered by the test seed alone', async () => {
    const job = open(room({}, withTestSeed), regtest);
    expect(keyIds(job)).toEqual(['lightspark/test']);
    const nonce = toHex(testKeys.invoiceNonce('Invoice:1'));
    expect(await partOf(job).sign(judge(job).inputs)).toMatchObject({ preimage_nonce: nonce });
  });

  test('keeps the states of the two seeds apart', () => {
    const protocol = room({}, withTestSeed);
    const [test, main] = [
      regtest,
      remoteSigning('REQUEST_INVOICE_PAYMENT_HASH', { invoice_id: 'Invoice:1' }),
    ];
    const reads = new Set(open(protocol, main).reads);
    const written = [...judge(open(protocol, test)).changes.keys()];
    expect(written.length).toBeGreaterThan(0);
    expect(written.filter((key) => reads.has(key))).toEqual([]);
    expect(
      open(protocol, main).lanes.filter((lane) => open(protocol, test).lanes.includes(lane)),
    ).toEqual([]);
  });

  test.each(['MAINNET', 'TESTNET', 'REGTEST', 'SIGNET'] as const)('can be %s', (network) => {
    const envelope = remoteSigning('REQUEST_INVOICE_PAYMENT_HASH', {
      invoice_id: 'Invoice:1',
      bitcoin_network: network,
    });
    expect(keyIds(open(room({ network }), envelope))).toEqual(['lightspark/main']);
  });
});

describe('the node pin', () => {
  const point = (node_id: string) =>
    remoteSigning('GET_PER_COMMITMENT_POINT', {
      derivation_path: 'm/3/7',
      per_commitment_point_idx: 281474976710655n,
      node_id,
    });

  test('ignores an event of a node that is not configured, and names the setting', () => {
    const opened = room({ nodeIds: ['Node:1'] }).open(point('Node:2'));
    expect(opened).toMatchObject({ error: { kind: 'ignored', reason: { code: 'node' } } });
    expect(JSON.stringify(opened)).toContain('LIGHTSPARK_NODE_IDS');
    expect(room({ nodeIds: ['Node:1'] }).open(point('Node:1')).ok).toBe(true);
  });

  test('does not concern test events', () => {
    const envelope = point('Node:2');
    const regtest = { ...envelope, data: { ...envelope.data, bitcoin_network: 'REGTEST' } };
    expect(room({ nodeIds: ['Node:1'] }, withTestSeed).open(regtest).ok).toBe(true);
  });
});

describe('kinds of events', () => {
  test('the room answers remote signing and reads its signature header', () => {
    expect(room().eventType).toBe('REMOTE_SIGNING');
    expect(SIGNATURE_HEADER).toBe('lightspark-signature');
  });

  test('every published sub-event is answered, or ignored by name', () => {
    const refused = Object.values(RemoteSigningSubEventType).filter((name) => {
      const opened = room().open(remoteSigning(name));
      return !opened.ok && opened.error.reason.code === 'sub_event';
    });
    expect(refused).toEqual(['FUTURE_VALUE', 'VLS_MESSAGE']);
  });

  test('an event without data is malformed, not a crash', () => {
    expect(room().open({ ...remoteSigning('ECDH'), data: {} })).toMatchObject({
      error: { kind: 'malformed' },
    });
  });

  test('an unknown sub-event is ignored, never signed', () => {
    expect(room().open(remoteSigning('SIGN_ANYTHING'))).toMatchObject({
      error: { kind: 'ignored', reason: { code: 'sub_event' } },
    });
  });
});

describe('observe mode', () => {
  test('is said of every job, so that nothing is sent', () => {
    const envelope = remoteSigning('REQUEST_INVOICE_PAYMENT_HASH', { invoice_id: 'Invoice:1' });
    expect(open(room({ mode: 'observe' }), envelope).observes).toBe(true);
    expect(open(room(), envelope).observes).toBe(false);
  });
});

describe('a null preimage nonce', () => {
  const release = remoteSigning('RELEASE_PAYMENT_PREIMAGE', {
    invoice_id: 'Invoice:9',
    preimage_nonce: null,
  });

  test('is answered with the preimage that was imported', async () => {
    const preimage = new Uint8Array(32).fill(9);
    const sealed: Hex = mainKeys.sealPreimage('Invoice:9', preimage);
    const job = open(room({}, { sealedPreimage: () => sealed }), release);
    const { findings, inputs } = judge(job);
    expect(findings).toMatchObject([{ doubts: [], violations: [] }]);
    expect(await delivered(job, inputs)).toMatchObject({
      operation: 'ReleasePaymentPreimage',
      variables: { invoice_id: 'Invoice:9', payment_preimage: toHex(preimage) },
    });
  });

  test('is in doubt where nothing was imported, and the doubt says what to do', () => {
    const [finding] = judge(open(room(), release)).findings;
    expect(finding?.doubts).toMatchObject([{ code: 'no_preimage' }]);
    expect(JSON.stringify(finding?.doubts)).toContain('import-preimage');
  });
});

describe('rebaseline', () => {
  const release = (index: bigint) =>
    remoteSigning('RELEASE_PER_COMMITMENT_SECRET', {
      derivation_path: 'm/3/7',
      per_commitment_point_idx: index,
    });
  const protocol = room();
  const first = 281474976710655n - 100n;
  const state = judge(open(protocol, release(first))).changes;
  const doubts = (index: bigint, known: StateView) =>
    judge(open(protocol, release(index)), known).findings.flatMap((finding) => finding.doubts);

  test('accepts a gap that was withheld', () => {
    const gap = first - 10n;
    expect(doubts(gap, state)).toMatchObject([{ code: 'ratchet_gap' }]);
    const { rebaseline } = protocol.operations;
    const args = { channel: 'm/3/7', index: gap };
    const plan = rebaseline?.plan(args);
    expect(plan).toMatchObject({ ok: true, value: { reads: ['main/channel/m/3/7'] } });
    const applied = rebaseline?.apply(args, state, context);
    if (applied?.ok !== true) throw new Error('was not applied');
    expect(doubts(gap, applied.value.changes)).toEqual([]);
  });

  test('runs alone with the jobs of its channel', () => {
    const plan = protocol.operations['rebaseline']?.plan({ channel: 'm/3/7', index: 1n });
    if (plan?.ok !== true) throw new Error('was not planned');
    const lanes = open(protocol, release(first)).lanes;
    expect(plan.value.lanes.every((lane) => lanes.includes(`lightspark/${lane}`))).toBe(true);
  });

  test.each([
    { channel: 'm/3', index: 1n },
    { channel: 'm/3/7/0', index: 1n },
    { channel: 'm/3/7', index: -1n },
    { channel: 'm/3/7', index: 2n ** 48n },
    { channel: 'm/3/7', index: '1' },
    { channel: 'm/3/7', index: 1n, extra: true },
    {},
  ])('refuses arguments it cannot use: %o', (args) => {
    expect(protocol.operations['rebaseline']?.plan(args)).toMatchObject({ ok: false });
  });

  test('refuses a channel that this signer never worked for', () => {
    const args = { channel: 'm/3/8', index: 1n };
    expect(protocol.operations['rebaseline']?.apply(args, new Map(), context)).toMatchObject({
      ok: false,
      error: { code: 'unknown_channel' },
    });
  });
});
