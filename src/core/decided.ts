/** What was decided and signed of each part of a job, as its record keeps it. */
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../base/json.ts';
import type { Reason } from './outcome.ts';
import type { JobRecord } from './ports.ts';
import type { Job, Part, RefusedPart, SignedPart } from './protocol.ts';

/** The verdict on one part: signed from `inputs`, or refused. */
export type PartVerdict =
  { readonly inputs: JsonObject } | { readonly reason: Reason; readonly rules: readonly string[] };

/** Verdicts in the order of the job's parts. */
export function writeVerdicts(verdicts: readonly PartVerdict[]): JsonObject {
  return {
    parts: verdicts.map((verdict) =>
      'inputs' in verdict
        ? { inputs: verdict.inputs }
        : {
            refused: { code: verdict.reason.code, message: verdict.reason.message },
            rules: verdict.rules,
          },
    ),
  };
}

/** Parts that were allowed, each with what its signer needs. */
export function allowedParts(
  job: Job,
  inputs: JsonObject,
): readonly { readonly part: Part; readonly inputs: JsonObject }[] {
  return verdictsOf(job, inputs).flatMap(({ part, verdict }) =>
    isJsonObject(verdict['inputs']) ? [{ part, inputs: verdict['inputs'] }] : [],
  );
}

/** Parts that were refused; all of them where the record says no more than one reason. */
export function refusedParts(
  job: Job,
  { inputs, reason }: Pick<JobRecord, 'inputs' | 'reason'>,
): readonly RefusedPart[] {
  if (inputs === undefined) {
    if (reason === undefined) return [];
    return job.parts.map(({ id }) => ({ id, reason, rules: [] }));
  }
  return verdictsOf(job, inputs).flatMap(({ part, verdict }) => {
    const { refused, rules } = verdict;
    if (!isJsonObject(refused)) return [];
    const { code, message } = refused;
    return [
      {
        id: part.id,
        reason: { code: textOf(code), message: textOf(message) },
        rules: isJsonArray(rules) ? rules.map(textOf) : [],
      },
    ];
  });
}

export function writeAnswers(signed: readonly SignedPart[]): JsonObject {
  return { parts: signed.map(({ id, answer }) => ({ id, answer })) };
}

export function readAnswers({ parts }: JsonObject): readonly SignedPart[] {
  if (!isJsonArray(parts)) throw new Error('a stored answer has no parts');
  return parts.map((part) => {
    if (!isJsonObject(part) || !isJsonObject(part['answer'])) {
      throw new Error('a stored answer has a part without an answer');
    }
    return { id: textOf(part['id']), answer: part['answer'] };
  });
}

function verdictsOf(
  job: Job,
  { parts }: JsonObject,
): readonly { readonly part: Part; readonly verdict: JsonObject }[] {
  if (!isJsonArray(parts) || parts.length !== job.parts.length) {
    throw new Error('the stored decision is not about the parts of this request');
  }
  return job.parts.map((part, index) => {
    const verdict = parts[index];
    if (!isJsonObject(verdict)) throw new Error('a stored decision lacks a verdict');
    return { part, verdict };
  });
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
