/**
 * Types of SSZ (consensus-specs, `ssz/simple-serialize.md`) as readers of JSON.
 *
 * A type reads a value in the eth2 JSON mapping and hashes it in the same pass: what was read is what
 * is signed, and nothing else can be.
 */
import type { JsonValue } from '../../../src/base/json.ts';
import type { Preset } from '../preset.ts';

export interface SszType<Value> {
  /**
   * Writes the hash tree root, 32 bytes, at `at`, where zeros are. Throws `Unreadable` where the JSON
   * is no value of this type; `undefined` stands for a member that is not there.
   */
  readonly read: (
    json: JsonValue | undefined,
    preset: Preset,
    into: Uint8Array,
    at: number,
  ) => Value;
}

/** What a type reads. */
export type ValueOf<Type> = Type extends SszType<infer Value> ? Value : never;

export type UnreadableKind = 'missing' | 'malformed' | 'version';

/** Thrown by readers, caught at their door; an exception keeps paths off the way of good bodies. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
  readonly kind: UnreadableKind;
  /** From the outermost member inwards; indices of lists are written as `[3]`. */
  readonly path: readonly string[];

  /** `complaint` follows the name of the member: `must be …`. */
  constructor(kind: UnreadableKind, complaint: string, path: readonly string[] = []) {
    super(complaint);
    this.kind = kind;
    this.path = path;
  }
}

/** The error as seen from outside: one that was thrown by the reader of the member `name`. */
export function within(error: unknown, name: string): unknown {
  if (!(error instanceof Unreadable)) return error;
  return new Unreadable(error.kind, error.message, [name, ...error.path]);
}

/** Always throws; `form` says what the JSON should have been. */
export function refuse(json: JsonValue | undefined, form: string): never {
  if (json === undefined) throw new Unreadable('missing', `is missing; give ${form}`);
  throw new Unreadable('malformed', `must be ${form}`);
}
