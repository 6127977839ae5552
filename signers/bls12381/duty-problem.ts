/** Why a request body is refused before anything is decided. */
import type { Unreadable } from './ssz/ssz-type.ts';

/** Permanent names. */
export type DutyProblemCode =
  /** No type, or one that the standard does not have. */
  | 'duty.type'
  /** What the key that withdraws signs, not the one that validates. */
  | 'duty.withdrawal-key'
  | 'duty.missing'
  | 'duty.malformed'
  /** A fork that this type of message does not exist in, or none that is known. */
  | 'duty.version'
  /** The root that the client gives is another one than that of the message. */
  | 'duty.signing-root';

export interface DutyProblem {
  readonly code: DutyProblemCode;
  /** The member at fault: `attestation.target.epoch`, `beacon_block.block.body.deposits[3].proof`. */
  readonly field: string;
  /** What it must be; never repeats a value of the body. */
  readonly message: string;
}

export function dutyProblem(code: DutyProblemCode, field: string, complaint: string): DutyProblem {
  return { code, field, message: `\`${field}\` ${complaint}` };
}

export function problemOf({ kind, path, message }: Unreadable): DutyProblem {
  return dutyProblem(`duty.${kind}`, path.join('.').replaceAll('.[', '['), message);
}
