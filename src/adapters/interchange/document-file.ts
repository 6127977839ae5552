/** Interchange documents on disk; what they tell is public, but what is half of one is dangerous. */
import { open, readFile, rm } from 'node:fs/promises';

import { err, ok, type Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';
import { systemCode } from '../keys/private-file.ts';

export async function readDocument(path: string): Promise<Result<Uint8Array<ArrayBuffer>, Reason>> {
  try {
    return ok(new Uint8Array(await readFile(path)));
  } catch (error) {
    return refuse(`cannot read \`${path}\``, error);
  }
}

/** Never replaces a file. Where the pieces break off there is no file, and the error is thrown. */
export async function writeDocument(
  path: string,
  pieces: AsyncIterable<Uint8Array>,
): Promise<Result<void, Reason>> {
  let file;
  try {
    file = await open(path, 'wx', 0o600);
  } catch (error) {
    return refuse(`cannot make \`${path}\`, which must be a new file`, error);
  }
  try {
    for await (const piece of pieces) await file.appendFile(piece);
    await file.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  return ok(undefined);
}

function refuse(what: string, error: unknown): Result<never, Reason> {
  const message = `${what} (${systemCode(error) ?? 'unreadable'})`;
  return err({ code: 'interchange.file', message });
}
