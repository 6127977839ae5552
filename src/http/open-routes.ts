/** What probes and monitors ask: whether the daemon lives, is ready, and how it fares. */
import process from 'node:process';

import type { Request } from 'express';

import type { JsonObject } from '../base/json.ts';
import type { Access } from './access.ts';
import type { Handler, Route } from './app.ts';
import { isLocal } from './caller.ts';
import { jsonReply, type Reply, textReply } from './reply.ts';

export interface OpenRouteOptions {
  readonly version: string;
  readonly overSocket: boolean;
}

export interface OpenRouteDeps {
  readonly access: Pick<Access, 'require'>;
  readonly readiness: () => Promise<readonly Check[]>;
  /** What the worlds tell of themselves at `/health`, on this machine. */
  readonly health?: () => JsonObject;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

/** One thing that must work before the daemon counts as ready. */
export interface Check {
  readonly id: string;
  readonly status: 'UP' | 'DOWN';
  /** Why it is down, and what to do. */
  readonly why?: string;
  readonly data?: JsonObject;
}

/** All but the metrics are open to everybody; who is not on this machine hears the status alone. */
export function openRoutes(
  { version, overSocket }: OpenRouteOptions,
  deps: OpenRouteDeps,
): readonly Route[] {
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
    const caller = deps.access.require(request, { may: 'metrics' });
    if (!caller.ok) return caller.error;
    const { contentType, text } = await deps.metrics();
    return textReply(text, contentType);
  }

  const probe = (path: string, handler: Handler): Route => ({ path, GET: handler, POST: handler });
  return [
    probe('/health', health),
    probe('/upcheck', () => textReply('OK')),
    probe('/healthcheck', healthcheck),
    { path: '/metrics', GET: metrics },
  ];
}

function checkJson({ id, status, why, data }: Check): JsonObject {
  return {
    id,
    status,
    ...(why === undefined ? {} : { why }),
    ...(data === undefined ? {} : { data }),
  };
}
