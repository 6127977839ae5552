/**
 * A gate per route: after repeated transport errors it opens for a while and lets single attempts
 * probe the other side; refused credentials pause it. An application's refusal of one message says
 * nothing about the route and is not counted.
 */
import type { Receipt, RouteState } from './ports.ts';

/** Consecutive transport errors before the gate opens. */
const TOLERATED = 5;
const FIRST_OPEN = 1_000;
const LONGEST_OPEN = 30_000;
const PAUSE = 60_000;

export interface Gate {
  /** Milliseconds until an attempt may start; 0 is a grant, to be released when it is over. */
  readonly admit: (now: number) => number;
  readonly release: () => void;
  readonly report: (receipt: Receipt, now: number) => RouteState;
}

export function createGate(): Gate {
  let failures = 0;
  let state: RouteState = 'closed';
  let until = 0;
  let probing = false;

  function shut(next: RouteState, duration: number, now: number): void {
    state = next;
    until = now + duration;
  }

  return Object.freeze({
    admit(now: number): number {
      if (state === 'closed') return 0;
      if (now < until) return until - now;
      if (probing) return FIRST_OPEN;
      probing = true;
      return 0;
    },
    release(): void {
      probing = false;
    },
    report(receipt: Receipt, now: number): RouteState {
      if (receipt.kind === 'unauthorized') {
        shut('paused', PAUSE, now);
      } else if (isTransportError(receipt)) {
        failures += 1;
        const opened = failures - TOLERATED;
        if (opened >= 0) shut('open', Math.min(LONGEST_OPEN, FIRST_OPEN * 2 ** opened), now);
      } else {
        failures = 0;
        state = 'closed';
      }
      return state;
    },
  });
}

/** Codes that begin with `transport.` say that the other side was not reached or did not answer. */
function isTransportError(receipt: Receipt): boolean {
  return (
    (receipt.kind === 'retry' || receipt.kind === 'unknown') &&
    receipt.reason.code.startsWith('transport.')
  );
}
