/**
 * A local stand-in for Lightspark's GraphQL endpoint: real validation, no network.
 *
 * It executes each mutation against a schema of the eight that remote signing uses, checks the
 * credentials and the form of every value, remembers what was applied, and notices an answer that
 * contradicts an earlier one. It can be told to fail in each way an endpoint, or the way to it, can.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { inflateSync } from 'node:zlib';

import { base64 } from '@scure/base';
import type { ExecutionResult } from 'graphql';

import { concatBytes, utf8, utf8Text } from '../base/bytes.ts';
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '../base/json.ts';
import { unreachable } from '../base/unreachable.ts';
import { type AnswerLedger, createAnswerLedger } from './answer-ledger.ts';
import { type ExecuteMutation, remoteSigningExecutor } from './remote-signing-schema.ts';

/** How a well-formed request is answered. `applied` says that the mutation took effect all the same. */
export type Behavior =
  | { readonly kind: 'serve' }
  /** A status without a result; with `applied`, a gateway that failed after the work was done. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      readonly applied?: true;
    }
  /** The connection is reset; after `half-answered` the status and half of the result are out. */
  | {
      readonly kind: 'reset';
      readonly when: 'before-reading' | 'after-reading' | 'half-answered';
      readonly applied?: true;
    }
  /** No answer until the stand-in is closed. */
  | { readonly kind: 'hang'; readonly applied?: true }
  /** Status 200 with the true result and an error beside it. */
  | { readonly kind: 'partial' }
  /** Status 200 and an error; `data` is absent, null, or has a null field. */
  | {
      readonly kind: 'error';
      readonly name?: string;
      readonly message?: string;
      readonly data?: 'null' | 'null-field';
      readonly applied?: true;
    };

/** One request as it arrived. */
export interface ReceivedRequest {
  readonly headers: IncomingMessage['headers'];
  /** The sender's port: tells connections apart. */
  readonly remotePort: number | undefined;
  /** The body, inflated where it was compressed. */
  readonly text: string;
  readonly document: string;
  readonly operation: string;
  readonly variables: JsonObject;
}

export interface GraphqlStandIn extends Omit<AnswerLedger, 'apply'> {
  readonly url: URL;
  /** Readable requests with the right credentials, whatever became of them. */
  readonly received: readonly ReceivedRequest[];
  /** Sentences about requests that did not fit the schema, the address or the credentials. */
  readonly complaints: readonly string[];
  /** How to answer from now on; a function is asked for every request. */
  readonly behave: (behavior: Behavior | ((request: ReceivedRequest) => Behavior)) => void;
  /** Breaks open connections and stops listening. */
  readonly close: () => Promise<void>;
}

export interface GraphqlStandInOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Default: any free port of the loopback interface. */
  readonly port?: number;
}

const PATH = '/graphql/server/2023-09-13';
const MAX_BODY_BYTES = 8_388_608;

/** Listens on the loopback interface; resolves when it does. */
export async function startGraphqlStandIn(options: GraphqlStandInOptions): Promise<GraphqlStandIn> {
  const execute = remoteSigningExecutor();
  const ledger = createAnswerLedger();
  const received: ReceivedRequest[] = [];
  const complaints: string[] = [];
  const credentials = `Basic ${base64.encode(utf8(`${options.clientId}:${options.clientSecret}`))}`;
  let behavior: Behavior | ((request: ReceivedRequest) => Behavior) = { kind: 'serve' };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (isResetBeforeReading(behavior)) {
      request.socket.resetAndDestroy();
      return;
    }
    const read = readRequest(request, await bodyOf(request), credentials);
    if (typeof read === 'object' && 'complaint' in read) {
      complaints.push(read.complaint);
      send(response, read.status, { errors: [{ message: read.complaint }] });
      return;
    }
    received.push(read);
    const chosen = typeof behavior === 'function' ? behavior(read) : behavior;
    const result = takesEffect(chosen) ? await executed(execute, read) : undefined;
    if (result?.errors !== undefined) {
      complaints.push(...result.errors.map((error) => error.message));
      send(response, 200, { errors: result.errors });
      return;
    }
    if (result !== undefined) {
      ledger.apply({ operation: read.operation, variables: read.variables });
    }
    perform(chosen, result, response);
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      complaints.push(error instanceof Error ? error.message : 'unreadable request');
      request.socket.destroy();
    });
  });
  const port = await listen(server, options.port ?? 0);
  return Object.freeze({
    url: new URL(`http://127.0.0.1:${String(port)}${PATH}`),
    received,
    complaints,
    applied: ledger.applied,
    contradictions: ledger.contradictions,
    behave(next: Behavior | ((request: ReceivedRequest) => Behavior)): void {
      behavior = next;
    },
    forget(): void {
      ledger.forget();
      received.length = 0;
      complaints.length = 0;
    },
    close: () => stop(server),
  });
}

