/**
 * The condition language: the part of CEL that is total, exact and cheap.
 *
 * A parsed CEL expression becomes a `Term`, and whatever lies outside of the language is a flaw.
 * What is left out, and why: regular expressions (`matches` can take seconds on short texts), nested
 * comprehensions (cubic cost), fractions and unsigned integers (amounts are exact 64-bit integers),
 * conversions and `dyn` (they defeat type checking), indexing (it would hide which fact is read).
 */
import type { ASTNode } from '@marcbachmann/cel-js';

import { unreachable } from '../base/unreachable.ts';
import type { Flaw } from './flaw.ts';
import { isInt64 } from './int64.ts';
import { didYouMean } from './nearest-name.ts';

interface Stretch {
  readonly start: number;
  readonly end: number;
}

export interface FactTerm extends Stretch {
  readonly kind: 'fact' | 'has';
  readonly name: string;
}

interface ListTerm extends Stretch {
  readonly kind: 'list';
  readonly name: string;
  /** Where the word `list` itself begins. */
  readonly wordStart: number;
}

export type Term =
  | FactTerm
  | ListTerm
  | { readonly kind: 'literal'; readonly value: string | bigint | boolean }
  | { readonly kind: 'not'; readonly of: Term }
  | { readonly kind: 'and' | 'or'; readonly left: Term; readonly right: Term }
  | { readonly kind: 'choice'; readonly when: Term; readonly then: Term; readonly otherwise: Term }
  /** Operators, functions, comprehensions: true or false depending on all of their parts. */
  | { readonly kind: 'operation'; readonly parts: readonly Term[] };

const LOGIC = ['&&', '||', '!_', '?:'] as const;
const OPERATORS = ['!=', '==', '+', '-', '*', '/', '%', '<', '<=', '>', '>='] as const;
const REFUSED = ['map', '[]', '[?]', '.?'] as const;
const FUNCTIONS = new Set(['size']);
const METHODS = new Set(['size', 'startsWith', 'endsWith', 'contains']);
const COMPREHENSIONS = new Set(['all', 'exists', 'exists_one', 'filter']);
const VARIABLE = /^[a-z][a-z0-9_]*$/;
const ROOTS = new Set(['fact', 'list', 'has']);

/** What surrounds a node: the variables of comprehensions around it. */
type Scope = readonly string[];

type Node<Op extends ASTNode['op']> = Extract<ASTNode, { op: Op }>;

