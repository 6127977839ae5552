/** One verdict of what a guard found and what policy says. */
import { unreachable } from '../base/unreachable.ts';
import type { Decision } from '../policy/decision.ts';
import type { Reason } from './outcome.ts';
import type { Finding, RefusalStyle } from './protocol.ts';

/** Where something to be signed goes: to the signer, or to an end that needs a reason. */
export type Verdict =
  | { readonly outcome: 'signed' }
  | { readonly outcome: 'declined' | 'withheld' | 'ignored'; readonly reason: Reason };

export interface Judged {
  readonly finding: Finding;
  readonly decision: Decision;
}

/**
 * One verdict for all findings of a part: they are signed together or not at all. Proof and forbid
 * rules come first, then what is not known, then what no rule permits.
 */
export function resolve(judged: readonly Judged[], refusal: RefusalStyle): Verdict {
  if (judged.length === 0) {
    const reason = { code: 'decide.informed', message: 'recorded; nothing to sign' };
    return { outcome: 'ignored', reason };
  }
  const [proof] = [
    ...judged.flatMap(({ finding }) => finding.violations),
    ...judged.filter(({ decision }) => decision.cause === 'forbid').map(policyReason),
  ];
  if (proof !== undefined) return { outcome: 'declined', reason: proof };

  const [reason] = [
    ...judged.flatMap(({ finding }) => finding.doubts),
    ...judged.filter(({ decision }) => decision.verdict !== 'allow').map(policyReason),
  ];
  return reason === undefined ? { outcome: 'signed' } : refuse(reason, refusal);
}

/** A refusal without proof, in the style of a world. */
export function refuse(reason: Reason, refusal: RefusalStyle): Verdict {
  switch (refusal) {
    case 'careful':
      return { outcome: 'withheld', reason };
    case 'loud':
      return { outcome: 'declined', reason };
    default:
      return unreachable(refusal);
  }
}

/** The verdict that would have been, where another signer answers. */
export function observed(verdict: Verdict): Verdict {
  if (verdict.outcome === 'ignored') return verdict;
  const code = verdict.outcome === 'signed' ? '' : `: ${verdict.reason.code}`;
  const message = `would have been ${verdict.outcome}${code}`;
  return { outcome: 'ignored', reason: { code: 'decide.observed', message } };
}

function policyReason({ finding, decision }: Judged): Reason {
  const rules = decision.rules.map((rule) => `\`${rule}\``).join(', ');
  switch (decision.cause) {
    case 'forbid':
      return { code: 'policy.forbid', message: `\`${finding.action}\` is forbidden by ${rules}` };
    case 'error':
      return {
        code: 'policy.error',
        message: `\`${finding.action}\` could not be decided: ${decision.errors
          .map(({ rule, message }) => `\`${rule}\`: ${message}`)
          .join('; ')}`,
      };
    case 'no-rule':
      return { code: 'policy.no_rule', message: `no rule permits \`${finding.action}\`` };
    case 'permit':
      return { code: 'policy.permit', message: `\`${finding.action}\` is permitted by ${rules}` };
    default:
      return unreachable(decision.cause);
  }
}
