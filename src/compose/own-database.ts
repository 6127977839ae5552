/** A database keeps records of one seed: with another one its answers and orders would make no sense. */
import type { LightningKeys } from '../../signers/lightning/index.ts';
import { utf8 } from '../base/bytes.ts';
import { sha256Hex } from '../base/sha256.ts';
import type { Store } from '../core/ports.ts';

/** Beside the room's own documents, which all stand under the name of a space and a kind. */
const DOCUMENT = 'seed';

/** Whether the records of `world` are those of this seed; the first one seen is. */
export async function isOwnDatabase(
  world: string,
  keys: Pick<LightningKeys, 'masterExtendedPublicKey'>,
  store: Pick<Store, 'transact'>,
): Promise<boolean> {
  const seed = sha256Hex(utf8(keys.masterExtendedPublicKey('MAINNET')));
  return store.transact([`${world}/${DOCUMENT}`], async (tx) => {
    const known = (await tx.state(world, [DOCUMENT])).get(DOCUMENT);
    if (known !== undefined) return known['sha256'] === seed;
    tx.putState(world, new Map([[DOCUMENT, { sha256: seed }]]));
    return true;
  });
}
