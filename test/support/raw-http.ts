import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

export interface RawAnswer {
  readonly status: number;
  /** Everything that came back, until the connection was closed. */
  readonly text: string;
  readonly milliseconds: number;
}

/** A piece to write, or milliseconds to wait before the next one. */
export type Piece = string | Uint8Array | number;

/** Speaks HTTP by hand: writes the pieces as they are, and reads until the other side closes. */
export async function rawExchange(to: string, pieces: readonly Piece[]): Promise<RawAnswer> {
  const startedAt = performance.now();
  const socket = connect(connectOptions(to));
  const read = readAll(socket);
  for (const piece of pieces) {
    if (typeof piece === 'number') await wait(piece);
    else if (socket.writable) socket.write(piece);
  }
  const text = await read;
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0),
    text,
    milliseconds: performance.now() - startedAt,
  };
}

/** Head of a request whose connection is closed after the answer. */
export function head(line: string, headers: readonly string[] = []): string {
  return [`${line} HTTP/1.1`, 'Connection: close', ...headers, '', ''].join('\r\n');
}

function readAll(socket: Socket): Promise<string> {
  return new Promise((settle) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    // A reset after the answer is still an answer.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      settle(text);
    });
  });
}

function connectOptions(to: string): NetConnectOpts {
  if (to.startsWith('unix:')) return { path: to.slice('unix:'.length) };
  const { hostname, port } = new URL(to);
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}
