import { describe, expect, test } from '@jest/globals';

import { resolve } from '../../src/core/verdict.ts';
import type { RefusalStyle } from '../../src/core/protocol.ts';
import type { Cause } from '../../src/policy/decision.ts';
import { type Ask, createRig } from '../support/pipeline-rig.ts';
import { withTempStore } from '../support/temp-store.ts';

const REASON = { code: 'rig.reason', message: 'for the test' };

function judged(cause: Cause, finds?: 'violations' | 'doubts') {
  return {
    finding: {
      id: '1',
      action: 'double',
      facts: {},
      violations: finds === 'violations' ? [REASON] : [],
      doubts: finds === 'doubts' ? [REASON] : [],
    },
    decision: {
      verdict: cause === 'permit' ? ('allow' as const) : ('deny' as const),
      cause,
      rules: ['rule'],
      errors: [],
      policyHash: 'hash',
    },
  };
}

describe('the verdict of a request', () => {
  test.each<[RefusalStyle, Cause, 'violations' | 'doubts' | undefined, string, string | undefined]>(
    [
      ['careful', 'permit', undefined, 'signed', undefined],
      ['careful', 'forbid', undefined, 'declined', 'policy.forbid'],
      ['careful', 'no-rule', undefined, 'withheld', 'policy.no_rule'],
      ['careful', 'error', undefined, 'withheld', 'policy.error'],
      ['careful', 'permit', 'violations', 'declined', 'rig.reason'],
      ['careful', 'permit', 'doubts', 'withheld', 'rig.reason'],
      ['careful', 'no-rule', 'doubts', 'withheld', 'rig.reason'],
      ['careful', 'forbid', 'doubts', 'declined', 'policy.forbid'],
      ['loud', 'permit', undefined, 'signed', undefined],
      ['loud', 'forbid', undefined, 'declined', 'policy.forbid'],
      ['loud', 'no-rule', undefined, 'declined', 'policy.no_rule'],
      ['loud', 'error', undefined, 'declined', 'policy.error'],
      ['loud', 'permit', 'violations', 'declined', 'rig.reason'],
      ['loud', 'permit', 'doubts', 'declined', 'rig.reason'],
    ],
  )('in a %s world, policy %s, %s: %s', (...row) => {
    const [refusal, cause, finds, outcome, code] = row;
    const verdict = resolve([judged(cause, finds)], refusal);
    expect(verdict.outcome).toBe(outcome);
    expect('reason' in verdict ? verdict.reason.code : undefined).toBe(code);
  });

  test('a batch is signed together or not at all', () => {
    expect(resolve([judged('permit'), judged('no-rule')], 'careful').outcome).toBe('withheld');
    expect(resolve([judged('permit'), judged('forbid')], 'careful').outcome).toBe('declined');
    expect(resolve([judged('permit'), judged('permit')], 'careful').outcome).toBe('signed');
  });

  test('an event that only informs is recorded and not signed', () => {
    expect(resolve([], 'careful').outcome).toBe('ignored');
  });
});

