import { expect, test } from '@jest/globals';

import { err, ok } from '../../src/base/result.ts';
import { createOperator, type Operator } from '../../src/core/operator.ts';
import type { Store } from '../../src/core/ports.ts';
import type { Protocol } from '../../src/core/protocol.ts';
import { createRig, type Rig } from '../support/pipeline-rig.ts';
import { withTempStore } from '../support/temp-store.ts';

/** A world without requests, whose one operation writes down what it is told. */
const notebook: Protocol = {
  name: 'notebook',
  eventType: 'NONE',
  actions: {},
  operations: {
    note: {
      about: 'writes a note',
      plan: () => ok({ lanes: ['all'], reads: [] }),
      apply: (args) => ok({ message: 'noted', changes: new Map([['last', args]]) }),
    },
  },
  open: () => err({ kind: 'ignored', reason: { code: 'none', message: 'none' } }),
};

function operatorOf(store: Store, { pipeline, clock }: Rig): Operator {
  let ids = 0;
  return createOperator({
    store,
    pipeline,
    clock,
    protocols: [notebook],
    transport: { route: () => 'rig:host' },
    random: {
      unit: () => 0.5,
      id: () => `order-${String((ids += 1))}`,
      entropy: () => new Uint8Array(64),
    },
  });
}

test('a declined job says who declined it', async () => {
  await withTempStore(async (store) => {
    const rig = createRig({ store });
    await rig.send('1', { value: 1n, finds: 'doubt' });
    await rig.rest();
    const { job } = await rig.job('1');
    const declined = await operatorOf(store, rig).decline(job, 'alice');
    const reason = { code: 'operator.declined', message: 'declined by `alice`' };
    expect(declined).toMatchObject({ ok: true, value: { outcome: 'declined', reason } });
    expect((await store.history(job)).at(-1)).toMatchObject({ outcome: 'declined', reason });
    await rig.rest();
    expect(rig.sent).toEqual([{ operation: 'Decline', reasons: ['operator.declined'] }]);
  });
});

test('a job that another signer had to answer is decided again where there is none', async () => {
  await withTempStore(async (store) => {
    const beside = createRig({ store, observes: true });
    await beside.send('1', { value: 1n });
    await beside.rest();
    const { job } = await beside.job('1');
    expect(await operatorOf(store, beside).redecide(job)).toMatchObject({ ok: false });

    const alone = createRig({ store });
    expect(await operatorOf(store, alone).redecide(job)).toMatchObject({ ok: true });
    await alone.rest();
    expect(await alone.job('1')).toMatchObject({ outcome: 'signed' });
  });
});

test.each([
  ['careful', 2],
  ['loud', 1],
] as const)(
  'in a %s world what broke is decided %i times, if it is not asked for again',
  async (refusal, times) => {
    await withTempStore(async (store) => {
      const rig = createRig({ store, refusal });
      await rig.send('1', { value: 1n, finds: 'throws' });
      await rig.rest();
      expect(await rig.job('1')).toMatchObject({ outcome: 'withheld' });
      expect(await operatorOf(store, rig).redecideWithheld()).toBe(0);
      await rig.rest();
      expect(rig.alarms.filter(({ code }) => code === 'machinery.broken')).toHaveLength(times);
    });
  },
);

test('what is withheld in a world that is off is left alone', async () => {
  await withTempStore(async (store) => {
    const rig = createRig({ store });
    await rig.send('1', { value: 1n, finds: 'doubt' });
    await rig.rest();
    const off = createRig({ store, passesBy: 'ignored' });
    expect(await operatorOf(store, off).redecideWithheld()).toBe(0);
    expect(await rig.job('1')).toMatchObject({
      outcome: 'withheld',
      reason: { code: 'rig.doubt' },
    });
  });
});

test('an operation is no request: it can be neither declined nor decided again', async () => {
  await withTempStore(async (store) => {
    const operator = operatorOf(store, createRig({ store }));
    const order = { world: 'notebook', operation: 'note', args: {}, by: 'alice' };
    await operator.operate(order);
    expect(await operator.decline('order-1', 'alice')).toMatchObject({ ok: false });
    expect(await operator.redecide('order-1')).toMatchObject({ ok: false });
  });
});

test('an operation on the state of a world is recorded with who ordered it', async () => {
  await withTempStore(async (store) => {
    const operator = operatorOf(store, createRig({ store }));
    const order = { world: 'notebook', operation: 'note', args: { text: 'x' }, by: 'alice' };
    expect(await operator.operate(order)).toEqual({ ok: true, value: { message: 'noted' } });
    expect(await store.job('order-1')).toMatchObject({
      eventType: 'notebook.note',
      caller: 'alice',
      reason: { code: 'operator.note', message: 'noted' },
    });
    expect(await store.state('notebook', ['last'])).toEqual(new Map([['last', { text: 'x' }]]));
  });
});
