import { expect, test } from '@jest/globals';
import fc from 'fast-check';

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

test('agrees with a list in which whatever is asked for moves to the end', () => {
  const step = fc.record({
    operation: fc.constantFrom('get', 'set', 'delete', 'clear'),
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step), (capacity, steps) => {
      const evicted: number[] = [];
      const cache = createRecentlyUsed<number>(capacity, (value) => evicted.push(value));
      const list: { key: string; value: number }[] = [];
      const left: number[] = [];
      const taken = (wanted: string) => {
        const place = list.findIndex(({ key }) => key === wanted);
        return place === -1 ? [] : list.splice(place, 1);
      };
      const leave = (gone: typeof list) => left.push(...gone.map(({ value }) => value));
      for (const [value, { operation, key }] of steps.entries()) {
        if (operation === 'get') {
          const found = taken(key);
          list.push(...found);
          expect(cache.get(key)).toBe(found[0]?.value);
        } else if (operation === 'set') {
          leave(taken(key));
          if (list.length >= capacity) leave(list.splice(0, 1));
          list.push({ key, value });
          cache.set(key, value);
        } else if (operation === 'delete') {
          leave(taken(key));
          cache.delete(key);
        } else {
          leave(list.splice(0));
          cache.clear();
        }
        expect(evicted).toEqual(left);
      }
    }),
  );
});
