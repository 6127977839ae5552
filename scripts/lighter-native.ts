/**
 * `npm run lighter:native`: fetches Lighter's official library for this platform out of the official
 * Python SDK's wheel, by pip, and puts it where the loader looks. Nothing is kept that has not the
 * SHA-256 of `signers/lighter/native-lock.json`.
 */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

import { readLibraryLock } from '../src/adapters/lighter-native/library-lock.ts';
import { type Hex, toHex } from '../src/base/hex.ts';
import { sha256 } from '../src/base/sha256.ts';

const TARGET = 'signers/lighter/native';
const PYTHONS = ['python3', 'python', 'py'];
const OTHER_WAYS = 'docs/lighter-native.md says how to get or build the library otherwise';

class Failure extends Error {}

const { package: wheel, libraries } = readLibraryLock();

try {
  obtain();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  process.stderr.write(`lighter:native: ${error.message}; ${OTHER_WAYS}\n`);
  process.exitCode = 1;
}

function obtain(): void {
  const platform = `${process.platform}-${process.arch}`;
  const library = libraries.find(
    (known) => known.release === wheel.version && known.platform === platform,
  );
  if (library === undefined) {
    throw new Failure(`Unsupported platform/architecture: \`${platform}\` is not in the lock file`);
  }
  const target = join(TARGET, library.file);
  if (existsSync(target) && digestOf(target) === library.sha256) {
    say(`${target} is there and has the SHA-256 of the lock file`);
    return;
  }
  const python = PYTHONS.find((name) => run(name, ['-m', 'pip', '--version'], 'ignore'));
  if (python === undefined) {
    throw new Failure(`no Python with pip is installed (tried ${PYTHONS.join(', ')})`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'lighter-native-'));
  try {
    const source = join(unpack(python, download(python, folder), folder), library.file);
    if (!existsSync(source)) throw new Failure(`the wheel has no \`${library.file}\``);
    expectDigest(source, library.sha256);
    put(source, target);
    say(`${target}: ${wheel.name} ${wheel.version}, SHA-256 ${library.sha256}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The wheel, checked by pip and again by us. */
function download(python: string, folder: string): string {
  say(`downloading ${wheel.name} ${wheel.version}`);
  const requirement = join(folder, 'requirements.txt');
  writeFileSync(requirement, `${wheel.name}==${wheel.version} --hash=sha256:${wheel.sha256}\n`);
  const options = ['--no-deps', '--only-binary=:all:', '--require-hashes', '--dest', folder];
  if (!run(python, ['-m', 'pip', 'download', ...options, '--requirement', requirement])) {
    throw new Failure(`pip cannot download ${wheel.name} ${wheel.version}`);
  }
  const file = join(folder, wheel.file);
  if (!existsSync(file)) throw new Failure(`pip has downloaded something else than ${wheel.file}`);
  expectDigest(file, wheel.sha256);
  return file;
}

/** The folder of the libraries; a wheel is a ZIP file. */
function unpack(python: string, file: string, folder: string): string {
  say('unpacking');
  const target = join(folder, 'wheel');
  if (!run(python, ['-m', 'zipfile', '-e', file, target])) {
    throw new Failure(`python cannot unpack \`${wheel.file}\``);
  }
  return join(target, wheel.folder);
}

/** In one step, so that nobody finds half a library. */
function put(source: string, target: string): void {
  mkdirSync(TARGET, { recursive: true });
  const partial = `${target}.partial`;
  copyFileSync(source, partial);
  renameSync(partial, target);
}

function expectDigest(file: string, expected: Hex): void {
  const found = digestOf(file);
  if (found === expected) return;
  throw new Failure(`\`${file}\` has SHA-256 \`${found}\` where the lock file has \`${expected}\``);
}

function digestOf(file: string): Hex {
  return toHex(sha256(readFileSync(file)));
}

function run(program: string, options: readonly string[], stdio: 'inherit' | 'ignore' = 'inherit') {
  return spawnSync(program, options, { stdio }).status === 0;
}

function say(progress: string): void {
  process.stdout.write(`lighter:native: ${progress}\n`);
}
