import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { createImportedPreimages } from '../../../src/adapters/keys/imported-preimages.ts';
import { toHex } from '../../../src/base/hex.ts';
import type { Reason } from '../../../src/core/outcome.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const root = temporaryDirectory();
const sealed = toHex(new Uint8Array(60).fill(9));

function preimages(directory = join(mkdtempSync(join(root, 'keys-')), 'preimages')) {
  const alarms: Reason[] = [];
  const opened = createImportedPreimages({ directory }, { alarm: (reason) => alarms.push(reason) });
  return { ...opened, directory, alarms };
}

function nameOf(invoiceId: string): string {
  return `${createHash('sha256').update(invoiceId).digest('hex')}.json`;
}

test('a preimage is found again by its invoice id, also after a restart', () => {
  const { directory, add, read, has } = preimages();
  expect([has('Invoice:1'), read('Invoice:1')]).toEqual([false, undefined]);
  expect(add('Invoice:1', sealed).ok).toBe(true);
  expect([has('Invoice:1'), read('Invoice:1')]).toEqual([true, sealed]);
  expect(readdirSync(directory)).toEqual([nameOf('Invoice:1')]);
  expect(statSync(join(directory, nameOf('Invoice:1'))).mode & 0o777).toBe(0o600);
  const restarted = preimages(directory);
  expect(restarted.list()).toEqual(['Invoice:1']);
  expect(restarted.read('Invoice:1')).toBe(sealed);
});

test('one that another process adds later is found when it is asked for', () => {
  const running = preimages();
  expect(running.has('Invoice:2')).toBe(false);
  preimages(running.directory).add('Invoice:2', sealed);
  expect(running.read('Invoice:2')).toBe(sealed);
  expect(running.list()).toEqual(['Invoice:2']);
});

test('one is never replaced', () => {
  const { add, read } = preimages();
  add('Invoice:1', sealed);
  expect(add('Invoice:1', toHex(new Uint8Array(60)))).toMatchObject({ ok: false });
  expect(read('Invoice:1')).toBe(sealed);
});

test('an invoice id cannot name a file elsewhere', () => {
  const { directory, add } = preimages();
  expect(add('../../escape', sealed).ok).toBe(true);
  expect(readdirSync(directory)).toEqual([nameOf('../../escape')]);
});

test.each([
  ['no JSON', '{'],
  ['another field', `{"invoiceId":"Invoice:1","sealed":"${sealed}","preimage":"00"}`],
  ['no hex', '{"invoiceId":"Invoice:1","sealed":"zz"}'],
  ['another invoice', `{"invoiceId":"Invoice:2","sealed":"${sealed}"}`],
])('a damaged file (%s) alarms at start, and is not taken for an absent one', (_name, text) => {
  const { directory, add } = preimages();
  add('Invoice:3', sealed);
  writeFileSync(join(directory, nameOf('Invoice:1')), text, { mode: 0o600 });
  const restarted = preimages(directory);
  expect(restarted.alarms).toMatchObject([{ code: 'keys.preimage' }]);
  expect(() => restarted.has('Invoice:1')).toThrow('is not an imported preimage');
  expect(restarted.list()).toEqual(['Invoice:3']);
});

test('a file that others can read is not used', () => {
  const { directory } = preimages();
  preimages(directory).add('Invoice:1', sealed);
  writeFileSync(join(directory, nameOf('Invoice:4')), '{}', { mode: 0o644 });
  expect(preimages(directory).alarms).toMatchObject([{ code: 'keys.exposed' }]);
});
