/** Runs `work` alone among all works that share a lane with it. */
export type Lanes = <T>(names: readonly string[], work: () => Promise<T>) => Promise<T>;

/**
 * First come, first served. A work takes its place in all of its lanes in one step, so there is one
 * order of arrival for every pair of works and nobody can wait in a circle. A work must not enter
 * lanes of its own from within: it would wait for itself.
 */
export function createLanes(): Lanes {
  const lastOf = new Map<string, Promise<void>>();

  return async (names, work) => {
    let leave = (): void => undefined;
    const left = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const ahead: Promise<void>[] = [];
    for (const lane of names) {
      const last = lastOf.get(lane);
      if (last !== undefined && last !== left) ahead.push(last);
      lastOf.set(lane, left);
    }
    try {
      for (const before of ahead) await before;
      return await work();
    } finally {
      leave();
      for (const lane of names) if (lastOf.get(lane) === left) lastOf.delete(lane);
    }
  };
}
