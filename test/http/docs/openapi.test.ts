import { describe, expect, test } from '@jest/globals';

import { isJsonObject, type JsonObject, type JsonValue } from '../../../src/base/json.ts';
import { type AdminRoute, adminRoutes } from '../../../src/http/admin.ts';
import type { Route } from '../../../src/http/app.ts';
import { adminSection } from '../../../src/http/docs/admin-section.ts';
import { openApiDocument } from '../../../src/http/docs/document.ts';
import { openSection } from '../../../src/http/docs/open-section.ts';
import { docsRoutes } from '../../../src/http/docs/routes.ts';
import { docsSection } from '../../../src/http/docs/docs-section.ts';
import type { ApiSection } from '../../../src/http/docs/section.ts';
import { ethereumRoutes } from '../../../src/http/ethereum/routes.ts';
import { ethereumSections } from '../../../src/http/ethereum/sections.ts';
import { slashingRoutes } from '../../../src/http/ethereum/slashing-routes.ts';
import { nonceRoutes } from '../../../src/http/lighter/nonce-routes.ts';
import { lighterRoutes } from '../../../src/http/lighter/routes.ts';
import { lighterSection } from '../../../src/http/lighter/section.ts';
import { openRoutes } from '../../../src/http/open-routes.ts';
import { lighterEndpoints } from '../../../src/protocols/lighter/endpoints.ts';
import { lighterClients } from '../../support/lighter-clients.ts';

const endpoints = lighterEndpoints({
  clients: lighterClients([]),
  defaults: { nonceMode: 'skip' },
});
const lighter = lighterSection(endpoints);
const sections = [openSection, lighter, ...ethereumSections, adminSection, docsSection];
const document = openApiDocument(sections, { version: '1.2.3' });

/** Follows members of objects and elements of lists. */
function at(value: JsonValue | undefined, ...path: readonly string[]): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>(
    (found, step) => (isJsonObject(found) ? found[step] : undefined),
    value,
  );
}

function operation(path: string, method = 'post'): JsonValue | undefined {
  return at(document, 'paths', path, method);
}

function bodyOf(path: string): JsonValue | undefined {
  return at(operation(path), 'requestBody', 'content', 'application/json', 'schema');
}

/** Every object of the document. */
function objectsOf(value: JsonValue): readonly JsonObject[] {
  if (typeof value !== 'object' || value === null) return [];
  const members = Object.values(value).flatMap(objectsOf);
  return isJsonObject(value) ? [value, ...members] : members;
}

