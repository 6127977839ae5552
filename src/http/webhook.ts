/** The webhook listener's routes: raw bytes to the core, its acknowledgement to the sender. */
import type { IncomingMessage, RequestListener } from 'node:http';

import type { JsonValue } from '../base/json.ts';
import type { Acknowledgement, Intake } from '../core/intake.ts';
import type { Delivery } from '../core/verify.ts';
import { type Answer, createApp, type HttpObserver, type Route } from './app.ts';
import { readBody } from './body.ts';
import { problemReply } from './problem.ts';
import { jsonReply, ofJob, type Reply, textReply } from './reply.ts';

/** Which source's deliveries arrive at a path; a source may have several. */
export interface WebhookPath {
  readonly path: string;
  readonly source: string;
}

export interface WebhookOptions {
  readonly paths: readonly WebhookPath[];
  /** Largest body, in bytes; a batch of a thousand signing jobs fits the default. */
  readonly maxBodyBytes?: number;
}

export interface WebhookDeps {
  readonly intake: Pick<Intake, 'accept'>;
  readonly observer: HttpObserver;
}

const MAX_BODY_BYTES = 4 * 1024 * 1024;

export function createWebhookApp(options: WebhookOptions, deps: WebhookDeps): RequestListener {
  const { paths, maxBodyBytes = MAX_BODY_BYTES } = options;
  const receive = (source: string) => {
    return async (request: IncomingMessage): Promise<Answer> => {
      const body = await readBody(request, maxBodyBytes);
      if (body.ok) {
        const delivery = { source, body: body.value, headers: headersOf(request) };
        return replyOf(await deps.intake.accept(delivery));
      }
      return body.error.kind === 'refused'
        ? problemReply(body.error.status, body.error.reason)
        : undefined;
    };
  };
  const routes: readonly Route[] = [
    { path: '/ping', GET: () => textReply('OK') },
    ...paths.map(({ path, source }) => {
      const POST = receive(source);
      return { path, POST, frequentPOST: POST };
    }),
  ];
  return createApp({ listener: 'webhook', routes }, deps.observer);
}

/** Node joins repeated headers; a scheme must see that one was repeated. */
function headersOf(request: IncomingMessage): Delivery['headers'] {
  return Object.fromEntries(
    Object.entries(request.headersDistinct).map(([name, values = []]) => [
      name,
      values.length === 1 ? values[0] : values,
    ]),
  );
}

function replyOf({ status, body, job, retryAfter }: Acknowledgement): Reply {
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  const reply = { ...contentOf(status, body), headers };
  return job === undefined ? reply : ofJob(reply, job);
}

function contentOf(status: number, body: Acknowledgement['body']): Reply {
  if (body === undefined) return { status };
  if (status < 400) return jsonReply(status, body);
  const { code, message, ...extensions } = body;
  const reason = { code: textOf(code), message: textOf(message) };
  return problemReply(status, reason, extensions);
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
