/** Keeps slashing protection small: now and then it forgets what its watermarks say as well. */
import type { Clock, Store } from '../../core/ports.ts';
import type { KeptHistory } from '../../core/slashing.ts';
import { createSlashingUpkeep } from '../store/slashing-upkeep.ts';
import { startUpkeep, type StopUpkeep } from '../upkeep.ts';

const HOUR = 3_600_000;
/** The first time when all keys are loaded. */
export const PRUNING_TIMES = { first: HOUR, interval: 12 * HOUR } as const;
/** A little more than a day of mainnet; what is older is covered by the watermarks. */
const KEPT_EPOCHS = 250n;

export interface PruningDeps {
  readonly store: Store;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly onPruned: (pruned: { readonly records: number; readonly milliseconds: number }) => void;
  readonly onFailure: (error: unknown) => void;
}

export function startPruning(
  { slotsPerEpoch }: { readonly slotsPerEpoch: bigint },
  { store, clock, onPruned, onFailure }: PruningDeps,
): StopUpkeep {
  const upkeep = createSlashingUpkeep(store);
  const kept: KeptHistory = { slots: KEPT_EPOCHS * slotsPerEpoch, epochs: KEPT_EPOCHS };

  async function prune(signal: AbortSignal): Promise<void> {
    const startedAt = clock.now();
    const records = await upkeep.prune(kept, signal);
    onPruned({ records, milliseconds: clock.now() - startedAt });
  }

  return startUpkeep(PRUNING_TIMES, prune, { clock, onFailure });
}
