import { expect, test } from '@jest/globals';

import { API_LIMITS } from '../../src/compose/listeners.ts';

test('no client of the api finds a connection of its pool closed, used before or not', () => {
  const { keepAliveTimeout, headersTimeout, requestTimeout } = API_LIMITS;
  expect(keepAliveTimeout).toBeGreaterThanOrEqual(75_000);
  expect(headersTimeout).toBeGreaterThan(keepAliveTimeout);
  expect(requestTimeout).toBeGreaterThan(headersTimeout);
});
