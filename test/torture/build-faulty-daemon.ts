/**
 * Bundles faulty-daemon.ts and all it imports into a few files: a daemon that is started hundreds of
 * times must not read a thousand modules each time.
 */
import { cpSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const STORE = join(ROOT, 'src/adapters/store');
const THREADS = [join(STORE, 'writer-thread.ts'), join(ROOT, 'src/adapters/bls/sign-thread.ts')];
/** Below the root, where packages with native or WebAssembly files are found. */
const BUILT = join(ROOT, 'dist');
/** They come with files that cannot be bundled. */
const WITH_FILES = [
  '@chainsafe/blst',
  '@photostructure/sqlite',
  'koffi',
  'secp256k1',
  'tiny-secp256k1',
];

/** Comes with tsx, which has no other way to compile either. */
const esbuild = loadEsbuild();

/** Path of the program. Tests that may run side by side need each a folder of its own. */
export function buildFaultyDaemon(folder: string): string {
  const built = join(BUILT, folder);
  rmSync(built, { recursive: true, force: true });
  esbuild.buildSync({
    absWorkingDir: ROOT,
    entryPoints: ['test/torture/faulty-daemon.ts', ...THREADS],
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'es2023',
    outdir: built,
    entryNames: '[name]',
    external: WITH_FILES,
    // What was CommonJS asks for Node's own modules by `require`.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    logLevel: 'warning',
  });
  cpSync(join(STORE, 'migrations'), join(built, 'migrations'), { recursive: true });
  return join(built, 'faulty-daemon.js');
}

interface Esbuild {
  readonly buildSync: (options: Readonly<Record<string, unknown>>) => unknown;
}

function loadEsbuild(): Esbuild {
  const tsx = createRequire(import.meta.url).resolve('tsx/package.json');
  // SAFETY: tsx is pinned, and this is the one function of esbuild that is used here.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  return createRequire(tsx)('esbuild') as Esbuild;
}
