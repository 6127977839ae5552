/** Hands slashing protection over to another signer (EIP-3076). */
import { setImmediate } from 'node:timers/promises';

import type { Hex } from '../../base/hex.ts';
import { stringifyJson } from '../../base/json.ts';
import { writeEntry, writeMetadata } from '../../core/interchange.ts';
import type { StoreReader } from '../../core/ports.ts';
import type { ProtectedKey, SlashingReader } from '../../core/slashing.ts';

export interface ExportOptions {
  /** Only these, as far as they are known; all if absent. */
  readonly only?: Iterable<Hex>;
}

/** Keys read at once. */
const PAGE = 100;

/**
 * The document, piece by piece. Keys that are handed over must sign no more before it is read: see
 * `setEnabled`.
 */
export async function* exportInterchange(
  { slashing }: Pick<StoreReader, 'slashing'>,
  { only }: ExportOptions = {},
): AsyncGenerator<string, void> {
  const { genesisRoot } = await slashing.settings();
  yield `{"metadata":${stringifyJson(writeMetadata(genesisRoot))},"data":[`;
  let separator = '\n';
  if (genesisRoot !== undefined) {
    for await (const key of only === undefined ? allKeys(slashing) : keysOf(slashing, only)) {
      const history = await slashing.history(key.key);
      yield separator + stringifyJson(writeEntry(key, history));
      separator = ',\n';
    }
  }
  yield '\n]}\n';
}

async function* allKeys(slashing: SlashingReader): AsyncGenerator<ProtectedKey, void> {
  let after: Hex | undefined;
  for (;;) {
    const page = await slashing.keys(after, PAGE);
    yield* page;
    after = page.at(-1)?.key;
    if (page.length < PAGE) return;
    // Reads of the store take no time of anybody but this thread; let others have it in between.
    await setImmediate();
  }
}

async function* keysOf(
  slashing: SlashingReader,
  only: Iterable<Hex>,
): AsyncGenerator<ProtectedKey, void> {
  for (const name of new Set(only)) {
    const key = await slashing.key(name);
    if (key !== undefined) yield key;
    await setImmediate();
  }
}
