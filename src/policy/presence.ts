/** Which optional facts a condition reads without having made sure that they are there. */
import { unreachable } from '../base/unreachable.ts';
import { partsOf, type FactTerm, type Term } from './term.ts';

type Names = ReadonlySet<string>;
const NONE: Names = new Set();

/**
 * Reads of optional facts without a `has()` before them: `has(fact.x) && …`, `!has(fact.x) || …` and
 * `has(fact.x) ? … : …` guard what stands in the place of the dots.
 */
export function unguardedReads(
  term: Term,
  isOptional: (fact: string) => boolean,
): readonly FactTerm[] {
  return visit(term, NONE);

  function visit(at: Term, present: Names): readonly FactTerm[] {
    switch (at.kind) {
      case 'fact':
        return isOptional(at.name) && !present.has(at.name) ? [at] : [];
      case 'and':
      case 'or':
        return [
          ...visit(at.left, present),
          ...visit(at.right, either(present, presentWhen(at.left, at.kind === 'and'))),
        ];
      case 'choice':
        return [
          ...visit(at.when, present),
          ...visit(at.then, either(present, presentWhen(at.when, true))),
          ...visit(at.otherwise, either(present, presentWhen(at.when, false))),
        ];
      case 'not':
      case 'operation':
      case 'has':
      case 'list':
      case 'literal':
        return partsOf(at).flatMap((part) => visit(part, present));
      default:
        return unreachable(at);
    }
  }
}

/** The facts that are certainly there once `term` came out as `outcome`. */
function presentWhen(term: Term, outcome: boolean): Names {
  switch (term.kind) {
    case 'has':
      return outcome ? new Set([term.name]) : NONE;
    case 'not':
      return presentWhen(term.of, !outcome);
    case 'and':
    case 'or': {
      const [left, right] = [presentWhen(term.left, outcome), presentWhen(term.right, outcome)];
      // `and` is true, and `or` false, only if both sides are; else one side may tell nothing.
      return (term.kind === 'and') === outcome ? either(left, right) : both(left, right);
    }
    case 'choice':
    case 'operation':
    case 'fact':
    case 'list':
    case 'literal':
      return NONE;
    default:
      return unreachable(term);
  }
}

function either(left: Names, right: Names): Names {
  return new Set([...left, ...right]);
}

function both(left: Names, right: Names): Names {
  return new Set([...left].filter((name) => right.has(name)));
}
