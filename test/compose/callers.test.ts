/** Named callers at a whole daemon, on real sockets and a real directory. */
import { chmodSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { createCallerStorage } from '../../src/adapters/callers/caller-storage.ts';
import { createLog } from '../../src/adapters/observe/log.ts';
import { systemClock } from '../../src/adapters/system.ts';
import { utf8Text } from '../../src/base/bytes.ts';
import { type Daemon, startDaemon } from '../../src/compose.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import { captureLog } from '../support/log-lines.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const root = temporaryDirectory();
const dataDir = join(root, 'data');

function configuration(): Config {
  const loaded = loadConfig({
    env: { DATA_DIR: dataDir, PORT: '0', API_PORT: '0', API_AUTH: 'required' },
    flags: new Map(),
    readFile: (path) => readFileSync(path, 'utf8'),
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return loaded.value.config;
}

function filesBelow(path: string): readonly string[] {
  return readdirSync(path).flatMap((name) => {
    const entry = join(path, name);
    return statSync(entry).isDirectory() ? filesBelow(entry) : [entry];
  });
}

test('a daemon knows callers that come and go, and its tokens are found nowhere', async () => {
  const config = configuration();
  const log = captureLog();
  const said: string[] = [];
  const started = await startDaemon(config, {
    log: createLog({ level: 'trace', destination: log.destination }),
  });
  if (!started.ok) throw new Error(started.error.join('\n'));
  const daemon: Daemon = started.value;
  const get = async (path: string, token?: string): Promise<number> => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(`${daemon.apiOrigins[0] ?? ''}${path}`, { headers });
    said.push(JSON.stringify([...response.headers]), await response.text());
    return response.status;
  };

  const operator = readFileSync(config.api.tokenFile, 'utf8').trim();
  const storage = createCallerStorage({ file: config.api.callersFile }, { clock: systemClock });
  const added = storage.add({ name: 'prometheus', scopes: [{ may: 'metrics' }] });
  const token = (added.ok ? added.value.reveal(utf8Text) : undefined) ?? '';
  try {
    expect(await get('/metrics')).toBe(401);
    expect(await get('/metrics', token)).toBe(200);
    expect(await get('/admin/v1/jobs', token)).toBe(403);
    expect(await get('/admin/v1/jobs', operator)).toBe(200);

    chmodSync(config.api.callersFile, 0o644);
    expect(await get('/metrics', token)).toBe(401);
    expect(log.lines).toContainEqual(expect.objectContaining({ alarm: 'callers.unusable' }));
    chmodSync(config.api.callersFile, 0o600);
    expect(await get('/metrics', token)).toBe(200);

    storage.revoke('prometheus');
    expect(await get('/metrics', token)).toBe(401);

    const guesses: number[] = [];
    for (let each = 0; each < 15; each += 1)
      guesses.push(await get('/metrics', `${token}${String(each)}`));
    expect(guesses[0]).toBe(401);
    expect(guesses.at(-1)).toBe(429);
    expect(await get('/metrics', operator)).toBe(200);
  } finally {
    await daemon.stop();
  }

  const files = filesBelow(dataDir).filter((path) => path !== config.api.tokenFile);
  expect(files).toContain(config.api.callersFile);
  const everywhere = [log.text(), ...said, ...files.map((path) => readFileSync(path, 'latin1'))];
  for (const secret of [token, operator]) {
    const part = secret.slice(0, 16);
    expect(part).toMatch(/^[0-9a-f]{16}$/);
    expect(everywhere.filter((text) => text.toLowerCase().includes(part))).toEqual([]);
  }
});
