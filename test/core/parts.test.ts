/** Requests of several parts, each decided and signed on its own. */
import { describe, expect, test } from '@jest/globals';

import type { Ask, Rig, RigOptions } from '../support/pipeline-rig.ts';
import { createRig } from '../support/pipeline-rig.ts';
import { withTempStore } from '../support/temp-store.ts';

const good = (id: string, value: bigint): Ask & { readonly id: string } => ({ id, value });

function withRig(options: Omit<RigOptions, 'store'>, use: (rig: Rig) => Promise<void>) {
  return withTempStore((store) => use(createRig({ store, refusal: 'loud', ...options })));
}

describe.each([true, false])('a batch whose answers are repeatable: %s', (repeatable) => {
  test('is answered once where all of it is signed', () =>
    withRig({ repeatable }, async (rig) => {
      await rig.send('1', { jobs: [good('a', 1n), good('b', 2n)] });
      await rig.rest();
      expect(rig.sent).toEqual([
        { operation: 'Answer', a: { doubled: 2n, count: 1n }, b: { doubled: 4n, count: 2n } },
      ]);
      expect(await rig.job('1')).toMatchObject({ stage: 'deliver', outcome: 'signed' });
    }));

  test('says what is signed and what is declined in two messages', () =>
    withRig({ repeatable }, async (rig) => {
      await rig.send('1', {
        jobs: [
          good('a', 1n),
          { ...good('b', 2n), policy: 'forbid' },
          { ...good('c', 3n), finds: 'doubt' },
          good('d', 4n),
        ],
      });
      await rig.rest();
      expect(rig.sent).toHaveLength(2);
      expect(rig.sent).toContainEqual({
        operation: 'Decline',
        reasons: ['policy.forbid', 'rig.doubt'],
        ids: ['b', 'c'],
      });
      expect(rig.alarms.map(({ code }) => code)).toEqual(['policy.forbid', 'rig.doubt']);
      // What was refused has not moved the state that the next part sees.
      expect(rig.sent).toContainEqual({
        operation: 'Answer',
        a: { doubled: 2n, count: 1n },
        d: { doubled: 8n, count: 2n },
      });
    }));

  test('is declined where nothing of it is signed', () =>
    withRig({ repeatable }, async (rig) => {
      await rig.send('1', {
        jobs: [
          { ...good('a', 1n), finds: 'violation' },
          { ...good('b', 2n), policy: 'no-rule' },
        ],
      });
      await rig.rest();
      expect(rig.sent).toEqual([
        { operation: 'Decline', reasons: ['rig.violation', 'policy.no_rule'], ids: ['a', 'b'] },
      ]);
      expect(await rig.job('1')).toMatchObject({ outcome: 'declined' });
      expect(rig.signatures()).toBe(0);
    }));

  test('does without the parts whose key is frozen', () =>
    withRig({ repeatable }, async (rig) => {
      rig.frozen.add('rig/cold');
      await rig.send('1', { jobs: [{ ...good('a', 1n), key: 'cold' }, good('b', 2n)] });
      await rig.rest();
      expect(rig.sent).toContainEqual({
        operation: 'Decline',
        reasons: ['sign.frozen'],
        ids: ['a'],
      });
      expect(rig.sent).toContainEqual({ operation: 'Answer', b: { doubled: 4n, count: 1n } });
    }));
});

describe('a repeatable answer', () => {
  test('leaves on the account of its decision, and is the same when it is sent again', () =>
    withRig({ repeatable: true }, async (rig) => {
      await rig.send('1', { value: 21n });
      await rig.rest();
      expect(rig.stages.map(({ stage }) => stage)).toEqual([
        'verify',
        'claim',
        'decide',
        'sign',
        'deliver',
      ]);
      const [, , decided, signed] = rig.stages;
      expect(signed?.action).toBe(decided?.action);
      expect(signed?.action).toBeDefined();
      expect((await rig.job('1')).answer).toBeUndefined();
      await rig.clock.advance(20_000);
      await rig.send('1', { value: 21n });
      await rig.rest();
      expect(rig.sent).toEqual([
        { operation: 'Answer', doubled: 42n, count: 1n },
        { operation: 'Answer', doubled: 42n, count: 1n },
      ]);
    }));

  test('is made by the outbox where the signer breaks at first', () =>
    withRig({ repeatable: true }, async (rig) => {
      await rig.send('1', { value: 21n, breaks: true });
      await rig.rest();
      expect(await rig.job('1')).toMatchObject({ stage: 'sign', outcome: 'signed' });
      expect(rig.sent).toEqual([]);
      expect(rig.alarms.map(({ code }) => code)).toContain('machinery.broken');
    }));
});

