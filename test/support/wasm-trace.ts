/**
 * Watches where a WebAssembly module goes: every condition it branches or selects on, every address and
 * length it gives to memory, every operand of a division.
 *
 * The module's own bytes are rewritten. Before an instruction that consumes such a number stands a call
 * to the import `trace.watch`, which sees the number and gives it back; all else stays, so that what is
 * traced is the code that ships. An instruction that is not known here throws.
 */

import { utf8 } from '../../src/base/bytes.ts';
import { unreachable } from '../../src/base/unreachable.ts';

/** Sees a number and the place of its use in the code; returns the number. */
export type Watch = (value: number, site: number) => number;

const TYPES = 1;
const IMPORTS = 2;
const FUNCTIONS = 3;
const EXPORTS = 7;
const START = 8;
const CODE = 10;

const I32 = 0x7f;
const I64 = 0x7e;
const V128 = 0x7b;

const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;
const I32_CONST = 0x41;
const CALL = 0x10;
const WATCH = 0;

/** The module with a watch at every such use. */
export function instrument(wasm: Uint8Array): Uint8Array {
  const input = new Reader(wasm);
  const output = [...input.take(8)];
  const sections = new Map<number, Uint8Array>();
  const order: number[] = [];
  while (!input.atEnd()) {
    const id = input.byte();
    sections.set(id, input.take(input.unsigned()));
    order.push(id);
  }
  const reader = (id: number): Reader => new Reader(sections.get(id) ?? new Uint8Array([0]));
  if (sections.has(IMPORTS)) throw new Error('a module without imports is expected');

  const parameterCounts = parameterCountsOf(reader(TYPES));
  const functionTypes = reader(FUNCTIONS).list((body) => body.unsigned());
  const parameters = functionTypes.map((type) => parameterCounts[type] ?? 0);
  for (const id of order) {
    const body = reader(id);
    switch (id) {
      case TYPES: {
        const types = [0x60, ...vector([I32, I32]), ...vector([I32])];
        write(output, TYPES, [...unsigned(body.unsigned() + 1), ...body.rest(), ...types]);
        const name = [...text('trace'), ...text('watch'), 0, ...unsigned(parameterCounts.length)];
        write(output, IMPORTS, [1, ...name]);
        break;
      }
      case EXPORTS:
        write(output, id, withMovedFunctions(body));
        break;
      case START:
        write(output, id, unsigned(body.unsigned() + 1));
        break;
      case CODE:
        write(output, id, watched(body, parameters));
        break;
      default:
        write(output, id, body.rest());
    }
  }
  return Uint8Array.from(output);
}

function parameterCountsOf(types: Reader): readonly number[] {
  return types.list((type) => {
    if (type.byte() !== 0x60) throw new Error('a function type is expected');
    const parameters = type.list((member) => member.byte());
    type.list((member) => member.byte());
    return parameters.length;
  });
}

/** The import has taken index 0. */
function withMovedFunctions(exports: Reader): readonly number[] {
  const entries = exports.list((entry) => {
    const name = entry.take(entry.unsigned());
    const kind = entry.byte();
    const index = entry.unsigned();
    return [...vector([...name]), kind, ...unsigned(kind === 0 ? index + 1 : index)];
  });
  return [...unsigned(entries.length), ...entries.flat()];
}

function watched(code: Reader, parameters: readonly number[]): readonly number[] {
  let site = 0;
  const nextSite = (): number => (site += 1);
  const counts = parameters.values();
  const bodies = code.list((functions) => {
    const body = new Reader(functions.take(functions.unsigned()));
    const groups = body.list((group) => [group.unsigned(), group.byte()] as const);
    const spare = groups.reduce((sum, [count]) => sum + count, counts.next().value ?? 0);
    const spares = [[2, I32] as const, [1, I64] as const, [1, V128] as const];
    const locals = [...groups, ...spares].map(([count, type]) => [...unsigned(count), type]);
    const instructions: number[] = [];
    while (!body.atEnd()) instructions.push(...watchedInstruction(body, spare, nextSite));
    const whole = [...unsigned(locals.length), ...locals.flat(), ...instructions];
    return vector(whole);
  });
  return [...unsigned(bodies.length), ...bodies.flat()];
}

/** Which of the values that an instruction consumes, counted from the top of the stack, are watched. */
type Watched = 'none' | 'top' | 'below-i32' | 'below-i64' | 'below-v128' | 'two' | 'three';

interface Kind {
  readonly opcodes: readonly (number | readonly [first: number, last: number])[];
  readonly watched: Watched;
  /** Reads what follows the opcode. */
  readonly immediates?: (body: Reader) => unknown;
}

const blockType = (body: Reader): unknown => body.byte();
const index = (body: Reader): unknown => body.unsigned();
const memoryArgument = (body: Reader): unknown => [body.unsigned(), body.unsigned()];