interface Complaint {
  readonly status: number;
  readonly complaint: string;
}

function readRequest(
  request: IncomingMessage,
  body: Uint8Array,
  credentials: string,
): ReceivedRequest | Complaint {
  if (request.method !== 'POST' || request.url !== PATH) {
    return { status: 404, complaint: `${String(request.method)} to another address` };
  }
  if (request.headers.authorization !== credentials) {
    return { status: 401, complaint: 'wrong credentials' };
  }
  const text = textOf(request, body);
  if (text === undefined)
    return { status: 415, complaint: 'body is neither plain nor deflate text' };
  const parsed = parseJson(text);
  if (!parsed.ok || !isJsonObject(parsed.value)) {
    return { status: 400, complaint: 'body is not a JSON object' };
  }
  const { query, operationName, variables } = parsed.value;
  if (typeof query !== 'string' || typeof operationName !== 'string') {
    return { status: 400, complaint: 'query or operationName is missing' };
  }
  const named = request.headers['x-graphql-operation'];
  if (named !== undefined && named !== operationName) {
    return { status: 400, complaint: 'header X-GraphQL-Operation names another operation' };
  }
  return {
    headers: request.headers,
    remotePort: request.socket.remotePort,
    text,
    document: query,
    operation: operationName,
    variables: isJsonObject(variables) ? variables : {},
  };
}

function textOf(request: IncomingMessage, body: Uint8Array): string | undefined {
  const encoding = request.headers['content-encoding'];
  if (encoding === undefined) return utf8Text(body);
  return encoding === 'deflate' ? utf8Text(inflateSync(body)) : undefined;
}

function executed(execute: ExecuteMutation, request: ReceivedRequest): Promise<ExecutionResult> {
  const variables = Object.entries(request.variables).map(
    ([name, value]) => [name, withNumbers(value)] as const,
  );
  return execute(request.document, Object.fromEntries(variables), request.operation);
}

/** GraphQL knows no bigint; every integer of these mutations is exact as a number. */
function withNumbers(value: JsonValue): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

function isResetBeforeReading(behavior: unknown): boolean {
  return (
    typeof behavior === 'object' &&
    behavior !== null &&
    'when' in behavior &&
    behavior.when === 'before-reading'
  );
}

function takesEffect(behavior: Behavior): boolean {
  switch (behavior.kind) {
    case 'serve':
    case 'partial':
      return true;
    case 'status':
    case 'reset':
    case 'hang':
    case 'error':
      return behavior.applied === true;
    default:
      return unreachable(behavior);
  }
}

function perform(
  behavior: Behavior,
  result: ExecutionResult | undefined,
  response: ServerResponse,
): void {
  switch (behavior.kind) {
    case 'serve':
      send(response, 200, result);
      return;
    case 'partial':
      send(response, 200, { ...result, errors: [{ message: 'a field could not be resolved' }] });
      return;
    case 'status':
      response.writeHead(behavior.status, behavior.headers).end(behavior.body);
      return;
    case 'error':
      send(response, 200, errorAnswer(behavior));
      return;
    case 'reset':
      if (behavior.when === 'half-answered') breakOff(response);
      else response.socket?.resetAndDestroy();
      return;
    case 'hang':
      return;
    default:
      unreachable(behavior);
  }
}

function errorAnswer(behavior: Behavior & { readonly kind: 'error' }): object {
  const { name, message = 'something went wrong' } = behavior;
  const error = { message, ...(name !== undefined && { extensions: { error_name: name } }) };
  if (behavior.data === undefined) return { errors: [error] };
  return { errors: [error], data: behavior.data === 'null' ? null : { field: null } };
}

/** Promises more bytes than it sends, then closes. */
function breakOff(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
  response.write('{"data":{', () => response.socket?.destroy());
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error('request body is too large');
    chunks.push(chunk);
  }
  return concatBytes(...chunks);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('no TCP address');
      resolve(address.port);
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
