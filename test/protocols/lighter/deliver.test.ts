import { expect, test } from '@jest/globals';

import { stringifyJson } from '../../../src/base/json.ts';
import { decline, deliver, fail, usefulUntil } from '../../../src/protocols/lighter/deliver.ts';
import { worded } from '../../../src/protocols/lighter/dialect.ts';
import type { LighterRequest } from '../../../src/protocols/lighter/request.ts';
import type { TransactionAnswer } from '../../../src/protocols/lighter/sign.ts';
import { toHex } from '../../../src/base/hex.ts';
import { hex } from '../../support/hex.ts';
import { order } from '../../support/judged-slot.ts';

const request: LighterRequest = {
  id: 'event-1',
  timestamp: '2026-01-01T00:00:00Z',
  subEvent: 'SIGN_CREATE_ORDER',
  isBatch: true,
  dialect: 'rest',
  parts: [order({ mode: 'skip' })],
};

const answer: TransactionAnswer = {
  tx_type: 14n,
  tx_info: '{}',
  tx_hash: toHex(new Uint8Array(40)),
  nonce: 7n,
  expired_at: 1_767_226_199_000n,
  signature: toHex(new Uint8Array(80)),
};

test('what was signed is called back with every field of its answer', () => {
  expect(deliver(request, [{ id: 'a', answer }])).toEqual({
    kind: 'callback',
    eventId: 'event-1',
    ending: 'completed',
    body: {
      type: 'signing.completed',
      timestamp: '2026-01-01T00:00:00Z',
      data: {
        event_id: 'event-1',
        sub_event_type: 'SIGN_CREATE_ORDER',
        results: [{ id: 'a', status: 'signed', ...answer }],
      },
    },
  });
});

test('it is worthless from when the first of its parts is', () => {
  const entropy = hex('00'.repeat(64));
  const transaction = {
    ...({ kind: 'transaction', nonce: 7n, skip: false, at: 1_767_225_600_000n, entropy } as const),
    ...{ expiredAt: 1_767_226_199_000n, hash: hex('00'.repeat(40)) },
  };
  const token = { kind: 'auth-token', deadline: 1_767_226_000n, entropy } as const;
  expect(usefulUntil([transaction])).toBe(1_767_226_199_000);
  expect(usefulUntil([transaction, token])).toBe(1_767_226_000_000);
  expect(usefulUntil([])).toBeUndefined();
});

test('where no answer left in time, that is said', () => {
  const reason = { code: 'deliver.lapsed', message: 'too late' };
  expect(fail(request, [{ id: 'a', reason, rules: [] }])).toMatchObject({
    ending: 'failed',
    body: {
      type: 'signing.failed',
      data: { results: [{ id: 'a', status: 'failed', reason: { ...reason, rules: [] } }] },
    },
  });
});

test('it goes where the event asked, also before anything is signed', () => {
  const elsewhere = { ...request, callbackUrl: 'https://example.com/hook' };
  const words = deliver(elsewhere, []);
  expect(words).toMatchObject({ url: 'https://example.com/hook' });
});

test('an in-browser signer’s action is answered in its own three words', () => {
  const words = deliver({ ...request, dialect: 'action' }, [{ id: 'a', answer }]);
  expect(words).toMatchObject({
    body: {
      data: {
        results: [{ id: 'a', status: 'signed', txType: 14n, txInfo: '{}', txHash: answer.tx_hash }],
      },
    },
  });
});

test('a refusal names what was refused, why, and by which rules', () => {
  const reason = { code: 'policy.no_rule', message: 'no rule permits `withdraw`' };
  expect(decline(request, [{ id: 'b', reason, rules: ['r1'] }])).toMatchObject({
    kind: 'callback',
    ending: 'declined',
    body: {
      type: 'signing.declined',
      data: {
        payload_ids: ['b'],
        results: [{ id: 'b', status: 'declined', reason: { ...reason, rules: ['r1'] } }],
      },
    },
  });
});

test('an answer that comes back from the store is worded in the same bytes', () => {
  const answer = {
    tx_type: 15n,
    tx_info: '{}',
    tx_hash: 'aa',
    nonce: 7n,
    expired_at: 9n,
    signature: 'bb',
  };
  const stored = Object.fromEntries(Object.entries(answer).reverse());
  expect(stringifyJson(worded('rest', stored))).toBe(stringifyJson(answer));
});
