/** The policy in force: read from its folder, and replaced only by one that takes nothing back. */
import { openPolicyDirectory } from '../adapters/policy/directory.ts';
import { err, ok, type Result } from '../base/result.ts';
import { findFlips, type Flip } from '../core/flips.ts';
import type {
  AdmitPolicy,
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

export type Reload = (options: {
  /** Whether recorded permissions may be taken back. */
  readonly acceptFlips: boolean;
}) => Promise<Result<PolicySet, readonly PolicyProblem[]>>;

export interface OpenPolicy {
  readonly book: PolicyBook;
  readonly reload: Reload;
}

/** Where a wrong refusal closes channels; elsewhere it costs an order or a duty, and is heard at once. */
const CAREFUL_WORLD = 'lightspark';

/** How many flips are named before the rest is counted. */
const NAMED = 5;

export async function openPolicy(
  directory: string,
  store: Store,
): Promise<Result<OpenPolicy, readonly PolicyProblem[]>> {
  const loader = {
    listPathsOf,
    load: (sources: readonly PolicySource[], lists: ListTexts) =>
      loadPolicySet(sources, lists, vocabulary),
  };
  const opened = await openPolicyDirectory({ directory }, { loader });
  if (!opened.ok) return opened;
  const book = opened.value;

  /** A set that takes recorded permissions back could close channels, so it must be meant. */
  const withoutFlips: AdmitPolicy = async (next) => {
    const flips = await findFlips(CAREFUL_WORLD, store, next.evaluate);
    return flips.length === 0 ? ok(undefined) : err(flipProblems(directory, flips));
  };
  const anyway: AdmitPolicy = () => Promise.resolve(ok(undefined));

  return ok(
    Object.freeze({
      book,
      reload: ({ acceptFlips }: { readonly acceptFlips: boolean }) =>
        book.reload(acceptFlips ? anyway : withoutFlips),
    }),
  );
}

function flipProblems(directory: string, flips: readonly Flip[]): readonly PolicyProblem[] {
  const named = flips.slice(0, NAMED).map(({ record, now }) => {
    const by = now.rules.length === 0 ? 'no rule permits it' : `by ${now.rules.join(', ')}`;
    return `job ${record.job} item ${record.item} (${record.facts.action}) was permitted and would be refused: ${by}`;
  });
  const rest = flips.length - named.length;
  const more = rest > 0 ? [`and ${String(rest)} more`] : [];
  const advice = 'reload with `accept_flips` if this is meant';
  return [...named, ...more, advice].map((message) =>
    fileProblem(directory, 'policy.not-admitted', message),
  );
}
