import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, jest, test } from '@jest/globals';

import { keyConfigurations } from '../../../src/adapters/bls/key-configurations.ts';
import { slotOf } from '../../../src/adapters/bls/key-slots.ts';
import { keystoreDirectory } from '../../../src/adapters/bls/keystore-directory.ts';
import type { LoadProgress } from '../../../src/adapters/bls/operator-keys.ts';
import { fromHex, toHex, type Hex } from '../../../src/base/hex.ts';
import { err, ok } from '../../../src/base/result.ts';
import { canaryOf, searchDirectory } from '../../support/secret-search.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import {
  interopKey,
  interopKeystore,
  interopPassword,
  openIn,
  storeIn,
  word,
  writeInteropKeystores,
  writeSource,
  type StoreRigOptions,
} from '../../support/validator-files.ts';
import { runChild } from './run-child.ts';

jest.setTimeout(60_000);

const root = temporaryDirectory();
let homes = 0;
function newHome(): string {
  homes += 1;
  return join(root, String(homes));
}

function pubkeys(...indices: readonly number[]): readonly Hex[] {
  return indices.map((index) => interopKey(index).pubkey);
}

/** A home whose keystores are interop keys. */
async function rigWith(indices: readonly number[], options: StoreRigOptions = {}) {
  const home = newHome();
  const directory = join(home, 'keystores');
  mkdirSync(directory, { recursive: true });
  writeInteropKeystores(directory, indices);
  const sources = [keystoreDirectory({ directory, exposed: 'refused' })];
  return { home, directory, sources, ...(await storeIn(home, { sources, ...options })) };
}

const nothing = { added: [], removed: [], errors: [], duplicates: [] };

