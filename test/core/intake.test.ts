import { describe, expect, test } from '@jest/globals';

import { createRig, signRigBody } from '../support/pipeline-rig.ts';
import { withTempStore } from '../support/temp-store.ts';

const BREAKING = '{"event_type":"RIG","event_id":"1","data":{"breaksReading":true}}';

describe('verify', () => {
  test.each([
    ['a forged signature', '00'.repeat(32)],
    ['a short signature', 'abcd'],
    ['a signature of another body', signRigBody('{}')],
    ['stray hex characters', 'zz'.repeat(32)],
  ])('answers 401 to %s and stores nothing', async (_name, signature) => {
    await withTempStore(async (store) => {
      const rig = createRig({ store });
      const answer = await rig.sendBody('{"event_id":"1","event_type":"RIG"}', signature);
      expect(answer.status).toBe(401);
      expect(await store.jobs({ limit: 10 })).toEqual([]);
      expect(rig.stages).toMatchObject([{ stage: 'verify', outcome: 'unverified' }]);
    });
  });

  test('accepts upper-case hex, as senders may write it', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({ store });
      const body = '{"event_id":"1","event_type":"RIG","data":{"value":1}}';
      expect(await rig.sendBody(body, signRigBody(body).toUpperCase())).toMatchObject({
        status: 204,
      });
      await rig.rest();
    });
  });
});

describe('claim', () => {
  test('answers 2xx once the request is durable and delivers afterwards', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({ store });
      const answer = await rig.send('1', { value: 21n });
      expect(answer).toMatchObject({ status: 204, job: 'job-000001' });
      await rig.rest();
      expect(rig.sent).toEqual([{ operation: 'Answer', doubled: 42n, count: 1n }]);
      expect(await rig.job('1')).toMatchObject({ stage: 'deliver', outcome: 'signed' });
      expect(rig.stages.map(({ stage }) => stage)).toEqual([
        'verify',
        'claim',
        'decide',
        'sign',
        'deliver',
      ]);
    });
  });

  test.each([
    ['not JSON', '{"event_id":'],
    ['not an object', '[1]'],
    ['no id', '{"event_type":"RIG"}'],
    ['an id with spaces', '{"event_type":"RIG","event_id":"a b"}'],
    ['a number for an id', '{"event_type":"RIG","event_id":1}'],
    ['no event type', '{"event_id":"1"}'],
    ['data of the wrong type', '{"event_id":"1","event_type":"RIG","data":[]}'],
    ['a duplicate key', '{"event_id":"1","event_id":"1","event_type":"RIG"}'],
    ['a prototype key', '{"event_id":"1","event_type":"RIG","__proto__":{}}'],
    ['invalid UTF-8 after decoding', '{"event_id":"\u0001","event_type":"RIG"}'],
    ['a NUL in the entity', '{"event_type":"RIG","event_id":"1","entity_id":"a\\u0000b"}'],
    ['half a surrogate pair', '{"event_type":"\\ud800","event_id":"1"}'],
    ['deep nesting', `{"event_id":"1","data":${'['.repeat(64)}${']'.repeat(64)}}`],
  ])('answers 400 to %s and keeps it under the hash of its bytes', async (_name, body) => {
    await withTempStore(async (store) => {
      const rig = createRig({ store });
      expect(await rig.sendBody(body)).toMatchObject({
        status: 400,
        body: { code: 'claim.envelope' },
      });
      expect(await store.jobs({ limit: 10 })).toMatchObject([{ outcome: 'malformed' }]);
      expect(await rig.sendBody(body)).toMatchObject({ status: 400 });
      expect(await store.jobs({ limit: 10 })).toHaveLength(1);
      expect(rig.signatures()).toBe(0);
    });
  });

  test('answers 400 to data that the room cannot read, and again on redelivery', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({ store });
      const body = '{"event_type":"RIG","event_id":"1","data":{"value":1.5}}';
      expect(await rig.sendBody(body)).toMatchObject({ status: 400, body: { code: 'rig.value' } });
      expect(await rig.sendBody(body)).toMatchObject({ status: 400, body: { code: 'rig.value' } });
      expect(await rig.job('1')).toMatchObject({ stage: 'dispatch', outcome: 'malformed' });
    });
  });

  test('records an authentic event of a kind we do not sign and answers 2xx', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({ store });
      const body = '{"event_type":"PAYMENT_FINISHED","event_id":"1","data":{"floats":1.5e3}}';
      expect(await rig.sendBody(body)).toMatchObject({ status: 204 });
      expect(await rig.job('1')).toMatchObject({ outcome: 'ignored' });
      expect(rig.sent).toEqual([]);
    });
  });

  test('withholds what cannot be read because reading it breaks', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({ store });
      expect(await rig.sendBody(BREAKING)).toMatchObject({ status: 204 });
      await rig.rest();
      expect(await rig.job('1')).toMatchObject({
        outcome: 'withheld',
        reason: { code: 'machinery.broken' },
      });
    });
  });

  test('keeps integers above 2^53 exact', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({ store });
      await rig.send('1', { value: 9_007_199_254_740_993n });
      await rig.rest();
      expect(rig.sent).toMatchObject([{ doubled: 18_014_398_509_481_986n }]);
    });
  });

  test('asks to come again when the store cannot remember', async () => {
    await withTempStore(async (store) => {
      const broken = { ...store, transact: () => Promise.reject(new Error('disk full')) };
      const rig = createRig({ store: broken });
      expect(await rig.send('1', { value: 1n })).toMatchObject({ status: 503, retryAfter: 1 });
      expect(rig.alarms).toMatchObject([{ code: 'machinery.broken' }]);
    });
  });

  test('asks to come again once it is closed', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({ store });
      rig.intake.close();
      expect(await rig.send('1', { value: 1n })).toMatchObject({ status: 503 });
    });
  });
});

