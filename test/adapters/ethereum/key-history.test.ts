import { expect, test } from '@jest/globals';

import { createKeyHistory } from '../../../src/adapters/ethereum/key-history.ts';
import type { Hex } from '../../../src/base/hex.ts';
import type { Store } from '../../../src/core/ports.ts';
import { slashingLane } from '../../../src/core/slashing.ts';
import { hex } from '../../support/hex.ts';
import { wallClock, withTempStore } from '../../support/temp-store.ts';

const [steady, away] = [hex('aa'.repeat(48)), hex('bb'.repeat(48))];
const [root, chain] = [hex('11'.repeat(32)), hex('22'.repeat(32))];
/** Of the clock. */
const EPOCH = 100n;

/** A vote of the key, recorded now: the database is not idle. */
async function votes(store: Store, key: Hex, target: bigint): Promise<void> {
  await store.transact([slashingLane(key)], async (tx) => {
    await tx.slashing.begin(key, {});
    await tx.slashing.record({ kind: 'attestation', key, source: 1n, target, root }, chain);
  });
}

test('a key that was away while others signed begins at the clock', () =>
  withTempStore(async (store) => {
    await votes(store, away, EPOCH - 5n);
    await votes(store, steady, EPOCH - 1n);
    const history = await createKeyHistory(
      {
        chainTime: () => ({ slot: 32n * EPOCH, epoch: EPOCH }),
        millisecondsPerSlot: 3_600_000,
        slotsPerEpoch: 32n,
        isRestored: false,
      },
      { store, clock: wallClock },
    );
    await history.begin([away, steady]);
    expect((await store.slashing.key(steady))?.floor).toEqual({});
    expect((await store.slashing.key(away))?.floor).toEqual({
      slot: 32n * EPOCH,
      source: EPOCH - 1n,
      target: EPOCH,
    });
  }));
