import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import {
  canonicalJson,
  documentJson,
  lasting,
  type JsonValue,
  parseJson,
  stringifyJson,
} from '../../src/base/json.ts';

const jsonValue: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.string({ unit: 'grapheme' }),
    fc.bigInt({ min: -(2n ** 255n), max: 2n ** 255n }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.string().filter((key) => !['__proto__', 'constructor', 'prototype'].includes(key)),
      tie('value'),
      { maxKeys: 4 },
    ),
  ),
})).value;

describe('lossless JSON', () => {
  test('reads back exactly what it writes', () => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        expect(parseJson(stringifyJson(value))).toEqual({ ok: true, value });
        expect(parseJson(canonicalJson(value))).toEqual({ ok: true, value });
      }),
    );
  });

  test('writes texts as the engine does, whatever they hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 8 }), (text) => {
        expect(stringifyJson(text)).toBe(JSON.stringify(text));
      }),
    );
    for (const text of ['"', '\\', '\u001f', '\u007f', '\ud800', 'é', ' ~']) {
      expect(stringifyJson(text)).toBe(JSON.stringify(text));
    }
  });

  test('writes a document canonically', () => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        expect(documentJson(value)).toBe(canonicalJson(value));
      }),
    );
  });

  test.each([
    ['an integer that is not a bigint', { a: [1] }, 'use `bigint`'],
    ['infinity', [Infinity], 'use `bigint`'],
    ['a key that reaches a prototype', [{ constructor: null }], 'refused key `constructor`'],
    ['33 levels', nested(33), 'deeper than 32 levels'],
  ])('a document that could not be read back is a bug: %s', (_name, value, message) => {
    expect(() => documentJson(value)).toThrow(message);
  });

  test('a document of 32 levels is read back', () => {
    expect(parseJson(documentJson(nested(32)))).toEqual({ ok: true, value: nested(32) });
  });

  test('writes an object that lasts as any other, each time', () => {
    const plain = fc.oneof(fc.constant(null), fc.boolean(), fc.string(), fc.bigInt());
    const key = fc
      .string()
      .filter((name) => !['__proto__', 'constructor', 'prototype'].includes(name));
    fc.assert(
      fc.property(fc.dictionary(key, plain), (members) => {
        const object = lasting(members);
        for (const document of [{ first: [object, object] }, [object]]) {
          const copied = Array.isArray(document) ? [members] : { first: [members, members] };
          expect(documentJson(document)).toBe(documentJson(copied));
          expect(canonicalJson(document)).toBe(canonicalJson(copied));
          expect(stringifyJson(document)).toBe(stringifyJson(copied));
        }
      }),
    );
  });

  test('an object that lasts cannot change', () => {
    const members = { txid: 'aa' };
    const object = lasting(members);
    members.txid = 'bb';
    expect(documentJson(object)).toBe('{"txid":"aa"}');
    expect(Object.isFrozen(object)).toBe(true);
  });

  test('agrees with JSON.parse where that loses nothing', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4, noUnicodeString: false }), (text) => {
        const parsed = parseJson(text);
        if (!parsed.ok) return;
        const plain: unknown = JSON.parse(text);
        expect(JSON.parse(stringifyJson(parsed.value))).toEqual(plain);
      }),
    );
  });

  test('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        parseJson(bytes);
      }),
    );
  });

  test('keeps integers beyond 2^53 and tells fractions apart from integers', () => {
    expect(parseJson('[9007199254740993,18446744073709551615,1.0,1e2,-0]')).toEqual({
      ok: true,
      value: [9_007_199_254_740_993n, 18_446_744_073_709_551_615n, 1, 100, 0n],
    });
  });

  test('writes equal documents equally, whatever the order of their keys', () => {
    const one = parseJson('{"b":[1,{"d":1,"c":2}],"a":"x"}');
    const other = parseJson('{ "a" : "x", "b": [1, {"c":2, "d":1}] }');
    if (!one.ok || !other.ok) throw new Error('both are JSON');
    expect(canonicalJson(one.value)).toBe(canonicalJson(other.value));
  });

  test('sorts keys as the engine does, however many there are', () => {
    const keys = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 100 });
    fc.assert(
      fc.property(keys, (names) => {
        const safe = names.filter(
          (name) => !['__proto__', 'constructor', 'prototype'].includes(name),
        );
        const written = canonicalJson(Object.fromEntries(safe.map((name) => [name, null])));
        const sorted = [...safe].sort().map((name) => `${JSON.stringify(name)}:null`);
        expect(written).toBe(`{${sorted.join(',')}}`);
      }),
    );
  });

  test.each([
    ['a duplicate key with another value', '{"a":1,"a":2}', 'duplicate key'],
    ['a duplicate key with the same value', '{"a":1,"a":1}', 'duplicate key'],
    ['a duplicate key, once escaped', '{"a":1,"\\u0061":1}', 'duplicate key'],
    ['__proto__', '{"__proto__":{"admin":true}}', 'refused'],
    ['constructor', '{"constructor":1}', 'refused'],
    ['prototype, deep inside', '[{"a":{"prototype":1}}]', 'refused'],
    ['33 levels', `${'['.repeat(33)}${']'.repeat(33)}`, 'nested deeper'],
    ['twenty thousand levels', '['.repeat(20_000), 'nested deeper'],
    ['an integer of 100 digits', '1'.repeat(100), 'too long'],
    ['trailing text', '{} x', 'position'],
    ['a truncated document', '{"a":', 'position'],
    ['a comment', '{/**/}', 'position'],
    ['nothing', '', 'position'],
    ['a single quote', "{'a':1}", 'position'],
  ])('refuses %s', (_name, text, message) => {
    const parsed = parseJson(text);
    expect(parsed).toMatchObject({ ok: false });
    expect(parsed.ok ? '' : parsed.error.message).toContain(message);
  });

  test('refuses bytes that are not UTF-8', () => {
    expect(parseJson(Uint8Array.of(0x22, 0xff, 0x22))).toMatchObject({ ok: false });
  });

  test('never quotes the input in an error', () => {
    for (const text of ['{"secret":"canary"', '"canary', '{"a":canary}']) {
      expect(JSON.stringify(parseJson(text))).not.toContain('canary');
    }
  });
});

function nested(levels: number): JsonValue {
  return levels === 0 ? 0.5 : [nested(levels - 1)];
}
