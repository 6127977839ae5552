/**
 * Lossless JSON: integers are exact, documents are bounded, and nothing ambiguous is accepted.
 *
 * An integer literal becomes a `bigint`; a literal with fraction or exponent becomes a `number`, so
 * that a schema which asks for an integer refuses it. Duplicate keys and the names that reach a
 * prototype are refused, because two parsers that disagree about them would sign different things.
 */
import { isInteger, parse } from 'lossless-json';

import { utf8, utf8Text } from './bytes.ts';
import { err, ok, type Result } from './result.ts';

export type JsonValue =
  null | boolean | string | bigint | number | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

export interface JsonError {
  readonly code: 'json';
  readonly message: string;
}

/** Deepest nesting of arrays and objects that any of our protocols needs, with room to spare. */
const MAX_DEPTH = 32;
/** A 256-bit integer has 78 digits; longer literals only cost time. */
const MAX_INTEGER_LENGTH = 80;
const REACHES_PROTOTYPE = new Set(['__proto__', 'constructor', 'prototype']);

class JsonRefusal extends Error {}

/** Parses bytes or text. Errors name what is wrong, never the input. */
export function parseJson(input: Uint8Array | string): Result<JsonValue, JsonError> {
  const text = typeof input === 'string' ? input : utf8Text(input);
  if (text === undefined) return refuse('body is not valid UTF-8');
  const written = survey(text);
  if (written.depth > MAX_DEPTH) return refuse(`nested deeper than ${String(MAX_DEPTH)} levels`);
  return (
    (written.losesNothing ? parseNative(text, written) : undefined) ?? parseExact(text, written)
  );
}

/**
 * The engine's own parser, many times faster, for documents without a number that it would round.
 * `undefined` wherever there is anything to refuse: the exact parser then says what.
 */
function parseNative(text: string, { members }: Written): Result<JsonValue, never> | undefined {
  try {
    const root: Container = { value: JSON.parse(text) };
    if (adopt(root) !== members + 1) return undefined;
    // SAFETY: the parser yields only JSON values, and `adopt` made every number of them a bigint.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
    return ok(root['value'] as JsonValue);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof JsonRefusal) return undefined;
    throw error;
  }
}

/** Turns the integers of a parsed container into bigints, in place; counts its members, at all depths. */
function adopt(container: Container): number {
  const keys = Object.keys(container);
  let members = Array.isArray(container) ? 0 : keys.length;
  for (const key of keys) {
    const value = refusePrototypeKeys(key, container[key]);
    if (typeof value === 'number') container[key] = BigInt(value);
    else if (isContainer(value)) members += adopt(value);
  }
  return members;
}

/** An object or an array, as the engine's parser makes it. */
type Container = Record<string, unknown>;

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

function parseExact(text: string, { members }: Written): Result<JsonValue, JsonError> {
  try {
    // SAFETY: the parser yields only JSON values, and `parseNumber` maps every number to a JsonValue.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
    const value = parse(text, refusePrototypeKeys, { parseNumber, onDuplicateKey }) as JsonValue;
    // The parser lets a key be repeated with an equal value; fewer members than written tell it.
    if (membersOf(value) !== members) return refuse('duplicate key');
    return ok(value);
  } catch (error) {
    if (error instanceof JsonRefusal) return refuse(error.message);
    if (error instanceof SyntaxError) return refuse(positionOf(error));
    throw error;
  }
}

/** `Array.isArray` makes `any` of what is in a readonly list. */
export function isJsonArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** Tells an object from the other values of a parsed document. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Serialises with exact integers and keys in the order given. */
export function stringifyJson(value: JsonValue): string {
  return write(value, AS_GIVEN);
}

/** Serialises with sorted keys: equal documents give equal texts, whatever their formatting. */
export function canonicalJson(value: JsonValue): string {
  return write(value, CANONICAL);
}

/**
 * Canonical text that `parseJson` reads back as it was. What it would not read so (an integer that is
 * not a `bigint`, infinity, a key or a depth that it refuses) is a bug of the caller and throws.
 */
export function documentJson(value: JsonValue): string {
  return write(value, DOCUMENT);
}

/**
 * An object that is part of document after document: it cannot change, and its text is made once. It
 * holds plain values only, so that nothing in it can change either.
 */
export function lasting<Members extends PlainMembers>(members: Members): Members {
  // SAFETY: it has the same members.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  return new LastingObject(members) as LastingObject & Members;
}

type PlainMembers = Readonly<Record<string, null | boolean | string | bigint>>;

class LastingObject {
  readonly [name: string]: PlainMembers[string];
  #text: string | undefined;

  constructor(members: PlainMembers) {
    Object.assign(this, members);
    Object.freeze(this);
  }

