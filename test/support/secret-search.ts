/**
 * Looks for secrets in files and texts, in every spelling in which one could have got there.
 *
 * Twelve bytes of a secret are enough to betray it, and they have a base64 of their own whatever
 * stands before them: each of three alignments is looked for.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { base64 } from '@scure/base';

import { utf8 } from '../../src/base/bytes.ts';
import { toHex } from '../../src/base/hex.ts';

export interface Canary {
  /** Stands for the secret in whatever is reported. */
  readonly name: string;
  /** One character per byte. */
  readonly spellings: readonly string[];
}

const PART = 12;

export function canaryOf(name: string, secret: Uint8Array): Canary {
  if (secret.length < PART + 2) throw new Error(`${name} is too short to be searched for`);
  const parts = [0, 1, 2].map((start) => secret.slice(start, start + PART));
  const [part = secret] = parts;
  return {
    name,
    spellings: [
      String.fromCharCode(...part),
      toHex(part),
      toHex(part).toUpperCase(),
      part.join(','),
      ...parts.map((bytes) => base64.encode(bytes)),
      ...parts.map((bytes) => base64.encode(bytes).replaceAll('+', '-').replaceAll('/', '_')),
    ],
  };
}

/** A secret that is used as a text, such as a password. */
export function textCanaryOf(name: string, secret: string): Canary {
  return canaryOf(name, utf8(secret));
}

/** Names of the canaries that a text holds; `text` has one character per byte. */
export function canariesIn(text: string, canaries: readonly Canary[]): readonly string[] {
  return canaries
    .filter(({ spellings }) => spellings.some((spelling) => text.includes(spelling)))
    .map(({ name }) => name);
}

const MOST_SEARCHES = 20;

/**
 * Sentences about canaries in all files below a directory, except in paths that `skip` matches. Where
 * a daemon renames a file between its being listed and read, the whole is searched again.
 */
export function searchDirectory(
  directory: string,
  canaries: readonly Canary[],
  skip = /^$/,
): readonly string[] {
  for (let left = MOST_SEARCHES; ; left -= 1) {
    try {
      return searchOnce(directory, canaries, skip);
    } catch (error) {
      const isGone = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!isGone || left === 0) throw error;
    }
  }
}

function searchOnce(
  directory: string,
  canaries: readonly Canary[],
  skip: RegExp,
): readonly string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    if (skip.test(path)) return [];
    if (statSync(path).isDirectory()) return searchOnce(path, canaries, skip);
    const found = canariesIn(readFileSync(path, 'latin1'), canaries);
    return found.map((canary) => `${canary} stands in ${path}`);
  });
}
