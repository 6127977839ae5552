import { describe, expect, test } from '@jest/globals';

import type { Receipt } from '../../src/core/ports.ts';
import { createRig, type Rig } from '../support/pipeline-rig.ts';
import { withTempStore } from '../support/temp-store.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const unreachable: Receipt = {
  kind: 'retry',
  reason: { code: 'transport.connect', message: 'connection refused' },
};
const timedOut: Receipt = {
  kind: 'unknown',
  reason: { code: 'transport.timeout', message: 'no answer' },
};
const rejected: Receipt = {
  kind: 'rejected',
  reason: { code: 'graphql.rejected', message: 'no such payload' },
};
const unauthorized: Receipt = {
  kind: 'unauthorized',
  reason: { code: 'graphql.unauthorized', message: 'the token is not accepted' },
};

describe('deliver', () => {
  test('a ten-minute outage declines nothing, loses nothing, and all is delivered after it', async () => {
    await withTempStore(async (store) => {
      let up = false;
      const rig = createRig({ store, receive: () => (up ? { kind: 'delivered' } : unreachable) });
      for (let index = 0; index < 20; index += 1) {
        await rig.send(`id-${String(index)}`, { value: BigInt(index), secret: index % 2 === 0 });
        await rig.clock.advance(30_000);
      }
      expect((await store.counts()).outboxPending).toBe(20);
      const during = rig.sent.length;
      up = true;
      await rig.clock.advance(3 * MINUTE);
      expect((await store.counts()).outboxPending).toBe(0);
      const jobs = await store.jobs({ limit: 100 });
      expect(jobs.map(({ outcome, stage }) => [outcome, stage])).toEqual(
        jobs.map(() => ['signed', 'deliver']),
      );
      expect(rig.sent.every(({ operation }) => operation === 'Answer')).toBe(true);
      expect(new Set(rig.sent.slice(during).map(({ doubled }) => doubled)).size).toBe(20);
    });
  }, 60_000);

  test('an answer does not wait for a time that a clock set back has yet to reach', async () => {
    await withTempStore(async (store) => {
      const ahead = createRig({ store, receive: () => unreachable });
      await ahead.clock.advance(DAY);
      for (const id of ['1', '2']) await ahead.send(id, { value: 1n });
      await ahead.rest();
      await ahead.pipeline.stop();

      const rig = createRig({ store });
      await rig.pipeline.recover();
      await rig.clock.advance(MINUTE);
      expect(rig.sent).toHaveLength(2);
    });
  });

  test('an answer that this configuration cannot read waits, with one alarm, and is parked in the end', async () => {
    await withTempStore(async (store) => {
      const before = createRig({ store, receive: () => unreachable });
      await before.send('1', { value: 1n });
      await before.rest();
      await before.pipeline.stop();

      const other = createRig({ store, clock: before.clock, passesBy: 'ignored' });
      await other.pipeline.recover();
      await other.clock.advance(10 * MINUTE);
      expect(other.alarms).toMatchObject([{ code: 'deliver.unreadable' }]);
      expect(await store.counts()).toMatchObject({ outboxPending: 1 });
      await other.clock.advance(7 * DAY);
      expect(await other.job('1')).toMatchObject({ outcome: 'failed' });
      expect(other.alarms).toHaveLength(1);
      expect(other.sent).toEqual([]);

      const again = createRig({ store, clock: before.clock });
      await again.send('1', { value: 1n });
      await again.clock.advance(100);
      expect(again.sent).toEqual([{ operation: 'Answer', doubled: 2n, count: 1n }]);
    });
  }, 60_000);

  test('more answers than may be under way leave in turn, each once', async () => {
    await withTempStore(async (store) => {
      let underWay = 0;
      let most = 0;
      const rig: Rig = createRig({
        store,
        receive: async () => {
          underWay += 1;
          most = Math.max(most, underWay);
          await new Promise<void>((done) => rig.clock.after(5, done));
          underWay -= 1;
          return { kind: 'delivered' };
        },
      });
      const values = Array.from({ length: 150 }, (_, index) => index);
      await Promise.all(
        values.map((value) =>
          rig.send(`id-${String(value)}`, { value: BigInt(value), secret: value % 4 === 0 }),
        ),
      );
      await rig.clock.advance(10 * MINUTE);
      expect((await store.counts()).outboxPending).toBe(0);
      expect(rig.sent).toHaveLength(values.length);
      expect(new Set(rig.sent.map(({ doubled }) => doubled)).size).toBe(values.length);
      expect(most).toBeGreaterThan(8);
      expect(most).toBeLessThanOrEqual(128);
    });
  }, 60_000);

  test('an attempt of unknown outcome is repeated with the same bytes', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({
        store,
        receive: (_message, attempt) => (attempt === 1 ? timedOut : { kind: 'delivered' }),
      });
      await rig.send('1', { value: 1n });
      await rig.clock.advance(MINUTE);
      expect(rig.sent).toHaveLength(2);
      expect(rig.sent[1]).toEqual(rig.sent[0]);
      expect(rig.signatures()).toBe(1);
    });
  });

  test('a refusal after an unknown attempt is settled-unconfirmed, not failed', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({
        store,
        receive: (_message, attempt) => (attempt === 1 ? timedOut : rejected),
      });
      await rig.send('1', { value: 1n });
      await rig.clock.advance(MINUTE);
      expect(await rig.job('1')).toMatchObject({
        outcome: 'signed',
        stage: 'deliver',
        reason: { code: 'deliver.settled_unconfirmed' },
      });
      expect(rig.alarms.map(({ code }) => code)).toContain('deliver.settled_unconfirmed');
      expect(await store.outboxOf((await rig.job('1')).job)).toMatchObject([
        { state: 'unconfirmed' },
      ]);
    });
  });

  test('a plain refusal ends as failed, with alarm, and is not repeated', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({ store, receive: () => rejected });
      await rig.send('1', { value: 1n });
      await rig.clock.advance(10 * MINUTE);
      expect(rig.sent).toHaveLength(1);
      expect(await rig.job('1')).toMatchObject({ outcome: 'failed' });
      expect(rig.alarms.map(({ code }) => code)).toContain('graphql.rejected');
    });
  });

  test('refused credentials pause the route instead of burning attempts', async () => {
    await withTempStore(async (store) => {
      let accepted = false;
      const rig = createRig({
        store,
        receive: () => (accepted ? { kind: 'delivered' } : unauthorized),
      });
      for (let index = 0; index < 10; index += 1) {
        await rig.send(`id-${String(index)}`, { value: BigInt(index) });
        await rig.rest();
      }
      await rig.clock.advance(5 * MINUTE);
      expect(rig.sent.length).toBeLessThan(10);
      expect(rig.alarms.map(({ code }) => code)).toContain('deliver.route_paused');
      accepted = true;
      await rig.clock.advance(5 * MINUTE);
      expect((await store.counts()).outboxPending).toBe(0);
    });
  });

  test('waits as long as the other side asks for', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({
        store,
        receive: (_message, attempt) =>
          attempt === 1
            ? {
                kind: 'retry',
                reason: { code: 'http.429', message: 'slow down' },
                retryAfter: 30_000,
              }
            : { kind: 'delivered' },
      });
      await rig.send('1', { value: 1n });
      await rig.clock.advance(29_000);
      expect(rig.sent).toHaveLength(1);
      await rig.clock.advance(2_000);
      expect(rig.sent).toHaveLength(2);
    });
  });

  test('an open gate spares the other side, and probes it', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({ store, receive: () => unreachable });
      for (let index = 0; index < 30; index += 1) {
        await rig.send(`id-${String(index)}`, { value: BigInt(index) });
      }
      await rig.rest();
      const before = rig.sent.length;
      await rig.clock.advance(10 * MINUTE);
      // Thirty rows with at most a minute between attempts would be 300 without the gate.
      expect(rig.sent.length - before).toBeLessThan(60);
      expect(rig.pipeline.courier.routes().get('rig:host')).toBe('open');
      expect(rig.alarms.map(({ code }) => code)).toContain('deliver.route_open');
    });
  }, 30_000);

  test('where no answer left while it was of use, that is said instead, and the job has failed', async () => {
    await withTempStore(async (store) => {
      let up = false;
      const rig = createRig({ store, receive: () => (up ? { kind: 'delivered' } : unreachable) });
      const usefulUntil = BigInt(rig.clock.now() + 12_000);
      await rig.send('1', { value: 1n, usefulUntil });
      await rig.clock.advance(11_000);
      expect(rig.sent.every(({ operation }) => operation === 'Answer')).toBe(true);
      await rig.clock.advance(MINUTE);
      up = true;
      await rig.clock.advance(3 * MINUTE);
      expect(rig.sent.at(-1)).toEqual({ operation: 'Failure', reasons: ['deliver.lapsed'] });
      expect(await rig.job('1')).toMatchObject({
        ...{ outcome: 'failed', stage: 'deliver', reason: { code: 'deliver.lapsed' } },
      });
      expect(rig.alarms.map(({ code }) => code)).toContain('deliver.lapsed');
      // Who asks for the same again gets the answer, late as it is.
      await rig.send('1', { value: 1n, usefulUntil });
      await rig.clock.advance(MINUTE);
      expect(rig.sent.at(-1)).toMatchObject({ operation: 'Answer', doubled: 2n });
      expect(await rig.job('1')).toMatchObject({ outcome: 'signed', stage: 'deliver' });
    });
  });

  test('an answer to be made anew that lapses while its key is frozen is never signed', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({ store, repeatable: true, receive: () => unreachable });
      await rig.send('1', { value: 1n, usefulUntil: BigInt(rig.clock.now() + 12_000) });
      await rig.clock.advance(1_000);
      rig.frozen.add('rig/key');
      const before = rig.signatures();
      await rig.clock.advance(2 * MINUTE);
      expect(rig.signatures()).toBe(before);
      expect(rig.sent.at(-1)).toMatchObject({ operation: 'Failure' });
    });
  });

  test('after seven days an undelivered answer is parked, and replay sends it', async () => {
    await withTempStore(async (store) => {
      let up = false;
      const rig = createRig({ store, receive: () => (up ? { kind: 'delivered' } : timedOut) });
      await rig.send('1', { value: 1n });
      await rig.rest();
      for (let days = 0; days < 7; days += 1) await jump(rig, DAY);
      await jump(rig, MINUTE);
      await rig.clock.advance(2 * MINUTE);
      expect(await rig.job('1')).toMatchObject({
        outcome: 'failed',
        reason: { code: 'deliver.parked' },
      });
      up = true;
      await rig.pipeline.resend(await rig.job('1'));
      await rig.clock.advance(MINUTE);
      expect(await rig.job('1')).toMatchObject({ outcome: 'signed', stage: 'deliver' });
    });
  }, 60_000);

  test('a secret answer waits while its key is frozen', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({
        store,
        receive: (_message, attempt) => (attempt === 1 ? timedOut : { kind: 'delivered' }),
      });
      await rig.send('1', { value: 1n, secret: true });
      await rig.rest();
      rig.frozen.add('rig/key');
      await rig.clock.advance(2 * MINUTE);
      expect(rig.sent).toHaveLength(1);
      rig.frozen.clear();
      await rig.clock.advance(2 * MINUTE);
      expect(rig.sent).toHaveLength(2);
    });
  });

  test('a message that hangs delays no other', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({
        store,
        receive: (message) =>
          message.kind === 'graphql' && message.variables['doubled'] === 2n
            ? new Promise<Receipt>(() => undefined)
            : { kind: 'delivered' },
      });
      await rig.send('1', { value: 1n });
      await rig.send('2', { value: 2n });
      await rig.rest();
      expect(await rig.job('2')).toMatchObject({ stage: 'deliver' });
      expect(await rig.job('1')).toMatchObject({ stage: 'sign' });
    });
  });
});

/** Passes time without running every retry in between. */
async function jump(rig: ReturnType<typeof createRig>, milliseconds: number): Promise<void> {
  rig.clock.skip(milliseconds);
  await rig.clock.advance(0);
}