export function readTerm(root: ASTNode): { readonly term: Term; readonly flaws: readonly Flaw[] } {
  const flaws: Flaw[] = [];
  return { term: read(root, []), flaws };

  function read(node: ASTNode, scope: Scope): Term {
    if (isOneOf(node, LOGIC)) return logic(node, scope);
    if (isOneOf(node, OPERATORS)) return operation(node.args, scope);
    if (isOneOf(node, REFUSED)) {
      return refuse(node, 'maps and indices are not part of the condition language');
    }
    switch (node.op) {
      case 'value':
        return literal(node);
      case 'id':
        return name(node, scope);
      case '.':
        return member(node);
      case 'call':
        return call(node, scope);
      case 'rcall':
        return method(node, scope);
      case 'list':
        return operation(node.args, scope);
      case '-_':
        return operation([node.args], scope);
      case 'in':
        return membership(node, scope);
      default:
        return unreachable(node);
    }
  }

  function logic(node: Node<'&&' | '||' | '!_' | '?:'>, scope: Scope): Term {
    if (node.op === '!_') return { kind: 'not', of: read(node.args, scope) };
    if (node.op === '?:') {
      const [when, then, otherwise] = node.args;
      return {
        kind: 'choice',
        when: read(when, scope),
        then: read(then, scope),
        otherwise: read(otherwise, scope),
      };
    }
    const [left, right] = node.args;
    const kind = node.op === '&&' ? 'and' : 'or';
    return { kind, left: read(left, scope), right: read(right, scope) };
  }

  function operation(parts: readonly ASTNode[], scope: Scope): Term {
    return { kind: 'operation', parts: parts.map((part) => read(part, scope)) };
  }

  function literal(node: Node<'value'>): Term {
    const value = node.args;
    if (typeof value === 'string' || typeof value === 'boolean') return { kind: 'literal', value };
    if (typeof value === 'bigint' && isInt64(value)) return { kind: 'literal', value };
    if (typeof value === 'bigint') return refuse(node, 'the integer does not fit into 64 bits');
    if (typeof value === 'number') {
      return refuse(node, 'fractions are not exact; write an integer in the smallest unit');
    }
    return value === null
      ? refuse(node, 'there is no null; ask `has(fact.name)` for an optional fact')
      : refuse(node, 'only integers, texts, `true` and `false` can be written out');
  }

  function name(node: Node<'id'>, scope: Scope): Term {
    if (scope.includes(node.args)) return { kind: 'operation', parts: [] };
    return ROOTS.has(node.args)
      ? refuse(node, `\`${node.args}\` stands alone; write \`${node.args}.name\``)
      : refuse(node, `unknown name \`${node.args}\`; facts are read as \`fact.name\``);
  }

  function member(node: Node<'.'>): Term {
    const [owner, property] = node.args;
    if (owner.op === 'id' && owner.args === 'fact') return factTerm('fact', node);
    return owner.op === 'id' && owner.args === 'list'
      ? refuse(node, `\`list.${property}\` can only follow \`in\``)
      : refuse(node, 'only `fact.name` and `list.name` have a dot');
  }

  /** `x in list.name` is the only place of a list file; any other right side is an operand. */
  function membership(node: Node<'in'>, scope: Scope): Term {
    const [element, container] = node.args;
    if (container.op !== '.') return operation(node.args, scope);
    const [owner, name] = container.args;
    if (owner.op !== 'id' || owner.args !== 'list') return operation(node.args, scope);
    const { pos: start, end } = container;
    const list: ListTerm = { kind: 'list', name, start, end, wordStart: owner.start };
    return { kind: 'operation', parts: [read(element, scope), list] };
  }

  function call(node: Node<'call'>, scope: Scope): Term {
    const [called, args] = node.args;
    if (called === 'has') return presence(node, args);
    return FUNCTIONS.has(called) ? operation(args, scope) : unknownFunction(node, called);
  }

  function presence(node: Node<'call'>, args: readonly ASTNode[]): Term {
    const [argument] = args;
    const owner = argument?.op === '.' ? argument.args[0] : undefined;
    return argument?.op === '.' && owner?.op === 'id' && owner.args === 'fact' && args.length === 1
      ? factTerm('has', argument)
      : refuse(node, '`has` takes one fact, as in `has(fact.name)`');
  }

  function method(node: Node<'rcall'>, scope: Scope): Term {
    const [called, receiver, args] = node.args;
    if (COMPREHENSIONS.has(called)) return comprehension(node, scope);
    return METHODS.has(called)
      ? operation([receiver, ...args], scope)
      : unknownFunction(node, called);
  }

  function comprehension(node: Node<'rcall'>, scope: Scope): Term {
    const [called, receiver, [variable, body]] = node.args;
    if (variable?.op !== 'id' || body === undefined || node.args[2].length !== 2) {
      return refuse(
        node,
        `\`${called}\` takes a name and a condition, as in \`${called}(x, x > 0)\``,
      );
    }
    if (scope.length > 0) {
      return refuse(node, `\`${called}\` inside of another one could take seconds`);
    }
    if (ROOTS.has(variable.args) || !VARIABLE.test(variable.args)) {
      return refuse(
        variable,
        `\`${variable.args}\` cannot name an entry; choose a word like \`x\``,
      );
    }
    return { kind: 'operation', parts: [read(receiver, scope), read(body, [variable.args])] };
  }

  function unknownFunction(node: ASTNode, called: string): Term {
    if (called === 'matches') {
      const advice = 'use `startsWith`, `endsWith`, `contains` or a list file';
      return refuse(node, `\`matches\` can take seconds on a short text; ${advice}`);
    }
    const hint = didYouMean(called, ['has', ...FUNCTIONS, ...METHODS, ...COMPREHENSIONS]);
    return refuse(node, `there is no function \`${called}\` in the condition language${hint}`);
  }

  function refuse(node: ASTNode, message: string): Term {
    flaws.push({ code: 'policy.condition', message, start: node.start, end: node.end });
    return { kind: 'operation', parts: [] };
  }
}

function factTerm(kind: FactTerm['kind'], node: Node<'.'>): FactTerm {
  return { kind, name: node.args[1], start: node.pos, end: node.end };
}

function isOneOf<Op extends ASTNode['op']>(
  node: ASTNode,
  operators: readonly Op[],
): node is Node<Op> {
  return operators.some((operator) => operator === node.op);
}

/** Names of the facts that a term reads or asks for. */
export function factsIn(term: Term): readonly string[] {
  return [...termsOf(term)].flatMap((at) =>
    at.kind === 'fact' || at.kind === 'has' ? [at.name] : [],
  );
}

/** A term and all terms inside of it. */
export function* termsOf(term: Term): Generator<Term> {
  yield term;
  for (const part of partsOf(term)) yield* termsOf(part);
}

export function partsOf(term: Term): readonly Term[] {
  switch (term.kind) {
    case 'not':
      return [term.of];
    case 'and':
    case 'or':
      return [term.left, term.right];
    case 'choice':
      return [term.when, term.then, term.otherwise];
    case 'operation':
      return term.parts;
    case 'fact':
    case 'has':
    case 'list':
    case 'literal':
      return [];
    default:
      return unreachable(term);
  }
}
