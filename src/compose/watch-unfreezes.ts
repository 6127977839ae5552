/** Notices keys that were unfrozen by a command beside the daemon, which has no other way to tell it. */
import { startUpkeep, type StopUpkeep, type UpkeepDeps } from '../adapters/upkeep.ts';
import type { KeyRing } from '../core/ports.ts';

/** Milliseconds between two looks. */
const INTERVAL = 2_000;

export interface WatchDeps extends UpkeepDeps {
  readonly onUnfrozen: () => void;
}

export function watchUnfreezes(keys: Pick<KeyRing, 'list'>, deps: WatchDeps): StopUpkeep {
  const frozenNow = (): ReadonlySet<string> =>
    new Set(keys.list().flatMap(({ id, state }) => (state === 'frozen' ? [id] : [])));
  let before = frozenNow();

  function look(): Promise<void> {
    const now = frozenNow();
    const isSomeUnfrozen = [...before].some((id) => !now.has(id));
    before = now;
    if (isSomeUnfrozen) deps.onUnfrozen();
    return Promise.resolve();
  }

  return startUpkeep({ first: INTERVAL, interval: INTERVAL }, look, deps);
}
