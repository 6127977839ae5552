import { describe, expect, test } from '@jest/globals';

import { docsRoutes } from '../../../src/http/docs/routes.ts';
import { type ApiServer, apiServer } from '../../support/api-server.ts';

const DOCUMENT = { openapi: '3.1.0', most: 2n ** 63n - 1n };

function docs(): Promise<ApiServer> {
  return apiServer({ deps: { worlds: () => docsRoutes(() => DOCUMENT) } });
}

/** What a page makes a browser load. */
function loaded(html: string): readonly string[] {
  return [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, path = '']) => path);
}

describe.each([
  ['/docs', ['/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js', '/docs/start.js']],
  ['/redoc', ['/redoc/redoc.standalone.js', '/redoc/start.js']],
])('%s', (path, files) => {
  test('is a page without a script or style of its own', async () => {
    await using server = await docs();
    const response = await fetch(`${server.origin}${path}`);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const html = await response.text();
    expect(html).not.toMatch(/<style|style=| on[a-z]+=|<script(?! src="\/)/);
    expect(loaded(html).filter((found) => found !== 'data:,')).toEqual(files);
  });

  test('lets a browser fetch from nowhere else', async () => {
    await using server = await docs();
    const policy = (await fetch(`${server.origin}${path}`)).headers.get('content-security-policy');
    const directives = new Map(
      (policy ?? '').split('; ').map((directive) => {
        const [name = '', ...sources] = directive.split(' ');
        return [name, sources];
      }),
    );
    expect(directives.get('default-src')).toEqual(["'none'"]);
    expect(directives.get('script-src')).toEqual(["'self'"]);
    expect(directives.get('connect-src')).toEqual(["'self'"]);
    expect(directives.get('frame-ancestors')).toEqual(["'none'"]);
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  });

  test('finds its files here, as what they are', async () => {
    await using server = await docs();
    for (const file of files) {
      const response = await fetch(`${server.origin}${file}`);
      expect(response.status).toBe(200);
      const type = file.endsWith('.css') ? 'text/css' : 'text/javascript';
      expect(response.headers.get('content-type')).toBe(`${type}; charset=utf-8`);
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect((await response.text()).length).toBeGreaterThan(50);
    }
  });

  test('is open, also where tokens are required', async () => {
    await using server = await apiServer({
      options: { auth: 'required' },
      deps: { worlds: () => docsRoutes(() => DOCUMENT) },
    });
    expect((await fetch(`${server.origin}${path}`)).status).toBe(200);
  });

  test('asks for the document by a path, and for no validator', async () => {
    await using server = await docs();
    const start = await (await fetch(`${server.origin}${path}/start.js`)).text();
    expect(start).toContain("'/openapi.json'");
    expect(start).not.toContain('http');
  });
});

test('no script has a picture elsewhere', async () => {
  await using server = await docs();
  const script = await (await fetch(`${server.origin}/redoc/redoc.standalone.js`)).text();
  expect(script).not.toMatch(/https?:[^"]*\.(?:svg|png|gif|jpg|ico)/);
});

test('the document is told with exact integers, and made once', async () => {
  let made = 0;
  await using server = await apiServer({
    deps: {
      worlds: () =>
        docsRoutes(() => {
          made += 1;
          return DOCUMENT;
        }),
    },
  });
  for (const query of ['', '?again']) {
    const response = await fetch(`${server.origin}/openapi.json${query}`);
    expect(await response.text()).toBe('{"openapi":"3.1.0","most":9223372036854775807}');
  }
  expect(made).toBe(1);
});
