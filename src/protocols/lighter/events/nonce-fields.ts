/** Where a transaction's nonce comes from, as the caller says it. */
import { z } from 'zod';

import { flag, integerOr } from '../../../base/request-fields.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import type { NonceWish } from '../request.ts';
import type { FieldProblem } from './field-problem.ts';

/** What the caller writes who leaves it to the daemon. */
const OPEN = -1n;

const MODES = ['explicit', 'strict', 'skip'] as const;

export const nonceFields = {
  nonce: integerOr(OPEN, {
    about: 'Nonce of the transaction; -1 leaves it to the daemon.',
    min: OPEN,
    max: 2n ** 48n - 1n,
  }),
  skip_nonce: flag(
    '1: any nonce above the last is valid, not the next one alone. Absent: 0 with a nonce of your own.',
  ).optional(),
  nonce_mode: z
    .enum(MODES, { error: `must be one of ${MODES.join(', ')}` })
    .optional()
    .meta({
      description:
        '`explicit`: the nonce that is given. `strict`: one more than the last. `skip`: from the clock, with `skip_nonce`. Absent: `explicit` where a nonce is given, otherwise as the daemon is configured.',
    }),
};

type Asked = z.output<z.ZodObject<typeof nonceFields>>;

/** `usual` is the mode of callers who say nothing. */
export function nonceWish(
  { nonce, skip_nonce: skip, nonce_mode: mode }: Asked,
  usual: 'strict' | 'skip',
): Result<NonceWish, FieldProblem> {
  if (nonce !== OPEN) {
    if (mode === undefined || mode === 'explicit') {
      return ok({ mode: 'explicit', nonce, skip: skip === 1n });
    }
    return refuse('nonce', `must be -1 with \`nonce_mode\` ${mode}`);
  }
  switch (mode ?? impliedMode(skip) ?? usual) {
    case 'explicit':
      return refuse('nonce', 'must be given with `nonce_mode` explicit');
    case 'strict':
      return skip === 1n
        ? refuse('skip_nonce', 'must be 0 with `nonce_mode` strict')
        : ok({ mode: 'strict' });
    case 'skip':
      return skip === 0n
        ? refuse('skip_nonce', 'must be 1 with `nonce_mode` skip')
        : ok({ mode: 'skip' });
  }
}

function impliedMode(skip: bigint | undefined): 'strict' | 'skip' | undefined {
  if (skip === undefined) return undefined;
  return skip === 1n ? 'skip' : 'strict';
}

function refuse(field: string, rule: string): Result<never, FieldProblem> {
  return err({ field, rule });
}
