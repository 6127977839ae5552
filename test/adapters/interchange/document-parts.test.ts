import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import {
  type DocumentPart,
  documentParts,
  MalformedDocument,
} from '../../../src/adapters/interchange/document-parts.ts';
import { aDocument } from './documents.ts';

async function partsOf(text: string, chunk?: number): Promise<DocumentPart[]> {
  const parts: DocumentPart[] = [];
  for await (const part of documentParts(aDocument(text, chunk).read())) parts.push(part);
  return parts;
}

test('a document comes apart into its members and the elements of `data`', async () => {
  const text = '{ "a" : {"b":[1,"]}"]} ,"data":[ {"x":"\\"}"} ,2 ,[3,[4]]],"n":-1.5e3,"s":"\\\\"}';
  expect(await partsOf(text)).toEqual([
    { kind: 'member', name: 'a', text: '{"b":[1,"]}"]}' },
    { kind: 'element', index: 0, text: '{"x":"\\"}"}' },
    { kind: 'element', index: 1, text: '2' },
    { kind: 'element', index: 2, text: '[3,[4]]' },
    { kind: 'member', name: 'n', text: '-1.5e3' },
    { kind: 'member', name: 's', text: '"\\\\"' },
  ]);
});

test('the parts are the same wherever the stream is cut', async () => {
  const json = fc.jsonValue({ maxDepth: 3 });
  const document = fc.record({
    data: fc.array(json, { maxLength: 5 }),
    metadata: json,
    'odd "name" 🔑': json,
  });
  const property = fc.asyncProperty(
    document,
    fc.integer({ min: 1, max: 40 }),
    fc.constantFrom(undefined, 1, '\t'),
    async (content, chunk, indent) => {
      const parts = await partsOf(JSON.stringify(content, null, indent), chunk);
      const elements = parts.filter(({ kind }) => kind === 'element');
      expect(elements.map(({ text }) => JSON.parse(text) as unknown)).toEqual(
        // Through text once, for what JSON does not keep, such as -0.
        JSON.parse(JSON.stringify(content.data)),
      );
      const members = parts.flatMap((part) =>
        part.kind === 'member' ? [[part.name, JSON.parse(part.text) as unknown] as const] : [],
      );
      const others = Object.entries(content).filter(([name]) => name !== 'data');
      expect(members).toEqual(JSON.parse(JSON.stringify(others)));
    },
  );
  await fc.assert(property, { numRuns: 150 });
});

test.each([
  ['', 'not well-formed'],
  ['[]', 'not well-formed'],
  ['{"data":[]', 'not well-formed'],
  ['{"data":[1 2]}', 'not well-formed'],
  ['{"data":[1,]}', 'not well-formed'],
  ['{"data":[]}{"data":[]}', 'not well-formed'],
  ['{"a":1 "data":[]}', 'not well-formed'],
  ['{"data":[],"data":[]}', 'not well-formed'],
  ['{"data":[{"a":"', 'not well-formed'],
  ['{"data":[{"a":1}', 'not well-formed'],
  ['{"data":{}}', 'not a list'],
  ['{"metadata":{}}', 'not a list'],
])('what is no document is refused at its end (%j)', async (text, message) => {
  await expect(partsOf(text)).rejects.toThrow(message);
  await expect(partsOf(text)).rejects.toThrow(MalformedDocument);
});

test('bytes that are no text are refused', async () => {
  const read = async function* (): AsyncGenerator<Uint8Array> {
    await Promise.resolve();
    yield Uint8Array.of(0x7b, 0xff);
  };
  await expect(documentParts(read()).next()).rejects.toThrow('not valid UTF-8');
});
