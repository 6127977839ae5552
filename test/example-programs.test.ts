/** Programs written for the Lighter signing service, unchanged but for the base URL. */
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { base64 } from '@scure/base';

import { fromHex } from '../src/base/hex.ts';
import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '../src/base/json.ts';
import { type Home, makeHome } from './support/daemon-home.ts';
import { hex } from './support/hex.ts';
import { verify } from './support/lighter-reference/schnorr.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

jest.setTimeout(60_000);

const run = promisify(execFile);
const root = temporaryDirectory();
const programs = new URL('vectors/lighter-service/', import.meta.url);
const THEIR_URL = 'http://localhost:8000';
const homes: Home[] = [];

afterEach(async () => {
  await Promise.all(homes.splice(0).map((home) => home.close()));
});

/** A copy of the program that asks a fresh daemon instead, and then runs what is appended. */
async function place(program: string, name: string, appended = ''): Promise<string> {
  const home = await makeHome(join(root, name), {
    seedHex: '5a'.repeat(32),
    testSeedHex: 'a5'.repeat(32),
    webhookSecret: 'webhook-secret-of-the-example-tests',
    clientSecret: 'client-secret-of-the-example-tests',
  });
  homes.push(home);
  const { origins } = await home.start();
  const text = readFileSync(new URL(program, programs), 'utf8');
  expect(text.split(THEIR_URL)).toHaveLength(2);
  const path = join(root, name, `program-${name}`);
  writeFileSync(path, text.replace(THEIR_URL, origins.api) + appended);
  return path;
}

function objectOf(text: string): JsonObject {
  const json = parseJson(text);
  if (!json.ok || !isJsonObject(json.value)) throw new Error(`not a JSON object: ${text}`);
  return json.value;
}

function listOf(text: string): readonly JsonValue[] {
  const json = parseJson(text);
  if (!json.ok || !isJsonArray(json.value)) throw new Error(`not a JSON list: ${text}`);
  return json.value;
}

/** Whether a reply holds the order of the examples, signed by the key that was made for it. */
function isTheirOrder(reply: JsonObject, publicKey: string): boolean {
  const { tx_info: info, tx_hash: hash } = reply;
  if (typeof info !== 'string' || typeof hash !== 'string') return false;
  const order = objectOf(info);
  expect(order).toMatchObject({ AccountIndex: 0n, ApiKeyIndex: 0n, MarketIndex: 0n });
  expect(order).toMatchObject({ ClientOrderIndex: 1n, BaseAmount: 1_000_000n, Price: 50_000n });
  const { Sig: signature } = order;
  const key = fromHex(hex(publicKey.replace(/^0x/, '')));
  return typeof signature === 'string' && verify(base64.decode(signature), fromHex(hex(hash)), key);
}

test("the service's TypeScript example runs, and gets its order signed", async () => {
  const program = await place(
    'example.ts.txt',
    'typescript.mjs',
    'console.log(JSON.stringify({ publicKey: apiKey.public_key, created: clientResponse.status, txInfo }));',
  );
  const { stdout } = await run(process.execPath, [program]);
  const { publicKey, created, txInfo } = objectOf(stdout);
  expect(created).toBe(200n);
  if (!isJsonObject(txInfo) || typeof publicKey !== 'string') throw new Error(stdout);
  expect(isTheirOrder(txInfo, publicKey)).toBe(true);
});

describe("the service's Python example", () => {
  const { status: hasRequests } = spawnSync('python3', ['-c', 'import requests']);
  // eslint-disable-next-line n/no-process-env -- whoever starts the tests says what must be there
  const isRequired = process.env['REQUIRE_ALL'] === '1';

  if (hasRequests === 0) {
    test('runs, and gets its order signed', async () => {
      const program = await place(
        'example.py',
        'python.py',
        '\nimport json\nprint(json.dumps([api_key["public_key"], tx_info]))\n',
      );
      const { stdout } = await run('python3', [program]);
      expect(stdout).toContain("'message': 'Client created successfully'");
      const [publicKey, reply] = listOf(stdout.trimEnd().split('\n').at(-1) ?? '');
      if (!isJsonObject(reply) || typeof publicKey !== 'string') throw new Error(stdout);
      expect(isTheirOrder(reply, publicKey)).toBe(true);
    });
  } else {
    (isRequired ? test : test.skip)('NOT RUN: python3 has no package `requests`', () => {
      throw new Error('install it with `python3 -m pip install requests`');
    });
  }
});
