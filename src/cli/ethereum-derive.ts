/** `countersign ethereum derive`: the keystores of validators, from the mnemonic they were made of. */
import { Command, InvalidArgumentError } from 'commander';

import type { Hex } from '../base/hex.ts';
import { ok, type Result } from '../base/result.ts';
import type { Secret } from '../base/secret.ts';
import type { Reason } from '../core/outcome.ts';
import { finish } from './action.ts';
import { newPassword } from './password.ts';
import { createPrompt, type Prompt } from './prompt.ts';
import { renderTable } from './table.ts';
import { note, print, type Terminal } from './terminal.ts';

export interface DeriveDeps {
  readonly terminal: Terminal;
  readonly readSecretFile: (path: string) => Result<Secret, Reason>;
  /** Takes a mnemonic, or a seed in hex. The caller disposes of the seed. */
  readonly readSeed: (text: string, passphrase: string) => Promise<Result<Secret, Reason>>;
  readonly writeKeystores: (
    seed: Secret,
    order: {
      readonly directory: string;
      readonly first: number;
      readonly count: number;
      readonly password: Secret;
    },
  ) => Promise<Result<readonly Keystore[], Reason>>;
}

interface Keystore {
  readonly index: number;
  readonly pubkey: Hex;
  readonly file: string;
}

interface DeriveOptions {
  readonly to: string;
  readonly first: number;
  readonly count: number;
  readonly passphrase?: true;
  readonly passwordFile?: string;
}

const MAX_INDEX = 2 ** 32 - 1;
/** More than one daemon holds. */
const MAX_COUNT = 100_000;

export function deriveCommand(deps: DeriveDeps): Command {
  const command = new Command('derive')
    .description('make the keystores of validators from their mnemonic (EIP-2333, EIP-2334)')
    .requiredOption('--to <directory>', 'where the keystores go; none is replaced')
    .option('--first <n>', 'index of the first validator', integerUpTo(MAX_INDEX), 0)
    .option('--count <n>', 'how many validators', integerUpTo(MAX_COUNT), 1)
    .option('--passphrase', 'ask for the passphrase of the mnemonic too')
    .option('--password-file <file>', 'file with the password of the keystores')
    .addHelpText(
      'after',
      `
The mnemonic is asked for without showing it; a seed in hex does as well. Without a terminal, the lines of the
input are the mnemonic, its passphrase where \`--passphrase\` is given, and the password.

Examples:
  $ countersign ethereum derive --to keystores --count 4
  $ countersign ethereum derive --to keystores --first 4 --password-file password.txt < mnemonic.txt`,
    );
  return command.action((options: DeriveOptions) => finish(command, derive(options, deps)));
}

async function derive(options: DeriveOptions, deps: DeriveDeps): Promise<Result<void, Reason>> {
  const { terminal, readSecretFile, writeKeystores } = deps;
  const { to: directory, first, count, passwordFile: file } = options;
  using prompt = createPrompt(terminal);
  const asked = await askForSeed(prompt, options, deps);
  if (!asked.ok) return asked;
  using seed = asked.value;
  const chosen = await newPassword({ prompt, file, readSecretFile }, terminal);
  if (!chosen.ok) return chosen;
  using password = chosen.value;
  const written = await writeKeystores(seed, { directory, first, count, password });
  if (!written.ok) return written;
  print(
    terminal,
    renderTable(
      [{ title: 'index', align: 'right' }, { title: 'public key' }, { title: 'file' }],
      written.value.map(({ index, pubkey, file: path }) => [String(index), `0x${pubkey}`, path]),
    ),
  );
  note(
    terminal,
    'Set ETH_KEYSTORES_DIR to this directory. A key that signed elsewhere must not sign there any more, and needs its history: countersign ethereum import.',
  );
  return ok(undefined);
}

async function askForSeed(
  prompt: Prompt,
  { passphrase: hasPassphrase }: DeriveOptions,
  { readSeed }: DeriveDeps,
): Promise<Result<Secret, Reason>> {
  const mnemonic = await prompt.hidden('Mnemonic: ');
  if (!mnemonic.ok) return mnemonic;
  const passphrase = hasPassphrase ? await prompt.hidden('Passphrase of the mnemonic: ') : ok('');
  return passphrase.ok ? await readSeed(mnemonic.value, passphrase.value) : passphrase;
}

function integerUpTo(most: number): (text: string) => number {
  return (text) => {
    const value = /^[0-9]{1,10}$/.test(text) ? Number(text) : most + 1;
    if (value <= most) return value;
    throw new InvalidArgumentError(`It must be an integer up to ${String(most)}.`);
  };
}
