import { inspect } from 'node:util';

/**
 * Bytes that refuse to be printed, serialised or logged.
 *
 * The bytes are reachable only inside `reveal`, and are overwritten by `dispose`. What JavaScript
 * cannot promise (copies made by the collector, by libraries, by the operating system) is said in
 * SECURITY.md.
 */
export class Secret implements Disposable {
  readonly #bytes: Uint8Array;

  /** Takes ownership of `bytes`; the caller keeps no other copy. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Number of bytes; a length is not a secret. */
  get length(): number {
    return this.#bytes.length;
  }

  /** Lends the bytes to `use`; they must not outlive the call. */
  reveal<T>(use: (bytes: Uint8Array) => T): T {
    return use(this.#bytes);
  }

  [Symbol.dispose](): void {
    this.#bytes.fill(0);
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
