/** Whether a condition can come true on the sender's word alone. */
import { unreachable } from '../base/unreachable.ts';
import { factsIn, type Term } from './term.ts';

/**
 * Whether some way to make `term` true tests no fact beyond the claimed ones. `isKnown` tells the
 * facts that are proven or configured. Each alternative of an `||` must test one of them.
 */
export function restsOnClaims(term: Term, isKnown: (fact: string) => boolean): boolean {
  return !needsKnown(term, true);

  /** Whether every way for `at` to come out as `outcome` tests a known fact. */
  function needsKnown(at: Term, outcome: boolean): boolean {
    switch (at.kind) {
      case 'not':
        return needsKnown(at.of, !outcome);
      case 'and':
      case 'or':
        return joined(at, outcome);
      case 'choice':
        return chosen(at, outcome);
      case 'literal':
        // A way that cannot be gone needs nothing more.
        return at.value === !outcome;
      case 'operation':
      case 'fact':
      case 'has':
      case 'list':
        return factsIn(at).some(isKnown);
      default:
        return unreachable(at);
    }
  }

  /** An `and` is true, and an `or` false, by both sides at once; else each side is a way of its own. */
  function joined(at: Extract<Term, { kind: 'and' | 'or' }>, outcome: boolean): boolean {
    const [left, right] = [needsKnown(at.left, outcome), needsKnown(at.right, outcome)];
    return (at.kind === 'and') === outcome ? left || right : left && right;
  }

  function chosen(at: Extract<Term, { kind: 'choice' }>, outcome: boolean): boolean {
    return (
      (needsKnown(at.when, true) || needsKnown(at.then, outcome)) &&
      (needsKnown(at.when, false) || needsKnown(at.otherwise, outcome))
    );
  }
}
