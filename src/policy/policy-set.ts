/** Documents and lists → one policy set in which every name, type and guard has been checked. */
import { createHash } from 'node:crypto';

import { canonicalJson } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Decision } from './decision.ts';
import { readDocument, type ListDeclaration } from './document.ts';
import { evaluate } from './evaluate.ts';
import type { Facts, Vocabulary } from './facts.ts';
import { IntegerList, readListFile, type TextList } from './list-file.ts';
import { problemAt, type PolicyProblem, type PolicySource } from './problem.ts';
import { scopeRules } from './scoped-rules.ts';
import type { Written } from './written.ts';

export interface PolicySet {
  /** SHA-256 of `text`, in hex. */
  readonly hash: string;
  /** Documents and list files with their names, in canonical JSON: all that decisions depend on. */
  readonly text: string;
  readonly evaluate: (facts: Facts) => Decision;
}

/** Text of each list file by its path, or why it cannot be read. */
export type ListTexts = ReadonlyMap<string, Result<string, string>>;

/** The list files that `sources` name, relative to the policy folder. */
export function listPathsOf(sources: readonly PolicySource[]): readonly string[] {
  const paths = sources.flatMap((source) => readDocument(source).lists.map(pathOf));
  return [...new Set(paths)].sort();
}

/**
 * Loads a policy set, or reports everything that is wrong in it. `lists` must answer for every path
 * of `listPathsOf(sources)`.
 */
export function loadPolicySet(
  sources: readonly PolicySource[],
  lists: ListTexts,
  vocabulary: Vocabulary,
): Result<PolicySet, readonly PolicyProblem[]> {
  const documents = sources.map(readDocument);
  const problems = documents.flatMap((document) => document.problems);

  const declarations = documents.flatMap((document) => document.lists);
  const declared = loadLists(declarations, lists);
  problems.push(...declared.problems);

  const rules = documents.flatMap((document) => document.rules);
  const ids = rules.map((rule) => rule.id);
  problems.push(...repeated(ids, 'rule id'));
  const scoped = scopeRules(rules, declared.lists, vocabulary);
  problems.push(...scoped.problems);

  if (problems.length > 0) return err(problems.sort(byPlace));
  const text = canonicalText(sources, declarations.map(pathOf), lists);
  const hash = createHash('sha256').update(text).digest('hex');
  return ok(
    Object.freeze({
      hash,
      text,
      evaluate({ world, action, values }: Facts): Decision {
        const scope = scoped.actions.get(`${world}.${action}`);
        return scope === undefined
          ? { verdict: 'deny', cause: 'no-rule', rules: [], errors: [], policyHash: hash }
          : evaluate(scope, values, hash);
      },
    }),
  );
}

interface LoadedLists {
  /** A list with a problem is empty here: its own problem is enough. */
  readonly lists: ReadonlyMap<string, TextList>;
  readonly problems: readonly PolicyProblem[];
}

function loadLists(declarations: readonly ListDeclaration[], texts: ListTexts): LoadedLists {
  const problems = [
    ...repeated(
      declarations.map(({ name }) => name),
      'list name',
    ),
  ];
  const loaded = declarations.map((declaration) => {
    const list = loadList(declaration, texts);
    if (!list.ok) problems.push(list.error);
    return [declaration.name.text, list.ok ? list.value : new IntegerList(new Set())] as const;
  });
  return { lists: new Map(loaded), problems };
}

function loadList(declaration: ListDeclaration, texts: ListTexts): Result<TextList, PolicyProblem> {
  const file = pathOf(declaration);
  const text = texts.get(file) ?? err('it was not read');
  if (text.ok) return readListFile({ file, text: text.value });
  const message = `list file \`${file}\` cannot be used: ${text.error}`;
  return err(problemAt(declaration.path.place, 'policy.list', message));
}

/** The path of a list file relative to the policy folder; documents name it relative to themselves. */
function pathOf({ path }: ListDeclaration): string {
  const { file } = path.place.source;
  return file.slice(0, file.lastIndexOf('/') + 1) + path.text;
}

function repeated(names: readonly Written[], what: string): readonly PolicyProblem[] {
  return names.flatMap(({ text, place }, index) => {
    const first = names.findIndex((name) => name.text === text);
    if (first === index) return [];
    const message = `${what} \`${text}\` is used twice, first in ${names[first]?.place.source.file ?? ''}`;
    return [problemAt(place, 'policy.duplicate', message)];
  });
}

/** Equal policies give equal texts, in whatever order their files were read. */
function canonicalText(
  sources: readonly PolicySource[],
  paths: readonly string[],
  lists: ListTexts,
): string {
  const documents = Object.fromEntries(sources.map(({ file, text }) => [file, text]));
  const listTexts: Record<string, string> = {};
  for (const path of paths) {
    const text = lists.get(path);
    if (text?.ok === true) listTexts[path] = text.value;
  }
  return canonicalJson({ documents, lists: listTexts });
}

function byPlace(left: PolicyProblem, right: PolicyProblem): number {
  if (left.file !== right.file) return left.file < right.file ? -1 : 1;
  return left.line - right.line || left.column - right.column;
}
