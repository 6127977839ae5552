import { chmodSync, existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { createKeyStorage } from '../../src/adapters/keys/key-storage.ts';
import { readSecretFile } from '../../src/adapters/keys/private-file.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { toHex } from '../../src/base/hex.ts';
import { ok } from '../../src/base/result.ts';
import { Secret } from '../../src/base/secret.ts';
import { keyKinds } from '../../src/compose/key-kinds.ts';
import { composeLighterCommand } from '../../src/compose/lighter-command.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { run, runAt, testTerminal } from '../support/command-line.ts';
import { cheapCost } from '../support/key-kinds.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const root = temporaryDirectory();
const word = 'a password of some length';
const PRIVATE = '0ec9cbbc10d86b43260f8f105e33d6637fe3d195f1b65e749d26eac4370179edc7866663bf322a04';
const PUBLIC = 'bf2cd4b515430bc374b9af0bd417929e75bdaf887da5e7feec9c249883ce9f19ff3532e419077596';
const OWNER = '0x7e5f4552091a69125d5dfcb7b8c2659029395bdf';
const NAME = `lifi-perps-lighter-key:${OWNER}`;
const RECORD = {
  accountIndex: 123,
  apiKeyIndex: 42,
  apiKeyPrivateKey: `0x${PRIVATE}`,
  apiKeyPublicKey: `0x${PUBLIC}`,
};

function place() {
  const home = mkdtempSync(join(root, 'home-'));
  const storage = createKeyStorage(
    { directory: join(home, 'keys'), environment: [], cost: cheapCost },
    { kinds: keyKinds, alarm: () => undefined },
  );
  const command = (terminal: Terminal) =>
    composeLighterCommand({
      terminal,
      dataDir: () => home,
      storage: () => storage,
      passwordFile: () => undefined,
      readSecretFile,
    });
  return {
    home,
    storage,
    command,
    lighter: (args: readonly string[], input = '') => run(command, args, input),
    file(content: unknown, mode = 0o600): string {
      const path = join(home, 'record.json');
      writeFileSync(path, JSON.stringify(content), { mode });
      return path;
    },
    async kept(id: string): Promise<string> {
      const opened = await storage.open(id, () => Promise.resolve(ok(new Secret(utf8(word)))));
      return opened.ok ? opened.value.reveal(toHex) : opened.error.message;
    },
  };
}

/** A home that holds the key of the record. */
async function placeKept() {
  const at = place();
  const ended = await at.lighter(['import', '--yes', at.file({ [NAME]: RECORD })], `${word}\n`);
  expect(ended.exitCode).toBe(0);
  return at;
}

describe('lighter import', () => {
  test.each([
    ['a record by its name, as a text', { [NAME]: JSON.stringify(RECORD), other: 'x' }],
    ['a record by its name', { [NAME]: RECORD }],
    ['a record with the name of a provider', { [`lifi-perps-lighter-key:x:${OWNER}`]: RECORD }],
    ['a record alone', RECORD],
  ])('keeps %s', async (_what, content) => {
    const at = place();
    const ended = await at.lighter(['import', at.file(content)], `y\n${word}\n`);
    expect(ended.error).toBe('');
    expect(ended.printed).toContain('lighter/304/123/42 is kept in');
    expect(await at.kept('lighter/304/123/42')).toBe(PRIVATE);
    expect(ended.everything).not.toContain(PRIVATE);
  });

  test('keeps it for the chain that is named', async () => {
    const at = place();
    await at.lighter(['import', '--chain', '300', at.file(RECORD)], `y\n${word}\n`);
    expect(await at.kept('lighter/300/123/42')).toBe(PRIVATE);
  });

  test.each(['n\n', '\n', 'yes please\n'])('does nothing on the answer %j', async (answer) => {
    const at = place();
    const ended = await at.lighter(['import', at.file(RECORD)], answer);
    expect(ended.exitCode).toBe(1);
    expect(existsSync(join(at.home, 'keys'))).toBe(false);
  });

  test('refuses a file that others can read', async () => {
    const at = place();
    const path = at.file(RECORD);
    chmodSync(path, 0o644);
    expect((await at.lighter(['import', '--yes', path], `${word}\n`)).error).toContain('chmod 600');
  });

  test.each<[string, unknown, string]>([
    ['a damaged key', { ...RECORD, apiKeyPrivateKey: '01'.padEnd(80, '0') }, 'not that of its'],
    ['a zero key', { ...RECORD, apiKeyPrivateKey: '00'.repeat(40) }, 'not that of its'],
    ['a short key', { ...RECORD, apiKeyPrivateKey: '0x01' }, 'not a record'],
    ['a slot there is not', { ...RECORD, apiKeyIndex: 255 }, 'not a record'],
    ['an account with a fraction', { ...RECORD, accountIndex: 1.5 }, 'not a record'],
    ['nothing', {}, 'there is none in it'],
    ['a name without a record', { [NAME]: 'x' }, 'what stands under'],
    ['no object', [], 'not an object'],
  ])('refuses %s, without repeating it', async (_what, content, why) => {
    const at = place();
    const ended = await at.lighter(['import', '--yes', at.file(content)], `${word}\n`);
    expect(ended.exitCode).toBe(1);
    expect(ended.error).toContain(why);
    expect(ended.everything).not.toContain(PRIVATE.slice(0, 16));
    expect(existsSync(join(at.home, 'keys'))).toBe(false);
  });

  test('never replaces a key', async () => {
    const at = await placeKept();
    const other = {
      ...RECORD,
      apiKeyPrivateKey: '01'.padEnd(80, '0'),
      apiKeyPublicKey: '04'.padEnd(80, '0'),
    };
    const ended = await at.lighter(['import', '--yes', at.file(other)], `${word}\n`);
    expect(ended.error).toContain('there is a key `lighter/304/123/42` already');
    expect(await at.kept('lighter/304/123/42')).toBe(PRIVATE);
  });
});

describe('lighter export', () => {
  test('writes the record that was imported, for its owner alone', async () => {
    const at = await placeKept();
    const out = join(at.home, 'out.json');
    const ended = await at.lighter(['export', 'lighter/304/123/42', '--out', out], `y\n${word}\n`);
    expect(ended.error).toBe('');
    expect(ended.everything).not.toContain(PRIVATE);
    expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual({ [NAME]: RECORD });
    expect(statSync(out).mode & 0o777).toBe(0o600);
  });

  test('never replaces a file', async () => {
    const at = await placeKept();
    const out = at.file('precious');
    const ended = await at.lighter(
      ['export', 'lighter/304/123/42', '--yes', '--out', out],
      `${word}\n`,
    );
    expect(ended.error).toContain('EEXIST');
    expect(readFileSync(out, 'utf8')).toBe('"precious"');
  });

  test('shows it on a terminal after a yes, and only there', async () => {
    const at = await placeKept();
    const piped = await at.lighter(['export', 'lighter/304/123/42', '--yes'], `${word}\n`);
    expect(piped.error).toContain('--out');
    expect(piped.everything).not.toContain(PRIVATE);

    const terminal = testTerminal({ isTTY: true });
    terminal.type('y\n');
    const ending = runAt(terminal, at.command(terminal), ['export', 'lighter/304/123/42']);
    terminal.type(`${word}\n`);
    expect(JSON.parse((await ending).printed)).toEqual({ [NAME]: RECORD });
  });

  test('does nothing on a no', async () => {
    const at = await placeKept();
    const out = join(at.home, 'out.json');
    const ended = await at.lighter(['export', 'lighter/304/123/42', '--out', out], `n\n${word}\n`);
    expect(ended.error).toContain('nothing was done');
    expect(existsSync(out)).toBe(false);
  });

  test('asks for the owner where nobody told it', async () => {
    const at = place();
    await at.lighter(['import', '--yes', at.file(RECORD)], `${word}\n`);
    const out = join(at.home, 'out.json');
    const args = ['export', 'lighter/304/123/42', '--yes', '--out', out];
    expect((await at.lighter(args, `${word}\n`)).error).toContain('--owner');
    const told = await at.lighter([...args, '--owner', OWNER], `${word}\n`);
    expect(told.error).toBe('');
    expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual({ [NAME]: RECORD });
  });

  test.each(['lightspark/main', 'lighter/304/123', 'lighter/304/123/255'])(
    'refuses %s, which is no slot',
    async (id) => {
      const at = place();
      expect((await at.lighter(['export', id], '')).error).toContain('is not the key of a slot');
    },
  );
});
