/**
 * Lighter's official library, where `npm run lighter:native` has put it: called as the product calls it,
 * but without the product's checks of what comes back.
 */
import process from 'node:process';

import { abiOf } from '../../src/adapters/lighter-native/abi.ts';
import { admitLibrary } from '../../src/adapters/lighter-native/admit-library.ts';
import { argumentsOf } from '../../src/adapters/lighter-native/arguments.ts';
import { readLibraryLock } from '../../src/adapters/lighter-native/library-lock.ts';
import {
  LIBRARY_FOLDERS,
  locateLibrary,
} from '../../src/adapters/lighter-native/locate-library.ts';
import { openProcessLibrary } from '../../src/adapters/lighter-native/process-library.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { type OrderSigner, TRADER } from './orders.ts';

/** The signer, or what to do to have one. */
export async function createNativeSigner(): Promise<OrderSigner | string> {
  const { platform, arch } = process;
  const path = locateLibrary({ platform, arch, folders: LIBRARY_FOLDERS });
  if (!path.ok) return path.error.message;
  const admitted = await admitLibrary(path.value, {}, readLibraryLock());
  if (!admitted.ok) return admitted.error.message;
  const { foreign } = await openProcessLibrary(path.value, admitted.value.abi);
  const complaint = await foreign.createClient({
    privateKey: utf8(`${TRADER.privateKey}\0`),
    chainId: TRADER.chainId,
    apiKey: TRADER.apiKeyIndex,
    account: BigInt(TRADER.accountIndex),
  });
  if (complaint !== null) throw new Error(complaint);
  const abi = abiOf(admitted.value.abi);
  return async (request) => {
    const values = argumentsOf(abi, request);
    if (!values.ok) throw new Error(values.error.message);
    const { err, txInfo } = await foreign.sign(request.name, values.value);
    if (txInfo === null) throw new Error(err ?? 'the library answers nothing');
    return txInfo;
  };
}