describe('decide', () => {
  test.each<[string, Partial<Ask>, string, readonly string[]]>([
    ['a forbid rule declines and says so', { policy: 'forbid' }, 'declined', ['Decline']],
    ['a violation declines and says so', { finds: 'violation' }, 'declined', ['Decline']],
    ['no rule withholds in silence', { policy: 'no-rule' }, 'withheld', []],
    ['a rule error withholds in silence', { policy: 'error' }, 'withheld', []],
    ['a doubt withholds in silence', { finds: 'doubt' }, 'withheld', []],
    ['a bug withholds in silence', { finds: 'throws' }, 'withheld', []],
    ['a broken signer withholds in silence', { breaks: true }, 'withheld', []],
    [
      'a refusal the world has no words for is only recorded',
      { policy: 'forbid', unheard: true },
      'declined',
      [],
    ],
  ])('%s', async (_name, ask, outcome, operations) => {
    await withTempStore(async (store) => {
      const rig = createRig({ store });
      await rig.send('1', { value: 7n, ...ask });
      await rig.rest();
      await rig.clock.advance(1_000);
      expect(await rig.job('1')).toMatchObject({ outcome });
      expect(rig.sent.map(({ operation }) => operation)).toEqual(operations);
      expect(rig.alarms.length).toBeGreaterThan(0);
    });
  });

  test('an error names itself but never its message, which may hold anything', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({ store });
      await rig.send('1', { value: 31337n, finds: 'throws' });
      await rig.send('2', { value: 31337n, breaks: true });
      await rig.rest();
      const seen = JSON.stringify([rig.alarms, rig.stages.map(({ reason }) => reason)]);
      expect(seen).toContain('broke: Error');
      expect(seen).not.toContain('31337');
    });
  });

  test('facts, caller, policy hash and text are kept with every decision', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({ store });
      await rig.send('1', { value: 7n, policy: 'forbid' });
      await rig.rest();
      const { job } = await rig.job('1');
      expect(await store.decisions(job)).toMatchObject([
        {
          item: '7',
          facts: { world: 'rig', action: 'double', values: { value: 7n } },
          decision: { verdict: 'deny', rules: ['rig-forbid'], policyHash: 'rig-policy' },
          caller: 'rig/secret-1',
        },
      ]);
      expect(await store.policyText('rig-policy')).toBe('the policy of the rig');
    });
  });

  test('state moves with an allow, not with a refusal; knowledge moves with both', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({ store });
      await rig.send('1', { value: 1n, policy: 'forbid' });
      await rig.send('2', { value: 2n, policy: 'no-rule' });
      await rig.rest();
      expect([...(await store.state('rig', ['key/a']))]).toEqual([]);
      expect((await store.stateWithPrefix('rig', 'seen/')).size).toBe(2);
      await rig.send('3', { value: 3n });
      await rig.rest();
      expect((await store.state('rig', ['key/a'])).get('key/a')).toEqual({ count: 1n });
    });
  });

  test('decisions on one lane follow one another, each seeing the last', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({ store });
      await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          rig.send(`id-${String(index)}`, {
            value: BigInt(index),
            key: index % 2 === 0 ? 'a' : 'b',
          }),
        ),
      );
      await rig.clock.advance(1_000);
      const counts = rig.sent.map(({ count }) => Number(count)).sort((a, b) => a - b);
      expect(counts).toEqual(Array.from({ length: 40 }, (_, index) => Math.floor(index / 2) + 1));
    });
  });

  test('raises an alarm once that is the reason of a refusal as well', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({ store });
      await rig.send('1', { value: 1n, finds: 'doubt', alarm: 'rig.doubt' });
      await rig.send('2', { value: 2n, finds: 'doubt', alarm: 'rig.besides' });
      await rig.rest();
      const raised = rig.alarms.map(({ code }) => code).sort();
      expect(raised).toEqual(['rig.besides', 'rig.doubt', 'rig.doubt']);
    });
  });

  test('beside another signer it decides and records, and neither signs nor sends', async () => {
    await withTempStore(async (store) => {
      const rig = createRig({ store, observes: true });
      await rig.send('1', { value: 1n });
      await rig.send('2', { value: 2n, policy: 'forbid' });
      await rig.send('3', { value: 3n, finds: 'doubt' });
      await rig.rest();
      expect(rig.sent).toEqual([]);
      expect(rig.signatures()).toBe(0);
      expect(await rig.job('1')).toMatchObject({
        outcome: 'ignored',
        reason: { message: 'would have been signed' },
      });
      expect((await rig.job('2')).reason?.message).toBe('would have been declined: policy.forbid');
      expect((await rig.job('3')).reason?.message).toBe('would have been withheld: rig.doubt');
      expect((await store.state('rig', ['key/a'])).get('key/a')).toEqual({ count: 3n });
    });
  });
});
