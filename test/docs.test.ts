/** What the pages for operators name is what the programs say. */
import { readFileSync } from 'node:fs';

import { expect, test } from '@jest/globals';

import { createMetrics } from '../src/adapters/observe/metrics.ts';
import { VARIABLES } from '../src/config/variables.ts';
import { DOUBTS, VIOLATIONS } from '../src/protocols/lightspark/classify/reasons.ts';

const page = readFileSync(new URL('../docs/operations-lightspark.md', import.meta.url), 'utf8');
const prose = page.replaceAll(/```[^]*?```/g, '');
const quoted = new Set(Array.from(prose.matchAll(/`([^`]+)`/g), ([, text]) => text ?? ''));

test('every reason that a signing job is refused or withheld for is explained', () => {
  const reasons = [...Object.keys(DOUBTS), ...Object.keys(VIOLATIONS)];
  expect(reasons.filter((code) => !quoted.has(code))).toEqual([]);
});

test('every metric that is to be watched exists', async () => {
  const { registry } = createMetrics('0.0.0');
  const known = (await registry.getMetricsAsJSON()).map(({ name }) => name);
  const named = page.match(/countersign_[a-z_]+/g) ?? [];
  const unknown = named.filter((name) => !known.includes(name.replace(/_bucket$/, '')));
  expect(unknown).toEqual([]);
});

test('every variable that is to be set exists', () => {
  const named = page.match(/\b(?:LIGHTSPARK|KEYS|STATE|DATA|DATABASE)_[A-Z_]+/g) ?? [];
  expect(named.filter((name) => !Object.hasOwn(VARIABLES, name))).toEqual([]);
});
