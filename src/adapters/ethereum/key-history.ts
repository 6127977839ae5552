/**
 * Where the history of a key begins, before it may sign (EIP-3076 knows only what was recorded).
 *
 * What a key signed elsewhere, or after the last record of a database that lay idle, nobody here can
 * know. So it signs nothing up to now: watermarks at the slot and the epoch of the clock. Where the
 * network has no known genesis time there is no such clock, and a key is guarded by its records alone.
 */
import type { Hex } from '../../base/hex.ts';
import type { Clock, Store } from '../../core/ports.ts';
import { slashingLane, type Watermarks } from '../../core/slashing.ts';

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
  readonly setEnabled: (pubkey: Hex, isEnabled: boolean) => Promise<void>;
}

/** Looks at the database as it was found: call it once, at start. */
export async function createKeyHistory(
  options: KeyHistoryOptions,
  { store, clock }: { readonly store: Store; readonly clock: Pick<Clock, 'now'> },
): Promise<KeyHistory> {
  const { lastActivity } = await store.slashing.settings();
  const isIdle =
    lastActivity !== undefined && clock.now() - lastActivity > options.millisecondsPerSlot;
  /** Keys whose records of before this start have been made up for. */
  const raised = new Set<Hex>();

  async function beginOne(pubkey: Hex): Promise<void> {
    const marks = marksOf(options, clock.now());
    if (marks === undefined) {
      return store.transact([slashingLane(pubkey)], (tx) => tx.slashing.begin(pubkey, {}));
    }
    const isStale = (isIdle || options.isRestored) && !raised.has(pubkey);
    await store.transact([slashingLane(pubkey)], async (tx) => {
      await tx.slashing.begin(pubkey, marks);
      if (isStale) await tx.slashing.raise(pubkey, marks);
    });
    raised.add(pubkey);
  }

  return Object.freeze({
    async begin(pubkeys: readonly Hex[]): Promise<void> {
      await Promise.all(pubkeys.map(beginOne));
    },
    setEnabled: (pubkey: Hex, isEnabled: boolean) =>
      store.transact([slashingLane(pubkey)], (tx) => tx.slashing.setEnabled(pubkey, isEnabled)),
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
