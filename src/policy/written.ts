/** A YAML scalar that still knows where each of its characters stands in the file. */
import { Scalar } from 'yaml';

import type { Place, PolicySource } from './problem.ts';

export interface Written {
  readonly text: string;
  /** The whole scalar as written, quotes and block header included. */
  readonly place: Place;
  /** Where a part of `text` stands in the file, whatever the style of the scalar. */
  readonly within: (start: number, end: number) => Place;
}

export function readWritten(source: PolicySource, node: Scalar<string>): Written {
  const [start, end] = node.range ?? [0, 0];
  const place = { source, start, end: start + source.text.slice(start, end).trimEnd().length };
  return {
    text: node.value,
    place,
    within: (from, to) => {
      const offsets = align(node, source.text, place);
      const [first, last] = [offsets?.[from], offsets?.[Math.max(from, to - 1)]];
      return first === undefined ? place : { source, start: first, end: (last ?? first) + 1 };
    },
  };
}

/**
 * The file offset of each character of a scalar's value, and of its end. Folding, indentation and
 * quoting change only white space, quotes and backslashes, so all other characters are found in
 * order. `undefined` where escapes such as `\u0041` stand between value and text.
 */
function align(node: Scalar<string>, text: string, place: Place): readonly number[] | undefined {
  const offsets: number[] = [];
  const block = node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED;
  const plain = node.type === Scalar.PLAIN;
  const skipped = block || plain ? /\s/ : /[\s'"\\]/;
  let offset = block ? text.indexOf('\n', place.start) : place.start + (plain ? 0 : 1);
  for (const char of node.value.split('')) {
    const found = /\s/.test(char) ? offset : find(char);
    if (found === undefined) return undefined;
    offsets.push(found);
    offset = text[found] === char ? found + 1 : found;
  }
  return [...offsets, offset];

  function find(char: string): number | undefined {
    let at = offset;
    while (at < place.end && text[at] !== char && skipped.test(text[at] ?? '')) at += 1;
    return text[at] === char ? at : undefined;
  }
}
