import { expect, test } from '@jest/globals';

import { decline, deliver } from '../../../src/protocols/lighter/deliver.ts';
import type { LighterRequest } from '../../../src/protocols/lighter/request.ts';
import type { TokenAnswer, TransactionAnswer } from '../../../src/protocols/lighter/sign.ts';
import { toHex } from '../../../src/base/hex.ts';
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
const token: TokenAnswer = { auth_token: 'x', deadline: 1_767_226_000n };

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
    until: 1_767_226_199_000,
  });
});

test('it is worthless from when the first of its parts is', () => {
  const parts = [
    { id: 'a', answer },
    { id: 'b', answer: token },
  ];
  expect(deliver(request, parts)).toMatchObject({ until: 1_767_226_000_000 });
});

test('it goes where the event asked, also before anything is signed', () => {
  const elsewhere = { ...request, callbackUrl: 'https://example.com/hook' };
  const words = deliver(elsewhere, []);
  expect(words).toMatchObject({ url: 'https://example.com/hook' });
  expect(words).not.toHaveProperty('until');
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
