/** The action that the body of a call asks for, before it is read. */
import { DUTY_TYPES } from '../../../signers/bls12381/index.ts';
import type { JsonObject } from '../../base/json.ts';
import { actionOf } from './duty-facts.ts';
import { subEventOf } from './events.ts';

/** `undefined`: of no type that is signed. */
export function signingAction(body: JsonObject): string | undefined {
  const type = subEventOf(body);
  if (type === 'RAW_ROOT') return 'raw_root';
  const known = DUTY_TYPES.find((name) => typeof type === 'string' && name === type.toUpperCase());
  return known && actionOf(known);
}
