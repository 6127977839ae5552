import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { beforeEach, describe, expect, test } from '@jest/globals';

import { openPolicyDirectory } from '../../../src/adapters/policy/directory.ts';
import { err, ok } from '../../../src/base/result.ts';
import type {
  AdmitPolicy,
  PolicyBook,
  PolicyLoader,
  PolicyProblem,
  ReloadablePolicyBook,
} from '../../../src/core/ports.ts';
import { listPathsOf, loadPolicySet } from '../../../src/policy/policy-set.ts';
import { BANK, documentOf, payment } from '../../support/bank-policy.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const loader: PolicyLoader = {
  listPathsOf,
  load: (sources, lists) => loadPolicySet(sources, lists, BANK),
};
const home = temporaryDirectory();
let runs = 0;
let directory = '';

beforeEach(async () => {
  directory = join(home, String((runs += 1)));
  await mkdir(join(directory, 'lists'), { recursive: true });
});

async function write(file: string, text: string | Uint8Array): Promise<void> {
  await writeFile(join(directory, file), text);
}

/** The folder's book, whose reloads ask `admit`. */
async function open(
  admit: AdmitPolicy = () => Promise.resolve(ok(undefined)),
): Promise<PolicyBook & { readonly reload: () => ReturnType<ReloadablePolicyBook['reload']> }> {
  const book = await openPolicyDirectory({ directory }, { loader });
  if (!book.ok) throw new Error(JSON.stringify(book.error));
  return { ...book.value, reload: () => book.value.reload(admit) };
}

/** What opening the folder complains about, with file names below it. */
async function complaints(): Promise<string[]> {
  const book = await openPolicyDirectory({ directory }, { loader });
  if (book.ok) return [];
  return book.error.map(({ file, message }) => `${file.slice(directory.length)}: ${message}`);
}

describe('the policy folder', () => {
  test('loads every `.yaml` file of its own, with list files from below', async () => {
    await write('a.yaml', documentOf([{ id: 'a', when: 'fact.to in list.friends' }], ['friends']));
    await write('b.yaml', documentOf([{ id: 'b', when: 'fact.amount == 1' }]));
    await write('lists/friends.txt', 'alice\n');
    const book = await open();
    expect(book.evaluate(payment()).rules).toEqual(['a']);
    expect(book.evaluate(payment({ to: 'bob', amount: 1n })).rules).toEqual(['b']);
    expect(book.hash()).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.parse(book.text())).toMatchObject({ lists: { 'lists/friends.txt': 'alice\n' } });
  });

  test('never loads subfolders, hidden files and other endings', async () => {
    await write('a.yaml', documentOf([]));
    await mkdir(join(directory, 'examples'));
    await mkdir(join(directory, 'tests'));
    const broken = 'not a policy';
    await write('examples/x.yaml', broken);
    await write('tests/x.yaml', broken);
    await write('.x.yaml', broken);
    await write('README.md', broken);
    await write('a.yaml~', broken);
    expect(await complaints()).toEqual([]);
  });

  test('complains about `.yml`, which would otherwise be ignored in silence', async () => {
    await write('a.yaml', documentOf([]));
    await write('b.yml', documentOf([{ effect: 'forbid' }]));
    expect(await complaints()).toEqual(['/b.yml: only `.yaml` files are loaded; rename it']);
  });

  test('without any document, or missing, is refused', async () => {
    expect(await complaints()).toEqual([
      ': the policy folder has no `.yaml` file; start from `policies/default.yaml`',
    ]);
    await rm(directory, { recursive: true });
    expect(await complaints()).toEqual([': the policy folder cannot be used: it does not exist']);
  });

  test('names its problems by the path that the operator knows', async () => {
    await write('a.yaml', documentOf([{ when: 'fact.amuont > 5' }]));
    const book = await openPolicyDirectory({ directory }, { loader });
    expect(book.ok ? [] : book.error).toEqual([
      expect.objectContaining({
        code: 'policy.unknown-fact',
        file: join(directory, 'a.yaml'),
        line: 7,
        column: 12,
      }),
    ]);
  });

  test('reads nothing outside of itself, not even by links', async () => {
    await writeFile(join(home, 'outside.txt'), 'alice\n');
    await writeFile(join(home, 'outside.yaml'), documentOf([]));
    await symlink(join(home, 'outside.txt'), join(directory, 'lists/friends.txt'));
    await symlink(join(home, 'outside.yaml'), join(directory, 'b.yaml'));
    await write('a.yaml', documentOf([], ['friends']));
    expect(await complaints()).toEqual([
      '/b.yaml: the document cannot be used: it lies outside of the policy folder',
      '/a.yaml: list file `lists/friends.txt` cannot be used: it lies outside of the policy folder',
    ]);
  });

  test('follows links inside of itself, as mounted configuration volumes need', async () => {
    await mkdir(join(directory, '..data'));
    await write('..data/a.yaml', documentOf([{}]));
    await symlink(join('..data', 'a.yaml'), join(directory, 'a.yaml'));
    expect((await open()).evaluate(payment()).verdict).toBe('allow');
  });

  test('refuses folders, oversized files and broken text in place of documents and lists', async () => {
    await mkdir(join(directory, 'a.yaml'));
    await write('b.yaml', `${documentOf([])}#${'x'.repeat(1024 * 1024)}`);
    await write('c.yaml', new Uint8Array([0xff, 0xfe, 0x00]));
    await write('d.yaml', documentOf([], ['friends', 'foes']));
    await mkdir(join(directory, 'lists/friends.txt'));
    expect(await complaints()).toEqual([
      '/a.yaml: the document cannot be used: it is not a regular file',
      '/b.yaml: the document cannot be used: it is larger than 1048576 bytes',
      '/c.yaml: the document cannot be used: it is not valid UTF-8',
      '/d.yaml: list file `lists/friends.txt` cannot be used: it is not a regular file',
      '/d.yaml: list file `lists/foes.txt` cannot be used: it does not exist',
    ]);
  });
});

