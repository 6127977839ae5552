/** Compiles the Lighter kernel from its AssemblyScript sources, with the compiler that is pinned here. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

import { base64 } from '@scure/base';

const KERNEL = 'signers/lighter/kernel/index.ts';
const PAGES = '2';

/** The compiled module. The same sources give the same bytes on every machine. */
export function compileKernel(): Uint8Array {
  const directory = mkdtempSync(join(tmpdir(), 'lighter-kernel-'));
  try {
    const wasm = join(directory, 'kernel.wasm');
    const compiler = createRequire(import.meta.url).resolve('assemblyscript/bin/asc.js');
    const options = [
      '-O3',
      '--runtime',
      'stub',
      '--noAssert',
      '--use',
      'abort=',
      '--enable',
      'simd',
    ];
    const memory = ['--initialMemory', PAGES, '--maximumMemory', PAGES];
    execFileSync(process.execPath, [compiler, KERNEL, '--outFile', wasm, ...options, ...memory]);
    return new Uint8Array(readFileSync(wasm));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The module as the product carries it. */
export function kernelSource(wasm: Uint8Array): string {
  return [
    '/** Generated from `kernel/` by `npm run build:kernel`; a test holds the two together. */',
    `export const KERNEL_BASE64 =\n  '${base64.encode(wasm)}';`,
    '',
  ].join('\n');
}
