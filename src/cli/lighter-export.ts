/** `countersign lighter export`: a key out of the key storage, for an in-browser signer. */
import { Command } from 'commander';

import type { Hex } from '../base/hex.ts';
import { ok, type Result } from '../base/result.ts';
import type { Reason } from '../core/outcome.ts';
import { finish } from './action.ts';
import { confirmed, type LighterDeps, refuse, type Slot } from './lighter-parts.ts';
import { existingPassword } from './password.ts';
import { createPrompt } from './prompt.ts';
import { print } from './terminal.ts';

interface ExportOptions {
  readonly out?: string;
  readonly owner?: string;
  readonly yes?: true;
  readonly passwordFile?: string;
}

export function exportCommand(deps: LighterDeps): Command {
  const command = new Command('export')
    .description('write an API key in the clear, as a `lifi-perps-lighter-key` record')
    .argument('<id>', 'the key, such as lighter/304/123/42')
    .option('--out <file>', 'a new file, which only you may read (default: the terminal)')
    .option('--owner <address>', 'wallet that owns the account, where it is not known')
    .option('--yes', 'do not ask whether to go on')
    .option('--password-file <file>', 'file with the password (default: KEYS_PASSWORD_FILE)')
    .addHelpText(
      'after',
      `
Whoever has the record can trade with the account.

Example:
  $ countersign lighter export lighter/304/123/42 --out record.json`,
    );
  return command.action((id: string, options: ExportOptions) =>
    finish(command, exportRecord(id, options, deps)),
  );
}

async function exportRecord(
  id: string,
  options: ExportOptions,
  deps: LighterDeps,
): Promise<Result<void, Reason>> {
  const { terminal } = deps;
  const slot = deps.slotOf(id);
  if (slot === undefined)
    return refuse(`\`${id}\` is not the key of a slot; \`keys list\` shows them`);
  const owner = ownerOf(slot, options, deps);
  if (!owner.ok) return owner;
  using prompt = createPrompt(terminal);
  if (options.out === undefined && !prompt.interactive) {
    return refuse('the key would go into a pipe; name a new file with `--out`');
  }
  const where = options.out === undefined ? 'on this screen' : `into \`${options.out}\``;
  const sure = await confirmed(
    `Write the private key of \`${id}\` in the clear ${where}?`,
    options.yes,
    prompt,
  );
  if (!sure.ok) return sure;
  const { readSecretFile } = deps;
  const file = options.passwordFile ?? deps.passwordFile();
  const opened = await deps
    .storage()
    .open(id, () => existingPassword({ prompt, file, readSecretFile }));
  if (!opened.ok) return opened;
  using privateKey = opened.value;
  const publicKey = deps.kind.fingerprint(privateKey);
  const { account, apiKey } = slot;
  const text = deps.writeRecord(owner.value, { account, apiKey, publicKey, privateKey });
  if (options.out === undefined) {
    print(terminal, text.trimEnd());
    return ok(undefined);
  }
  return deps.createFile(options.out, text);
}

function ownerOf(slot: Slot, options: ExportOptions, { owners }: LighterDeps): Result<Hex, Reason> {
  const known = owners.of(slot);
  if (!known.ok) return known;
  const owner = options.owner === undefined ? known.value : owners.read(options.owner);
  if (owner !== undefined) return ok(owner);
  return refuse(
    'the record is named after the owner of the account; give its address by `--owner`',
  );
}
