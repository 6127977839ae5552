import { describe, expect, test } from '@jest/globals';

import type { Store } from '../../src/core/ports.ts';
import type { KillPoint } from '../../src/core/probe.ts';
import { createRig } from '../support/pipeline-rig.ts';
import { withTempStore } from '../support/temp-store.ts';

/** Stands for the end of the process: everything after it in that run is lost. */
class Killed extends Error {}

const POINTS: readonly KillPoint[] = [
  'claim.after-commit',
  'decide.before-commit',
  'decide.after-commit',
  'sign.before',
  'sign.after',
  'sign.before-commit',
  'sign.after-commit',
  'deliver.before-send',
  'deliver.after-send',
  'deliver.before-commit',
  'deliver.after-commit',
];

describe('a restart continues where the last process stopped', () => {
  test.each(POINTS)('stopped at %s', async (point) => {
    await withTempStore(async (store) => {
      let dead = false;
      const first = createRig({
        store: mortal(store, () => dead),
        probe(passed) {
          if (passed !== point || dead) return;
          dead = true;
          throw new Killed(point);
        },
      });
      await first.send('1', { value: 4n, secret: true }).catch(() => undefined);
      await first.clock.advance(1_000);

      const second = createRig({ store });
      await second.pipeline.recover();
      await second.clock.advance(MINUTE);
      expect(await second.job('1')).toMatchObject({ outcome: 'signed', stage: 'deliver' });
      const answers = [...first.sent, ...second.sent];
      expect(answers.length).toBeGreaterThan(0);
      for (const answer of answers) expect(answer).toEqual(answers[0]);
      expect((await store.state('rig', ['key/a'])).get('key/a')).toEqual({ count: 1n });
      expect((await store.decisions((await second.job('1')).job)).length).toBe(1);
    });
  });

  test('a sender of nonsense hears 400 also where the last process ended before it said so', async () => {
    await withTempStore(async (store) => {
      const body = '{"event_type":"RIG","event_id":"1","data":{}}';
      let dead = false;
      const first = createRig({
        store: mortal(store, () => dead),
        probe(passed) {
          if (passed === 'claim.after-commit') dead = true;
        },
      });
      void first.sendBody(body);
      await first.rest();
      const second = createRig({ store });
      expect(await second.job('1')).toMatchObject({ stage: 'dispatch', outcome: 'malformed' });
      expect(await second.sendBody(body)).toMatchObject({
        status: 400,
        body: { code: 'rig.value' },
      });
    });
  });

  test('a decline that was decided is said after the restart', async () => {
    await withTempStore(async (store) => {
      let dead = false;
      const first = createRig({
        store: mortal(store, () => dead),
        probe(passed) {
          if (passed === 'decide.after-commit') dead = true;
        },
      });
      await first.send('1', { value: 4n, policy: 'forbid' });
      await first.rest();
      const second = createRig({ store });
      await second.pipeline.recover();
      await second.clock.advance(MINUTE);
      expect(second.sent).toEqual([{ operation: 'Decline', reasons: ['policy.forbid'] }]);
    });
  });

  test('a refusal after a restart is unconfirmed: nobody knows what the last process sent', async () => {
    await withTempStore(async (store) => {
      const first = createRig({ store, receive: () => new Promise(() => undefined) });
      await first.send('1', { value: 4n });
      await first.rest();
      const clock = first.clock;
      clock.skip(1_000);
      const second = createRig({
        store,
        clock,
        receive: () => ({
          kind: 'rejected',
          reason: { code: 'graphql.rejected', message: 'done' },
        }),
      });
      await second.pipeline.recover();
      await second.clock.advance(MINUTE);
      expect(await second.job('1')).toMatchObject({
        outcome: 'signed',
        reason: { code: 'deliver.settled_unconfirmed' },
      });
    });
  });

  test('stopping leaves what waits durable and takes nothing new', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({ store });
      rig.intake.close();
      await rig.pipeline.stop();
      const ended = await rig.pipeline.run({
        job: 'x',
        source: 'rig',
        id: 'x',
        digest: (await import('../../src/base/hex.ts')).toHex(new Uint8Array(32)),
        eventType: 'RIG',
        entityId: '',
        body: new Uint8Array(),
        caller: '',
        receivedAt: 0,
        stage: 'claim',
        updatedAt: 0,
      });
      expect(ended).toBeUndefined();
    });
  });
});

const MINUTE = 60_000;

/** A store that, once its process is dead, commits nothing more. */
function mortal(store: Store, isDead: () => boolean): Store {
  return {
    ...store,
    transact: (lanes, work) =>
      isDead() ? new Promise(() => undefined) : store.transact(lanes, work),
  };
}
