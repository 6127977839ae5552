/**
 * One listener's routes as an Express application: a table in, answers out.
 *
 * What every request has in common is here: an id, a gate before anything else, 404 and 405, one
 * answer for whatever throws, and one report per answer.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';

import express, { type NextFunction, type Request, type Response } from 'express';

import { problemReply } from './problem.ts';
import { type Reply, sendReply } from './reply.ts';

/** `undefined`: the caller is gone. */
export type Answer = Reply | undefined;
export type Handler = (request: Request) => Answer | Promise<Answer>;

export interface Route {
  /** An Express path; also the metric label, so never made from a request. */
  readonly path: string;
  readonly GET?: Handler | undefined;
  readonly POST?: Handler | undefined;
  readonly DELETE?: Handler | undefined;
  /** The same as `POST`, for what comes thousands at a time; a parameter can only end the path. */
  readonly frequentPOST?: FrequentHandler | undefined;
}

/** Gets a request that Express has not touched, and the last segment of its path. */
export type FrequentHandler = (
  request: IncomingMessage,
  segment: string,
) => Answer | Promise<Answer>;

export interface HttpExchange {
  readonly listener: string;
  readonly route: string;
  readonly status: number;
  /** From the head of the request to its answer. */
  readonly milliseconds: number;
  readonly requestId: string;
}

/** What the outside may see of the listeners; never bodies, headers or queries. */
export interface HttpObserver {
  readonly exchange: (exchange: HttpExchange) => void;
  /** A handler threw. */
  readonly failure: (error: unknown, requestId: string) => void;
}

export interface AppOptions {
  /** For log and metrics. */
  readonly listener: string;
  readonly routes: readonly Route[];
  /** Runs before any route; an answer ends the request. */
  readonly gate?: (request: IncomingMessage) => Reply | undefined;
}

/** Reports of requests that matched no route. */
const NO_ROUTE = 'none';

export function createApp(options: AppOptions, observer: HttpObserver): RequestListener {
  const { listener, routes, gate } = options;

  async function serve(
    route: string,
    handle: () => Answer | Promise<Answer>,
    { request, response }: Served,
  ): Promise<void> {
    const startedAt = performance.now();
    const requestId = randomUUID();
    const reply = await answer(handle, request, requestId);
    if (reply === undefined) return;
    sendReply(response, { ...reply, headers: { 'x-request-id': requestId, ...reply.headers } });
    const milliseconds = performance.now() - startedAt;
    observer.exchange({ listener, route, status: reply.status, milliseconds, requestId });
  }

  async function answer(
    handle: () => Answer | Promise<Answer>,
    request: IncomingMessage,
    requestId: string,
  ): Promise<Answer> {
    try {
      return gate?.(request) ?? (await handle());
    } catch (error) {
      observer.failure(error, requestId);
      const reason = { code: 'internal', message: 'the request failed; see the log for its id' };
      return problemReply(500, reason, { instance: `urn:uuid:${requestId}` });
    }
  }

  /** What broke outside of any handler: a path that cannot be decoded, an answer that cannot be sent. */
  async function recover(error: unknown, exchange: Served): Promise<void> {
    const { response } = exchange;
    if (!response.headersSent) return serve(NO_ROUTE, () => badRequest(error), exchange);
    observer.failure(error, 'begun');
    response.destroy();
  }

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.enable('case sensitive routing');
  for (const route of routes) {
    app.all(route.path, (request, response) =>
      serve(route.path, () => handlerOf(route, request.method)(request), { request, response }),
    );
  }
  app.use((request, response) => serve(NO_ROUTE, notFound, { request, response }));
  app.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
    // Without the error, which Express would print.
    recover(error, { request, response }).catch(() => {
      next();
    });
  });
  const frequent = frequentRoutes(routes);

  /** Of what is done for a request that is made by thousands, Express alone would take a quarter. */
  return (request, response) => {
    const { path, handler, segment } = frequent(request) ?? {};
    if (path === undefined || handler === undefined || segment === undefined)
      app(request, response);
    else {
      const exchange = { request, response };
      serve(path, () => handler(request, segment), exchange).catch((error: unknown) =>
        recover(error, exchange),
      );
    }
  };
}

interface Served {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

interface Frequent {
  readonly path: string;
  readonly handler: FrequentHandler;
  readonly segment: string;
}

/** Finds a route by its path, or by all but its parameter; what must be decoded first is left to Express. */
function frequentRoutes(
  routes: readonly Route[],
): (request: IncomingMessage) => Frequent | undefined {
  const known = new Map<string, Omit<Frequent, 'segment'>>();
  for (const { path, frequentPOST: handler } of routes) {
    if (handler !== undefined) known.set(path.replace(/:\w+$/, ''), { path, handler });
  }
  return ({ method, url = '' }) => {
    if (method !== 'POST') return undefined;
    const end = url.lastIndexOf('/') + 1;
    const segment = url.slice(end);
    if (!/^[\w.~-]+$/.test(segment)) return undefined;
    const route = known.get(url) ?? known.get(url.slice(0, end));
    return route && { ...route, segment };
  };
}

function handlerOf(route: Route, method: string): Handler {
  return handlerFor(route, method) ?? methodNotAllowed(route);
}

function handlerFor({ GET, POST, DELETE }: Route, method: string): Handler | undefined {
  switch (method) {
    case 'GET':
    case 'HEAD':
      return GET;
    case 'POST':
      return POST;
    case 'DELETE':
      return DELETE;
    default:
      return undefined;
  }
}

function methodNotAllowed({ GET, POST, DELETE }: Route): Handler {
  const allowed = [
    ...(GET === undefined ? [] : ['GET', 'HEAD']),
    ...(POST === undefined ? [] : ['POST']),
    ...(DELETE === undefined ? [] : ['DELETE']),
  ];
  const message = `use ${allowed.join(', ')}`;
  return () => ({
    ...problemReply(405, { code: 'http.method', message }),
    headers: { allow: allowed.join(', ') },
  });
}

function notFound(): Reply {
  return problemReply(404, { code: 'http.route', message: 'there is nothing at this path' });
}

/** The router raises `URIError` for a path that it cannot decode; anything else is a bug. */
function badRequest(error: unknown): Reply {
  if (!(error instanceof URIError)) throw error;
  return problemReply(400, { code: 'http.path', message: 'the path is not valid' });
}