describe('reloading', () => {
  test('takes in what is new and drops what is gone, and nothing the second time', async () => {
    const { directory, reload, keys, slots } = await rigWith([0, 1]);
    expect((await reload()).added).toEqual(pubkeys(0, 1));
    expect(await reload()).toEqual(nothing);
    rmSync(join(directory, 'key-0.json'));
    writeInteropKeystores(directory, [2]);
    expect(await reload()).toEqual({ ...nothing, added: pubkeys(2), removed: pubkeys(0) });
    expect(keys.publicKeys()).toEqual(pubkeys(1, 2));
    expect(new TextDecoder('latin1').decode(new Uint8Array(slots.memory).slice())).not.toContain(
      new TextDecoder('latin1').decode(fromHex(interopKey(0).secretHex)),
    );
    await expect(keys.sign(interopKey(0).pubkey, new Uint8Array(32))).rejects.toThrow(
      'no validator key',
    );
    expect(await reload()).toEqual(nothing);
  });

  test('opens only the difference', async () => {
    const seen: LoadProgress[] = [];
    const { directory, reload } = await rigWith([0, 1], {
      onProgress: (progress) => seen.push(progress),
    });
    await reload();
    expect(seen.map(({ done }) => done)).toEqual([0, 1, 2]);
    seen.length = 0;
    writeInteropKeystores(directory, [4]);
    await reload();
    expect(seen).toEqual([
      { done: 0, failed: 0, total: 1 },
      { done: 1, failed: 0, total: 1 },
    ]);
  });

  test('keeps a key whose file is damaged or whose directory is out of reach', async () => {
    const { directory, reload, keys } = await rigWith([0, 1]);
    await reload();
    writeSource(directory, 'key-0.json', 'damaged');
    expect(await reload()).toMatchObject({ removed: [], errors: [{}] });
    renameSync(directory, `${directory}-away`);
    expect(await reload()).toMatchObject({ removed: [], errors: [{ file: directory }] });
    expect(keys.publicKeys()).toEqual(pubkeys(0, 1));
    renameSync(`${directory}-away`, directory);
    writeInteropKeystores(directory, [0]);
    expect(await reload()).toEqual(nothing);
  });

  test('a file that now holds another key brings that one in and the old one out', async () => {
    const { directory, reload, keys } = await rigWith([0]);
    await reload();
    writeSource(directory, 'key-0.json', interopKeystore(5));
    expect(await reload()).toEqual({ ...nothing, added: pubkeys(5), removed: pubkeys(0) });
    expect(keys.has(interopKey(0).pubkey)).toBe(false);
  });

  test('a key in two files is used once, named, and stays while one of them is there', async () => {
    const { directory, reload, keys } = await rigWith([0]);
    writeSource(directory, 'again.json', `${interopKeystore(0)}\n`);
    writeSource(directory, 'again.txt', interopPassword);
    const report = await reload();
    expect(report).toMatchObject({ added: pubkeys(0), errors: [] });
    expect(report.duplicates).toMatchObject([{ pubkey: interopKey(0).pubkey }]);
    rmSync(join(directory, 'again.json'));
    expect(await reload()).toEqual(nothing);
    expect(keys.count()).toBe(1);
    rmSync(join(directory, 'key-0.json'));
    expect((await reload()).removed).toEqual(pubkeys(0));
  });

  test('a raw key is compared too', async () => {
    const home = newHome();
    const directory = join(home, 'configs');
    const raw = (index: number): string =>
      `type: file-raw\nprivateKey: "0x${interopKey(index).secretHex}"\n`;
    writeSource(directory, 'a.yaml', raw(0));
    const { reload } = await storeIn(home, {
      sources: [keyConfigurations({ directory, exposed: 'refused' })],
    });
    expect((await reload()).added).toEqual(pubkeys(0));
    expect(await reload()).toEqual(nothing);
    writeSource(directory, 'a.yaml', raw(1));
    expect(await reload()).toEqual({ ...nothing, added: pubkeys(1), removed: pubkeys(0) });
  });

  test('runs one at a time and says how the last one went', async () => {
    const { store } = await rigWith([0]);
    expect(store.status()).toEqual({ state: 'idle', isLoaded: false, errors: [] });
    const first = store.reload();
    expect(store.status()).toMatchObject({ state: 'running', isLoaded: false });
    expect(store.reload()).toBeUndefined();
    await first;
    expect(store.status()).toEqual({
      state: 'completed',
      isLoaded: true,
      errors: [],
      endedAt: 1_767_225_600_000,
    });
    expect(store.countOf('keystores')).toBe(1);
    expect(await store.reload()).toEqual(nothing);
  });

  test('no key is used before what it needs is ready, and is tried again', async () => {
    let isReady = false;
    const asked: (readonly Hex[])[] = [];
    const { reload, keys } = await rigWith([0, 1], {
      beforeActivation(fresh) {
        asked.push(fresh);
        expect(keys.count()).toBe(0);
        return Promise.resolve(
          isReady ? ok(undefined) : err({ code: 'test.history', message: 'no history' }),
        );
      },
    });
    expect(await reload()).toMatchObject({ added: [], errors: [{}, {}] });
    expect(keys.count()).toBe(0);
    isReady = true;
    expect(await reload()).toEqual({ ...nothing, added: pubkeys(0, 1) });
    expect(asked).toEqual([pubkeys(0, 1), pubkeys(0, 1)]);
  });

  test('broken machinery leaves the keys in use and does not stop the next load', async () => {
    let isBroken = false;
    const { directory, reload, store, keys } = await rigWith([0], {
      beforeActivation: () =>
        isBroken ? Promise.reject(new Error('database gone')) : Promise.resolve(ok(undefined)),
    });
    await reload();
    isBroken = true;
    writeInteropKeystores(directory, [1]);
    await expect(reload()).rejects.toThrow('database gone');
    expect(store.status()).toMatchObject({ state: 'failed', isLoaded: true });
    expect(keys.publicKeys()).toEqual(pubkeys(0));
    isBroken = false;
    expect((await reload()).added).toEqual(pubkeys(1));
  });

  test('a first load that broke does not let anybody conclude that there are no keys', async () => {
    const { reload, store } = await rigWith([0], {
      beforeActivation: () => Promise.reject(new Error('database gone')),
    });
    await expect(reload()).rejects.toThrow('database gone');
    expect(store.status()).toMatchObject({ state: 'failed', isLoaded: false });
  });
});

