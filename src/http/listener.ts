/**
 * One HTTP listener: limits on what a sender may hold, and a stop that loses no answer.
 *
 * Every limit of Node that is infinite or long by default is set here.
 */
import { chmod, stat, unlink } from 'node:fs/promises';
import {
  createServer,
  type RequestListener,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, type ListenOptions, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContextOptions, TlsOptions } from 'node:tls';

import { stringifyJson } from '../base/json.ts';
import { problemJson, PROBLEM_TYPE } from './problem.ts';

export type Address =
  { readonly host: string; readonly port: number } | { readonly socket: string };

/** Times in milliseconds. */
export interface ListenerLimits {
  /** For the head of a request, counted from the first byte or the connection. */
  readonly headersTimeout: number;
  /** For the whole request, body included; then 408 and the connection is closed. */
  readonly requestTimeout: number;
  /** How long an idle connection is kept. */
  readonly keepAliveTimeout: number;
  readonly maxConnections: number;
  readonly maxHeaderBytes: number;
}

export const DEFAULT_LIMITS: ListenerLimits = {
  headersTimeout: 5_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 30_000,
  maxConnections: 1_024,
  maxHeaderBytes: 16 * 1024,
};

export interface ListenerDeps {
  readonly app: RequestListener;
  /** The certificate; absent: plain HTTP. */
  readonly tls?: TlsOptions;
  /** A request ended before it could be understood, with this status. */
  readonly onRefused: (status: number) => void;
}

export interface Listener {
  /** Where it listens, as the start of a URL; the port is the real one where 0 was asked for. */
  readonly listen: () => Promise<string>;
  /**
   * Accepts nothing more, closes idle connections, lets requests in flight finish, and breaks off
   * what is left after `deadline` milliseconds.
   */
  readonly close: (deadline: number) => Promise<void>;
  /** New connections get another certificate. */
  readonly renew: (context: SecureContextOptions) => void;
}

export function createListener(
  address: Address,
  deps: ListenerDeps,
  limits: ListenerLimits = DEFAULT_LIMITS,
): Listener {
  const sockets = new Set<Socket>();
  const answering = new Map<Duplex, ServerResponse>();
  let closing = false;

  const options = {
    headersTimeout: limits.headersTimeout,
    requestTimeout: limits.requestTimeout,
    keepAliveTimeout: limits.keepAliveTimeout,
    connectionsCheckingInterval: Math.ceil(limits.headersTimeout / 5),
    maxHeaderSize: limits.maxHeaderBytes,
  };
  const { tls } = deps;
  const secure = tls && createSecureServer({ ...options, ...tls });
  const server = secure ?? createServer(options);
  server.maxConnections = limits.maxConnections;

  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('request', (request, response) => {
    const { socket } = request;
    answering.set(socket, response);
    response.on('close', () => {
      answering.delete(socket);
      if (closing) socket.end(() => socket.destroy());
    });
    deps.app(request, response);
  });
  server.on('clientError', (error, socket) => {
    const status = statusOf(error);
    if (!socket.writable || status === undefined || answering.get(socket)?.headersSent === true) {
      socket.destroy();
      return;
    }
    deps.onRefused(status);
    socket.end(rawProblem(status), () => socket.destroy());
  });

  async function listen(): Promise<string> {
    await bind(server, address);
    return originOf(server, address, secure === undefined ? 'http' : 'https');
  }

  function close(deadline: number): Promise<void> {
    closing = true;
    return new Promise((settle) => {
      const timer = setTimeout(() => {
        server.closeAllConnections();
      }, deadline);
      server.close(() => {
        clearTimeout(timer);
        settle();
      });
      for (const socket of sockets) if (!answering.has(socket)) socket.destroy();
    });
  }

  return Object.freeze({
    listen,
    close,
    renew(context: SecureContextOptions): void {
      secure?.setSecureContext(context);
    },
  });
}

/** What Node tells of a request that it gave up on; `undefined`: the sender is gone. */
function statusOf(error: Error): number | undefined {
  const code = 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ECONNRESET':
    case 'EPIPE':
      return undefined;
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 408;
    case 'HPE_HEADER_OVERFLOW':
      return 431;
    default:
      return 400;
  }
}

const REFUSALS: Readonly<Record<number, string>> = {
  400: 'the request is not HTTP',
  408: 'the request took too long',
  431: 'the headers are too large',
};

/** There is no response object yet to write it with. */
function rawProblem(status: number): string {
  const reason = { code: 'http.request', message: REFUSALS[status] ?? 'the request is refused' };
  const body = stringifyJson(problemJson(status, reason));
  return [
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${String(body.length)}`,
    'connection: close',
    '',
    body,
  ].join('\r\n');
}

async function bind(server: Server, address: Address): Promise<void> {
  if (!('socket' in address)) return start(server, address);
  const path = address.socket;
  if (await isAbandoned(path)) await unlink(path);
  await start(server, { path });
  await chmod(path, 0o600);
}

const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'stop what listens there or choose another address',
  EADDRNOTAVAIL: 'choose an address of this machine',
  EACCES: 'choose a port from 1024 on, or allow this user to listen there',
};

function start(server: Server, options: ListenOptions): Promise<void> {
  return new Promise((settle, refuse) => {
    const onError = (error: Error): void => {
      const where = options.path ?? `${options.host ?? ''}:${String(options.port)}`;
      const code = 'code' in error ? String(error.code) : error.name;
      const remedy = REMEDIES[code] ?? 'choose another address';
      const message = `cannot listen on \`${where}\` (${code}); ${remedy}`;
      refuse(new Error(message, { cause: error }));
    };
    server.once('error', onError);
    server.listen(options, () => {
      server.off('error', onError);
      settle();
    });
  });
}

/** A socket file that nobody listens on any more is left by a process that was killed. */
async function isAbandoned(path: string): Promise<boolean> {
  // Connecting to an ordinary file is refused just as well, and that file must stay.
  const isSocket = await stat(path).then(
    (found) => found.isSocket(),
    () => false,
  );
  return isSocket && !(await isAnswered(path));
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((settle) => {
    const probe = connect(path);
    probe.on('connect', () => {
      probe.destroy();
      settle(true);
    });
    probe.on('error', (error) => {
      settle(!('code' in error && error.code === 'ECONNREFUSED'));
    });
  });
}

function originOf(server: Server, address: Address, scheme: string): string {
  if ('socket' in address) return `unix:${address.socket}`;
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the listener has no address');
  const host = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  return `${scheme}://${host}:${String(bound.port)}`;
}
