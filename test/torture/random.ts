/** Chance that can be repeated: the same seed makes the same choices. */

export interface Chance {
  /** Uniform in [0, 1). */
  readonly unit: () => number;
  /** Whole numbers from 0 up to, and without, `limit`. */
  readonly below: (limit: number) => number;
  readonly happens: (probability: number) => boolean;
  readonly oneOf: <T>(choices: readonly [T, ...T[]]) => T;
  readonly shuffled: <T>(items: readonly T[]) => readonly T[];
  /** Another one, whose choices do not depend on how often this one is asked. */
  readonly fork: (name: string) => Chance;
}

export function createChance(seed: string): Chance {
  let state = hash(seed);

  /** Mulberry32 (Tommy Ettinger): small, and good enough to spread faults. */
  function unit(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  const below = (limit: number): number => Math.floor(unit() * limit);

  return Object.freeze({
    unit,
    below,
    happens: (probability: number) => unit() < probability,
    oneOf: <T>(choices: readonly [T, ...T[]]) => choices[below(choices.length)] ?? choices[0],
    shuffled: <T>(items: readonly T[]) =>
      items
        .map((item) => ({ item, place: unit() }))
        .sort((left, right) => left.place - right.place)
        .map(({ item }) => item),
    fork: (name: string) => createChance(`${seed}/${name}`),
  });
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) {
    value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return value;
}
