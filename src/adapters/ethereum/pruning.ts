/** Keeps slashing protection small: now and then it forgets what its watermarks say as well. */
import type { Clock, Store } from '../../core/ports.ts';
import type { KeptHistory } from '../../core/slashing.ts';
import { createSlashingUpkeep } from '../store/slashing-upkeep.ts';

const HOUR = 3_600_000;
/** Milliseconds from the start to the first pruning, when all keys are loaded; and between two. */
export const FIRST_PRUNING = HOUR;
export const PRUNING_INTERVAL = 12 * HOUR;
/** A little more than a day of mainnet; what is older is covered by the watermarks. */
const KEPT_EPOCHS = 250n;

export interface PruningDeps {
  readonly store: Store;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly onPruned: (pruned: { readonly records: number; readonly milliseconds: number }) => void;
  readonly onFailure: (error: unknown) => void;
}

/** Resolves, when called, once nothing of it runs any more. */
export type StopPruning = () => Promise<void>;

/** Prunes in the background until it is stopped; a failure is told, and the next time tries again. */
export function startPruning(
  { slotsPerEpoch }: { readonly slotsPerEpoch: bigint },
  { store, clock, onPruned, onFailure }: PruningDeps,
): StopPruning {
  const upkeep = createSlashingUpkeep(store);
  const kept: KeptHistory = { slots: KEPT_EPOCHS * slotsPerEpoch, epochs: KEPT_EPOCHS };
  const stopping = new AbortController();
  let underWay: Promise<void> = Promise.resolve();
  let cancel = clock.after(FIRST_PRUNING, prune);

  function prune(): void {
    underWay = pruneOnce().finally(() => {
      if (!stopping.signal.aborted) cancel = clock.after(PRUNING_INTERVAL, prune);
    });
  }

  async function pruneOnce(): Promise<void> {
    const startedAt = clock.now();
    try {
      const records = await upkeep.prune(kept, stopping.signal);
      onPruned({ records, milliseconds: clock.now() - startedAt });
    } catch (error) {
      onFailure(error);
    }
  }

  return () => {
    stopping.abort();
    cancel();
    return underWay;
  };
}
