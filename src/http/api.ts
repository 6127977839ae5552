/** The private listener's routes, and what each asks of its callers. */
import process from 'node:process';

import type { Express, Request } from 'express';

import type { JsonObject } from '../base/json.ts';
import type { Caller } from '../core/caller.ts';
import { type Access, type AccessDeps, type AccessOptions, createAccess } from './access.ts';
import { type Admin, type AdminRoute, adminRoutes } from './admin.ts';
import { createApp, type Handler, type HttpObserver, type Route } from './app.ts';
import { isLocal, refuseForeign } from './caller.ts';
import { readJsonBody, refuseOtherTypes } from './json-body.ts';
import { jsonReply, type Reply, textReply } from './reply.ts';

export interface ApiOptions extends AccessOptions {
  readonly version: string;
  /** Names by which the api may be addressed. */
  readonly allowedHosts: readonly string[];
}

/** One thing that must work before the daemon counts as ready. */
export interface Check {
  readonly id: string;
  readonly status: 'UP' | 'DOWN';
  /** Why it is down, and what to do. */
  readonly why?: string;
  readonly data?: JsonObject;
}

export interface ApiDeps extends AccessDeps {
  readonly observer: HttpObserver;
  readonly readiness: () => Promise<readonly Check[]>;
  /** What the worlds tell of themselves at `/health`, on this machine. */
  readonly health?: () => JsonObject;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  readonly admin: Admin;
  /** The routes of the worlds that are served; each asks `access` by itself. */
  readonly worlds: (access: Access) => readonly Route[];
}

const MAX_BODY_BYTES = 1024 * 1024;

export function createApiApp(options: ApiOptions, deps: ApiDeps): Express {
  const { version, allowedHosts, overSocket } = options;
  const access = createAccess(options, deps);

  function health(request: Request): Reply {
    const status = { status: 'healthy' };
    if (!isLocal(request, overSocket)) return jsonReply(200, status);
    const uptime = BigInt(Math.floor(process.uptime()));
    return jsonReply(200, { ...status, ...deps.health?.(), version, uptime_seconds: uptime });
  }

  async function healthcheck(request: Request): Promise<Reply> {
    const checks = await deps.readiness();
    const isUp = checks.every(({ status }) => status === 'UP');
    const outcome = isUp ? 'UP' : 'DOWN';
    const told = isLocal(request, overSocket) ? { checks: checks.map(checkJson) } : {};
    return jsonReply(isUp ? 200 : 503, { status: outcome, ...told, outcome });
  }

  async function metrics(request: Request): Promise<Reply> {
    const caller = access.require(request, { may: 'metrics' });
    if (!caller.ok) return caller.error;
    const { contentType, text } = await deps.metrics();
    return textReply(text, contentType);
  }

  function forAdmins({ path, GET, POST }: AdminRoute): Route {
    const onlyAdmins = (request: Request, use: (caller: Caller) => ReturnType<Handler>) => {
      const caller = access.require(request, { may: 'admin' });
      return caller.ok ? use(caller.value) : caller.error;
    };
    return {
      path,
      GET: GET && ((request) => onlyAdmins(request, () => GET(request))),
      POST:
        POST &&
        ((request) =>
          refuseOtherTypes(request) ??
          onlyAdmins(request, async (caller) => {
            const body = await readJsonBody(request, MAX_BODY_BYTES);
            return body.ok ? POST(request, body.value, caller) : body.error;
          })),
    };
  }

  const openly = (handler: Handler): Pick<Route, 'GET' | 'POST'> => ({
    GET: handler,
    POST: handler,
  });
  return createApp(
    {
      listener: 'api',
      gate: (request) => refuseForeign(request, allowedHosts),
      routes: [
        { path: '/health', ...openly(health) },
        { path: '/upcheck', ...openly(() => textReply('OK')) },
        { path: '/healthcheck', ...openly(healthcheck) },
        { path: '/metrics', GET: metrics },
        ...adminRoutes(deps.admin).map(forAdmins),
        ...deps.worlds(access),
      ],
    },
    deps.observer,
  );
}

function checkJson({ id, status, why, data }: Check): JsonObject {
  return {
    id,
    status,
    ...(why === undefined ? {} : { why }),
    ...(data === undefined ? {} : { data }),
  };
}