describe('the document', () => {
  test('is OpenAPI 3.1 with a part for each section', () => {
    expect(document).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'Countersign', version: '1.2.3' },
      tags: [
        { name: 'Health' },
        { name: 'Lighter' },
        { name: 'Ethereum signing' },
        { name: 'Ethereum keys' },
        { name: 'Ethereum slashing protection' },
        { name: 'Administration' },
        { name: 'Description' },
      ],
    });
  });

  test('has the fields that requests are read by', () => {
    expect(bodyOf('/sign_cancel_order')).toMatchObject({
      type: 'object',
      required: ['api_key_index', 'market_index', 'order_index'],
      properties: {
        order_index: { type: 'integer', format: 'int64', minimum: 1n, maximum: 2n ** 60n - 1n },
        nonce: { type: 'integer', minimum: -1n, default: -1n },
        nonce_mode: { type: 'string', enum: ['explicit', 'strict', 'skip'] },
      },
    });
    expect(at(bodyOf('/sign_create_grouped_orders'), 'properties', 'orders')).toMatchObject({
      type: 'array',
      minItems: 1,
      maxItems: 3,
    });
  });

  test('says why an order without an index of its own wants an Idempotency-Key', () => {
    expect(at(operation('/sign_create_order'), 'description')).toMatch(
      /`client_order_index` 0 .*`Idempotency-Key`/,
    );
    expect(at(operation('/sign_create_order'), 'parameters')).toMatchObject([
      { in: 'header', name: 'Idempotency-Key', required: false },
    ]);
  });

  test.each(['/sign_create_order', '/api/v1/eth2/sign/{identifier}', '/api/v1/eth2/sign'])(
    'says that each answer of %s tells its job',
    (path) => {
      const responses = at(operation(path), 'responses');
      const statuses = Object.keys(responses ?? {});
      expect(statuses.length).toBeGreaterThan(4);
      for (const status of statuses) {
        expect(at(responses, status, 'headers')).toHaveProperty('Countersign-Job');
      }
    },
  );

  test('offers raw keys of the wallet only where it has something to sign', () => {
    const offering = endpoints
      .map(({ path }) => path)
      .filter((path) => at(bodyOf(path), 'properties', 'eth_private_key') !== undefined);
    expect(offering).toEqual([
      '/sign_transfer',
      '/sign_change_api_key',
      '/sign_approve_integrator',
      '/transfer',
      '/approve_integrator',
    ]);
  });

  test('knows who may ask', () => {
    expect(at(operation('/health', 'get'), 'security')).toEqual([]);
    expect(at(operation('/sign_create_order'), 'security')).toEqual([{}, { token: [] }]);
    expect(at(operation('/register_api_key'), 'security')).toEqual([{ token: [] }]);
    expect(at(document, 'components', 'securitySchemes', 'token')).toMatchObject({
      type: 'http',
      scheme: 'bearer',
    });
  });

  test('says what the listener refuses before a route is asked', () => {
    const statusesOf = (path: string, method = 'post'): readonly string[] =>
      Object.keys(at(operation(path, method), 'responses') ?? {});
    expect(statusesOf('/sign_create_order')).toEqual(expect.arrayContaining(['413', '415', '429']));
    expect(statusesOf('/setup/{account}', 'get')).toContain('429');
    expect(statusesOf('/setup/{account}', 'get')).not.toContain('413');
    expect(statusesOf('/health', 'get')).not.toContain('429');
  });

  test('names every parameter of a path', () => {
    expect(at(operation('/admin/v1/keys/{id}/freeze'), 'parameters')).toMatchObject([
      { in: 'path', name: 'id', required: true },
    ]);
    for (const path of Object.keys(document['paths'] ?? {})) expect(path).not.toMatch(/[:*]/);
  });

  test('has a title, an answer and a tag for every operation, each title once in a section', () => {
    for (const { name, operations } of sections) {
      for (const { path, method } of operations) {
        const described = operation(path.replace(/[:*]([a-z_]+)/g, '{$1}'), method);
        expect(at(described, 'tags')).toEqual([name]);
        expect(at(described, 'summary')).toMatch(/^[A-Z]/);
        expect(Object.keys(at(described, 'responses') ?? {})).not.toEqual([]);
      }
    }
  });

  test('describes every field', () => {
    const bodies = endpoints.flatMap(({ path }) => {
      const properties = at(bodyOf(path), 'properties');
      return isJsonObject(properties) ? Object.entries(properties) : [];
    });
    expect(bodies.length).toBeGreaterThan(200);
    for (const [name, field] of bodies) {
      const described = isJsonObject(field) ? field['description'] : undefined;
      expect([name, described]).toEqual([name, expect.stringMatching(/./)]);
    }
  });

  test('leaves no field without a type, and no integer as a text', () => {
    for (const object of objectsOf(document)) {
      expect(object).not.toHaveProperty('pattern', '^\\d+$');
    }
  });
});

type Table = readonly (Route | AdminRoute)[];

/** `get /path` for each method of each route; paths that belong to a page are not of the api. */
function servedBy(...tables: readonly Table[]): readonly string[] {
  return tables.flat().flatMap(({ path, ...handlers }) => {
    if (/^\/(?:docs|redoc)\//.test(path)) return [];
    return Object.entries(handlers).flatMap(([method, handler]) =>
      handler !== undefined && METHODS.has(method) ? `${method.toLowerCase()} ${path}` : [],
    );
  });
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'DELETE']);

function describedIn(...described: readonly ApiSection[]): readonly string[] {
  return described.flatMap(({ operations }) =>
    operations.map(({ method, path }) => `${method} ${path}`),
  );
}

/** Tables of routes are only looked at; no handler runs, so that nothing is asked of these. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see above
const unused = { operator: {}, keys: {} } as never;

describe('every route that is served is described, and no other', () => {
  test.each([
    ['of operators', adminRoutes(unused), [adminSection]],
    ['of Ethereum', [...ethereumRoutes(unused), ...slashingRoutes(unused)], ethereumSections],
    ['of the description', docsRoutes(unused), [docsSection]],
  ])('%s', (_of, routes, described) => {
    expect([...describedIn(...described)].sort()).toEqual([...servedBy(routes)].sort());
  });

  test('of Lighter', () => {
    // SAFETY: as above; only the table of endpoints is read.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
    const table = lighterRoutes({ endpoints } as never);
    const routes = servedBy(table, nonceRoutes(unused));
    expect([...describedIn(lighter)].sort()).toEqual([...routes].sort());
  });

  test('for probes, which may also ask with POST', () => {
    const routes = servedBy(openRoutes(unused, unused));
    const probes = ['post /health', 'post /upcheck', 'post /healthcheck'];
    expect([...describedIn(openSection), ...probes].sort()).toEqual([...routes].sort());
  });

  test('once', () => {
    const all = describedIn(...sections);
    expect(new Set(all).size).toBe(all.length);
  });
});
