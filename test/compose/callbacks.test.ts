import { expect, test } from '@jest/globals';

import { composeCallbacks } from '../../src/compose/callbacks.ts';
import type { Protocol } from '../../src/core/protocol.ts';

const protocol: Protocol = {
  name: 'lighter',
  eventType: 'LIGHTER_SIGNING',
  actions: {},
  operations: {},
  open: () => {
    throw new Error('nothing is asked');
  },
};

test.each([
  [undefined, []],
  ['set a secret', [['warn', 'webhook off', { world: 'lighter', why: 'set a secret' }]]],
])('a webhook that is off because of `%s` is told so', (why, expected) => {
  const said: unknown[] = [];
  const world = {
    name: 'lighter',
    patience: 1,
    webhook: { on: false, ...(why === undefined ? {} : { why }) },
    callbacks: { allowedHosts: [], allowPrivate: false, declineMode: 'path' },
    secretFields: [],
  } as const;
  const log = { say: (...words: readonly unknown[]) => said.push(words) };
  expect(composeCallbacks(world, { protocol, log })).toMatchObject({ value: { sources: [] } });
  expect(said).toEqual(expected);
});
