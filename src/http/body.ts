/**
 * The raw bytes of a request, bounded in size while they arrive.
 *
 * Signatures cover the bytes that were sent, so nothing is decoded and an encoded body is refused.
 * Bytes are copied as they come: a body sent byte by byte must not cost a buffer per byte.
 */
import type { IncomingMessage } from 'node:http';

import { err, ok, type Result } from '../base/result.ts';
import type { Reason } from '../core/outcome.ts';

/** `aborted`: the sender is gone and nobody hears an answer. */
export type BodyRefusal =
  | { readonly kind: 'refused'; readonly status: number; readonly reason: Reason }
  | { readonly kind: 'aborted' };

const FIRST_BUFFER = 64 * 1024;
/** After a refusal this many bytes are read and dropped, so that the sender gets to read it. */
const DRAINED_BYTES = 16 * 1024 * 1024;

/** Reads at most `limit` bytes. */
export function readBody(
  request: IncomingMessage,
  limit: number,
): Promise<Result<Uint8Array, BodyRefusal>> {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    drain(request);
    return Promise.resolve(refused(415, 'encoding', 'send the body without content encoding'));
  }
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limit) {
    drain(request);
    return Promise.resolve(tooLarge(limit));
  }
  return new Promise((settle) => {
    let buffer = new Uint8Array(Math.min(declared === 0 ? limit : declared, FIRST_BUFFER));
    let size = 0;
    const take = (chunk: Uint8Array): void => {
      if (size + chunk.length > limit) {
        request.off('data', take);
        drain(request);
        settle(tooLarge(limit));
        return;
      }
      if (size + chunk.length > buffer.length) buffer = grown(buffer, size + chunk.length);
      buffer.set(chunk, size);
      size += chunk.length;
    };
    request.on('data', take);
    request.on('end', () => {
      settle(ok(size === buffer.length ? buffer : buffer.slice(0, size)));
    });
    request.on('close', () => {
      settle(err({ kind: 'aborted' }));
    });
  });
}

function grown(buffer: Uint8Array, needed: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(needed, 2 * buffer.length));
  larger.set(buffer);
  return larger;
}

function drain(request: IncomingMessage): void {
  let dropped = 0;
  request.on('data', (chunk: Uint8Array) => {
    dropped += chunk.length;
    if (dropped > DRAINED_BYTES) request.destroy();
  });
}

function tooLarge(limit: number): Result<never, BodyRefusal> {
  return refused(413, 'size', `the body is larger than ${String(limit)} bytes`);
}

function refused(status: number, what: string, message: string): Result<never, BodyRefusal> {
  return err({ kind: 'refused', status, reason: { code: `body.${what}`, message } });
}
