/** What a handler answers, and the only place that writes it. */
import { Buffer } from 'node:buffer';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

import { type JsonValue, stringifyJson } from '../base/json.ts';

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly content?: Content;
}

/** A body is exact JSON, text, or text in pieces; nothing is negotiated, compressed or tagged. */
type Content =
  | { readonly type: string; readonly json: JsonValue }
  | { readonly type: string; readonly text: string }
  | { readonly type: string; readonly pieces: AsyncIterable<string> };

export function jsonReply(status: number, json: JsonValue): Reply {
  return { status, content: { type: 'application/json; charset=utf-8', json } };
}

export function textReply(text: string, type = 'text/plain; charset=utf-8'): Reply {
  return { status: 200, content: { type, text } };
}

/** With the id of the job that it tells of, by which operators find it. */
export function ofJob(reply: Reply, job: string): Reply {
  return { ...reply, headers: { ...reply.headers, 'countersign-job': job } };
}

/** Answers are about one moment and for one caller, and are never to be guessed at by a browser. */
const ALWAYS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const;

export function sendReply(response: ServerResponse, { status, headers, content }: Reply): void {
  if (content === undefined) {
    response.writeHead(status, { ...ALWAYS, ...headers }).end();
    return;
  }
  if ('pieces' in content) {
    const body = Readable.from(content.pieces, { objectMode: false });
    // A body that breaks off must not look whole, so its connection ends with it.
    body.on('error', () => response.destroy());
    response.on('close', () => body.destroy());
    response.writeHead(status, { ...ALWAYS, 'content-type': content.type, ...headers });
    body.pipe(response);
    return;
  }
  // A text goes out in one piece with its headers; bytes would be a piece of their own.
  const body = 'json' in content ? stringifyJson(content.json) : content.text;
  response
    .writeHead(status, {
      ...ALWAYS,
      'content-type': content.type,
      'content-length': Buffer.byteLength(body),
      ...headers,
    })
    .end(body);
}
