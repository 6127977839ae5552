/**
 * The policy folder. Its `*.yaml` files are the policy in force, together with the list files they
 * name; subfolders such as `examples` never load. A set that does not load, or is not admitted,
 * leaves the one before it in force.
 */
import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';

import { err, ok, type Result } from '../../base/result.ts';
import { createTurns } from '../../base/turns.ts';
import type {
  AdmitPolicy,
  ListTexts,
  PolicyLoader,
  PolicyProblem,
  PolicySet,
  PolicySource,
  ReloadablePolicyBook,
} from '../../core/ports.ts';
import { readConfined, reasonOf } from './confined-file.ts';

const MAX_DOCUMENT_BYTES = 1024 * 1024;
const MAX_LIST_BYTES = 16 * 1024 * 1024;

export interface PolicyDirectoryDeps {
  readonly loader: PolicyLoader;
}

type Loaded = Result<PolicySet, readonly PolicyProblem[]>;

/** Loads the folder for the first time; without a policy that loads there is no book. */
export async function openPolicyDirectory(
  { directory }: { readonly directory: string },
  { loader }: PolicyDirectoryDeps,
): Promise<Result<ReloadablePolicyBook, readonly PolicyProblem[]>> {
  const first = await loadDirectory(directory, loader);
  if (!first.ok) return first;
  let inForce = first.value;
  // The last call decides what is in force.
  const inTurn = createTurns();

  return ok(
    Object.freeze({
      hash: () => inForce.hash,
      text: () => inForce.text,
      evaluate: (facts) => inForce.evaluate(facts),
      reload: (admit: AdmitPolicy) => inTurn(() => replace(admit)),
    } satisfies ReloadablePolicyBook),
  );

  async function replace(admit: AdmitPolicy): Promise<Loaded> {
    const next = await loadDirectory(directory, loader);
    if (!next.ok || next.value.hash === inForce.hash) return next;
    const admitted = await admit(next.value);
    if (!admitted.ok) return admitted;
    inForce = next.value;
    return next;
  }
}

async function loadDirectory(directory: string, loader: PolicyLoader): Promise<Loaded> {
  const read = await readDirectory(directory);
  const lists = await readLists(read.root, loader.listPathsOf(read.sources));
  const loaded = loader.load(read.sources, lists);
  const problems = [...read.problems, ...(loaded.ok ? [] : loaded.error)];
  // Operators see the path from where they stand; the set itself knows only names.
  const named = problems.map((problem) => ({ ...problem, file: join(directory, problem.file) }));
  return loaded.ok && named.length === 0 ? loaded : err(named);
}

interface ReadDirectory {
  readonly root: string;
  readonly sources: readonly PolicySource[];
  readonly problems: readonly PolicyProblem[];
}

async function readDirectory(directory: string): Promise<ReadDirectory> {
  const sources: PolicySource[] = [];
  const problems: PolicyProblem[] = [];
  const refuse = (file: string, message: string): void => {
    problems.push({ code: 'policy.file', file, line: 1, column: 1, message, excerpt: '' });
  };
  try {
    const root = await realpath(directory);
    const files = (await readdir(root)).filter((name) => !name.startsWith('.')).sort();
    for (const file of files.filter((name) => name.endsWith('.yaml'))) {
      const text = await readConfined(root, file, MAX_DOCUMENT_BYTES);
      if (text.ok) sources.push({ file, text: text.value });
      else refuse(file, `the document cannot be used: ${text.error}`);
    }
    for (const file of files.filter((name) => name.endsWith('.yml'))) {
      refuse(file, 'only `.yaml` files are loaded; rename it');
    }
    if (sources.length === 0 && problems.length === 0) {
      refuse('', 'the policy folder has no `.yaml` file; start from `policies/default.yaml`');
    }
    return { root, sources, problems };
  } catch (error) {
    refuse('', `the policy folder cannot be used: ${reasonOf(error)}`);
    return { root: directory, sources, problems };
  }
}

async function readLists(root: string, paths: readonly string[]): Promise<ListTexts> {
  const lists = new Map<string, Result<string, string>>();
  for (const path of paths) lists.set(path, await readConfined(root, path, MAX_LIST_BYTES));
  return lists;
}