describe('the key cache', () => {
  const cacheOf = (home: string): string => join(home, 'keys.cache');

  /** Loads anew with passwords that open nothing: only what the cache gives is loaded. */
  async function fromCache(home: string, directory: string, cacheSecret: string) {
    const wrong = writeSource(home, 'wrong.txt', 'opens nothing');
    const alarms: string[] = [];
    const source = keystoreDirectory({ directory, passwords: wrong, exposed: 'refused' });
    const { reload } = await storeIn(home, {
      sources: [source],
      cacheSecret,
      alarm: ({ code }) => alarms.push(code),
    });
    return { report: await reload(), alarms };
  }

  test('opens keystores without their passwords, and gives their paths', async () => {
    const { home, directory, reload, keys } = await rigWith([0, 1, 2], {
      cacheSecret: 'cache word',
    });
    await reload();
    const labels = keys.list();
    expect(statSync(cacheOf(home)).mode & 0o777).toBe(0o600);
    const again = await fromCache(home, directory, 'cache word');
    expect(again.report).toMatchObject({ added: pubkeys(0, 1, 2), errors: [] });
    expect(again.alarms).toEqual([]);
    expect(labels.map(({ path }) => path)).toEqual(
      [0, 1, 2].map((i) => `m/12381/3600/${String(i)}/0/0`),
    );
  });

  test('holds no secret in the clear', async () => {
    const { home, reload } = await rigWith([0], { cacheSecret: 'cache word' });
    await reload();
    const canaries = [canaryOf('key 0', fromHex(interopKey(0).secretHex))];
    expect(searchDirectory(home, canaries)).toEqual([]);
  });

  test('of another secret opens nothing, and every keystore is decrypted', async () => {
    const { home, directory, sources, reload } = await rigWith([0, 1], { cacheSecret: 'one' });
    await reload();
    expect((await fromCache(home, directory, 'another')).report.errors).toHaveLength(2);
    const { reload: full } = await storeIn(home, { sources, cacheSecret: 'another' });
    expect((await full()).added).toEqual(pubkeys(0, 1));
    expect((await fromCache(home, directory, 'another')).report.added).toEqual(pubkeys(0, 1));
  });

  test.each([
    ['sealed', /"sealed":"(.)/],
    ['nonce', /"nonce":"(.)/],
    ['path', /"path":"(.)/],
    ['pubkey', /"pubkey":"(.)/],
    ['digest', /"digest":"(.)/],
  ])('an entry whose %s was changed counts as absent', async (_field, pattern) => {
    const { home, directory, reload } = await rigWith([0], { cacheSecret: 'word' });
    await reload();
    const text = readFileSync(cacheOf(home), 'utf8');
    const changed = text.replace(pattern, (match, digit: string) =>
      match.replace(/.$/, digit === '1' ? '2' : '1'),
    );
    expect(changed).not.toBe(text);
    writeSource(home, 'keys.cache', changed);
    const { report } = await fromCache(home, directory, 'word');
    expect(report).toMatchObject({ added: [], errors: [{ reason: { code: 'keys.password' } }] });
  });

  test('an entry moved to another keystore does not open for it', async () => {
    const { home, directory, reload } = await rigWith([0, 1], { cacheSecret: 'word' });
    await reload();
    const text = readFileSync(cacheOf(home), 'utf8');
    const [one = '', two = ''] = [...text.matchAll(/"digest":"([0-9a-f]+)"/g)].map(
      ([, hex]) => hex ?? '',
    );
    const swapped = text.replace(one, 'x').replace(two, one).replace('"x"', `"${two}"`);
    writeSource(home, 'keys.cache', swapped);
    expect((await fromCache(home, directory, 'word')).report.added).toEqual([]);
  });

  test.each([
    ['damaged', 'no cache'],
    ['of absurd cost', undefined],
  ])('a file that is %s is reported and replaced', async (_name, text) => {
    const { home, directory, sources, reload } = await rigWith([0], { cacheSecret: 'word' });
    await reload();
    const hostile = readFileSync(cacheOf(home), 'utf8').replace('"n":2', '"n":1073741824');
    writeSource(home, 'keys.cache', text ?? hostile);
    const alarms: string[] = [];
    const { reload: full } = await storeIn(home, {
      sources,
      cacheSecret: 'word',
      alarm: ({ code }) => alarms.push(code),
    });
    expect(await full()).toMatchObject({ added: pubkeys(0), errors: [] });
    expect(alarms).toEqual(['bls.cache']);
    expect((await fromCache(home, directory, 'word')).report.added).toEqual(pubkeys(0));
  });

  test('that others may read is not used', async () => {
    const { home, directory, reload } = await rigWith([0], { cacheSecret: 'word' });
    await reload();
    writeSource(home, 'keys.cache', readFileSync(cacheOf(home), 'utf8'), 0o644);
    const { report, alarms } = await fromCache(home, directory, 'word');
    expect(report.added).toEqual([]);
    expect(alarms).toEqual(['keys.exposed']);
  });

  test('forgets keystores that are gone', async () => {
    const { home, directory, reload } = await rigWith([0, 1], { cacheSecret: 'word' });
    await reload();
    rmSync(join(directory, 'key-0.json'));
    await reload();
    const text = readFileSync(cacheOf(home), 'utf8');
    expect(text).not.toContain(interopKey(0).pubkey);
    expect(text).toContain(interopKey(1).pubkey);
  });
});

describe('imports', () => {
  test('are kept encrypted under the daemon’s password and survive a restart', async () => {
    const home = newHome();
    const { store, keys, reload } = await storeIn(home);
    await reload();
    for (const index of [0, 1]) {
      const status = await store.importKeystore(interopKeystore(index), word(interopPassword));
      expect(status).toEqual({ status: 'imported', pubkey: interopKey(index).pubkey });
    }
    expect(keys.list().map(({ isReadonly, origin }) => [isReadonly, origin])).toEqual(
      pubkeys(0, 1).map((pubkey) => [false, `${pubkey}.json`]),
    );
    expect(statSync(join(home, 'imported')).mode & 0o777).toBe(0o700);
    expect(statSync(join(home, 'imported', `${interopKey(0).pubkey}.json`)).mode & 0o777).toBe(
      0o600,
    );
    const canaries = [0, 1].map((index) =>
      canaryOf(`key ${String(index)}`, fromHex(interopKey(index).secretHex)),
    );
    expect(searchDirectory(home, canaries)).toEqual([]);

    const next = await storeIn(home);
    expect((await next.reload()).added).toEqual([...pubkeys(0, 1)].sort());
    expect(next.keys.find(interopKey(1).pubkey)).toMatchObject({
      isReadonly: false,
      path: 'm/12381/3600/1/0/0',
    });
    expect(await next.reload()).toEqual(nothing);
  });

  test('do not open with another password of the daemon, and each says so', async () => {
    const home = newHome();
    const { store } = await storeIn(home);
    await store.importKeystore(interopKeystore(0), word(interopPassword));
    const { reload, store: other } = await storeIn(home, { password: word('another') });
    // One sealed with it could not be opened by the next start, which has the right one.
    expect(await other.importKeystore(interopKeystore(1), word(interopPassword))).toMatchObject({
      status: 'error',
      message: expect.stringContaining('share one password'),
    });
    expect(await reload()).toMatchObject({
      added: [],
      errors: [
        {
          file: join(home, 'imported', `${interopKey(0).pubkey}.json`),
          reason: { code: 'keys.password' },
        },
      ],
    });
  });

  test('clear away what a death in the middle of one has left', async () => {
    const home = newHome();
    const { store, reload } = await storeIn(home);
    await store.importKeystore(interopKeystore(0), word(interopPassword));
    const file = `${interopKey(0).pubkey}.json`;
    writeSource(join(home, 'imported'), `${interopKey(1).pubkey}.json.4711.new`, '{"crypto":');
    expect(await reload()).toEqual(nothing);
    expect(readdirSync(join(home, 'imported'))).toEqual([file]);
  });

  test('need a password of the daemon’s', async () => {
    const home = newHome();
    const { store, close } = await openIn(home, { imports: { directory: join(home, 'imported') } });
    expect(await store.importKeystore(interopKeystore(0), word(interopPassword))).toEqual({
      status: 'error',
      message: 'keys that are imported need a password; set `KEYS_PASSWORD_FILE`',
    });
    await close();
  });

  test('share one salt, also after a restart', async () => {
    const home = newHome();
    const { store } = await storeIn(home);
    await store.importKeystore(interopKeystore(0), word(interopPassword));
    const next = await storeIn(home);
    await next.store.importKeystore(interopKeystore(1), word(interopPassword));
    const salts = readdirSync(join(home, 'imported')).map(
      (name) =>
        /"salt": "([0-9a-f]+)"/.exec(readFileSync(join(home, 'imported', name), 'utf8'))?.[1],
    );
    expect(salts).toHaveLength(2);
    expect(new Set(salts).size).toBe(1);
  });

  test('a file under another name than its key is refused', async () => {
    const home = newHome();
    const { store } = await storeIn(home);
    await store.importKeystore(interopKeystore(0), word(interopPassword));
    const directory = join(home, 'imported');
    renameSync(
      join(directory, `${interopKey(0).pubkey}.json`),
      join(directory, `${interopKey(1).pubkey}.json`),
    );
    const next = await storeIn(home);
    expect(await next.reload()).toMatchObject({
      added: [],
      errors: [{ reason: { code: 'bls.imported' } }],
    });
  });

  test('of a key there is are duplicates, of what does not open errors', async () => {
    const { home, store, reload } = await rigWith([0]);
    await reload();
    const wanted = [
      [interopKeystore(0), interopPassword, 'duplicate'],
      [interopKeystore(1), interopPassword, 'imported'],
      [interopKeystore(1), interopPassword, 'duplicate'],
      [interopKeystore(2), 'wrong', 'error'],
      [interopKeystore(2, { pubkey: interopKey(3).pubkey }), interopPassword, 'error'],
      ['{}', interopPassword, 'error'],
    ] as const;
    for (const [text, password, expected] of wanted) {
      expect(await store.importKeystore(text, word(password))).toMatchObject({ status: expected });
    }
    expect(readdirSync(join(home, 'imported'))).toEqual([`${interopKey(1).pubkey}.json`]);
  });

  test('two at once of the same key leave one', async () => {
    const { store, keys } = await rigWith([]);
    const statuses = await Promise.all(
      [1, 2].map(() => store.importKeystore(interopKeystore(0), word(interopPassword))),
    );
    // Which of the two comes first is decided by whose derivation ends first.
    expect(statuses.map(({ status }) => status).sort()).toEqual(['duplicate', 'imported']);
    expect(keys.count()).toBe(1);
  });

  test('are not in use before they are activated, nor afterwards if that fails', async () => {
    let isReady = false;
    const { home, store, keys } = await rigWith([], {
      beforeActivation: () =>
        Promise.resolve(isReady ? ok(undefined) : err({ code: 'test', message: 'no history' })),
    });
    const prepare = () => store.prepareImport(interopKeystore(0), word(interopPassword));
    const failing = await prepare();
    expect(keys.count()).toBe(0);
    if (failing.status !== 'prepared') throw new Error(failing.status);
    expect(await failing.activate()).toEqual({ status: 'error', message: 'no history' });
    expect(keys.count()).toBe(0);
    expect(readdirSync(join(home, 'imported'))).toEqual([]);
    expect(() => failing.activate()).toThrow('activated once');

    isReady = true;
    const dropped = await prepare();
    if (dropped.status !== 'prepared') throw new Error(dropped.status);
    dropped[Symbol.dispose]();
    expect(() => dropped.activate()).toThrow('before its disposal');

    const kept = await prepare();
    if (kept.status !== 'prepared') throw new Error(kept.status);
    expect(await kept.activate()).toMatchObject({ status: 'imported' });
    expect(keys.publicKeys()).toEqual(pubkeys(0));
  });
});

describe('deletion', () => {
  test('of an imported key removes its file for good', async () => {
    const { home, store, keys, reload } = await rigWith([]);
    await store.importKeystore(interopKeystore(0), word(interopPassword));
    expect(await store.remove(interopKey(0).pubkey)).toEqual({ status: 'deleted' });
    expect(keys.count()).toBe(0);
    expect(readdirSync(join(home, 'imported'))).toEqual([]);
    expect(await reload()).toEqual(nothing);
    expect(await store.remove(interopKey(0).pubkey)).toEqual({ status: 'not_found' });
  });

  test('of a key in a file of the operator’s is refused and names the file', async () => {
    const { directory, store, keys, reload } = await rigWith([0]);
    await reload();
    expect(await store.remove(interopKey(0).pubkey)).toEqual({
      status: 'error',
      message: `the key lies in \`${join(directory, 'key-0.json')}\`; remove it there and reload`,
    });
    expect(keys.count()).toBe(1);
  });

  test('is not undone by a reload under way', async () => {
    const home = newHome();
    const first = await storeIn(home);
    await first.store.importKeystore(interopKeystore(0), word(interopPassword));
    const { store, keys, reload } = await storeIn(home);
    const loading = reload();
    const removed = store.remove(interopKey(0).pubkey);
    await loading;
    expect(await removed).toEqual({ status: 'deleted' });
    expect(keys.count()).toBe(0);
    expect(await reload()).toEqual(nothing);
  });

  test('waits for signatures under way, then the shared memory holds the key no more', async () => {
    const home = newHome();
    const { keys, store, workers, close } = await openIn(home);
    await store.importKeystore(interopKeystore(0), word(interopPassword));
    await store.importKeystore(interopKeystore(1), word(interopPassword));
    const [first, second] = pubkeys(0, 1);
    if (first === undefined || second === undefined) throw new Error('two keys');
    let signed = 0;
    const attempts = Array.from({ length: 40 }, async (_, index) => {
      const signature = await keys.sign(first, new Uint8Array(32).fill(index));
      signed += 1;
      return signature;
    });
    const other = keys.sign(second, new Uint8Array(32));
    const removed = store.remove(first);
    while (keys.has(first)) await new Promise(setImmediate);
    await expect(keys.sign(first, new Uint8Array(32))).rejects.toThrow('no validator key');
    expect(await removed).toEqual({ status: 'deleted' });
    expect(signed).toBe(40);
    expect(await Promise.all(attempts)).toHaveLength(40);
    expect(await other).toHaveLength(96);
    expect(workers.pending()).toBe(0);
    await close();
  });
});

describe('freezing', () => {
  test('is by the id that is listed, and lasts', async () => {
    const { home, keys, reload, sources } = await rigWith([0, 1]);
    await reload();
    const id = `ethereum/${interopKey(0).pubkey}`;
    expect(keys.freeze(id)).toMatchObject({ ok: true, value: { id, state: 'frozen' } });
    expect(keys.freeze('ethereum/00')).toMatchObject({ error: { code: 'keys.unknown' } });
    const next = await storeIn(home, { sources });
    await next.reload();
    expect(next.keys.list().map(({ state }) => state)).toEqual(['frozen', 'active']);
    expect(next.keys.isFrozen(id)).toBe(true);
    expect(next.keys.unfreeze(id)).toMatchObject({ ok: true, value: { state: 'active' } });
    expect(keys.isFrozen(id)).toBe(false);
  });
});

test('the slots of keys that were removed are overwritten and used again', async () => {
  const { store, slots, keys } = await rigWith([]);
  await store.importKeystore(interopKeystore(0), word(interopPassword));
  expect(toHex(slotOf(slots.memory, 0))).toBe(interopKey(0).secretHex);
  await store.remove(interopKey(0).pubkey);
  expect(toHex(slotOf(slots.memory, 0))).toBe('00'.repeat(32));
  await store.importKeystore(interopKeystore(1), word(interopPassword));
  expect(toHex(slotOf(slots.memory, 0))).toBe(interopKey(1).secretHex);
  expect(keys.count()).toBe(1);
});

test('a death at any moment of imports and deletions leaves each key whole or absent', async () => {
  const home = newHome();
  let before: readonly Hex[] = [];
  for (let round = 0; round < 4; round += 1) {
    let left = 4 + 5 * round;
    const lines = await runChild('import-for-ever', home, (_line, kill) => {
      left -= 1;
      // Not upon the line itself: in the midst of what comes after it.
      if (left === 0) setTimeout(kill, round);
    });
    const expected = new Set(before);
    let unsure: Hex | undefined;
    for (const line of lines) {
      const [act = '', index = ''] = line.split(' ');
      const { pubkey } = interopKey(Number(index));
      if (act === 'imported' || act === 'duplicate') expected.add(pubkey);
      else expected.delete(pubkey);
      unsure = act === 'deleting' ? pubkey : undefined;
    }
    const { reload, keys } = await storeIn(home);
    expect((await reload()).errors).toEqual([]);
    before = keys.publicKeys();
    expect([...expected].filter((pubkey) => !keys.has(pubkey))).toEqual([]);
    // One more at most: the import under way, or the deletion that did not happen.
    const more = before.filter((pubkey) => !expected.has(pubkey));
    expect(more.length).toBeLessThanOrEqual(1);
    if (unsure !== undefined) expect([[], [unsure]]).toContainEqual(more);
    const names = readdirSync(join(home, 'imported'));
    expect(names.filter((name) => !name.endsWith('.json'))).toEqual([]);
  }
});
