/** The policy in force: read from its folder, and replaced only by one that takes nothing back. */
import { openPolicyDirectory } from '../adapters/policy/directory.ts';
import { err, ok, type Result } from '../base/result.ts';
import { findFlips, type Flip } from '../core/flips.ts';
import type {
  AdmitPolicy,
  Clock,
  ListTexts,
  PolicyBook,
  PolicyProblem,
  PolicySet,
  PolicySource,
  Store,
} from '../core/ports.ts';
import { fileProblem } from '../policy/problem.ts';
import { listPathsOf, loadPolicySet } from '../policy/policy-set.ts';
import { vocabulary } from '../protocols/index.ts';

export interface Activation {
  /** Whether recorded permissions may be taken back. */
  readonly acceptFlips: boolean;
}

export type Reload = (options: Activation) => Promise<Result<PolicySet, readonly PolicyProblem[]>>;

export interface OpenPolicy {
  readonly book: PolicyBook;
  readonly reload: Reload;
}

/** Where a wrong refusal closes channels; elsewhere it costs an order or a duty, and is heard at once. */
const CAREFUL_WORLD = 'lightspark';

/** How many flips are named before the rest is counted. */
const NAMED = 5;

/** Brings the policy of a folder into force, be it for the first time or instead of the one of the last run. */
export async function openPolicy(
  directory: string,
  { acceptFlips }: Activation,
  { store, clock }: { readonly store: Store; readonly clock: Pick<Clock, 'now'> },
): Promise<Result<OpenPolicy, readonly PolicyProblem[]>> {
  const loader = {
    listPathsOf,
    load: (sources: readonly PolicySource[], lists: ListTexts) =>
      loadPolicySet(sources, lists, vocabulary),
  };
  const opened = await openPolicyDirectory({ directory }, { loader });
  if (!opened.ok) return opened;
  const book = opened.value;

  const current = { hash: book.hash(), text: book.text(), evaluate: book.evaluate };
  const isKnown = (await store.policyText(current.hash)) !== undefined;
  const admitted = isKnown ? ok(undefined) : await admit({ acceptFlips })(current);
  return admitted.ok
    ? ok(Object.freeze({ book, reload: (options: Activation) => book.reload(admit(options)) }))
    : admitted;

  /** A set that takes recorded permissions back could close channels, so it must be meant. */
  function admit(options: Activation): AdmitPolicy {
    return async (next) => {
      const flips = options.acceptFlips ? [] : await findFlips(CAREFUL_WORLD, store, next.evaluate);
      if (flips.length > 0) return err(flipProblems(directory, flips));
      // What was accepted once needs not be accepted again by the next start.
      await store.transact([], (tx) => {
        tx.rememberPolicy(next.hash, next.text, clock.now());
        return Promise.resolve();
      });
      return ok(undefined);
    };
  }
}

function flipProblems(directory: string, flips: readonly Flip[]): readonly PolicyProblem[] {
  const named = flips.slice(0, NAMED).map(({ record, now }) => {
    const by = now.rules.length === 0 ? 'no rule permits it' : `by ${now.rules.join(', ')}`;
    return `job ${record.job} item ${record.item} (${record.facts.action}) was permitted and would be refused: ${by}`;
  });
  const rest = flips.length - named.length;
  const more = rest > 0 ? [`and ${String(rest)} more`] : [];
  const advice =
    'if this is meant, start with `--accept-flips`, or reload with `{"accept_flips": true}` to `/admin/v1/policy/reload`';
  return [...named, ...more, advice].map((message) =>
    fileProblem(directory, 'policy.not-admitted', message),
  );
}
