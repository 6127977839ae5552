/** Until when a token lives. The exchange accepts deadlines up to eight hours ahead. */
import { err, ok, type Result } from '../../../base/result.ts';
import type { Reason } from '../../../core/outcome.ts';
import type { AuthTokenPart } from '../request.ts';

/** Seconds. */
const CUSTOMARY = 7n * 3600n;
const LONGEST = 8n * 3600n;

/** Seconds since 1970; `now` in milliseconds. */
export function deadlineOf(
  { deadline, lifetime }: Pick<AuthTokenPart, 'deadline' | 'lifetime'>,
  now: bigint,
): Result<bigint, Reason> {
  const seconds = now / 1000n;
  const chosen = deadline ?? seconds + (lifetime ?? CUSTOMARY);
  if (chosen <= seconds) {
    return refuse('lighter.deadline_past', `deadline \`${String(chosen)}\` has passed`);
  }
  if (chosen > seconds + LONGEST) {
    const message = `deadline \`${String(chosen)}\` is more than eight hours ahead; give ${String(seconds + LONGEST)} at most`;
    return refuse('lighter.deadline_far', message);
  }
  return ok(chosen);
}

function refuse(code: string, message: string): Result<never, Reason> {
  return err({ code, message });
}
