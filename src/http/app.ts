/**
 * One listener's routes as an Express application: a table in, answers out.
 *
 * What every request has in common is here: an id, a gate before anything else, 404 and 405, one
 * answer for whatever throws, and one report per answer.
 */
import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';

import express, { type Express, type NextFunction, type Request, type Response } from 'express';

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
}

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
  readonly gate?: (request: Request) => Reply | undefined;
}

/** Reports of requests that matched no route. */
const NO_ROUTE = 'none';

export function createApp(options: AppOptions, observer: HttpObserver): Express {
  const { listener, routes, gate } = options;

  async function serve(route: string, handler: Handler, exchange: Served): Promise<void> {
    const { request, response } = exchange;
    const startedAt = performance.now();
    const requestId = randomUUID();
    const reply = await answer(handler, request, requestId);
    if (reply === undefined) return;
    sendReply(response, { ...reply, headers: { 'x-request-id': requestId, ...reply.headers } });
    const milliseconds = performance.now() - startedAt;
    observer.exchange({ listener, route, status: reply.status, milliseconds, requestId });
  }

  async function answer(handler: Handler, request: Request, requestId: string): Promise<Answer> {
    try {
      return gate?.(request) ?? (await handler(request));
    } catch (error) {
      observer.failure(error, requestId);
      const reason = { code: 'internal', message: 'the request failed; see the log for its id' };
      return problemReply(500, reason, { instance: `urn:uuid:${requestId}` });
    }
  }

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.enable('case sensitive routing');
  for (const route of routes) {
    app.all(route.path, (request, response) =>
      serve(route.path, handlerOf(route, request.method), { request, response }),
    );
  }
  app.use((request, response) => serve(NO_ROUTE, notFound, { request, response }));
  app.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
    if (!response.headersSent) {
      void serve(NO_ROUTE, () => badRequest(error), { request, response });
      return;
    }
    observer.failure(error, 'begun');
    // Without the error, which Express would print; it closes what was begun.
    next();
  });
  return app;
}

interface Served {
  readonly request: Request;
  readonly response: Response;
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
