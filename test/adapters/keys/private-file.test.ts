import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import {
  checkDirectory,
  createPrivateFile,
  makePrivateDirectory,
  readPrivateFile,
  readSecretFile,
  replacePrivateFile,
} from '../../../src/adapters/keys/private-file.ts';
import { utf8, utf8Text } from '../../../src/base/bytes.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const directory = temporaryDirectory();

function file(name: string, content: string | Uint8Array, mode = 0o600): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

function mode(path: string): number {
  return statSync(path).mode & 0o777;
}

describe('a file with a secret', () => {
  test.each([0o640, 0o604, 0o620, 0o602, 0o644, 0o601])(
    'is refused with mode %o, and the message has the command that repairs it',
    (bits) => {
      const path = file('exposed', 'word', bits);
      expect(readSecretFile(path)).toEqual({
        ok: false,
        error: {
          code: 'keys.exposed',
          message: `\`${path}\` can be read by others; run: chmod 600 '${path}'`,
        },
      });
    },
  );

  test.each([0o600, 0o400])('is read with mode %o', (bits) => {
    expect(readSecretFile(file(`kept-${String(bits)}`, 'word', bits)).ok).toBe(true);
  });

  test.each([
    ['one line feed', 'word\n', 'word'],
    ['a line end of two bytes', 'word\r\n', 'word'],
    ['only one of several', 'word\n\n', 'word\n'],
    ['no blank', ' word ', ' word '],
    ['nothing that is not there', 'word', 'word'],
  ])('loses %s at its end', (_name, content, expected) => {
    const secret = readSecretFile(file('lines', content));
    expect(secret.ok && secret.value.reveal((bytes) => utf8Text(bytes))).toBe(expected);
  });

  test('is refused when empty, too long, absent, or a directory', () => {
    const messageOf = (path: string): string => {
      const secret = readSecretFile(path);
      return secret.ok ? '' : secret.error.message;
    };
    expect(messageOf(file('empty', '\n'))).toContain('is empty');
    expect(messageOf(file('long', 'x'.repeat(4097)))).toContain('is larger than 4096 bytes');
    expect(messageOf(join(directory, 'absent'))).toContain('(ENOENT); check the path');
    mkdirSync(join(directory, 'folder'), { mode: 0o700 });
    expect(messageOf(join(directory, 'folder'))).toContain('(EISDIR)');
  });
});

describe('a private file', () => {
  test('is made with mode 0600 and never replaced by making it again', () => {
    const path = join(directory, 'made');
    expect(createPrivateFile(path, 'first').ok).toBe(true);
    expect(mode(path)).toBe(0o600);
    const again = createPrivateFile(path, 'second');
    expect(again.ok ? '' : again.error.message).toContain('(EEXIST)');
    expect(readFileSync(path, 'utf8')).toBe('first');
  });

  test('is replaced whole, and nothing is left beside it', () => {
    const path = file('replaced', 'a longer first text', 0o644);
    expect(replacePrivateFile(path, 'short').ok).toBe(true);
    expect(readFileSync(path, 'utf8')).toBe('short');
    expect(mode(path)).toBe(0o600);
    expect(readdirSync(directory).filter((name) => name.startsWith('replaced'))).toHaveLength(1);
  });

  test('is read up to its limit', () => {
    const path = file('limited', utf8('x'.repeat(10)));
    expect(readPrivateFile(path, 10)).toEqual({ ok: true, value: utf8('x'.repeat(10)) });
    expect(readPrivateFile(path, 9).ok).toBe(false);
  });
});

describe('a private directory', () => {
  test('is made with mode 0700, with its parents', () => {
    const path = join(directory, 'one', 'two');
    expect(makePrivateDirectory(path).ok).toBe(true);
    expect(mode(path)).toBe(0o700);
    expect(makePrivateDirectory(path).ok).toBe(true);
  });

  test('is refused where others can replace its files', () => {
    const path = join(directory, 'shared');
    mkdirSync(path);
    chmodSync(path, 0o770);
    expect(checkDirectory(path)).toMatchObject({
      error: { message: `\`${path}\` can be written by others; run: chmod 700 '${path}'` },
    });
    chmodSync(path, 0o755);
    expect(checkDirectory(path).ok).toBe(true);
    expect(existsSync(path)).toBe(true);
  });
});
