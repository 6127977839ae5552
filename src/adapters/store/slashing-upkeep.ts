/** What is done to slashing protection as a whole: at start, by operators, and every now and then. */
import { setImmediate } from 'node:timers/promises';

import type { Hex } from '../../base/hex.ts';
import type { Store } from '../../core/ports.ts';
import {
  type HighWatermark,
  type KeptHistory,
  SLASHING_SETTINGS_LANE,
  type SlashingLedger,
  slashingLane,
  type Watermarks,
} from '../../core/slashing.ts';

/** Keys that share a transaction; signers of these keys wait for it. */
const TOGETHER = 100;

export interface SlashingUpkeep {
  /** Keys without history begin at these watermarks. Resolves to those that did. */
  readonly begin: (keys: Iterable<Hex>, marks: Watermarks) => Promise<readonly Hex[]>;
  /** Raises watermarks of these keys, or of all that are known. Resolves to how many keys that is. */
  readonly raise: (keys: Iterable<Hex> | 'all', marks: Watermarks) => Promise<number>;
  readonly setEnabled: (keys: Iterable<Hex>, isEnabled: boolean) => Promise<void>;
  /**
   * Prunes every key in a small transaction of its own, until it is to stop. Resolves to how many
   * records went.
   */
  readonly prune: (kept: KeptHistory, stopping?: AbortSignal) => Promise<number>;
  /** `false` where another chain is pinned; nothing of this one may be signed then. */
  readonly pinGenesis: (root: Hex) => Promise<boolean>;
  /** `undefined` removes it. */
  readonly setHighWatermark: (mark: HighWatermark | undefined) => Promise<void>;
}

export function createSlashingUpkeep(store: Store): SlashingUpkeep {
  const { slashing } = store;

  async function begin(keys: Iterable<Hex>, marks: Watermarks): Promise<readonly Hex[]> {
    const begun: Hex[] = [];
    for await (const some of inGroups(keys)) {
      for (const key of some) {
        const known = await slashing.key(key);
        if (known?.hasHistory !== true) begun.push(key);
      }
      await change(some, (ledger, key) => ledger.begin(key, marks));
    }
    return begun;
  }

  async function raise(keys: Iterable<Hex> | 'all', marks: Watermarks): Promise<number> {
    let count = 0;
    for await (const some of keys === 'all' ? allKeys() : inGroups(keys)) {
      await change(some, (ledger, key) => ledger.raise(key, marks));
      count += some.length;
    }
    return count;
  }

  async function setEnabled(keys: Iterable<Hex>, isEnabled: boolean): Promise<void> {
    for await (const some of inGroups(keys)) {
      await change(some, (ledger, key) => ledger.setEnabled(key, isEnabled));
    }
  }

  async function prune(kept: KeptHistory, stopping?: AbortSignal): Promise<number> {
    let count = 0;
    for await (const some of allKeys()) {
      for (const key of some) {
        if (stopping?.aborted === true) return count;
        count += await store.transact([slashingLane(key)], (tx) => tx.slashing.prune(key, kept));
      }
    }
    return count;
  }

  return Object.freeze({
    begin,
    raise,
    setEnabled,
    prune,
    pinGenesis: (root) =>
      store.transact([SLASHING_SETTINGS_LANE], (tx) => tx.slashing.pinGenesis(root)),
    setHighWatermark: (mark) =>
      store.transact([SLASHING_SETTINGS_LANE], (tx) => tx.slashing.setHighWatermark(mark)),
  } satisfies SlashingUpkeep);

  function change(
    keys: readonly Hex[],
    work: (ledger: SlashingLedger, key: Hex) => Promise<void>,
  ): Promise<void> {
    return store.transact(keys.map(slashingLane), async (tx) => {
      for (const key of keys) await work(tx.slashing, key);
    });
  }

  async function* allKeys(): AsyncGenerator<readonly Hex[], void> {
    let after: Hex | undefined;
    for (;;) {
      const page = (await slashing.keys(after, TOGETHER)).map(({ key }) => key);
      if (page.length > 0) yield page;
      after = page.at(-1);
      if (page.length < TOGETHER) return;
      await setImmediate();
    }
  }
}

/** Groups of distinct keys; between two of them others have their turn. */
async function* inGroups(keys: Iterable<Hex>): AsyncGenerator<readonly Hex[], void> {
  const distinct = [...new Set(keys)];
  for (let at = 0; at < distinct.length; at += TOGETHER) {
    yield distinct.slice(at, at + TOGETHER);
    await setImmediate();
  }
}
