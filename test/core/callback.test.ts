import { describe, expect, test } from '@jest/globals';

import { completedCallback, declinedCallback, failedCallback } from '../../src/core/callback.ts';

const request = {
  id: 'event-1',
  timestamp: '2026-01-01T00:00:00Z',
  subEventType: 'SIGN_CREATE_ORDER',
};
const refused = [
  {
    id: 'job-2',
    reason: { code: 'policy.forbid', message: 'forbidden by `no-transfers`' },
    rules: ['no-transfers'],
  },
  { id: 'job-3', reason: { code: 'key.frozen', message: 'the key is frozen' }, rules: [] },
];

describe('a callback', () => {
  test('gives each signed thing its reply', () => {
    expect(
      completedCallback(request, [
        { id: 'job-1', reply: { tx_type: 14n, tx_hash: 'ab' } },
        { id: 'job-4', reply: {} },
      ]),
    ).toEqual({
      kind: 'callback',
      eventId: 'event-1',
      ending: 'completed',
      body: {
        type: 'signing.completed',
        timestamp: '2026-01-01T00:00:00Z',
        data: {
          event_id: 'event-1',
          sub_event_type: 'SIGN_CREATE_ORDER',
          results: [
            { id: 'job-1', status: 'signed', tx_type: 14n, tx_hash: 'ab' },
            { id: 'job-4', status: 'signed' },
          ],
        },
      },
    });
  });

  test('names declined things once more, as payload ids, with reasons and rules', () => {
    expect(declinedCallback(request, refused)).toMatchObject({
      ending: 'declined',
      body: {
        type: 'signing.declined',
        data: {
          event_id: 'event-1',
          payload_ids: ['job-2', 'job-3'],
          results: [
            {
              id: 'job-2',
              status: 'declined',
              reason: {
                code: 'policy.forbid',
                rules: ['no-transfers'],
                message: 'forbidden by `no-transfers`',
              },
            },
            { id: 'job-3', status: 'declined', reason: { code: 'key.frozen', rules: [] } },
          ],
        },
      },
    });
  });

  test('says of failed things why, and lists no payload ids', () => {
    const message = failedCallback(request, refused);
    expect(message).toMatchObject({
      ending: 'failed',
      body: { type: 'signing.failed', data: { results: [{ status: 'failed' }, { id: 'job-3' }] } },
    });
    expect(message).not.toHaveProperty('body.data.payload_ids');
  });

  test('goes to the URL that the request names, if it names one', () => {
    expect(completedCallback(request, [])).not.toHaveProperty('url');
    const named = { ...request, callbackUrl: 'https://receiver.example/' };
    expect(completedCallback(named, [])).toMatchObject({ url: 'https://receiver.example/' });
  });

  test('lets no reply replace the id or the status', () => {
    const reply = { status: 'declined', id: 'job-9', more: true };
    expect(completedCallback(request, [{ id: 'job-1', reply }])).toMatchObject({
      body: { data: { results: [{ id: 'job-1', status: 'signed', more: true }] } },
    });
  });
});