describe('a repeatable answer of a world where only proof is refused', () => {
  test('waits while its key is frozen, and is signed from what was decided', () =>
    withTempStore(async (store) => {
      const rig = createRig({ store, repeatable: true });
      rig.frozen.add('rig/key');
      await rig.send('1', { value: 21n });
      await rig.rest();
      const withheld = await rig.job('1');
      expect(withheld).toMatchObject({ outcome: 'withheld', reason: { code: 'sign.frozen' } });
      expect(rig.signatures()).toBe(0);
      rig.frozen.clear();
      await rig.pipeline.rearm(withheld);
      await rig.rest();
      expect(rig.sent).toEqual([{ operation: 'Answer', doubled: 42n, count: 1n }]);
      expect(await store.decisions(withheld.job)).toHaveLength(1);
    }));

  test('waits in the outbox where its key is frozen right after the decision', () =>
    withTempStore(async (store) => {
      const rig = createRig({
        store,
        repeatable: true,
        probe(point) {
          if (point === 'decide.after-commit') rig.frozen.add('rig/key');
        },
      });
      await rig.send('1', { value: 21n });
      await rig.rest();
      expect(rig.stages).toContainEqual(
        expect.objectContaining({ stage: 'sign', outcome: 'withheld' }),
      );
      expect(rig.signatures()).toBe(0);
      rig.frozen.clear();
      await rig.clock.advance(120_000);
      expect(rig.sent).toEqual([{ operation: 'Answer', doubled: 42n, count: 1n }]);
    }));

  test('is not given in line again while its key is frozen', () =>
    withTempStore(async (store) => {
      const rig = createRig({ store, repeatable: true, acknowledge: 'inline' });
      const body = { doubled: 42n, count: 1n };
      expect(await rig.send('1', { value: 21n })).toMatchObject({ status: 200, body });
      rig.frozen.add('rig/key');
      expect(await rig.send('1', { value: 21n })).toMatchObject({ status: 204 });
      rig.frozen.clear();
      expect(await rig.send('1', { value: 21n })).toMatchObject({ status: 200, body });
    }));
});

describe('a request that is asked in line, whose answer is another each time', () => {
  test('is answered with what was stored, also when it is asked again', () =>
    withRig({}, async (rig) => {
      const first = await rig.ask({ value: 21n }, 'mine');
      expect(first).toMatchObject({
        kind: 'decided',
        parts: [{ outcome: 'signed', answer: { doubled: 42n, count: 1n } }],
      });
      expect(await rig.ask({ value: 21n }, 'mine')).toEqual(first);
      expect(rig.signatures()).toBe(1);
    }));
});

describe('a request that is asked in line', () => {
  test('is claimed, decided and recorded in one commit, and answered', () =>
    withRig({ repeatable: true }, async (rig) => {
      const told = await rig.ask({ value: 21n });
      expect(told).toMatchObject({
        kind: 'decided',
        parts: [{ outcome: 'signed', answer: { doubled: 42n, count: 1n } }],
      });
      expect(rig.stages.map(({ stage }) => stage)).toEqual(['decide', 'sign']);
    }));

  test('tells each part how it ended, in the order asked', () =>
    withRig({ repeatable: true }, async (rig) => {
      const told = await rig.ask({
        jobs: [{ ...good('a', 1n), policy: 'forbid' }, good('b', 2n), good('c', 3n)],
      });
      expect(told).toMatchObject({
        kind: 'decided',
        parts: [
          {
            id: 'a',
            outcome: 'declined',
            reason: { code: 'policy.forbid' },
            rules: ['rig-forbid'],
          },
          { id: 'b', outcome: 'signed', answer: { doubled: 4n } },
          { id: 'c', outcome: 'signed', answer: { doubled: 6n } },
        ],
      });
    }));

  test('names no rule that would have permitted what an invariant refuses', () =>
    withRig({ repeatable: true }, async (rig) => {
      expect(await rig.ask({ value: 21n, finds: 'violation' })).toMatchObject({
        parts: [{ outcome: 'declined', reason: { code: 'rig.violation' }, rules: [] }],
      });
    }));

  test('gets the same answer under the same id, and no second effect', () =>
    withRig({ repeatable: true }, async (rig) => {
      const first = await rig.ask({ value: 21n }, 'mine');
      expect(await rig.ask({ value: 21n }, 'mine')).toEqual(first);
      expect(await rig.ask({ value: 22n })).toMatchObject({ parts: [{ answer: { count: 2n } }] });
      expect(rig.stages.filter(({ outcome }) => outcome === 'repeated')).toHaveLength(1);
    }));

  test('is refused where its id stands for something else', () =>
    withRig({ repeatable: true }, async (rig) => {
      await rig.ask({ value: 21n }, 'mine');
      expect(await rig.ask({ value: 22n }, 'mine')).toMatchObject({
        kind: 'conflict',
        reason: { code: 'claim.conflict' },
      });
      expect(rig.signatures()).toBe(1);
    }));

  test('gets its refusal again under the same id', () =>
    withRig({ repeatable: true }, async (rig) => {
      const first = await rig.ask({ value: 21n, policy: 'no-rule' }, 'mine');
      expect(first).toMatchObject({ parts: [{ outcome: 'declined' }] });
      expect(await rig.ask({ value: 21n, policy: 'no-rule' }, 'mine')).toEqual(first);
    }));

  test('that nobody can read leaves no trace in the store', () =>
    withTempStore(async (store) => {
      const rig = createRig({ store, refusal: 'loud', repeatable: true });
      expect(await rig.ask({ jobs: [] })).toMatchObject({ kind: 'malformed' });
      expect(await store.jobs({ limit: 1 })).toEqual([]);
    }));

  test('hears that nothing was signed where machinery breaks', () =>
    withRig({ repeatable: true }, async (rig) => {
      expect(await rig.ask({ value: 1n, finds: 'throws' })).toMatchObject({
        kind: 'unavailable',
        reason: { code: 'machinery.broken' },
      });
      expect(rig.signatures()).toBe(0);
    }));
});
