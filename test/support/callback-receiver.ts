import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';

import { concatBytes, utf8Text } from '../../src/base/bytes.ts';
import type { ThrowawayCertificate } from './throwaway-certificate.ts';

export interface ReceivedCallback {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The body exactly as it came. */
  readonly text: string;
  readonly remotePort: number | undefined;
}

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** A receiver of callbacks on the loopback interface, closed when it goes out of scope. */
export interface CallbackReceiver extends AsyncDisposable {
  readonly port: number;
  readonly received: readonly ReceivedCallback[];
  /** Connections that were made, also those on which no request came. */
  readonly connections: () => number;
  /** How to answer from now on; at first with an empty 204. */
  readonly answer: (answer: Answer) => void;
  /** Forgets what was received and answers as at first. */
  readonly forget: () => void;
}

export async function startCallbackReceiver(
  certificate?: ThrowawayCertificate,
): Promise<CallbackReceiver> {
  const received: ReceivedCallback[] = [];
  let connections = 0;
  let answer: Answer = status(204);

  const listener: RequestListener = (request, response) => {
    request.socket.on('error', () => undefined);
    const chunks: Uint8Array[] = [];
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    request.on('end', () => {
      received.push({
        path: request.url ?? '',
        headers: request.headers,
        text: utf8Text(concatBytes(...chunks)) ?? '',
        remotePort: request.socket.remotePort,
      });
      answer(response, request);
    });
  };
  const server: Server =
    certificate === undefined ? createServer(listener) : createTlsServer(certificate, listener);
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();

  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    received,
    connections: () => connections,
    answer(next) {
      answer = next;
    },
    forget() {
      received.length = 0;
      answer = status(204);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function status(
  code: number,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): Answer {
  return (response) => {
    response.writeHead(code, headers).end(body);
  };
}