describe('redelivery', () => {
  test('sends the identical answer again, but not in a burst', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({ store });
      await rig.send('1', { value: 1n });
      await rig.rest();
      await rig.send('1', { value: 1n }, { timestamp: '2026-01-01T00:00:00Z' });
      await rig.rest();
      expect(rig.sent).toHaveLength(1);
      await rig.clock.advance(10_000);
      await rig.send('1', { value: 1n });
      await rig.clock.advance(100);
      expect(rig.sent).toHaveLength(2);
      expect(rig.sent[1]).toEqual(rig.sent[0]);
      expect(rig.signatures()).toBe(1);
    });
  });

  test('answers 409 to other data under the same id and keeps the first', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({ store });
      await rig.send('1', { value: 1n });
      await rig.rest();
      expect(await rig.send('1', { value: 2n })).toMatchObject({ status: 409 });
      await rig.rest();
      expect(rig.sent).toEqual([{ operation: 'Answer', doubled: 2n, count: 1n }]);
      expect(rig.alarms).toMatchObject([{ code: 'claim.conflict' }]);
    });
  });

  test('of fifty copies at once has one effect', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({ store });
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => rig.send('1', { value: 1n })),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
      await rig.rest();
      expect(rig.sent).toHaveLength(1);
    });
  });

  test('re-arms a withheld job', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({ store });
      rig.frozen.add('rig/key');
      await rig.send('1', { value: 1n });
      await rig.rest();
      expect(await rig.job('1')).toMatchObject({ outcome: 'withheld', stage: 'decide' });
      rig.frozen.clear();
      await rig.send('1', { value: 1n });
      await rig.rest();
      expect(rig.sent).toEqual([{ operation: 'Answer', doubled: 2n, count: 1n }]);
    });
  });

  test('signs what another signer had to answer, once there is none', async () => {
    await withTempStore(async (store) => {
      const beside = createRig({ store, observes: true });
      await beside.send('1', { value: 1n });
      await beside.rest();
      await beside.send('1', { value: 1n });
      await beside.rest();
      expect(await beside.job('1')).toMatchObject({ reason: { code: 'decide.observed' } });
      expect(beside.stages.filter(({ stage }) => stage === 'decide')).toHaveLength(1);

      const alone = createRig({ store });
      expect(await alone.send('1', { value: 1n })).toMatchObject({ status: 204 });
      await alone.rest();
      expect(alone.sent).toMatchObject([{ operation: 'Answer', doubled: 2n }]);
      expect(await alone.job('1')).toMatchObject({ outcome: 'signed' });
    });
  });

  test.each(['ignored', 'malformed'] as const)(
    'signs what was %s when it came and is for us to sign now',
    async (outcome) => {
      await withTempStore(async (store) => {
        const before = createRig({ store, passesBy: outcome });
        const first = await before.send('1', { value: 1n });
        expect(await before.send('1', { value: 1n })).toEqual(first);
        expect(await before.job('1')).toMatchObject({ outcome });

        const now = createRig({ store });
        expect(await now.send('1', { value: 1n })).toMatchObject({ status: 204 });
        await now.rest();
        expect(now.sent).toEqual([{ operation: 'Answer', doubled: 2n, count: 1n }]);
      });
    },
  );

  test('re-arms a failed delivery at once', async () => {
    await withTempStore(async (store) => {
      let working = false;
      const rig = createRig({
        store,
        receive: () =>
          working
            ? { kind: 'delivered' }
            : { kind: 'rejected', reason: { code: 'rig.rejected', message: 'no' } },
      });
      await rig.send('1', { value: 1n });
      await rig.rest();
      expect(await rig.job('1')).toMatchObject({ outcome: 'failed' });
      working = true;
      await rig.send('1', { value: 1n });
      await rig.clock.advance(100);
      expect(await rig.job('1')).toMatchObject({ outcome: 'signed', stage: 'deliver' });
      expect(rig.signatures()).toBe(1);
    });
  });
});

describe('inline acknowledgement', () => {
  test('answers the request itself, and the same again', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({ store, acknowledge: 'inline' });
      const first = await rig.send('1', { value: 3n });
      expect(first).toMatchObject({ status: 200, body: { doubled: 6n } });
      expect(await rig.send('1', { value: 3n })).toEqual(first);
      expect(rig.sent).toEqual([]);
      expect(rig.signatures()).toBe(1);
    });
  });

  test('makes a secret answer anew instead of storing it', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({ store, acknowledge: 'inline' });
      const first = await rig.send('1', { value: 3n, secret: true });
      expect(await rig.send('1', { value: 3n, secret: true })).toEqual(first);
      expect((await rig.job('1')).answer).toBeUndefined();
    });
  });

  test('answers 503 with the reason where the job is withheld', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({ store, acknowledge: 'inline' });
      expect(await rig.send('1', { value: 3n, policy: 'no-rule' })).toMatchObject({
        status: 503,
        body: { code: 'policy.no_rule' },
      });
    });
  });

  test('asks to come again when patience ends, and the job goes on', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({ store, acknowledge: 'inline' });
      let open = (): void => undefined;
      const held = store.transact(
        ['rig/key/a'],
        () => new Promise<void>((resolve) => (open = resolve)),
      );
      const waiting = rig.send('1', { value: 3n });
      await rig.clock.advance(9_000);
      expect(await waiting).toMatchObject({ status: 503 });
      open();
      await held;
      await rig.rest();
      expect(await rig.send('1', { value: 3n })).toMatchObject({ status: 200 });
    });
  });
});
