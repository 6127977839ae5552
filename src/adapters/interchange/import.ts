/** Takes over slashing protection from another signer (EIP-3076). */
import type { Hex } from '../../base/hex.ts';
import { type JsonValue, parseJson } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { type InterchangeEntry, readEntry, readMetadata } from '../../core/interchange.ts';
import type { Reason } from '../../core/outcome.ts';
import type { Store } from '../../core/ports.ts';
import { SLASHING_SETTINGS_LANE, slashingLane } from '../../core/slashing.ts';
import type { ImportReport, KeyImport } from '../../core/slashing-control.ts';
import { type DocumentPart, documentParts, MalformedDocument } from './document-parts.ts';

/** A document that can be read twice: whole to be judged, then again to be imported. */
export interface InterchangeDocument {
  readonly read: () => AsyncIterable<Uint8Array>;
}

export interface ImportOptions {
  /** Only these; all if absent. */
  readonly only?: ReadonlySet<Hex>;
}

/** Keys under way at once, so that they share commits. */
const AT_ONCE = 64;

/**
 * Imports every key in a transaction of its own. A document that is malformed anywhere, of another
 * format version or of another chain is refused whole, before anything is written; a chain is pinned by
 * the first document.
 */
export async function importInterchange(
  document: InterchangeDocument,
  store: Store,
  { only }: ImportOptions = {},
): Promise<Result<ImportReport, Reason>> {
  const surveyed = await survey(document);
  if (!surveyed.ok) return surveyed;
  const genesisRoot = surveyed.value;
  const isPinned = await store.transact([SLASHING_SETTINGS_LANE], (tx) =>
    tx.slashing.pinGenesis(genesisRoot),
  );
  if (!isPinned) {
    return refuse('wrong_genesis', 'the document is of another chain than this database protects');
  }
  const keys = new Map<Hex, KeyImport>();
  const underWay = new Set<Promise<void>>();
  for await (const part of documentParts(document.read())) {
    if (part.kind !== 'element') continue;
    const entry = entryOf(part);
    if (!entry.ok) throw new Error('the document changed while it was imported; import it again');
    const { key } = entry.value;
    if (only !== undefined && !only.has(key)) continue;
    const one = importEntry(entry.value, store).then((end) => {
      keys.set(key, both(keys.get(key), end));
      underWay.delete(one);
    });
    underWay.add(one);
    if (underWay.size >= AT_ONCE) await Promise.race(underWay);
  }
  await Promise.all(underWay);
  return ok({ genesisRoot, keys });
}

/** Reads the whole document and keeps nothing but the chain that it is about. */
async function survey(document: InterchangeDocument): Promise<Result<Hex, Reason>> {
  let metadata: JsonValue | undefined;
  try {
    for await (const part of documentParts(document.read())) {
      if (part.kind === 'element') {
        const entry = entryOf(part);
        if (!entry.ok) return entry;
      } else if (part.name === 'metadata') {
        const parsed = parseJson(part.text);
        if (!parsed.ok) return refuse('malformed', `\`metadata\`: ${parsed.error.message}`);
        metadata = parsed.value;
      }
    }
  } catch (error) {
    if (error instanceof MalformedDocument) return refuse('malformed', error.message);
    throw error;
  }
  return readMetadata(metadata);
}

function entryOf(
  part: Extract<DocumentPart, { kind: 'element' }>,
): Result<InterchangeEntry, Reason> {
  const parsed = parseJson(part.text);
  if (parsed.ok) return readEntry(parsed.value, part.index);
  return refuse('malformed', `\`data[${String(part.index)}]\`: ${parsed.error.message}`);
}

async function importEntry({ key, history }: InterchangeEntry, store: Store): Promise<KeyImport> {
  try {
    await store.transact([slashingLane(key)], (tx) => tx.slashing.merge(key, history));
    const { blocks, attestations } = history;
    return { kind: 'imported', blocks: blocks.length, attestations: attestations.length };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { kind: 'failed', reason: { code: 'interchange.store', message } };
  }
}

/** A key may have several elements; it has failed where one of them did. */
function both(one: KeyImport | undefined, other: KeyImport): KeyImport {
  if (one === undefined || other.kind === 'failed') return other;
  if (one.kind === 'failed') return one;
  return {
    kind: 'imported',
    blocks: one.blocks + other.blocks,
    attestations: one.attestations + other.attestations,
  };
}

function refuse(code: string, message: string): Result<never, Reason> {
  return err({ code: `interchange.${code}`, message: `${message}; nothing was imported` });
}
