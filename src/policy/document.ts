/** YAML text → rule document. What the names in it mean is decided when the set is loaded. */
import { isSeq, type Node } from 'yaml';

import type { PolicyProblem, PolicySource } from './problem.ts';
import type { Written } from './written.ts';
import { createYamlReader, parseYaml, type Field, type YamlReader } from './yaml-reader.ts';

export type Effect = 'permit' | 'forbid';

export interface RuleDeclaration {
  readonly id: Written;
  readonly on: readonly Written[];
  readonly effect: Effect;
  readonly when?: Written;
}

export interface ListDeclaration {
  readonly name: Written;
  /** Below the folder of the document that names it. */
  readonly path: Written;
}

export interface PolicyDocument {
  readonly lists: readonly ListDeclaration[];
  /** Rules without problems of their own. */
  readonly rules: readonly RuleDeclaration[];
  readonly problems: readonly PolicyProblem[];
}

const DOCUMENT = {
  what: 'a policy document',
  fields: ['version', 'lists', 'rules'],
  notYet: ['limits', 'shadow'],
};
const RULE = {
  what: 'a rule',
  fields: ['id', 'on', 'effect', 'when', 'about'],
  notYet: ['approvals', 'expires', 'shadow'],
};
const RULE_ID = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const LIST_NAME = /^[a-z][a-z0-9_]*$/;
/** No absolute path, no `.` or `..`, no hidden names. */
const LIST_PATH = /^\w[\w.-]*(?:\/\w[\w.-]*)*$/;

/** Reads one document and reports all its problems, not only the first. */
export function readDocument(source: PolicySource): PolicyDocument {
  const root = parseYaml(source);
  if (!root.ok) return { lists: [], rules: [], problems: [root.error] };
  const reader = createYamlReader(source);
  const fields = reader.fields(root.value, DOCUMENT);
  checkVersion(reader, root.value, fields.get('version'));
  return {
    lists: readLists(reader, fields.get('lists')),
    rules: readRules(reader, fields.get('rules')),
    problems: reader.problems,
  };
}

function checkVersion(reader: YamlReader, root: Node, field: Field | undefined): void {
  if (field === undefined) {
    const { source, start } = reader.placeOf(root);
    reader.refuse(
      { source, start, end: start },
      'the document has no `version`; write `version: 1`',
    );
    return;
  }
  const version = reader.text(field.value, '`version`');
  if (version === undefined || version.text === '1') return;
  reader.refuse(version.place, `unknown version \`${version.text}\`; this program reads version 1`);
}

function readLists(reader: YamlReader, field: Field | undefined): readonly ListDeclaration[] {
  if (field === undefined) return [];
  return reader.entries(field.value, '`lists`').flatMap(({ key: name, value }) => {
    const path = reader.text(value, 'the path of a list file');
    if (path === undefined) return [];
    if (!LIST_NAME.test(name.text)) {
      const message = `list name \`${name.text}\` must be lower-case letters, digits and \`_\``;
      reader.refuse(name.place, message, 'policy.list');
      return [];
    }
    if (!LIST_PATH.test(path.text)) {
      const message = `list file \`${path.text}\` must lie below the folder of its document`;
      reader.refuse(path.place, message, 'policy.list');
      return [];
    }
    return [{ name, path }];
  });
}

function readRules(reader: YamlReader, field: Field | undefined): readonly RuleDeclaration[] {
  if (field === undefined) return [];
  return reader.items(field.value, '`rules`').flatMap((node) => readRule(reader, node) ?? []);
}

function readRule(reader: YamlReader, node: Node): RuleDeclaration | undefined {
  const problemsBefore = reader.problems.length;
  const fields = reader.fields(node, RULE);
  // What is not even a mapping has no fields to miss.
  if (fields.size === 0 && reader.problems.length > problemsBefore) return undefined;

  const id = required('id', 'write `id: a-name-of-your-own`');
  if (id !== undefined && !RULE_ID.test(id.text)) {
    const message = `rule id \`${id.text}\` must be lower-case words joined by \`-\``;
    reader.refuse(id.place, message);
  }
  const on = readScopes(reader, fields.get('on'));
  if (!fields.has('on')) missing('on', 'write a world or `world.action`');
  const effect = readEffect(reader, required('effect', 'write `permit` or `forbid`'));
  const when = optional('when');
  optional('about');

  const complete = reader.problems.length === problemsBefore;
  if (!complete || id === undefined || effect === undefined) return undefined;
  return { id, on, effect, ...(when === undefined ? {} : { when }) };

  function required(name: string, advice: string): Written | undefined {
    const value = optional(name);
    if (!fields.has(name)) missing(name, advice);
    return value;
  }

  function optional(name: string): Written | undefined {
    const field = fields.get(name);
    const value = field && reader.text(field.value, `\`${name}\``);
    if (field === undefined || value?.text.trim() !== '') return value;
    reader.refuse(field.key.place, `\`${name}\` is empty; write it or leave it out`);
    return undefined;
  }

  function missing(name: string, advice: string): void {
    const place = fields.get('id')?.value ?? node;
    reader.refuse(reader.placeOf(place), `the rule has no \`${name}\`; ${advice}`);
  }
}

function readScopes(reader: YamlReader, field: Field | undefined): readonly Written[] {
  if (field === undefined) return [];
  const nodes = isSeq(field.value) ? reader.items(field.value, '`on`') : [field.value];
  if (nodes.length === 0) {
    reader.refuse(field.key.place, '`on` is empty; write a world or `world.action`');
  }
  return nodes.flatMap((node) => reader.text(node, 'a world or `world.action`') ?? []);
}

function readEffect(reader: YamlReader, effect: Written | undefined): Effect | undefined {
  if (effect === undefined) return undefined;
  if (effect.text === 'permit' || effect.text === 'forbid') return effect.text;
  if (effect.text === 'hold') {
    reader.refuse(effect.place, '`hold` is not supported yet', 'policy.unsupported');
  } else {
    reader.refuse(
      effect.place,
      `unknown effect \`${effect.text}\`; write \`permit\` or \`forbid\``,
    );
  }
  return undefined;
}
