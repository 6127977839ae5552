/**
 * Keys in files of the operator's: found, compared with what is loaded, and only the difference is
 * opened. What cannot be read or opened any more is a problem, never a removal: a directory that was
 * not mounted must not stop a validator.
 */
import { setImmediate } from 'node:timers/promises';

import type { Hex } from '../../base/hex.ts';
import type { Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';
import type { FoundKey, KeyProblem, KeySource } from './key-source.ts';
import type { OpenedKey } from './open-key.ts';

/** A key that is loaded from a file of the operator's. */
interface Loaded {
  readonly source: string;
  readonly file: string;
  readonly pubkey: Hex;
  /** SHA-256 of the keystore file; none for a key in the clear. */
  readonly digest: Hex | undefined;
}

/** A key that is not loaded yet. The receiver disposes of the secret. */
export interface FreshKey extends OpenedKey {
  readonly origin: string;
}

/** What has changed; nothing has been done about it. */
export interface Difference {
  readonly fresh: readonly FreshKey[];
  readonly gone: readonly Hex[];
  readonly problems: readonly KeyProblem[];
  /** Files whose key another file holds as well. */
  readonly duplicates: readonly Duplicate[];
  /** SHA-256 of every keystore file there is. */
  readonly digests: ReadonlySet<Hex>;
  /** To be called once the keys named are in use or out of it; the others are looked at again. */
  readonly accept: (isInUse: (pubkey: Hex) => boolean) => void;
}

export interface Duplicate {
  readonly file: string;
  readonly pubkey: Hex;
}

export interface OperatorKeysDeps {
  readonly isLoaded: (pubkey: Hex) => boolean;
  readonly open: (found: FoundKey) => Promise<Result<OpenedKey, Reason>>;
  /** Told before the first key is opened and after each. */
  readonly onProgress: (progress: LoadProgress) => void;
}

export interface LoadProgress {
  readonly done: number;
  readonly failed: number;
  readonly total: number;
}

export interface OperatorKeys {
  readonly difference: () => Promise<Difference>;
  /** The file that holds the key. */
  readonly originOf: (pubkey: Hex) => string | undefined;
  /** Keys loaded from a source. */
  readonly countOf: (source: string) => number;
}

/** Keys that come from the cache take no thread but ours. */
const KEYS_PER_TURN = 16;

export function createOperatorKeys(
  sources: readonly KeySource[],
  { isLoaded, open, onProgress }: OperatorKeysDeps,
): OperatorKeys {
  let loaded: ReadonlyMap<string, Loaded> = new Map();

  async function difference(): Promise<Difference> {
    const { found, problems, unseen } = await searchAll(sources);
    const { next, twins, toOpen, digests } = sortOut(found);
    const attempts = await openAll(toOpen);
    const { fresh, duplicates } = takeOver(attempts, next, problems);
    for (const [located, twin] of twins) {
      const same = next.get(twin.key.origin);
      if (same !== undefined) next.set(located.key.origin, loadedFrom(located, same.pubkey));
    }
    keepUnseen(next, new Set(problems.map(({ file }) => file)), unseen);
    for (const { digest } of next.values()) if (digest !== undefined) digests.add(digest);
    const wanted = new Set([...next.values()].map(({ pubkey }) => pubkey));
    const had = new Set([...loaded.values()].map(({ pubkey }) => pubkey));
    return {
      fresh,
      gone: [...had].filter((pubkey) => !wanted.has(pubkey)),
      problems,
      duplicates,
      digests,
      accept(isInUse) {
        loaded = new Map([...next].filter(([, { pubkey }]) => isInUse(pubkey)));
      },
    };
  }

  /** What is loaded already, what is the same file under two names, and what must be opened. */
  function sortOut(found: readonly Located[]): {
    readonly next: Map<string, Loaded>;
    readonly twins: readonly (readonly [located: Located, twin: Located])[];
    readonly toOpen: readonly Located[];
    readonly digests: Set<Hex>;
  } {
    const next = new Map<string, Loaded>();
    const first = new Map<Hex, Located>();
    const twins: [Located, Located][] = [];
    const toOpen: Located[] = [];
    for (const located of found) {
      const { origin } = located.key;
      const digest = digestOf(located.key);
      const before = loaded.get(origin);
      const twin = digest === undefined ? undefined : first.get(digest);
      if (digest !== undefined && before?.digest === digest && isLoaded(before.pubkey)) {
        next.set(origin, before);
      } else if (twin !== undefined) twins.push([located, twin]);
      else toOpen.push(located);
      if (digest !== undefined && twin === undefined) first.set(digest, located);
    }
    return { next, twins, toOpen, digests: new Set(first.keys()) };
  }

  /** Notes what was opened in `next` and what was not in `problems`. */
  function takeOver(
    attempts: readonly Attempt[],
    next: Map<string, Loaded>,
    problems: KeyProblem[],
  ): Pick<Difference, 'fresh' | 'duplicates'> {
    const fresh = new Map<Hex, FreshKey>();
    const duplicates: Duplicate[] = [];
    for (const { located, result } of attempts) {
      const { origin } = located.key;
      if (!result.ok) {
        problems.push({ file: origin, reason: result.error });
        continue;
      }
      const { pubkey, secret } = result.value;
      const isKnown = isLoaded(pubkey) || fresh.has(pubkey);
      if (isKnown) secret[Symbol.dispose]();
      else fresh.set(pubkey, { ...result.value, origin });
      if (isKnown && loaded.get(origin)?.pubkey !== pubkey) {
        duplicates.push({ file: origin, pubkey });
      }
      next.set(origin, loadedFrom(located, pubkey));
    }
    return { fresh: [...fresh.values()], duplicates };
  }

  /** What was loaded from a place that cannot be read now stays loaded. */
  function keepUnseen(
    next: Map<string, Loaded>,
    damaged: ReadonlySet<string>,
    unseen: ReadonlySet<string>,
  ): void {
    for (const [origin, before] of loaded) {
      if (next.has(origin)) continue;
      if (unseen.has(before.source) || damaged.has(origin) || damaged.has(before.file)) {
        next.set(origin, before);
      }
    }
  }

  async function openAll(keys: readonly Located[]): Promise<readonly Attempt[]> {
    let done = 0;
    let failed = 0;
    const total = keys.length;
    if (total > 0) onProgress({ done, failed, total });
    const attempts: Promise<Attempt>[] = [];
    for (const [index, located] of keys.entries()) {
      if (index % KEYS_PER_TURN === 0) await setImmediate();
      attempts.push(
        open(located.key).then((result) => {
          done += 1;
          if (!result.ok) failed += 1;
          onProgress({ done, failed, total });
          return { located, result };
        }),
      );
    }
    return await Promise.all(attempts);
  }

  return Object.freeze({
    difference,
    originOf: (pubkey: Hex) => [...loaded].find(([, key]) => key.pubkey === pubkey)?.[0],
    countOf: (source: string) => [...loaded.values()].filter((key) => key.source === source).length,
  });
}

interface Located {
  readonly source: string;
  readonly key: FoundKey;
}

interface Attempt {
  readonly located: Located;
  readonly result: Result<OpenedKey, Reason>;
}

async function searchAll(sources: readonly KeySource[]): Promise<{
  readonly found: readonly Located[];
  readonly problems: KeyProblem[];
  /** Sources of which nothing is known. */
  readonly unseen: ReadonlySet<string>;
}> {
  const found: Located[] = [];
  const problems: KeyProblem[] = [];
  const unseen = new Set<string>();
  for (const { name, directory, search } of sources) {
    const searched = await search();
    if (searched.ok) {
      found.push(...searched.value.found.map((key) => ({ source: name, key })));
      problems.push(...searched.value.problems);
    } else {
      unseen.add(name);
      problems.push({ file: directory, reason: searched.error });
    }
  }
  return { found, problems, unseen };
}

function loadedFrom({ source, key }: Located, pubkey: Hex): Loaded {
  return { source, file: key.file, pubkey, digest: digestOf(key) };
}

function digestOf(key: FoundKey): Hex | undefined {
  return key.kind === 'keystore' ? key.digest : undefined;
}
