/** The official tests of the interchange format, in complete mode: every file, every step. */
import { readdirSync, readFileSync } from 'node:fs';

import { afterAll, expect, test } from '@jest/globals';

import { importInterchange } from '../../../src/adapters/interchange/import.ts';
import { type Hex, isHex } from '../../../src/base/hex.ts';
import type { Store } from '../../../src/core/ports.ts';
import { SLASHING_SETTINGS_LANE, slashingLane } from '../../../src/core/slashing.ts';
import type { StoreUnderTest } from '../store/contract.ts';
import { openSqlite } from '../store/sqlite-under-test.ts';
import { aDocument } from './documents.ts';

interface OfficialTest {
  readonly name: string;
  readonly genesis_validators_root: string;
  readonly steps: readonly Step[];
}

interface Step {
  readonly should_succeed: boolean;
  readonly contains_slashable_data: boolean;
  readonly interchange: object;
  readonly blocks: readonly (Duty & { readonly slot: string })[];
  readonly attestations: readonly (Duty & {
    readonly source_epoch: string;
    readonly target_epoch: string;
  })[];
}

interface Duty {
  readonly pubkey: string;
  readonly signing_root?: string;
  readonly should_succeed_complete: boolean;
}

const FOLDER = new URL('../../vectors/bls/interchange-v5.3.0/', import.meta.url);
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
/** What a file of the release holds, so that none is skipped unseen. */
const seen = { steps: 0, duties: 0 };

/** A file with keys of its own, so that files of one chain can share a store. */
function load(file: string): OfficialTest {
  const prefix = FILES.indexOf(file).toString(16).padStart(4, '0');
  const text = readFileSync(new URL(file, FOLDER), 'utf8');
  const renamed = text.replaceAll(/"0x[0-9a-f]{4}([0-9a-f]{92})"/g, `"0x${prefix}$1"`);
  // SAFETY: the shape of the release's own schema; a wrong one fails the test that uses it.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  return JSON.parse(renamed) as OfficialTest;
}

function hex(text: string): Hex {
  const bare = text.slice(2);
  if (!isHex(bare)) throw new Error(`\`${text}\` is not hex`);
  return bare;
}

async function runStep(store: Store, step: Step, genesis: Hex): Promise<void> {
  for (const { pubkey, slot, signing_root: root, ...expected } of step.blocks) {
    const key = hex(pubkey);
    const duty = { kind: 'block', key, slot: BigInt(slot), root: rootOf(root) } as const;
    expect([duty, await isAllowed(store, duty, genesis)]).toEqual([
      duty,
      expected.should_succeed_complete,
    ]);
    seen.duties += 1;
  }
  for (const { pubkey, signing_root: root, ...expected } of step.attestations) {
    const key = hex(pubkey);
    const [source, target] = [BigInt(expected.source_epoch), BigInt(expected.target_epoch)];
    const duty = { kind: 'attestation', key, source, target, root: rootOf(root) } as const;
    expect([duty, await isAllowed(store, duty, genesis)]).toEqual([
      duty,
      expected.should_succeed_complete,
    ]);
    seen.duties += 1;
  }
}

async function isAllowed(
  store: Store,
  duty: Parameters<Store['slashing']['check']>[0],
  genesis: Hex,
): Promise<boolean> {
  const verdict = await store.transact([slashingLane(duty.key)], async (tx) => {
    await tx.slashing.begin(duty.key, {});
    return tx.slashing.record(duty, genesis);
  });
  return verdict.kind === 'allowed';
}

/** A duty without a root is one whose root nobody gave; any root will do. */
function rootOf(root: string | undefined): Hex {
  return hex(root ?? `0x${'00'.repeat(32)}`);
}

/** One store per chain. */
const opened = new Map<Hex, StoreUnderTest>();
afterAll(async () => {
  for (const { dispose } of opened.values()) await dispose();
});

async function storeOf(genesis: Hex): Promise<Store> {
  const known = opened.get(genesis) ?? (await openSqlite());
  opened.set(genesis, known);
  await known.store.transact([SLASHING_SETTINGS_LANE], (tx) => tx.slashing.pinGenesis(genesis));
  return known.store;
}

test.each(FILES)('%s', async (file) => {
  const { steps, genesis_validators_root: root } = load(file);
  const genesis = hex(root);
  const store = await storeOf(genesis);
  for (const step of steps) {
    const imported = await importInterchange(aDocument(step.interchange), store);
    expect(imported.ok).toBe(step.should_succeed);
    const ends = imported.ok ? [...imported.value.keys.values()] : [];
    expect(ends.filter(({ kind }) => kind === 'failed')).toEqual([]);
    await runStep(store, step, genesis);
    seen.steps += 1;
  }
});

test('are 38 files with 49 steps and 150 duties', () => {
  expect({ files: FILES.length, ...seen }).toEqual({ files: 38, steps: 49, duties: 150 });
});
