/** Whether the daemon can do its work now, and if not, why. */
import type { Observer, RouteState } from '../core/ports.ts';
import type { Check } from '../http/api.ts';
import type { World } from './world.ts';

export interface Readiness {
  readonly checks: () => readonly Check[];
  readonly down: (id: string, why: string) => void;
  readonly up: (id: string) => void;
  readonly worlds: (worlds: readonly World[]) => void;
  /** The observer, with the state of routes taken note of. */
  readonly observing: (observer: Observer) => Observer;
}

const WHY_ROUTE: Readonly<Record<Exclude<RouteState, 'closed'>, string>> = {
  open: 'answers are held back after repeated failures; they are kept and tried again',
  paused: 'the other side does not accept our credentials; answers are kept until it does',
};

export function createReadiness(): Readiness {
  const reasons = new Map<string, string | undefined>([['store', undefined]]);

  return Object.freeze({
    checks: () =>
      [...reasons].map(([id, why]) =>
        why === undefined
          ? ({ id, status: 'UP' } as const)
          : ({ id, status: 'DOWN', why } as const),
      ),
    down(id: string, why: string) {
      reasons.set(id, why);
    },
    up(id: string) {
      reasons.set(id, undefined);
    },
    worlds(worlds: readonly World[]) {
      const off = worlds.flatMap((world) => (world.on ? [] : [`${world.name}: ${world.why}`]));
      reasons.set('worlds', off.length === worlds.length ? off.join('; ') : undefined);
    },
    observing: (observer: Observer): Observer => ({
      ...observer,
      route(route, state) {
        reasons.set(route, state === 'closed' ? undefined : WHY_ROUTE[state]);
        observer.route(route, state);
      },
    }),
  });
}
