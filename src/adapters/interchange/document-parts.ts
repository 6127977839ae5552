/**
 * Takes an interchange document apart while it streams in, so that no more than one key's records are
 * in memory at once.
 */
import { TextDecoder } from 'node:util';

import { isJsonObject, parseJson } from '../../base/json.ts';
import { unreachable } from '../../base/unreachable.ts';

/** A member of the document other than `data`, or an element of `data`; as JSON text. */
export type DocumentPart =
  | { readonly kind: 'member'; readonly name: string; readonly text: string }
  | { readonly kind: 'element'; readonly index: number; readonly text: string };

/** The document is not JSON of the expected shape. */
export class MalformedDocument extends Error {
  override readonly name = 'MalformedDocument';
}

/** Longest part, in UTF-16 units: a key that attested for thirty years has less. */
const LONGEST_PART = 64 * 2 ** 20;

/**
 * Yields the parts in the order of the document. Only when it has ended without `MalformedDocument` is
 * it known that what stands between the parts was well-formed.
 */
export async function* documentParts(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<DocumentPart, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const scanner = createScanner();
  for await (const chunk of chunks) yield* scanner.take(decode(decoder, chunk));
  yield* scanner.take(decode(decoder));
  scanner.end();
}

function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch {
    throw new MalformedDocument('the document is not valid UTF-8');
  }
}

interface Scanner {
  readonly take: (text: string) => Generator<DocumentPart, void>;
  readonly end: () => void;
}

/** Where in the frame the scanner is. */
type Place = 'outside' | 'names' | 'values' | 'elements';

const NEXT: Readonly<Record<Place, ReadonlyMap<string, Place>>> = {
  outside: new Map([['{', 'names']]),
  names: new Map([
    [':', 'values'],
    ['}', 'outside'],
  ]),
  values: new Map([['[', 'elements']]),
  elements: new Map([[']', 'names']]),
};

/**
 * The document with `0` in place of each part is its frame; that is judged by the JSON parser at the
 * end, so the scanner itself need only find where parts begin and end.
 */
function createScanner(): Scanner {
  let frame = '';
  let place: Place = 'outside';
  let name = '';
  let index = 0;
  let part: PartText | undefined;

  function finish(text: string): DocumentPart | undefined {
    part = undefined;
    if (place === 'names') {
      frame += text;
      name = nameOf(text);
      return undefined;
    }
    frame += '0';
    if (place === 'elements') return { kind: 'element', index: index++, text };
    place = 'names';
    return { kind: 'member', name, text };
  }

  /** What stands between the parts, and where the next one begins. */
  function step(char: string): void {
    const isSpace = /\s/.test(char);
    if (!isSpace && beginsPart(char)) {
      part = beginPart(char);
      return;
    }
    frame += isSpace ? ' ' : char;
    place = NEXT[place].get(char) ?? place;
  }

  function beginsPart(char: string): boolean {
    switch (place) {
      case 'outside':
        return false;
      case 'names':
        return char === '"';
      case 'values':
        return name !== 'data' || char !== '[';
      case 'elements':
        return char !== ',' && char !== ']';
      default:
        return unreachable(place);
    }
  }

  return {
    *take(text) {
      for (let at = 0; at < text.length;) {
        if (part === undefined) {
          step(text.charAt(at));
          at += 1;
          continue;
        }
        const { end, isWhole } = part.read(text, at);
        at = end;
        if (!isWhole) continue;
        const found = finish(part.text());
        if (found !== undefined) yield found;
      }
    },
    end() {
      const parsed = parseJson(frame);
      if (part !== undefined || !parsed.ok || !isJsonObject(parsed.value)) {
        throw new MalformedDocument('the document is not well-formed JSON');
      }
      if (!Array.isArray(parsed.value['data'])) {
        throw new MalformedDocument('`data` is not a list');
      }
    },
  };
}

interface PartText {
  /** Reads on from `at`; `end` is where it stopped. */
  readonly read: (text: string, at: number) => { readonly end: number; readonly isWhole: boolean };
  readonly text: () => string;
}

/** A value from its first character on: a container, a string, or anything up to a delimiter. */
function beginPart(first: string): PartText {
  const kind = first === '{' || first === '[' ? 'container' : first === '"' ? 'string' : 'scalar';
  const pieces = [first];
  let length = 1;
  let depth = kind === 'container' ? 1 : 0;
  let inString = kind === 'string';
  let isEscaped = false;

  /** Whether the value ends with this character. */
  function endsWith(char: string): boolean {
    if (inString) {
      if (isEscaped) isEscaped = false;
      else if (char === '\\') isEscaped = true;
      else if (char === '"') inString = false;
      return !inString && depth === 0;
    }
    if (char === '"') inString = true;
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    return depth === 0 && kind === 'container';
  }

  return {
    read(text, at) {
      let end = at;
      let isWhole = false;
      while (end < text.length && !isWhole) {
        const char = text.charAt(end);
        if (kind === 'scalar' && /[\s,\]}]/.test(char)) {
          isWhole = true;
          break;
        }
        end += 1;
        isWhole = endsWith(char);
      }
      length += end - at;
      if (length > LONGEST_PART) throw new MalformedDocument('a part of the document is too long');
      pieces.push(text.slice(at, end));
      return { end, isWhole };
    },
    text: () => pieces.join(''),
  };
}

function nameOf(text: string): string {
  const parsed = parseJson(text);
  if (!parsed.ok || typeof parsed.value !== 'string') {
    throw new MalformedDocument('a name in the document is not a string');
  }
  return parsed.value;
}