describe('a reload', () => {
  const permit = documentOf([{ id: 'old' }]);
  const forbid = documentOf([{ id: 'new', effect: 'forbid' }]);

  test('puts the new set in force', async () => {
    await write('a.yaml', permit);
    const book = await open();
    const before = book.hash();
    await write('a.yaml', forbid);
    const reloaded = await book.reload();
    expect(reloaded.ok && reloaded.value.hash).toBe(book.hash());
    expect(book.hash()).not.toBe(before);
    expect(book.evaluate(payment()).rules).toEqual(['new']);
  });

  test('of a bad document leaves the old set in force and says why', async () => {
    await write('a.yaml', permit);
    const book = await open();
    const [hash, text] = [book.hash(), book.text()];
    await write('a.yaml', forbid.replace('version: 1', 'version: 9'));
    const reloaded = await book.reload();
    expect(reloaded.ok ? [] : reloaded.error.map(({ message }) => message)).toEqual([
      'unknown version `9`; this program reads version 1',
    ]);
    expect([book.hash(), book.text()]).toEqual([hash, text]);
    expect(book.evaluate(payment()).rules).toEqual(['old']);
  });

  test('of a folder that went away leaves the old set in force', async () => {
    await write('a.yaml', permit);
    const book = await open();
    await rename(directory, `${directory}-moved`);
    expect((await book.reload()).ok).toBe(false);
    expect(book.evaluate(payment()).rules).toEqual(['old']);
  });

  test('of a set that is not admitted leaves the old one in force', async () => {
    await write('a.yaml', permit);
    const problem: PolicyProblem = {
      code: 'policy.not-admitted',
      file: 'a.yaml',
      line: 1,
      column: 1,
      message: 'it would refuse what was allowed before',
      excerpt: '',
    };
    const asked: string[] = [];
    const book = await open((next) => {
      asked.push(next.hash);
      return Promise.resolve(err([problem]));
    });
    const before = book.hash();
    await write('a.yaml', forbid);
    expect(await book.reload()).toEqual(err([problem]));
    expect(asked).toHaveLength(1);
    expect(book.hash()).toBe(before);
  });

  test('of an unchanged folder asks nobody', async () => {
    await write('a.yaml', permit);
    const book = await open(() => Promise.reject(new Error('asked')));
    expect((await book.reload()).ok).toBe(true);
  });

  test('waits for the one before it, and goes on after one that failed', async () => {
    await write('a.yaml', permit);
    const admitted: string[] = [];
    let open1 = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open1 = resolve));
    const book = await open(async (next) => {
      admitted.push(next.hash);
      if (admitted.length > 1) return ok(undefined);
      await gate;
      throw new Error('the replay broke');
    });
    await write('a.yaml', forbid);
    const [first, second] = [book.reload(), book.reload()];
    open1();
    await expect(first).rejects.toThrow('the replay broke');
    expect((await second).ok).toBe(true);
    expect(book.evaluate(payment()).rules).toEqual(['new']);
  });
});
