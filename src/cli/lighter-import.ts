/** `countersign lighter import`: keys of in-browser signers, into the key storage. */
import { Command } from 'commander';

import type { Hex } from '../base/hex.ts';
import { ok, type Result } from '../base/result.ts';
import type { Secret } from '../base/secret.ts';
import type { KeyKind, KeyStorage } from '../core/key-storage.ts';
import type { Reason } from '../core/outcome.ts';
import { finish } from './action.ts';
import { confirmed, type KeyRecord, type LighterDeps, refuse, type Slot } from './lighter-parts.ts';
import { passwordForKeys } from './password.ts';
import { createPrompt } from './prompt.ts';
import { renderPairs } from './table.ts';
import { note, print } from './terminal.ts';

const MAINNET = '304';

interface ImportOptions {
  readonly chain: string;
  readonly owner?: string;
  readonly yes?: true;
  readonly passwordFile?: string;
}

export function importCommand(deps: LighterDeps): Command {
  const command = new Command('import')
    .description('keep the API keys of `lifi-perps-lighter-key` records, encrypted')
    .argument('<file>', 'JSON: a record, or an object of records by their names')
    .option('--chain <id>', 'the chain of the keys; 300 is testnet', MAINNET)
    .option('--owner <address>', 'wallet that owns the account, for a record without its name')
    .option('--yes', 'do not ask whether to go on')
    .option('--password-file <file>', 'file with the password (default: KEYS_PASSWORD_FILE)')
    .addHelpText(
      'after',
      `
A daemon that runs knows the keys after its next start. Remove the file when you are done.

Example:
  $ countersign lighter import --chain 304 record.json`,
    );
  return command.action((file: string, options: ImportOptions) =>
    finish(command, importRecords(file, options, deps)),
  );
}

/** A key of a record, and the slot that it says. */
interface Import {
  readonly slot: Slot;
  readonly record: KeyRecord;
  readonly owner: Hex | undefined;
}

async function importRecords(
  file: string,
  options: ImportOptions,
  deps: LighterDeps,
): Promise<Result<void, Reason>> {
  const { terminal } = deps;
  const imports = readImports(file, options, deps);
  if (!imports.ok) return imports;
  using prompt = createPrompt(terminal);
  for (const each of imports.value) note(terminal, describe(each, deps));
  const sure = await confirmed('Keep these keys?', options.yes, prompt);
  if (!sure.ok) return sure;
  const storage = deps.storage();
  const source = {
    prompt,
    file: options.passwordFile ?? deps.passwordFile(),
    readSecretFile: deps.readSecretFile,
  };
  const asked = await passwordForKeys(storage, source, terminal);
  if (!asked.ok) return asked;
  using password = asked.value;
  for (const each of imports.value) {
    const kept = await keep(each, storage, password, deps);
    if (!kept.ok) return kept;
  }
  return ok(undefined);
}

function readImports(
  file: string,
  options: ImportOptions,
  deps: LighterDeps,
): Result<readonly Import[], Reason> {
  if (!/^[1-9][0-9]{0,9}$/.test(options.chain)) return refuse('`--chain` is not a chain id');
  const named = options.owner === undefined ? undefined : deps.owners.read(options.owner);
  if (options.owner !== undefined && named === undefined) {
    return refuse('`--owner` is not an address; give `0x` and 40 hex digits');
  }
  const content = deps.readFile(file);
  if (!content.ok) return content;
  const records = deps.readRecords(content.value);
  content.value.fill(0);
  if (!records.ok) return records;
  const imports = records.value.map((record) => ({
    slot: { chainId: BigInt(options.chain), account: record.account, apiKey: record.apiKey },
    record,
    owner: record.owner ?? named,
  }));
  const foreign = imports.find(({ record }) => !isOwnPublicKey(record, deps.kind));
  if (foreign === undefined) return ok(imports);
  return refuse(
    `the private key of account ${String(foreign.slot.account)} is not that of its public key; the record is damaged`,
  );
}

function isOwnPublicKey({ privateKey, publicKey }: KeyRecord, kind: KeyKind): boolean {
  return kind.isKey?.(privateKey) !== false && kind.fingerprint(privateKey) === publicKey;
}

async function keep(
  { slot, record, owner }: Import,
  storage: KeyStorage,
  password: Secret,
  { terminal, kind, keyId, owners }: LighterDeps,
): Promise<Result<void, Reason>> {
  using secret = record.privateKey;
  const key = { id: keyId(slot), kind: kind.kind, secret };
  const added = await storage.add(key, password);
  if (!added.ok) return added;
  print(terminal, `${added.value.id} is kept in ${storage.directory}/${added.value.origin}`);
  return owner === undefined ? ok(undefined) : owners.note(slot, owner);
}

function describe({ slot, record, owner }: Import, { keyId }: LighterDeps): string {
  return renderPairs([
    ['key', keyId(slot)],
    ['public key', record.publicKey],
    ['owner', owner === undefined ? 'not known' : `0x${owner}`],
  ]);
}
