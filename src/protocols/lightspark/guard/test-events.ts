/**
 * What still keeps a test event from being answered. The dashboard's test events carry made-up
 * indices and digests of nothing; the test seed holds no money, and its state protects none.
 */
import type { Verdict } from './verdict.ts';

/** No signature could be made at all, or only with a key that never signs. */
const UNANSWERABLE: ReadonlySet<string> = new Set([
  'key_not_for_signing',
  'digest_mismatch',
  'unknown_path',
  'invalid_tweak',
  'not_raw',
  'not_a_channel',
  'no_preimage',
]);

export function asTestEvent({ facts, violations, doubts }: Verdict): Verdict {
  return {
    facts,
    violations: violations.filter(({ code }) => UNANSWERABLE.has(code)),
    doubts: doubts.filter(({ code }) => UNANSWERABLE.has(code)),
    alarms: [],
  };
}
