/** Wakes a daemon for what another one did, for as long as it wants to be woken. */
import type { Clock } from '../../core/ports.ts';
import type { Listener } from './pg-driver.ts';

export interface Listening {
  readonly close: () => Promise<void>;
}

/** Milliseconds after which a connection that broke is made anew. */
const AGAIN = 1_000;

/**
 * Nobody may rely on being woken: while there is no connection nothing is heard. Whenever one is made
 * anew it wakes for what may have been missed.
 */
export function keepListening(
  start: (hear: () => void) => Listener,
  wake: () => void,
  clock: Clock,
): Listening {
  let isClosed = false;
  let listener = start(wake);
  let stopWaiting = (): void => undefined;
  const over = run();

  async function run(): Promise<void> {
    for (;;) {
      await listener.ended.catch(() => listener.close().catch(() => undefined));
      if (!isClosed) await again();
      if (isClosed) return;
      listener = start(wake);
      wake();
    }
  }

  function again(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(AGAIN, resolve);
      stopWaiting = () => {
        cancel();
        resolve();
      };
    });
  }

  return {
    async close() {
      isClosed = true;
      stopWaiting();
      await listener.close().catch(() => undefined);
      await over;
    },
  };
}
