import { expect, test } from '@jest/globals';

import { createRecentlyUsed } from '../../src/base/recently-used.ts';

test('the entry that was not asked for longest makes room', () => {
  const evicted: number[] = [];
  const cache = createRecentlyUsed<number>(2, (value) => evicted.push(value));
  cache.set('a', 1);
  cache.set('b', 2);
  expect(cache.get('a')).toBe(1);
  cache.set('c', 3);
  expect(evicted).toEqual([2]);
  expect(cache.get('b')).toBeUndefined();
  expect(cache.get('a')).toBe(1);
});

test('a value that is replaced leaves, and takes no other with it', () => {
  const evicted: number[] = [];
  const cache = createRecentlyUsed<number>(2, (value) => evicted.push(value));
  cache.set('a', 1);
  cache.set('b', 2);
  cache.set('a', 3);
  expect(evicted).toEqual([1]);
  expect(cache.get('b')).toBe(2);
});

test('clearing evicts everything', () => {
  const evicted: number[] = [];
  const cache = createRecentlyUsed<number>(2, (value) => evicted.push(value));
  cache.set('a', 1);
  cache.set('b', 2);
  cache.clear();
  expect(evicted).toEqual([1, 2]);
  expect(cache.get('a')).toBeUndefined();
});
