/** Whether the daemon can do its work now, and if not, why. */
import type { JsonObject } from '../base/json.ts';
import type { Observer, RouteState } from '../core/ports.ts';
import type { Check } from '../http/open-routes.ts';
import type { World } from './world.ts';

export interface Readiness {
  readonly checks: () => readonly Check[];
  readonly down: (id: string, why: string, data?: JsonObject) => void;
  readonly up: (id: string, data?: JsonObject) => void;
  readonly worlds: (worlds: readonly World[]) => void;
  /** The observer, with the state of routes taken note of. */
  readonly observing: (observer: Observer) => Observer;
}

const WHY_ROUTE: Readonly<Record<Exclude<RouteState, 'closed'>, string>> = {
  open: 'answers are held back after repeated failures; they are kept and tried again',
  paused: 'the other side does not accept our credentials; answers are kept until it does',
};

/** Whatever the other checks say, this process answers: Web3Signer's name for it. */
const ANSWERS: Check = { id: 'default-check', status: 'UP' };
const STORE = 'store';
/** Web3Signer's name for the database that protects from slashing, which is the store. */
const PROTECTION = 'slashing-protection-db-health-check';

export function createReadiness(): Readiness {
  const checks = new Map<string, Check>();

  function up(id: string, data?: JsonObject): void {
    checks.set(id, { id, status: 'UP', ...(data === undefined ? {} : { data }) });
  }

  function down(id: string, why: string, data?: JsonObject): void {
    checks.set(id, { id, status: 'DOWN', why, ...(data === undefined ? {} : { data }) });
  }

  up(STORE);
  return Object.freeze({
    checks(): readonly Check[] {
      const protection = [...checks.values()].filter(({ id }) => id === STORE);
      return [
        ANSWERS,
        ...checks.values(),
        ...protection.map((check) => ({ ...check, id: PROTECTION })),
      ];
    },
    down,
    up,
    worlds(worlds: readonly World[]) {
      const off = worlds.flatMap((world) => (world.on ? [] : [`${world.name}: ${world.why}`]));
      // The others are served all the same; who looks here wonders why one is not.
      if (off.length === worlds.length) down('worlds', off.join('; '));
      else up('worlds', off.length === 0 ? undefined : { off });
    },
    observing: (observer: Observer): Observer => ({
      ...observer,
      route(route, state) {
        if (state === 'closed') up(route);
        else down(route, WHY_ROUTE[state]);
        observer.route(route, state);
      },
    }),
  });
}
