/**
 * Strict reading of YAML: plain text, lists and mappings only, every field known, and every problem
 * collected with its place instead of stopping at the first.
 */
import { isMap, isScalar, isSeq, Lexer, parseDocument, type Node, type Scalar } from 'yaml';

import { err, ok, type Result } from '../base/result.ts';
import { didYouMean } from './nearest-name.ts';
import {
  fileProblem,
  problemAt,
  type Place,
  type PolicyProblem,
  type PolicySource,
  type ProblemCode,
} from './problem.ts';
import { readWritten, type Written } from './written.ts';

export interface Field {
  readonly key: Written;
  readonly value: Node;
}

/** What a mapping may contain. */
interface Shape {
  /** As in "`what` has no field …". */
  readonly what: string;
  readonly fields: readonly string[];
  /** Words that the language will have; refused by name until then. */
  readonly notYet: readonly string[];
}

export interface YamlReader {
  readonly problems: readonly PolicyProblem[];
  readonly refuse: (place: Place, message: string, code?: ProblemCode) => void;
  /** The fields of a mapping; those that the shape does not know are refused. */
  readonly fields: (node: Node, shape: Shape) => ReadonlyMap<string, Field>;
  /** The fields of a mapping whose keys are the operator's own names. */
  readonly entries: (node: Node, what: string) => readonly Field[];
  readonly items: (node: Node, what: string) => readonly Node[];
  readonly text: (node: Node, what: string) => Written | undefined;
  readonly placeOf: (node: Node) => Place;
}

/** The YAML library builds a regular expression from the levels of `[` and `{`: deep ones exhaust it. */
const MAX_FLOW_DEPTH = 16;

/** The root node of the only document in `source`. */
export function parseYaml(source: PolicySource): Result<Node, PolicyProblem> {
  if (flowDepth(source.text) > MAX_FLOW_DEPTH) {
    const message = `brackets are nested deeper than ${String(MAX_FLOW_DEPTH)} levels`;
    return err(fileProblem(source.file, 'policy.yaml', message));
  }
  // With the failsafe schema every scalar is text: `no`, `1e3` and `~` mean what they show.
  const yaml = parseDocument(source.text, {
    schema: 'failsafe',
    version: '1.2',
    merge: false,
    stringKeys: true,
    prettyErrors: false,
  });
  // What follows a syntax error is the parser's guess, so only the first is told.
  const [first] = [...yaml.errors, ...yaml.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  if (first !== undefined) {
    const [start, end] = first.pos;
    const message = `not valid YAML: ${lowerFirst(first.message)}${quotingHint(first.code)}`;
    return err(problemAt({ source, start, end }, 'policy.yaml', message));
  }
  if (yaml.contents === null) {
    return err(
      fileProblem(source.file, 'policy.yaml', 'the document is empty; write `version: 1`'),
    );
  }
  return ok(yaml.contents);
}

export function createYamlReader(source: PolicySource): YamlReader {
  const problems: PolicyProblem[] = [];
  return Object.freeze({ problems, refuse, fields, entries, items, text, placeOf });

  function refuse(place: Place, message: string, code: ProblemCode = 'policy.field'): void {
    problems.push(problemAt(place, code, message));
  }

  function fields(node: Node, shape: Shape): ReadonlyMap<string, Field> {
    const known = new Map<string, Field>();
    for (const field of entries(node, shape.what)) {
      const { text: name, place } = field.key;
      if (shape.fields.includes(name)) known.set(name, field);
      else if (shape.notYet.includes(name)) {
        refuse(place, `\`${name}\` is not supported yet`, 'policy.unsupported');
      } else {
        const hint = didYouMean(name, shape.fields);
        refuse(place, `${shape.what} has no field \`${name}\`${hint}`);
      }
    }
    return known;
  }

  function entries(node: Node, what: string): readonly Field[] {
    if (!isMap<Node, Node | null>(node) || !isPlain(node)) {
      refuse(placeOf(node), `${what} must be a mapping of names to values`);
      return [];
    }
    return node.items.flatMap(({ key, value }) => {
      const name = text(key, 'a field name');
      return name === undefined || value === null ? [] : [{ key: name, value }];
    });
  }

  function items(node: Node, what: string): readonly Node[] {
    if (isSeq<Node>(node) && isPlain(node)) return node.items;
    refuse(placeOf(node), `${what} must be a list`);
    return [];
  }

  function text(node: Node, what: string): Written | undefined {
    if (isText(node) && isPlain(node)) return readWritten(source, node);
    refuse(placeOf(node), `${what} must be text, without anchors, aliases and tags`);
    return undefined;
  }

  function placeOf(node: Node): Place {
    const [start, end] = node.range ?? [0, 0];
    return { source, start, end: start + source.text.slice(start, end).trimEnd().length };
  }
}

function isText(node: Node): node is Scalar<string> {
  return isScalar(node) && typeof node.value === 'string';
}

/** Anchors and tags let one place of a document change what another one says. */
function isPlain(node: { readonly anchor?: string; readonly tag?: string }): boolean {
  return node.anchor === undefined && node.tag === undefined;
}

/** A condition often starts with, or contains, what YAML reads as its own punctuation. */
function quotingHint(code: string): string {
  const confused = ['BLOCK_AS_IMPLICIT_KEY', 'UNEXPECTED_TOKEN', 'TAG_RESOLVE_FAILED'];
  return confused.includes(code)
    ? '; a condition that contains `: ` or starts with punctuation belongs in a block after `when: |`'
    : '';
}

function flowDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') deepest = Math.max(deepest, (depth += 1));
    else if (token === ']' || token === '}') depth -= 1;
  }
  return deepest;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
