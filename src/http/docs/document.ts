/** The API described by OpenAPI 3.1, made of the schemas that read its requests. */
import { STATUS_CODES } from 'node:http';

import {
  OpenAPIRegistry,
  OpenApiGeneratorV31,
  type ResponseConfig,
  type RouteConfig,
} from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';

import type { JsonObject } from '../../base/json.ts';
import { unreachable } from '../../base/unreachable.ts';
import { PROBLEM_TYPE } from '../problem.ts';
import type { ApiOperation, ApiReply, ApiSection } from './section.ts';

export interface DocumentOptions {
  readonly version: string;
}

const JSON_TYPE = 'application/json';
const ABOUT =
  'A signer that keeps its keys at home and signs only what a written policy permits. Integers are exact: numbers may exceed 2^53, and may be sent as decimal texts. On the machine itself signing needs no token unless `API_AUTH=required`; whatever changes keys, policy or state does.';

/** Sections stand in the order given; no operation may be in two of them. */
export function openApiDocument(
  sections: readonly ApiSection[],
  { version }: DocumentOptions,
): JsonObject {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: 'A token of a caller, or that of the operator in `API_TOKEN_FILE`.',
  });
  for (const section of sections) {
    for (const operation of section.operations) {
      registry.registerPath(routeOf(operation, section.name));
    }
  }
  const document = new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Countersign',
      version,
      description: ABOUT,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    tags: sections.map(({ name, about }) => ({ name, description: about })),
  });
  // SAFETY: the generator yields JSON; the limits of its integers are the bigints given to it.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  return document as unknown as JsonObject;
}

function routeOf(operation: ApiOperation, tag: string): RouteConfig {
  const { method, path, title, about, access, isJob, query, body } = operation;
  const parameters = pathParameters(path);
  return {
    method,
    path: path.replace(/[:*]([a-z_]+)/g, '{$1}'),
    summary: title,
    tags: [tag],
    security: securityOf(access),
    ...(about === undefined ? {} : { description: about }),
    request: {
      ...(parameters === undefined ? {} : { params: parameters }),
      ...(query === undefined ? {} : { query }),
      ...(isJob === true ? { headers: IDEMPOTENCY } : {}),
      ...(body === undefined
        ? {}
        : { body: { required: true, content: { [JSON_TYPE]: { schema: body } } } }),
    },
    responses: responsesOf(operation),
  };
}

/** Express names parameters `:job`, and `*id` where one may contain slashes. */
function pathParameters(path: string): z.ZodObject | undefined {
  const names = [...path.matchAll(/[:*]([a-z_]+)/g)].flatMap(([, name]) => name ?? []);
  if (names.length === 0) return undefined;
  return z.object(Object.fromEntries(names.map((name) => [name, z.string()])));
}

function securityOf(access: ApiOperation['access']): Record<string, string[]>[] {
  switch (access) {
    case 'open':
      return [];
    case 'callers':
      return [{}, { token: [] }];
    case 'operator':
      return [{ token: [] }];
    default:
      return unreachable(access);
  }
}

function responsesOf(operation: ApiOperation): RouteConfig['responses'] {
  const { isJob, reply, refusals = [], refusal } = operation;
  const headers = isJob === true ? { headers: JOB } : {};
  const responses = [
    ...(reply === undefined ? [] : [[reply.status ?? 200, replyOf(reply)] as const]),
    ...refusals.map((status) => [status, refusalOf(status, refusal)] as const),
    ...commonRefusals(operation).map((status) => [status, refusalOf(status)] as const),
  ];
  return Object.fromEntries(
    responses.map(([status, response]) => [status, { ...response, ...headers }] as const),
  );
}

/** What the listener says before a route is asked: 429 to who calls too often, 413 and 415 of bodies. */
function commonRefusals({ access, body }: ApiOperation): readonly number[] {
  return [...(body === undefined ? [] : [413, 415]), ...(access === 'open' ? [] : [429])];
}

function replyOf(reply: ApiReply): ResponseConfig {
  const { about, status, schema, type = JSON_TYPE, orText } = reply;
  if (status !== undefined && schema === undefined) return { description: about };
  const content = schema ?? { type: type === JSON_TYPE ? 'object' : 'string' };
  return {
    description: about,
    content: {
      [type]: { schema: content },
      ...(orText === undefined ? {} : { 'text/plain': { schema: { type: 'string' } } }),
    },
  };
}

function refusalOf(status: number, refusal?: ApiOperation['refusal']): ResponseConfig {
  const content =
    refusal === undefined
      ? { [PROBLEM_TYPE]: { schema: PROBLEM } }
      : { [JSON_TYPE]: { schema: refusal } };
  return { description: STATUS_CODES[status] ?? 'Refused', content };
}

const IDEMPOTENCY = z.object({
  'Idempotency-Key': z.string().max(200).optional().meta({
    description:
      'Your own id of the request. Sent again under it, the same request gets the same answer, also where that was a refusal, and another one is refused with 409.',
  }),
});

const JOB = z.object({
  'Countersign-Job': z.string().optional().meta({
    description: 'Id of the job, under which operators find it; absent where none was made.',
  }),
});

/** RFC 9457. */
const PROBLEM = z.object({
  title: z.string(),
  status: z.int(),
  code: z.string().meta({ description: 'A permanent name of the reason.' }),
  detail: z.string().meta({ description: 'What is wrong, and what to do about it.' }),
  rules: z.array(z.string()).optional().meta({ description: 'The policy rules that decided.' }),
});
