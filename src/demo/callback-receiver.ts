/** Receives callbacks as their receivers are told to: what is not signed by our secret is refused. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import { concatBytes } from '../base/bytes.ts';
import { isJsonObject, type JsonObject, parseJson } from '../base/json.ts';
import type { Secret } from '../base/secret.ts';
import { standardWebhooksScheme } from '../core/verify.ts';
import { objectIn, textIn } from './json-fields.ts';

export interface ReceivedCallback {
  readonly path: string;
  /** `signing.completed` and so on. */
  readonly type: string;
  readonly data: JsonObject;
}

export interface CallbackReceiver {
  readonly url: URL;
  /** Authentic ones, each once. */
  readonly received: readonly ReceivedCallback[];
  /** Sentences about what should not have come. */
  readonly complaints: readonly string[];
  readonly close: () => Promise<void>;
}

export async function startCallbackReceiver(secret: Secret): Promise<CallbackReceiver> {
  const verify = standardWebhooksScheme([secret]);
  const received: ReceivedCallback[] = [];
  const complaints: string[] = [];
  const seen = new Set<string>();

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Uint8Array[] = [];
    // SAFETY: without a decoder a request yields bytes.
    for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk);
    const body = concatBytes(...chunks);
    const { headers, url: path = '' } = request;
    const verified = verify({ source: 'demo', body, headers }, Date.now());
    const json = parseJson(body);
    if (!verified.ok || !json.ok || !isJsonObject(json.value)) {
      complaints.push(verified.ok ? 'a callback is no JSON' : verified.error.message);
      response.writeHead(400).end();
      return;
    }
    const { id = '' } = verified.value;
    if (seen.has(id)) complaints.push(`callback \`${id}\` came twice`);
    seen.add(id);
    received.push({ path, type: textIn(json.value, 'type'), data: objectIn(json.value, 'data') });
    response.writeHead(204).end();
  }

  const server = createServer((request, response) => {
    receive(request, response).catch(() => {
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return Object.freeze({
    url: new URL(`http://127.0.0.1:${String(port)}/callbacks`),
    received,
    complaints,
    close() {
      server.closeAllConnections();
      return new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  });
}
