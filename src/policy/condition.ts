/** CEL conditions, compiled once per rule and action against the types of the action's facts. */
import { Environment, EvaluationError, ParseError, type ASTNode } from '@marcbachmann/cel-js';

import { err, ok, type Result } from '../base/result.ts';
import { type ActionSpec, FactRecord } from './facts.ts';
import type { Flaw } from './flaw.ts';
import { IntegerList, TextList } from './list-file.ts';
import { didYouMean } from './nearest-name.ts';
import { unguardedReads } from './presence.ts';
import { readTerm, termsOf, type Term } from './term.ts';

export interface Condition {
  readonly term: Term;
  /** Whether the condition is met; an error names what could not be computed, never a fact's value. */
  readonly holds: (facts: FactRecord) => Result<boolean, string>;
}

export type CompileCondition = (text: string) => Result<Condition, readonly Flaw[]>;

/** The lists of a policy set by name. */
export type Lists = ReadonlyMap<string, TextList>;

/** `list` is CEL's name for a type, so conditions are compiled with this name of equal length. */
const LISTS_VARIABLE = 'LIST';

/** Holds the list files of a set; a class, because the condition library knows types by class. */
class ListFiles {
  readonly [name: string]: TextList;

  constructor(lists: Readonly<Record<string, TextList>>) {
    Object.assign(this, lists);
  }
}

/** Makes the compiler for the conditions of one action. */
export function createConditionCompiler(action: ActionSpec, lists: Lists): CompileCondition {
  const environment = createEnvironment(action, lists);
  return (text) => {
    const parsed = parse(environment, text);
    if (!parsed.ok) return parsed;
    const { term, flaws } = readTerm(parsed.value);
    const found = [...flaws, ...unknownNames(term, action, lists), ...unguarded(term, action)];
    if (found.length > 0) return err(found);
    return compile(environment, renameLists(text, term), term);
  };
}

function createEnvironment(action: ActionSpec, lists: Lists): Environment {
  const listTypes = mapValues(Object.fromEntries(lists), (list) =>
    list instanceof IntegerList ? 'integer_list' : 'text_list',
  );
  const factTypes = mapValues(action.facts, (spec) => spec.type);
  return new Environment({ unlistedVariablesAreDyn: false, homogeneousAggregateLiterals: true })
    .registerType('text_list', { ctor: TextList, fields: {} })
    .registerType('integer_list', { ctor: IntegerList, fields: {} })
    .registerOperator('string in text_list', (text: string, list: TextList) => list.texts.has(text))
    .registerOperator('string in integer_list', (text: string, list: TextList) =>
      list.texts.has(text),
    )
    .registerOperator('int in integer_list', (integer: bigint, list: IntegerList) =>
      list.integers.has(integer),
    )
    .registerType('list_files', { ctor: ListFiles, fields: listTypes })
    .registerConstant(LISTS_VARIABLE, 'list_files', new ListFiles(Object.fromEntries(lists)))
    .registerType('facts', { ctor: FactRecord, fields: factTypes })
    .registerVariable('fact', 'facts');
}

function parse(environment: Environment, text: string): Result<ASTNode, readonly Flaw[]> {
  try {
    return ok(environment.parse(text).ast);
  } catch (error) {
    if (error instanceof ParseError) return err([celFlaw(error, text)]);
    throw error;
  }
}

function compile(
  environment: Environment,
  text: string,
  term: Term,
): Result<Condition, readonly Flaw[]> {
  const evaluate = environment.parse(text);
  const { type, error } = evaluate.check();
  if (error !== undefined) return err([celFlaw(error, text)]);
  if (type !== 'bool') {
    const message = `a condition is true or false, but this is of type \`${String(type)}\``;
    return err([{ code: 'policy.condition', message, start: 0, end: text.length }]);
  }
  return ok({
    term,
    holds(facts) {
      try {
        const outcome: unknown = evaluate({ fact: facts });
        return typeof outcome === 'boolean' ? ok(outcome) : err('the condition has no outcome');
      } catch (error) {
        // Whatever breaks here breaks this rule only, and what is not decided is not signed.
        // The library's sentence may quote a value; its code never does.
        const code = error instanceof EvaluationError ? error.code : 'evaluation_broke';
        return err(`the condition cannot be computed: ${code.replaceAll('_', ' ')}`);
      }
    },
  });
}

function unknownNames(term: Term, action: ActionSpec, lists: Lists): readonly Flaw[] {
  return [...termsOf(term)].flatMap((at): readonly Flaw[] => {
    if ((at.kind === 'fact' || at.kind === 'has') && !Object.hasOwn(action.facts, at.name)) {
      const message = `unknown fact \`${at.name}\`${didYouMean(at.name, Object.keys(action.facts))}`;
      return [{ code: 'policy.unknown-fact', message, start: at.start, end: at.end }];
    }
    if (at.kind === 'list' && !lists.has(at.name)) {
      const message = `unknown list \`${at.name}\`${didYouMean(at.name, lists.keys())}`;
      return [{ code: 'policy.list', message, start: at.start, end: at.end }];
    }
    return [];
  });
}

function unguarded(term: Term, action: ActionSpec): readonly Flaw[] {
  const isOptional = (fact: string): boolean => action.facts[fact]?.optional === true;
  return unguardedReads(term, isOptional).map(({ name, start, end }) => ({
    code: 'policy.unguarded-fact',
    message: `fact \`${name}\` may be absent; write \`has(fact.${name}) && …\` before it`,
    start,
    end,
  }));
}

/** The text for CEL, of equal length, so that all offsets stay true. */
function renameLists(text: string, term: Term): string {
  return [...termsOf(term)].reduce(
    (renamed, at) =>
      at.kind === 'list'
        ? renamed.slice(0, at.wordStart) +
          LISTS_VARIABLE +
          renamed.slice(at.wordStart + LISTS_VARIABLE.length)
        : renamed,
    text,
  );
}

interface CelError {
  readonly summary: string;
  readonly range?: { readonly start: number; readonly end: number };
}

function celFlaw({ summary, range }: CelError, text: string): Flaw {
  const { start, end } = range ?? { start: 0, end: text.length };
  const hint = summary.includes('int in text_list')
    ? '; the list holds text, so an integer is never in it'
    : '';
  const message = `${lowerFirst(summary).replaceAll("'", '`')}${hint}`;
  return { code: 'policy.condition', message, start, end };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function mapValues<T>(
  record: Readonly<Record<string, T>>,
  map: (value: T) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
