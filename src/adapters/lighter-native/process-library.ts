/**
 * What a process keeps of a library. Go's libraries are opened once and stay open, and this one has its
 * clients and the chain of its texts in variables of its own; so what we know of them belongs to the
 * process too, however many signers are made.
 */
import { realpathSync } from 'node:fs';

import { type AbiName, abiOf } from './abi.ts';
import { type ClientSlots, createClientSlots } from './client-slots.ts';
import { type ForeignLibrary, openKoffiLibrary } from './koffi-library.ts';

export interface ProcessLibrary {
  readonly foreign: ForeignLibrary;
  readonly slots: ClientSlots;
  /** The chain for which the process signs from its first signature on. */
  chainId: bigint | undefined;
}

const opened = new Map<string, Promise<ProcessLibrary>>();

/** Opens the library, or gives the open one. Rejects where it cannot be loaded or lacks a function. */
export async function openProcessLibrary(path: string, abi: AbiName): Promise<ProcessLibrary> {
  const file = realpathSync(path);
  const library =
    opened.get(file) ??
    openKoffiLibrary(file, abiOf(abi)).then((foreign) => ({
      foreign,
      slots: createClientSlots(),
      chainId: undefined,
    }));
  opened.set(file, library);
  try {
    return await library;
  } catch (error) {
    opened.delete(file);
    throw error;
  }
}
