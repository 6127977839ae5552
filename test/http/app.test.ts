/** Frequent requests go around Express, and nobody can tell. */
import type { IncomingMessage } from 'node:http';

import { describe, expect, test } from '@jest/globals';

import { createApp, type Route } from '../../src/http/app.ts';
import { problemReply } from '../../src/http/problem.ts';
import { type Reply, textReply } from '../../src/http/reply.ts';
import { observeHttp } from '../support/http-observer.ts';
import { listening } from '../support/listening.ts';
import { head, rawExchange } from '../support/raw-http.ts';

function sign(request: IncomingMessage, name: string): Reply {
  if (name === 'broken') throw new Error('broken');
  if (name === 'unsendable') return { ...textReply(name), headers: { 'x-name': 'two\nlines' } };
  return textReply(`${String(request.method)} ${name}`);
}

function gate({ headers }: IncomingMessage): ReturnType<typeof problemReply> | undefined {
  if (headers.host === 'localhost') return undefined;
  return problemReply(403, { code: 'http.host', message: 'no' });
}

/** What the two ways answer to the same bytes, and what the observer hears of it. */
async function askBoth(message: string) {
  const ask = async (around: Pick<Route, 'frequentPOST'>) => {
    const { observer, exchanges, failures } = observeHttp();
    const routes: readonly Route[] = [
      {
        path: '/sign/:name',
        POST: (request) => sign(request, String(request.params['name'])),
        ...around,
      },
      { path: '/hooks/one', POST: (request) => sign(request, 'one'), ...around },
    ];
    const app = createApp({ listener: 'api', routes, gate }, observer);
    await using server = await listening(app, { headersTimeout: 200, requestTimeout: 300 });
    const { status, text } = await rawExchange(server.origin, [message]);
    return {
      status,
      text: text.replace(/^(?:x-request-id|date): .*$/gim, '').replace(/urn:uuid:[0-9a-f-]+/, ''),
      exchanges: exchanges.map(({ listener, route: path, status: told }) => [listener, path, told]),
      failures: failures.map(String),
    };
  };
  return [await ask({}), await ask({ frequentPOST: sign })] as const;
}

describe('a frequent request is answered as by Express', () => {
  const host = ['Host: localhost', 'Content-Length: 0'];

  test.each<[string, string, number]>([
    ['asked as usual', head('POST /sign/0xab', host), 200],
    ['with an encoded path', head('POST /sign/%30xab', host), 200],
    ['with a path that cannot be decoded', head('POST /sign/%zz', host), 400],
    ['with a query', head('POST /sign/0xab?a=b', host), 200],
    ['with a slash at the end', head('POST /sign/0xab/', host), 200],
    ['with a segment too many', head('POST /sign/0xab/c', host), 404],
    ['with a segment too few', head('POST /sign/', host), 404],
    ['in capitals', head('POST /SIGN/0xab', host), 404],
    ['by another method', head('GET /sign/0xab', host), 405],
    ['of another host', head('POST /sign/0xab', ['Host: elsewhere', ...host.slice(1)]), 403],
    ['at a path without a parameter', head('POST /hooks/one', host), 200],
    ['beside a path without a parameter', head('POST /hooks/two', host), 404],
    ['below a path without a parameter', head('POST /hooks/one/two', host), 404],
    ['when its handler throws', head('POST /sign/broken', host), 500],
    ['when its answer cannot be sent', head('POST /sign/unsendable', host), 500],
  ])('%s', async (_, message, status) => {
    const [express, around] = await askBoth(message);
    expect(express.status).toBe(status);
    expect(around).toEqual(express);
  });
});
