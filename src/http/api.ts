/** The private listener's routes, and what each asks of its callers. */
import type { RequestListener } from 'node:http';

import type { Request } from 'express';

import type { Caller } from '../core/caller.ts';
import { type Access, type AccessDeps, type AccessOptions, createAccess } from './access.ts';
import { type Admin, type AdminRoute, adminRoutes } from './admin.ts';
import { createApp, type Handler, type HttpObserver, type Route } from './app.ts';
import { refuseForeign } from './caller.ts';
import { readJsonBody, refuseOtherTypes } from './json-body.ts';
import { openRoutes, type OpenRouteDeps } from './open-routes.ts';

export interface ApiOptions extends AccessOptions {
  readonly version: string;
  /** Names by which the api may be addressed. */
  readonly allowedHosts: readonly string[];
}

export interface ApiDeps extends AccessDeps, Omit<OpenRouteDeps, 'access'> {
  readonly observer: HttpObserver;
  readonly admin: Admin;
  /** The routes of the worlds that are served; each asks `access` by itself. */
  readonly worlds: (access: Access) => readonly Route[];
}

const MAX_BODY_BYTES = 1024 * 1024;

export function createApiApp(options: ApiOptions, deps: ApiDeps): RequestListener {
  const access = createAccess(options, deps);

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

  return createApp(
    {
      listener: 'api',
      gate: (request) => refuseForeign(request, options.allowedHosts),
      routes: [
        ...openRoutes(options, { ...deps, access }),
        ...adminRoutes(deps.admin).map(forAdmins),
        ...deps.worlds(access),
      ],
    },
    deps.observer,
  );
}
