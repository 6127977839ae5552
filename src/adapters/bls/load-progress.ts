/** How far the decryption of many keys has come: a bar for a person, a line each tenth for a log. */
import type { LoadProgress } from './operator-keys.ts';

export interface ProgressDeps {
  /** Standard error; the bar is drawn only where it is a terminal. */
  readonly terminal: {
    readonly isTTY?: boolean;
    readonly write: (text: string) => unknown;
  };
  readonly say: (message: string) => void;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

const BAR_WIDTH = 30;
/** A load that is over at once needs no words. */
const MANY = 10;
const REDRAW_MILLISECONDS = 100;

export function showProgress({
  terminal,
  say,
  now,
}: ProgressDeps): (progress: LoadProgress) => void {
  let startedAt = 0;
  let drawnAt = -REDRAW_MILLISECONDS;
  let tenth = 0;

  return (progress) => {
    const { done, total } = progress;
    if (total < MANY) return;
    const time = now();
    if (done === 0) {
      startedAt = time;
      drawnAt = -REDRAW_MILLISECONDS;
      tenth = 0;
    }
    const reached = Math.floor((10 * done) / total);
    if (reached > tenth) {
      tenth = reached;
      say(`validator keys: ${String(10 * reached)} % (${sentence(progress)})`);
    }
    if (terminal.isTTY !== true) return;
    if (done < total && time - drawnAt < REDRAW_MILLISECONDS) return;
    drawnAt = time;
    const end = done === total ? '\n' : '';
    terminal.write(`\r\u001B[K${bar(progress)} ${sentence(progress)}${left(time)}${end}`);

    function left(at: number): string {
      if (done === 0 || done === total) return '';
      const seconds = ((at - startedAt) / done) * ((total - done) / 1000);
      return `, ${inWords(seconds)} left`;
    }
  };
}

function bar({ done, total }: LoadProgress): string {
  const filled = Math.floor((BAR_WIDTH * done) / total);
  return `[${'#'.repeat(filled)}${'-'.repeat(BAR_WIDTH - filled)}]`;
}

function sentence({ done, failed, total }: LoadProgress): string {
  const failures = failed === 0 ? '' : `, ${String(failed)} failed`;
  return `${String(done)} of ${String(total)} keystores${failures}`;
}

function inWords(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 120 ? `${String(whole)} s` : `${String(Math.ceil(whole / 60))} min`;
}
