import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { describe, expect, test } from '@jest/globals';

import { createNativeCurve, type NativeLibrary } from '../../signers/lightning/index.ts';
import { fromHex } from '../../src/base/hex.ts';
import { describeWithNativeCurve } from '../support/curves.ts';
import { hex } from '../support/hex.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const one = fromHex(hex('01'.padStart(64, '0')));
const minusOne = fromHex(hex('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140'));

interface Chosen {
  readonly name: string;
  readonly reason: string;
  /** CommonJS modules that were loaded on the way, by path. */
  readonly loaded: readonly string[];
}

/** The choice that the product makes, in a process of its own. */
async function choose(environment: Readonly<Record<string, string>>): Promise<Chosen> {
  const program = `
    import { createRequire } from 'node:module';
    import { chooseFastestCurve } from './src/compose/curve.ts';
    const { curve, reason } = await chooseFastestCurve();
    const loaded = Object.keys(createRequire(import.meta.url).cache);
    console.log(JSON.stringify({ name: curve.name, reason, loaded }));
  `;
  const flags = ['--import', 'tsx', '--input-type=module', '--eval', program];
  // eslint-disable-next-line n/no-process-env -- the process needs what every process needs
  const options = { cwd: ROOT, env: { ...process.env, ...environment } };
  const { stdout } = await promisify(execFile)(process.execPath, flags, options);
  // SAFETY: the program above says nothing else.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  return JSON.parse(stdout) as Chosen;
}

describe('the package `secp256k1`', () => {
  test('is left for the portable accelerator where it has no binary', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'no-binary-'));
    try {
      const { name, reason, loaded } = await choose({ SECP256K1_PREBUILD: empty });
      expect(name).toBe('tiny-secp256k1');
      expect(reason).toMatch(
        /^`secp256k1` did not load: No native build was found for [^\n]*; `tiny-secp256k1` and `@noble\/secp256k1` agree$/,
      );
      expect(loaded.filter(isFallback)).toEqual([]);
    } finally {
      rmSync(empty, { recursive: true });
    }
  }, 30_000);

  test('is not compiled where it has no binary: nothing that is installed runs a program', () => {
    expect(readFileSync(join(ROOT, '.npmrc'), 'utf8')).toBe('ignore-scripts=true\n');
  });

  test('brings no `elliptic` with it: another package stands in its place', () => {
    // SAFETY: npm wrote it.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
    const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
      readonly packages: Readonly<Record<string, { readonly name?: string }>>;
    };
    const places = Object.entries(packages).filter(([path]) => path.endsWith('/elliptic'));
    expect(places.map(([, { name }]) => name)).toEqual(['@noble/secp256k1']);
  });
});

describeWithNativeCurve('the native curve', (curve) => {
  test('is the one that is chosen; nothing else of its package is loaded', async () => {
    const { name, reason, loaded } = await choose({});
    expect(name).toBe('secp256k1');
    expect(reason).toBe('`secp256k1` and `@noble/secp256k1` agree');
    expect(loaded.some((path) => path.endsWith('secp256k1/bindings.js'))).toBe(true);
    expect(loaded.filter(isFallback)).toEqual([]);
  }, 30_000);

  test('leaves no sum behind where it refuses one', async () => {
    const library = await bindings();
    let sum: Uint8Array | undefined;
    const watched = createNativeCurve({
      ...library,
      privateKeyTweakAdd(key, scalar) {
        sum = key;
        return library.privateKeyTweakAdd(key, scalar);
      },
    });
    expect(() => watched.addToPrivateKey(minusOne, one)).toThrow();
    expect(sum).toEqual(new Uint8Array(32));
  });

  test('makes no copy of a key for a scalar that is none', async () => {
    const library = await bindings();
    let copies = 0;
    const watched = createNativeCurve({
      ...library,
      privateKeyTweakAdd(key, scalar) {
        copies += 1;
        return library.privateKeyTweakAdd(key, scalar);
      },
    });
    expect(() => watched.addToPrivateKey(one, one.subarray(1))).toThrow('32 bytes');
    expect(copies).toBe(0);
  });

  test('multiplies by the operation made for private keys, and leaves no second coordinate behind', async () => {
    const library = await bindings();
    let y: Uint8Array | undefined;
    const watched = createNativeCurve({
      ...library,
      ecdh(point, scalar, options, output) {
        y = options.ybuf;
        return library.ecdh(point, scalar, options, output);
      },
    });
    const point = curve.publicKey(minusOne);
    expect(watched.multiplyPoint(point, one)).toEqual(point);
    expect(y).toEqual(new Uint8Array(32));
  });
});

async function bindings(): Promise<NativeLibrary> {
  return (await import('secp256k1/bindings.js')).default;
}

function isFallback(path: string): boolean {
  return /\/(?:elliptic\/|secp256k1\/(?:lib\/)?elliptic\.js$|secp256k1\/index\.js$)/.test(path);
}
