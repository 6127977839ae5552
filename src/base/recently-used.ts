/** A bounded cache: the entry that was not asked for longest makes room, and is told so. */
export interface RecentlyUsed<Value> {
  readonly get: (key: string) => Value | undefined;
  readonly set: (key: string, value: Value) => void;
  readonly delete: (key: string) => void;
  readonly clear: () => void;
}

interface Entry<Value> {
  readonly key: string;
  readonly value: Value;
  /** Who was asked for before and after it, each the last time. */
  older: Entry<Value> | undefined;
  newer: Entry<Value> | undefined;
}

/** `onEvict` sees every value that leaves, so that secrets can be overwritten. */
export function createRecentlyUsed<Value>(
  capacity: number,
  onEvict: (value: Value) => void,
): RecentlyUsed<Value> {
  const entries = new Map<string, Entry<Value>>();
  let oldest: Entry<Value> | undefined;
  let newest: Entry<Value> | undefined;

  function enter(entry: Entry<Value>): void {
    entry.older = newest;
    if (newest === undefined) oldest = entry;
    else newest.newer = entry;
    newest = entry;
  }

  function leave(entry: Entry<Value>): void {
    const { older, newer } = entry;
    if (older === undefined) oldest = newer;
    else older.newer = newer;
    if (newer === undefined) newest = older;
    else newer.older = older;
    // One that left leads nowhere: it would keep in memory whom it leads to.
    entry.older = undefined;
    entry.newer = undefined;
  }

  function remove(key: string): void {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    leave(entry);
    onEvict(entry.value);
  }

  return Object.freeze({
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined || entry === newest) return entry?.value;
      leave(entry);
      enter(entry);
      return entry.value;
    },
    set(key, value) {
      remove(key);
      if (entries.size >= capacity && oldest !== undefined) remove(oldest.key);
      const entry = { key, value, older: undefined, newer: undefined };
      entries.set(key, entry);
      enter(entry);
    },
    delete: remove,
    clear() {
      while (oldest !== undefined) remove(oldest.key);
    },
  } satisfies RecentlyUsed<Value>);
}