/** Of divisions there are those of 32 bits alone: a 64-bit one on a secret must not go unnoticed. */
const plain: readonly Kind[] = [
  { opcodes: [0x00, 0x01, 0x05, 0x0b, 0x0f, 0x1a], watched: 'none' }, // unreachable … return, drop
  {
    opcodes: [
      [0x45, 0x6c],
      [0x71, 0x7e],
      [0x83, 0xc4],
    ],
    watched: 'none',
  }, // comparisons … arithmetic
  { opcodes: [[0x6d, 0x70]], watched: 'two' }, // i32.div, i32.rem
  { opcodes: [0x02, 0x03], watched: 'none', immediates: blockType }, // block, loop
  { opcodes: [0x04], watched: 'top', immediates: blockType }, // if
  { opcodes: [0x0c], watched: 'none', immediates: index }, // br
  { opcodes: [0x0d], watched: 'top', immediates: index }, // br_if
  { opcodes: [0x0e], watched: 'top', immediates: (body) => [body.list(index), body.unsigned()] },
  { opcodes: [0x1b], watched: 'top' }, // select
  { opcodes: [[0x20, 0x24]], watched: 'none', immediates: index }, // locals, globals
  { opcodes: [[0x28, 0x35]], watched: 'top', immediates: memoryArgument }, // loads
  { opcodes: [0x36, 0x3a, 0x3b], watched: 'below-i32', immediates: memoryArgument }, // i32.store
  { opcodes: [0x37, [0x3c, 0x3e]], watched: 'below-i64', immediates: memoryArgument }, // i64.store
  { opcodes: [I32_CONST, 0x42], watched: 'none', immediates: index },
];

const bulk: readonly Kind[] = [
  { opcodes: [0x0a], watched: 'three', immediates: (body) => body.take(2) }, // memory.copy
  { opcodes: [0x0b], watched: 'three', immediates: (body) => body.take(1) }, // memory.fill
];

const vectors: readonly Kind[] = [
  { opcodes: [[0x00, 0x0a], 0x5c, 0x5d], watched: 'top', immediates: memoryArgument }, // loads
  { opcodes: [0x0b], watched: 'below-v128', immediates: memoryArgument }, // v128.store
  { opcodes: [0x0c, 0x0d], watched: 'none', immediates: (body) => body.take(16) }, // const, shuffle
  { opcodes: [[0x15, 0x22]], watched: 'none', immediates: (body) => body.byte() }, // lanes
  {
    opcodes: [
      [0x0e, 0x14],
      [0x23, 0x53],
      [0x5e, 0xff],
    ],
    watched: 'none',
  }, // arithmetic
];

/** One instruction, behind its watches. `spare` is the first of four spare locals. */
function watchedInstruction(
  body: Reader,
  spare: number,
  nextSite: () => number,
): readonly number[] {
  const start = body.position;
  const opcode = body.byte();
  if (opcode === CALL) return [CALL, ...unsigned(body.unsigned() + 1)];
  const prefixed = opcode === 0xfc ? bulk : opcode === 0xfd ? vectors : undefined;
  const number = prefixed === undefined ? opcode : body.unsigned();
  const kind = (prefixed ?? plain).find(({ opcodes }) =>
    opcodes.some((range) =>
      typeof range === 'number' ? range === number : range[0] <= number && number <= range[1],
    ),
  );
  if (kind === undefined) {
    const name = [opcode, number].map((byte) => byte.toString(16)).join(' ');
    throw new Error(`instruction ${name} is not known to the trace`);
  }
  kind.immediates?.(body);
  return [...watches(kind.watched, spare, nextSite), ...body.since(start)];
}

function watches(watched: Watched, spare: number, nextSite: () => number): readonly number[] {
  const top = (): readonly number[] => [I32_CONST, ...signed(nextSite()), CALL, WATCH];
  const aside = (local: number, inner: readonly number[]): readonly number[] => [
    ...[LOCAL_SET, ...unsigned(spare + local)],
    ...inner,
    ...[LOCAL_GET, ...unsigned(spare + local)],
  ];
  switch (watched) {
    case 'none':
      return [];
    case 'top':
      return top();
    case 'below-i32':
      return aside(0, top());
    case 'below-i64':
      return aside(2, top());
    case 'below-v128':
      return aside(3, top());
    case 'two':
      return [...top(), ...aside(0, top())];
    case 'three':
      return [...top(), ...aside(1, [...top(), ...aside(0, top())])];
    default:
      return unreachable(watched);
  }
}

function write(output: number[], id: number, body: readonly number[]): void {
  output.push(id);
  for (const byte of vector(body)) output.push(byte);
}

function vector(bytes: readonly number[]): readonly number[] {
  return [...unsigned(bytes.length), ...bytes];
}

function text(ascii: string): readonly number[] {
  return vector([...utf8(ascii)]);
}

/** LEB128. */
function unsigned(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): readonly number[] {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}

class Reader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get position(): number {
    return this.#position;
  }

  atEnd(): boolean {
    return this.#position === this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.#position];
    if (byte === undefined) throw new Error('the module ends early');
    this.#position += 1;
    return byte;
  }

  take(length: number): Uint8Array {
    this.#position += length;
    return this.#bytes.subarray(this.#position - length, this.#position);
  }

  rest(): readonly number[] {
    return [...this.take(this.#bytes.length - this.#position)];
  }

  since(start: number): readonly number[] {
    return [...this.#bytes.subarray(start, this.#position)];
  }

  unsigned(): number {
    const byte = this.byte();
    return byte < 0x80 ? byte : (byte & 0x7f) + 0x80 * this.unsigned();
  }

  list<T>(member: (reader: Reader) => T): readonly T[] {
    return Array.from({ length: this.unsigned() }, () => member(this));
  }
}
