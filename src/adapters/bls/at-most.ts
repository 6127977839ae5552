/** Runs at most so many tasks at a time; the others wait their turn, first come first served. */
export type AtMost = <T>(task: () => Promise<T>) => Promise<T>;

export function atMost(width: number): AtMost {
  const waiting: (() => void)[] = [];
  let running = 0;

  return async (task) => {
    if (running < width) running += 1;
    // Whoever leaves hands over its place, so the number of those inside does not change.
    else await new Promise<void>((enter) => waiting.push(enter));
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
