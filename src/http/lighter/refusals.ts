/** Refusals as the Lighter signing service words them, `{"detail": …}`, within problem details. */
import { unreachable } from '../../base/unreachable.ts';
import type { PartEnding, Told } from '../../core/desk.ts';
import type { Reason } from '../../core/outcome.ts';
import type { LighterRefusal, LighterRefusalKind } from '../../protocols/lighter/ports.ts';
import { problemReply } from '../problem.ts';
import { ofJob, type Reply } from '../reply.ts';

const STATUS: Readonly<Record<LighterRefusalKind, number>> = {
  invalid: 400,
  forbidden: 403,
  unknown: 404,
  conflict: 409,
  exchange: 502,
  unavailable: 503,
};

export function refusalReply({ kind, reason }: LighterRefusal): Reply {
  return problemReply(STATUS[kind], reason);
}

export function invalid(message: string): Reply {
  return problemReply(400, { code: 'lighter.request', message });
}

/** What became of a request that was not decided. */
export function undecidedReply(told: Exclude<Told, { readonly kind: 'decided' }>): Reply {
  switch (told.kind) {
    case 'malformed':
    case 'ignored':
      return problemReply(400, told.reason);
    case 'conflict':
      return ofJob(problemReply(409, told.reason), told.job);
    case 'unavailable':
      return later(told.reason, told.retryAfter);
    default:
      return unreachable(told);
  }
}

type RefusedEnding = Exclude<PartEnding, { readonly outcome: 'signed' }>;

/** Why a part was not signed, with the rules that decided. */
export function refusedReply({ outcome, reason, rules }: RefusedEnding): Reply {
  switch (outcome) {
    case 'declined':
      return problemReply(statusOf(reason), reason, { rules });
    case 'malformed':
      return problemReply(400, reason);
    case 'withheld':
    case 'ignored':
      return later(reason, 1);
    case 'failed':
      return problemReply(500, reason);
    default:
      return unreachable(outcome);
  }
}

function later(reason: Reason, seconds: number): Reply {
  return { ...problemReply(503, reason), headers: { 'retry-after': String(seconds) } };
}

/** What a nonce already carries is a conflict; what time mends is unavailable; policy forbids. */
const STATUSES: readonly (readonly [RegExp, number])[] = [
  [/^lighter\.(?:nonce(?!_range)|restored|too_many_reserved)/, 409],
  [/^lighter\.clock/, 503],
  [/^lighter\./, 400],
];
const FORBIDDEN = 403;

function statusOf({ code }: Reason): number {
  return STATUSES.find(([pattern]) => pattern.test(code))?.[1] ?? FORBIDDEN;
}
