/** The password of the key files: from a file, or asked for without showing it. */
import { equalBytes, utf8 } from '../base/bytes.ts';
import { err, ok, type Result } from '../base/result.ts';
import { Secret } from '../base/secret.ts';
import type { KeyStorage } from '../core/key-storage.ts';
import type { Reason } from '../core/outcome.ts';
import type { Prompt } from './prompt.ts';
import { note, type Terminal } from './terminal.ts';

export interface PasswordSource {
  /** Asked only if there is no file. */
  readonly prompt: Prompt;
  readonly file: string | undefined;
  readonly readSecretFile: (path: string) => Result<Secret, Reason>;
}

/** Shorter ones can be guessed by machine, however slow each guess is made. */
const GOOD_LENGTH = 12;

export async function existingPassword(source: PasswordSource): Promise<Result<Secret, Reason>> {
  if (source.file !== undefined) return source.readSecretFile(source.file);
  return await askHidden(source.prompt, 'Password of the key files: ');
}

/** All key files share one password, so only the first of them gets a new one. */
export async function passwordForKeys(
  storage: KeyStorage,
  source: PasswordSource,
  terminal: Terminal,
): Promise<Result<Secret, Reason>> {
  const known = storage.list();
  if (!known.ok) return known;
  const isFirst = known.value.every((key) => key.origin === 'environment');
  return isFirst ? await newPassword(source, terminal) : await existingPassword(source);
}

/** Asked for twice where a person types it; a short one is accepted with a warning. */
export async function newPassword(
  source: PasswordSource,
  terminal: Terminal,
): Promise<Result<Secret, Reason>> {
  const password = await chosenPassword(source);
  if (password.ok && password.value.length < GOOD_LENGTH) {
    note(terminal, `warning: the password has fewer than ${String(GOOD_LENGTH)} characters`);
  }
  return password;
}

async function chosenPassword(source: PasswordSource): Promise<Result<Secret, Reason>> {
  const { prompt, file, readSecretFile } = source;
  if (file !== undefined) return readSecretFile(file);
  const first = await askHidden(prompt, 'New password for the key files: ');
  if (!first.ok || !prompt.interactive) return first;
  const second = await askHidden(prompt, 'The same password again: ');
  if (!second.ok) return second;
  using repeated = second.value;
  if (isSame(first.value, repeated)) return first;
  return err({ code: 'cli.password', message: 'the two passwords differ; start again' });
}

async function askHidden(prompt: Prompt, question: string): Promise<Result<Secret, Reason>> {
  const answer = await prompt.hidden(question);
  return answer.ok ? ok(new Secret(utf8(answer.value))) : answer;
}

function isSame(one: Secret, other: Secret): boolean {
  return one.reveal((left) => other.reveal((right) => equalBytes(left, right)));
}
