/** The answers of all parts of a job that were allowed, from what the decision stored. */
import type { JsonObject } from '../base/json.ts';
import { allowedParts } from './decided.ts';
import type { Job, SignedPart } from './protocol.ts';

export function signParts(job: Job, inputs: JsonObject): Promise<readonly SignedPart[]> {
  return Promise.all(
    allowedParts(job, inputs).map(async ({ part, inputs: own }) => ({
      id: part.id,
      answer: await part.sign(own),
    })),
  );
}
