/** A bounded cache: the entry that was not asked for longest makes room, and is told so. */
export interface RecentlyUsed<Value> {
  readonly get: (key: string) => Value | undefined;
  readonly set: (key: string, value: Value) => void;
  readonly delete: (key: string) => void;
  readonly clear: () => void;
}

/** `onEvict` sees every value that leaves, so that secrets can be overwritten. */
export function createRecentlyUsed<Value>(
  capacity: number,
  onEvict: (value: Value) => void,
): RecentlyUsed<Value> {
  // A Map keeps insertion order; asking for an entry inserts it anew.
  const entries = new Map<string, Value>();

  function remove(key: string): void {
    const value = entries.get(key);
    if (value === undefined) return;
    entries.delete(key);
    onEvict(value);
  }

  return Object.freeze({
    get(key) {
      const value = entries.get(key);
      if (value === undefined) return undefined;
      entries.delete(key);
      entries.set(key, value);
      return value;
    },
    set(key, value) {
      remove(key);
      const [oldest] = entries.keys();
      if (entries.size >= capacity && oldest !== undefined) remove(oldest);
      entries.set(key, value);
    },
    delete: remove,
    clear() {
      for (const key of [...entries.keys()]) remove(key);
    },
  } satisfies RecentlyUsed<Value>);
}
