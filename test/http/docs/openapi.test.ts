import { describe, expect, test } from '@jest/globals';

import { isJsonObject, type JsonObject, type JsonValue } from '../../../src/base/json.ts';
import { adminRoutes } from '../../../src/http/admin.ts';
import { adminSection } from '../../../src/http/docs/admin-section.ts';
import { openApiDocument } from '../../../src/http/docs/document.ts';
import { openSection } from '../../../src/http/docs/open-section.ts';
import { lighterSection } from '../../../src/http/lighter/section.ts';
import { lighterEndpoints } from '../../../src/protocols/lighter/endpoints.ts';
import { lighterApi } from '../../support/lighter-api.ts';
import { lighterClients } from '../../support/lighter-clients.ts';

const endpoints = lighterEndpoints({
  clients: lighterClients([]),
  defaults: { nonceMode: 'skip' },
});
const lighter = lighterSection(endpoints);
const sections = [openSection, lighter, adminSection];
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
      tags: [{ name: 'Health' }, { name: 'Lighter' }, { name: 'Administration' }],
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

describe('the routes', () => {
  test('of Lighter are those of the document', async () => {
    await using api = await lighterApi();
    for (const { path, method } of lighter.operations) {
      const url = `${api.origin}${path.replaceAll(/:[a-z]+/g, '5')}`;
      const response = await fetch(url, { method: method.toUpperCase() });
      expect([path, response.status]).not.toEqual([path, 404]);
      expect([path, response.status]).not.toEqual([path, 405]);
      await response.body?.cancel();
    }
    expect(new Set(lighter.operations.map(({ path }) => path)).size).toBe(
      lighter.operations.length,
    );
  });

  test('of operators are those of the document', () => {
    // SAFETY: the table is only looked at; no handler runs.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
    const unused = { operator: {}, keys: {} } as Parameters<typeof adminRoutes>[0];
    const routes = adminRoutes(unused).flatMap(({ path, GET, POST }) => [
      ...(GET === undefined ? [] : [`get ${path}`]),
      ...(POST === undefined ? [] : [`post ${path}`]),
    ]);
    const described = adminSection.operations.map(({ method, path }) => `${method} ${path}`);
    expect(described.sort()).toEqual(routes.sort());
  });
});
