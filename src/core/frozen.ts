/** A frozen key signs nothing, whatever was decided. */
import { allowedParts } from './decided.ts';
import type { Reason } from './outcome.ts';
import type { JobRecord, KeyRing } from './ports.ts';
import type { Job } from './protocol.ts';

/** Why one of these keys must not be used now. */
export function frozenKey(keys: KeyRing, keyIds: readonly string[]): Reason | undefined {
  const frozen = keyIds.find((id) => keys.isFrozen(id));
  if (frozen === undefined) return undefined;
  return {
    code: 'sign.frozen',
    message: `key \`${frozen}\` is frozen; unfreeze it to sign with it again`,
  };
}

/** The same for the parts of a job that were allowed, or all of them before it is decided. */
export function frozenKeyOf(
  keys: KeyRing,
  job: Job,
  { inputs }: Pick<JobRecord, 'inputs'>,
): Reason | undefined {
  const parts =
    inputs === undefined ? job.parts : allowedParts(job, inputs).map(({ part }) => part);
  return frozenKey(
    keys,
    parts.flatMap(({ keyIds }) => keyIds),
  );
}
