/**
 * Delivers mutations by `graphql-request`.
 *
 * Its `ClientError` renders variables, response body and response headers into its message, and
 * cannot even be constructed where a variable is a `bigint`. So the client is never given the
 * variables, nor the credentials: they join the request only in the serialiser and where it is posted,
 * and of a thrown error nothing but the parsed response is read.
 */
import { ClientError, GraphQLClient } from 'graphql-request';

import { base64 } from '@scure/base';

import { concatBytes, utf8 } from '../../base/bytes.ts';
import { type JsonObject, stringifyJson } from '../../base/json.ts';
import type { Secret } from '../../base/secret.ts';
import type { Clock, Receipt, Transport } from '../../core/ports.ts';
import type { Words } from '../../core/protocol.ts';
import { createPoster, type Exchange, type ExchangeLimits, type Poster } from './exchange.ts';
import { type GraphqlResult, receiptOf } from './graphql-receipt.ts';

export interface GraphqlTransportOptions {
  /** https, or http to this machine; checked by the configuration. */
  readonly url: string;
  /** API token: its id and secret are the user and password of HTTP Basic authentication. */
  readonly credentials: { readonly clientId: string; readonly clientSecret: Secret };
  readonly userAgent: string;
  readonly limits?: Partial<ExchangeLimits>;
}

export interface GraphqlTransport extends Transport<Words> {
  /** Breaks off what is under way; its receipts then say `unknown` or `retry`. */
  readonly close: () => Promise<void>;
}

const LIMITS: ExchangeLimits = {
  connectTimeout: 5_000,
  totalTimeout: 10_000,
  maxAnswerBytes: 1_048_576,
  maxConnections: 32,
};

export function createGraphqlTransport(
  options: GraphqlTransportOptions,
  deps: { readonly clock: Clock },
): GraphqlTransport {
  const url = new URL(options.url);
  const poster = createPoster({ ...LIMITS, ...options.limits }, deps);
  return Object.freeze({
    route: (message: Words) => `${message.kind}:${url.host}`,
    send: async (message: Words): Promise<Receipt> => {
      if (message.kind !== 'graphql') throw new Error(`cannot send a ${message.kind} by graphql`);
      const { exchange, result } = await attempt({ url, poster, options }, message);
      return receiptOf(exchange, result, deps.clock.now());
    },
    close: () => poster.close(),
  });
}

interface Endpoint {
  readonly url: URL;
  readonly poster: Poster;
  readonly options: GraphqlTransportOptions;
}

async function attempt(
  { url, poster, options }: Endpoint,
  message: Words & { readonly kind: 'graphql' },
): Promise<{ readonly exchange: Exchange; readonly result: GraphqlResult | undefined }> {
  let exchange: Exchange | undefined;
  const { operation: operationName, variables } = message;
  const client = new GraphQLClient(options.url, {
    // Known already; the client would parse the document once more to learn it.
    excludeOperationName: true,
    jsonSerializer: {
      stringify: ({ query = null }: JsonObject) =>
        stringifyJson({ query, operationName, variables }),
      parse: JSON.parse,
    },
    fetch: async (_url, init) => {
      if (typeof init?.body !== 'string') throw new Error('the client wrote no body');
      exchange = await poster.post(url, headersOf(operationName, options), init.body);
      return responseTo(exchange);
    },
  });
  const result = await resultOf(client.rawRequest({ query: message.document }));
  if (exchange === undefined) throw new Error(`could not write operation ${operationName}`);
  return { exchange, result };
}

/** The GraphQL response of a call, also where the client throws it; `undefined` if there is none. */
async function resultOf(call: Promise<GraphqlResult>): Promise<GraphqlResult | undefined> {
  try {
    return await call;
  } catch (error) {
    return error instanceof ClientError ? error.response : undefined;
  }
}

/**
 * The exchange as the client wants to see it; without an answer there is nothing to see. The body
 * was read already and is handed over as it is: a `Response` of its own would stream it again.
 */
function responseTo(exchange: Exchange): Response {
  if (exchange.kind !== 'answered') throw new Error('no answer');
  const { status, contentType, body = '' } = exchange;
  const response = new Response(null, { status, headers: { 'content-type': contentType } });
  return Object.assign(response, { text: () => Promise.resolve(body) });
}

function headersOf(
  operationName: string,
  options: GraphqlTransportOptions,
): Readonly<Record<string, string>> {
  return {
    accept: 'application/graphql-response+json, application/json',
    authorization: basicAuthentication(options),
    'content-type': 'application/json',
    'user-agent': options.userAgent,
    'x-graphql-operation': operationName,
  };
}

function basicAuthentication({ credentials }: GraphqlTransportOptions): string {
  const { clientId, clientSecret } = credentials;
  return clientSecret.reveal((secret) => {
    const pair = concatBytes(utf8(`${clientId}:`), secret);
    const header = `Basic ${base64.encode(pair)}`;
    pair.fill(0);
    return header;
  });
}
