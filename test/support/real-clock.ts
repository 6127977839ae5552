import type { Clock } from '../../src/core/ports.ts';

/** The machine's own time, for tests that talk over real sockets. */
export const realClock: Clock = {
  now: () => Date.now(),
  after(delay, task) {
    const timer = setTimeout(task, delay);
    return () => {
      clearTimeout(timer);
    };
  },
};