  static textOf(object: LastingObject): string {
    return (object.#text ??= inOnePiece(writeMembers(object, DOCUMENT, 0)));
  }
}

interface Form {
  readonly keysOf: (object: JsonObject) => readonly string[];
  /** Whether what `parseJson` would not read back as it is throws. */
  readonly isDocument: boolean;
}

const AS_GIVEN: Form = { keysOf: Object.keys, isDocument: false };
const CANONICAL: Form = { keysOf: sortedKeys, isDocument: false };
const DOCUMENT: Form = { keysOf: sortedKeys, isDocument: true };

/** `levels`: how many containers may still lie in one another. */
function write(value: JsonValue, form: Form, levels = MAX_DEPTH): string {
  if (typeof value === 'string') return isPlain(value) ? `"${value}"` : JSON.stringify(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'object' && value !== null) return writeContainer(value, form, levels);
  if (typeof value === 'number' && form.isDocument) refuseInexact(value);
  return JSON.stringify(value);
}

function writeContainer(
  value: readonly JsonValue[] | JsonObject,
  form: Form,
  levels: number,
): string {
  if (form.isDocument && levels === 0) {
    throw new Error(`a document is deeper than ${String(MAX_DEPTH)} levels`);
  }
  if (isJsonObject(value)) {
    const isWritten = value instanceof LastingObject && form !== AS_GIVEN;
    return isWritten ? LastingObject.textOf(value) : writeMembers(value, form, levels - 1);
  }
  let text = '';
  for (const item of value) text += (text === '' ? '' : ',') + write(item, form, levels - 1);
  return `[${text}]`;
}

function writeMembers(value: JsonObject, form: Form, levels: number): string {
  let text = '';
  for (const key of form.keysOf(value)) {
    if (form.isDocument && REACHES_PROTOTYPE.has(key)) {
      throw new Error(`a document has the refused key \`${key}\``);
    }
    const member = value[key];
    if (member === undefined) continue;
    text += (text === '' ? '{' : ',') + writtenName(key) + write(member, form, levels);
  }
  return text === '' ? '{}' : `${text}}`;
}

/** Joined texts remain trees of their pieces, dear to copy again and again; what was read from bytes is none. */
function inOnePiece(text: string): string {
  return utf8Text(utf8(text)) ?? text;
}

/** Most texts have nothing to escape, and the engine takes longer to find that out. */
function isPlain(text: string): boolean {
  return /^[ !#-[\]-~]*$/.test(text);
}

function refuseInexact(value: number): void {
  if (Number.isInteger(value) || !Number.isFinite(value)) {
    throw new Error('a document holds an integer as `number`; use `bigint`');
  }
}

/** By insertion: objects are small, and their keys often in order; the engine's sort would copy them. */
function sortedKeys(object: JsonObject): readonly string[] {
  const keys = Object.keys(object);
  if (keys.length > MAX_INSERTED) return keys.sort();
  for (let place = 1; place < keys.length; place += 1) {
    const key = keys[place] ?? '';
    let at = place;
    for (let before = keys[at - 1]; before !== undefined && before > key; before = keys[at - 1]) {
      keys[at] = before;
      at -= 1;
    }
    keys[at] = key;
  }
  return keys;
}

/** Documents are written by few and always the same names. */
function writtenName(key: string): string {
  const known = names.get(key);
  if (known !== undefined) return known;
  const written = `${JSON.stringify(key)}:`;
  if (names.size < MAX_NAMES) names.set(key, written);
  return written;
}

const names = new Map<string, string>();
const MAX_NAMES = 1_000;
/** Beyond this many keys insertion takes longer than sorting. */
const MAX_INSERTED = 64;

function parseNumber(literal: string): bigint | number {
  if (!isInteger(literal)) return Number(literal);
  if (literal.length > MAX_INTEGER_LENGTH) throw new JsonRefusal('integer literal is too long');
  return BigInt(literal);
}

function onDuplicateKey({ key }: { key: string }): never {
  throw new JsonRefusal(`duplicate key ${JSON.stringify(key.slice(0, 64))}`);
}

function refusePrototypeKeys(key: string, value: unknown): unknown {
  if (REACHES_PROTOTYPE.has(key)) throw new JsonRefusal(`key ${JSON.stringify(key)} is refused`);
  return value;
}

function refuse(message: string): Result<never, JsonError> {
  return err({ code: 'json', message });
}

/** The parser's message quotes the input; only its position is safe to repeat. */
function positionOf(error: SyntaxError): string {
  const position = /position (\d+)/.exec(error.message)?.[1];
  return position === undefined ? 'not valid JSON' : `not valid JSON at position ${position}`;
}

/** Members in a parsed document, at all depths. */
function membersOf(value: JsonValue): number {
  if (typeof value !== 'object' || value === null) return 0;
  const own = isJsonObject(value) ? Object.keys(value).length : 0;
  return Object.values(value).reduce<number>((sum, item) => sum + membersOf(item), own);
}

/** What a text holds, found before any parser runs. */
interface Written {
  readonly depth: number;
  readonly members: number;
  /** No number has a fraction, an exponent, or more digits than a double keeps. */
  readonly losesNothing: boolean;
}

const NESTING: ReadonlyMap<string, number> = new Map([
  ['{', 1],
  ['[', 1],
  ['}', -1],
  [']', -1],
]);
/** The rest of a number, from its first digit on. */
const NUMBER = /[\d.eE+-]+/y;
/** Every integer of so many digits is below 2^53. */
const SAFE_INTEGER = /^\d{1,15}$/;

function survey(text: string): Written {
  let open = 0;
  let depth = 0;
  let members = 0;
  let losesNothing = true;
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index] ?? '';
    if (char === '"') index = endOfString(text, index);
    else if (char === ':') members += 1;
    else if (char >= '0' && char <= '9') {
      NUMBER.lastIndex = index;
      const [number = char] = NUMBER.exec(text) ?? [];
      if (!SAFE_INTEGER.test(number)) losesNothing = false;
      index += number.length - 1;
    } else {
      open += NESTING.get(char) ?? 0;
      depth = Math.max(depth, open);
    }
  }
  return { depth, members, losesNothing };
}

/** Where the string that begins at `start` has its closing quote, or where the text ends. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text[end - 1 - escapes] === '\\') escapes += 1;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}
