import { describe, expect, test } from '@jest/globals';

import { ok } from '../../src/base/result.ts';
import { callerActions } from '../../src/compose/caller-actions.ts';
import { lighterApi } from '../support/lighter-api.ts';

describe('what callers can have in scope', () => {
  test.each([
    ['create_client', { private_key: 'a1'.repeat(40), chain_id: 304, account_index: 123 }],
    ['check_client', {}],
    ['switch_api_key', {}],
    ['create_api_key', {}],
  ])('has the action that /%s asks of them', async (action, fields) => {
    const statuses = [];
    for (const actions of [callerActions['lighter'] ?? [], ['create_order']]) {
      const scopes = [{ may: 'sign', world: 'lighter', keys: 'all', actions }] as const;
      const identify = () => ok({ name: 'bot', scopes });
      await using api = await lighterApi({ deps: { identify } });
      const bearer = { authorization: 'Bearer of-the-bot' };
      const body = { api_key_index: 5, ...fields };
      statuses.push((await api.post(`/${action}`, body, bearer)).status);
    }
    expect(statuses).toEqual([200, 403]);
  });

  test('has whatever policy decides', () => {
    expect(callerActions['lighter']).toContain('create_order');
    expect(callerActions['ethereum']).toContain('attestation');
    expect(callerActions['lightspark']).toContain('commitment');
  });
});
