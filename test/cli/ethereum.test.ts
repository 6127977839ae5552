import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { createSlashingControl } from '../../src/adapters/ethereum/slashing-control.ts';
import { readDocument, writeDocument } from '../../src/adapters/interchange/document-file.ts';
import { readSecretFile } from '../../src/adapters/keys/private-file.ts';
import { ethereumCommand } from '../../src/cli/ethereum.ts';
import { slashingRoutes } from '../../src/http/ethereum/slashing-routes.ts';
import { aKey, aRoot, GENESIS } from '../adapters/store/duties.ts';
import { type ApiServer, apiServer, TOKEN } from '../support/api-server.ts';
import { type Ended, run } from '../support/command-line.ts';
import { temporaryStore } from '../support/shared-store.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const rig = temporaryStore();
const root = temporaryDirectory();
const tokenFile = join(root, 'token');
let server: ApiServer;

beforeAll(async () => {
  writeFileSync(tokenFile, TOKEN, { mode: 0o600 });
  const slashing = createSlashingControl(rig());
  server = await apiServer({
    deps: { worlds: (access) => slashingRoutes({ access, slashing }) },
  });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const unasked = (): never => {
  throw new Error('nothing is derived here');
};

function ethereum(...args: readonly string[]): Promise<Ended> {
  const adminTarget = () => ({ url: server.origin, tokenFile });
  const files = { readSecretFile, readDocument, writeDocument };
  const deps = { adminTarget, ...files, readSeed: unasked, writeKeystores: unasked };
  return run((terminal) => {
    const command = ethereumCommand({ ...deps, terminal });
    for (const { commands } of command.commands) for (const each of commands) each.exitOverride();
    return command;
  }, args);
}

describe('ethereum import and export', () => {
  test('carry records from file to file, and replace none', async () => {
    const [from, to] = [join(root, 'from.json'), join(root, 'to.json')];
    const pubkey = `0x${aKey(1)}`;
    const metadata = {
      interchange_format_version: '5',
      genesis_validators_root: `0x${GENESIS}`,
    };
    const signed_blocks = [{ slot: '7', signing_root: `0x${aRoot(1)}` }];
    const document = { metadata, data: [{ pubkey, signed_blocks, signed_attestations: [] }] };
    writeFileSync(from, JSON.stringify(document));
    const imported = await ethereum('import', '--from', from);
    expect(imported).toMatchObject({ exitCode: 0, error: '' });
    expect(JSON.parse(imported.printed)).toEqual({
      ...{ pubkey, status: 'imported', blocks: 1, attestations: 0 },
    });
    expect(await ethereum('export', '--to', to)).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(readFileSync(to, 'utf8'))).toEqual(document);
    const again = await ethereum('export', '--to', to);
    expect(again.exitCode).toBe(1);
    expect(again.error).toContain('must be a new file');
  });

  test('say why a document is refused', async () => {
    const from = join(root, 'broken.json');
    writeFileSync(from, '{"metadata":{}');
    const refused = await ethereum('import', '--from', from);
    expect(refused.exitCode).toBe(1);
    expect(refused.error).toContain('nothing was imported');
    expect((await ethereum('import', '--from', join(root, 'none.json'))).error).toContain('ENOENT');
  });
});

describe('ethereum watermark', () => {
  test('raises those of the keys it names', async () => {
    const key = aKey(2);
    const args = ['--slot', '320', '--epoch', '10', '--key', `0x${key}`];
    expect(await ethereum('watermark', ...args, '--yes')).toMatchObject({
      ...{ exitCode: 0, printed: '{"keys":1}\n' },
    });
    expect(await rig().slashing.key(key)).toMatchObject({
      floor: { slot: 320n, source: 9n, target: 10n },
    });
  });

  test('asks before it does what nobody can take back', async () => {
    const asked = await ethereum('watermark', '--slot', '9999', '--epoch', '9999');
    expect(asked.exitCode).toBe(1);
    expect((await rig().slashing.key(aKey(2)))?.floor.slot).not.toBe(9999n);
  });

  test('refuses what is no integer', async () => {
    const refused = await ethereum('watermark', '--slot', '1e9', '--epoch', '1', '--yes');
    expect(refused).toMatchObject({ exitCode: 1 });
    expect(refused.error).toContain('`--slot` must be an integer');
  });
});

test('ethereum high-watermark sets and removes where signing ends', async () => {
  const args = ['--slot', '640', '--epoch', '20'];
  expect(await ethereum('high-watermark', 'set', ...args)).toMatchObject({ exitCode: 0 });
  expect((await rig().slashing.settings()).highWatermark).toEqual({ slot: 640n, epoch: 20n });
  expect(await ethereum('high-watermark', 'remove')).toMatchObject({ exitCode: 0 });
  expect((await rig().slashing.settings()).highWatermark).toBeUndefined();
});
