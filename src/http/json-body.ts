/** Requests whose body is a JSON object. */
import type { IncomingMessage } from 'node:http';

import { isJsonObject, type JsonObject, parseJson } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Answer } from './app.ts';
import { readBody } from './body.ts';
import { problemReply } from './problem.ts';
import type { Reply } from './reply.ts';

/** A form on a foreign page can send other types without asking the browser's permission. */
export function refuseOtherTypes(request: IncomingMessage): Reply | undefined {
  if (/^application\/json *(?:;|$)/i.test(request.headers['content-type'] ?? '')) return undefined;
  const message = 'send `Content-Type: application/json`';
  return problemReply(415, { code: 'body.type', message });
}

/** At most `limit` bytes; an empty body is an empty object. `undefined`: the caller is gone. */
export async function readJsonBody(
  request: IncomingMessage,
  limit: number,
  parse: (bytes: Uint8Array) => ReturnType<typeof parseJson> = parseJson,
): Promise<Result<JsonObject, Answer>> {
  const body = await readBody(request, limit);
  if (!body.ok) {
    const { error } = body;
    return err(error.kind === 'refused' ? problemReply(error.status, error.reason) : undefined);
  }
  if (body.value.length === 0) return ok({});
  const json = parse(body.value);
  if (!json.ok) return err(problemReply(400, { code: 'body.json', message: json.error.message }));
  if (isJsonObject(json.value)) return ok(json.value);
  return err(problemReply(400, { code: 'body.json', message: 'the body is not a JSON object' }));
}
