/** An operator's view of slashing protection, over any store. */
import { toHex } from '../../base/hex.ts';
import type { Store } from '../../core/ports.ts';
import type { SlashingControl } from '../../core/slashing-control.ts';
import { exportInterchange } from '../interchange/export.ts';
import { documentOf } from '../interchange/document-bytes.ts';
import { importInterchange } from '../interchange/import.ts';
import { createSlashingUpkeep } from '../store/slashing-upkeep.ts';

/** Of no chain; a database that is of none yet takes any. */
const NO_CHAIN = toHex(new Uint8Array(32));

export function createSlashingControl(store: Store): SlashingControl {
  const { raise, setHighWatermark } = createSlashingUpkeep(store);
  return Object.freeze({
    exportDocument: () => exportInterchange(store),
    importDocument: (document) => importInterchange(documentOf(document), store),
    // A vote up to this epoch has its source before it, and no later source surrounds it.
    raise: (keys, { slot, epoch }) =>
      raise(keys, { slot, source: epoch === 0n ? 0n : epoch - 1n, target: epoch }),
    setHighWatermark,
    async check(duty) {
      const { genesisRoot = NO_CHAIN } = await store.slashing.settings();
      return store.slashing.check(duty, genesisRoot);
    },
  } satisfies SlashingControl);
}
