/** POST routes whose body has a schema. */
import type { Request } from 'express';
import type { z } from 'zod';

import type { JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Access } from '../access.ts';
import type { Answer, Handler } from '../app.ts';
import { readJsonBody, refuseOtherTypes } from '../json-body.ts';
import { invalid } from './refusals.ts';

/** Many times the largest request. */
export const MAX_BODY_BYTES = 64 * 1024;

/** What is asked for, and the body in which it came. */
export type HandleBody<Asked> = (
  request: Request,
  asked: Asked,
  body: JsonObject,
) => Answer | Promise<Answer>;

/** Reads the bodies of callers who are somebody; what they may do is the handler's to ask. */
export function bodyRoute<Asked>(
  access: Pick<Access, 'authenticate'>,
  schema: z.ZodType<Asked>,
  handle: HandleBody<Asked>,
): Handler {
  return async (request) => {
    const refused = refuseOtherTypes(request);
    if (refused !== undefined) return refused;
    const known = access.authenticate(request);
    if (!known.ok) return known.error;
    const body = await readJsonBody(request, MAX_BODY_BYTES);
    if (!body.ok) return body.error;
    const asked = readFields(schema, body.value);
    return asked.ok ? handle(request, asked.value, body.value) : invalid(asked.error);
  };
}

/** The members of a body; `null` counts as absent. */
export function membersOf(body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}

/** The error names the field and the rule, never the value. */
export function readFields<Asked>(
  schema: z.ZodType<Asked>,
  body: JsonObject,
): Result<Asked, string> {
  const read = schema.safeParse(membersOf(body));
  if (read.success) return ok(read.data);
  const [issue] = read.error.issues;
  return err(`\`${(issue?.path ?? []).join('.')}\` ${issue?.message ?? 'cannot be read'}`);
}
