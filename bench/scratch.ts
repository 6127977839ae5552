/** Directories of one run, on the disk that holds the build: `/tmp` may be memory, and fsync free. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the compiler puts what can be made again. */
export const BUILD = fileURLToPath(new URL('../dist/', import.meta.url));

/** Lends an empty directory to `use` and removes it with everything in it. */
export async function withScratch<T>(use: (directory: string) => Promise<T>): Promise<T> {
  await mkdir(BUILD, { recursive: true });
  const directory = await mkdtemp(join(BUILD, 'bench-'));
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
