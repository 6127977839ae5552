/**
 * Where the history of a key begins, before it may sign (EIP-3076 knows only what was recorded).
 *
 * What a key signed elsewhere, or after the last record of a database that lay idle, nobody here can
 * know. So it signs nothing up to now: watermarks at the slot and the epoch of the clock. That holds
 * for a single key that was away, too, while others went on signing. Where the network has no known
 * genesis time there is no such clock, and a key is guarded by its records alone.
 */
import { setImmediate } from 'node:timers/promises';

import type { Hex } from '../../base/hex.ts';
import type { Clock, Store } from '../../core/ports.ts';
import { SLASHING_SETTINGS_LANE, slashingLane, type Watermarks } from '../../core/slashing.ts';

export interface KeyHistoryOptions {
  /** Slot and epoch of now; `undefined` without a known genesis time. */
  readonly chainTime: (
    now: number,
  ) => { readonly slot: bigint; readonly epoch: bigint } | undefined;
  readonly millisecondsPerSlot: number;
  readonly slotsPerEpoch: bigint;
  /** Whether the database is older than its marker. */
  readonly isRestored: boolean;
}

export interface KeyHistory {
  /** To be awaited before any of these keys may sign. */
  readonly begin: (pubkeys: readonly Hex[]) => Promise<void>;
  /**
   * Lets a key sign that somebody brings, perhaps back: what it signed meanwhile is in the records
   * that came with it, or nobody knows. `use` takes it into use.
   */
  readonly take: <T>(
    pubkey: Hex,
    bring: { readonly records: boolean },
    use: () => Promise<T>,
  ) => Promise<T>;
  /** It signs no duty any more, whichever process asks. */
  readonly retire: (pubkey: Hex) => Promise<void>;
}

/** Keys that share commits. */
const TOGETHER = 500;

/** Before any document or request can say of which chain the database is; `false`: of another one. */
export function pinChain(store: Store, genesisRoot: Hex): Promise<boolean> {
  return store.transact([SLASHING_SETTINGS_LANE], (tx) => tx.slashing.pinGenesis(genesisRoot));
}

/** Looks at the database as it was found: call it once, at start. */
export async function createKeyHistory(
  options: KeyHistoryOptions,
  { store, clock }: { readonly store: Store; readonly clock: Pick<Clock, 'now'> },
): Promise<KeyHistory> {
  const { lastActivity } = await store.slashing.settings();
  const isStale =
    options.isRestored ||
    lastActivity === undefined ||
    clock.now() - lastActivity > options.millisecondsPerSlot;
  /** Keys that were taken into use since this start; one that comes again was away. */
  const used = new Set<Hex>();
  /** Keys that somebody brings at this moment. */
  const brought = new Set<Hex>();

  /** Whether its newest vote is so new that it has hardly signed elsewhere since. */
  async function isContinuous(pubkey: Hex): Promise<boolean> {
    const time = options.chainTime(clock.now());
    if (time === undefined) return true;
    const newest = await store.slashing.newestTarget(pubkey);
    return newest !== undefined && newest + 1n >= time.epoch;
  }

  async function continueOne(
    pubkey: Hex,
    change: { readonly raise: boolean; readonly enable: boolean },
  ): Promise<void> {
    const marks = marksOf(options, clock.now()) ?? {};
    await store.transact([slashingLane(pubkey)], async (tx) => {
      await tx.slashing.begin(pubkey, marks);
      if (change.raise) await tx.slashing.raise(pubkey, marks);
      if (change.enable) await tx.slashing.setEnabled(pubkey, true);
    });
    used.add(pubkey);
  }

  async function beginOne(pubkey: Hex): Promise<void> {
    if (brought.has(pubkey)) return;
    const raise = isStale || used.has(pubkey) || !(await isContinuous(pubkey));
    await continueOne(pubkey, { raise, enable: false });
  }

  return Object.freeze({
    async begin(pubkeys: readonly Hex[]): Promise<void> {
      for (let at = 0; at < pubkeys.length; at += TOGETHER) {
        await Promise.all(pubkeys.slice(at, at + TOGETHER).map(beginOne));
        // To read what a key has signed takes this thread; others have their turn in between.
        await setImmediate();
      }
    },
    async take<T>(
      pubkey: Hex,
      { records }: { readonly records: boolean },
      use: () => Promise<T>,
    ): Promise<T> {
      await continueOne(pubkey, { raise: !records, enable: true });
      brought.add(pubkey);
      try {
        return await use();
      } finally {
        brought.delete(pubkey);
      }
    },
    retire: (pubkey: Hex) =>
      store.transact([slashingLane(pubkey)], (tx) => tx.slashing.setEnabled(pubkey, false)),
  });
}

/**
 * An earlier vote has a target of at most the current epoch, so its source lies before that. A newer
 * database than ours, of which only the marker is left, may have signed up to its clock's next epoch.
 */
function marksOf(options: KeyHistoryOptions, now: number): Watermarks | undefined {
  const time = options.chainTime(now);
  if (time === undefined) return undefined;
  const ahead = options.isRestored ? 1n : 0n;
  const target = time.epoch + ahead;
  return {
    slot: time.slot + ahead * options.slotsPerEpoch,
    source: target === 0n ? 0n : target - 1n,
    target,
  };
}
