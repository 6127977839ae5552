/** `countersign keys`: make, import, list, freeze and unfreeze the keys at rest. */
import { Command, Option } from 'commander';

import { fromHex, isHex } from '../base/hex.ts';
import { err, ok, type Result } from '../base/result.ts';
import { Secret } from '../base/secret.ts';
import type { KeyKind, KeyStorage, NewKey, StoredKey } from '../core/key-storage.ts';
import type { Reason } from '../core/outcome.ts';
import { finish } from './action.ts';
import { callAdmin, type AdminTarget } from './admin-call.ts';
import { passwordForKeys } from './password.ts';
import { createPrompt, type Prompt } from './prompt.ts';
import { renderPairs, renderTable } from './table.ts';
import { note, print, type Terminal } from './terminal.ts';

/** Functions where the answer depends on flags, which are read after the command was built. */
export interface KeysDeps {
  readonly terminal: Terminal;
  /** The first is the one that a new key has unless the operator names another. */
  readonly kinds: readonly [KeyKind, ...KeyKind[]];
  readonly storage: () => Result<KeyStorage, Reason>;
  /** The configured `KEYS_PASSWORD_FILE`. */
  readonly passwordFile: () => string | undefined;
  readonly adminTarget: () => AdminTarget;
  readonly readSecretFile: (path: string) => Result<Secret, Reason>;
  /** Bytes of the operating system's generator. */
  readonly randomSecret: (length: number) => Secret;
}

export function keysCommand(deps: KeysDeps): Command {
  return new Command('keys')
    .description('make, import, list and freeze the signing keys in KEYS_DIR')
    .addCommand(generateCommand(deps))
    .addCommand(importCommand(deps))
    .addCommand(listCommand(deps))
    .addCommand(stateCommand(deps, 'freeze'))
    .addCommand(stateCommand(deps, 'unfreeze'));
}

// --- New keys ----------------------------------------------------------------------------------

interface NewKeyOptions {
  readonly kind: string;
  readonly id?: string;
  readonly description?: string;
  readonly passwordFile?: string;
}

/** Where the bytes of a new key come from. */
type Origin = (kind: KeyKind, prompt: Prompt) => Promise<Result<Secret, Reason>>;

function generateCommand(deps: KeysDeps): Command {
  const origin: Origin = (kind) => {
    let secret = deps.randomSecret(kind.size.generated);
    while (kind.isKey?.(secret) === false) secret = deps.randomSecret(kind.size.generated);
    return Promise.resolve(ok(secret));
  };
  return newKeyCommand('generate', origin, deps)
    .description('make a new key at random and write it to an encrypted file; it is never shown')
    .addHelpText(
      'after',
      `
Examples:
  $ countersign keys generate
  $ countersign keys generate --kind lightning-test-seed
  $ countersign keys generate --id lightspark/spare --password-file /run/secrets/keys-password`,
    );
}

function importCommand(deps: KeysDeps): Command {
  return newKeyCommand('import', askForKey, deps)
    .description(
      'encrypt an existing key; its hex is asked for without showing it, never an argument',
    )
    .addHelpText(
      'after',
      `
Without a terminal, the first line of the input is the key and the second one the password.

Examples:
  $ countersign keys import
  $ countersign keys import --password-file /run/secrets/keys-password < seed.hex`,
    );
}

function newKeyCommand(name: string, origin: Origin, deps: KeysDeps): Command {
  const { kinds } = deps;
  const kindOption = new Option('--kind <kind>', 'what the key is for')
    .choices(kinds.map(({ kind }) => kind))
    .default(kinds[0].kind);
  const legend = kinds.map(
    ({ kind, about, defaultId }) => [`  ${kind}`, `${about} (${defaultId})`] as const,
  );
  const command = new Command(name)
    .addOption(kindOption)
    .option('--id <id>', 'name of the key (default: that of its kind)')
    .option('--description <text>', 'a note, kept in the clear in the file')
    .option('--password-file <file>', 'file with the password (default: KEYS_PASSWORD_FILE)')
    .addHelpText(
      'after',
      `\nKinds, each with the id that its key has by default:\n${renderPairs(legend)}`,
    );
  return command.action((options: NewKeyOptions) => finish(command, addKey(options, origin, deps)));
}

async function addKey(
  options: NewKeyOptions,
  origin: Origin,
  deps: KeysDeps,
): Promise<Result<void, Reason>> {
  const { terminal, kinds } = deps;
  const kind = kinds.find((candidate) => candidate.kind === options.kind) ?? kinds[0];
  const storage = deps.storage();
  if (!storage.ok) return storage;
  using prompt = createPrompt(terminal);
  const made = await origin(kind, prompt);
  if (!made.ok) return made;
  using secret = made.value;
  const file = options.passwordFile ?? deps.passwordFile();
  const source = { prompt, file, readSecretFile: deps.readSecretFile };
  const password = await passwordForKeys(storage.value, source, terminal);
  if (!password.ok) return password;
  using word = password.value;
  const described = options.description === undefined ? {} : { description: options.description };
  const wanted = idOf(kind, secret);
  const id = options.id ?? wanted ?? kind.defaultId;
  const place = checkPlace(kind, id, wanted);
  if (!place.ok) return place;
  const key: NewKey = { id, kind: kind.kind, secret, ...described };
  const added = await storage.value.add(key, word);
  if (!added.ok) return added;
  print(
    terminal,
    renderPairs([
      ['key', added.value.id],
      ['kind', added.value.kind],
      ['file', `${storage.value.directory}/${added.value.origin}`],
      ['fingerprint', added.value.fingerprint],
    ]),
  );
  note(terminal, 'Keep a copy of the file and of its password: neither can be made again.');
  return ok(undefined);
}

/** The id that follows from the key; what is no key of the kind has none. */
function idOf({ size, isKey, idFor, fingerprint }: KeyKind, secret: Secret): string | undefined {
  const hasSize = secret.length >= size.least && secret.length <= size.most;
  const isGood = hasSize && isKey?.(secret) !== false;
  return isGood ? idFor?.(fingerprint(secret)) : undefined;
}

/** Under another id a key would lie there unused, and nobody would say so. */
function checkPlace(kind: KeyKind, id: string, wanted: string | undefined): Result<void, Reason> {
  if (wanted === undefined ? kind.isId?.(id) !== false : wanted === id) return ok(undefined);
  const message = `a key of kind ${kind.kind} is looked for under \`${wanted ?? kind.defaultId}\` only; give that as \`--id\``;
  return err({ code: 'cli.key_id', message });
}

async function askForKey(_kind: KeyKind, prompt: Prompt): Promise<Result<Secret, Reason>> {
  const answer = await prompt.hidden('Key in hex: ');
  if (!answer.ok) return answer;
  const hex = answer.value.trim().toLowerCase();
  if (isHex(hex) && hex !== '') return ok(new Secret(fromHex(hex)));
  return err({ code: 'cli.key', message: 'the key is not hex; give two digits for each byte' });
}

// --- Known keys --------------------------------------------------------------------------------

function listCommand(deps: KeysDeps): Command {
  const command = new Command('list')
    .description('show every key with its state; no secret and no password is needed')
    .option('--json', 'as JSON');
  return command.action(({ json }: { readonly json?: true }) =>
    finish(command, Promise.resolve(listKeys(json === true, deps))),
  );
}

function listKeys(asJson: boolean, { terminal, storage }: KeysDeps): Result<void, Reason> {
  const place = storage();
  if (!place.ok) return place;
  const keys = place.value.list();
  if (!keys.ok) return keys;
  if (asJson) print(terminal, JSON.stringify(keys.value, undefined, 2));
  else if (keys.value.length > 0) print(terminal, keyTable(keys.value));
  else note(terminal, `There are no keys in ${place.value.directory}.`);
  return ok(undefined);
}

function keyTable(keys: readonly StoredKey[]): string {
  const columns = ['id', 'kind', 'state', 'origin', 'fingerprint'] as const;
  const titles = columns.map((title) => ({ title }));
  return renderTable(
    titles,
    keys.map((key) => columns.map((column) => key[column])),
  );
}

interface StateOptions {
  readonly url?: string;
  readonly tokenFile?: string;
}

const STATES = {
  freeze: 'sign nothing more with a key, until it is unfrozen; holds across restarts',
  unfreeze: 'sign with a key again',
} as const;

function stateCommand(deps: KeysDeps, change: keyof typeof STATES): Command {
  const command = new Command(change)
    .description(STATES[change])
    .argument('<id>', 'name of the key, such as lightspark/main')
    .option('--url <url>', 'ask the daemon that listens there, instead of writing to KEYS_DIR')
    .option('--token-file <file>', 'file with its token (default: API_TOKEN_FILE)')
    .addHelpText(
      'after',
      `
A daemon on this machine that uses the same KEYS_DIR obeys at once; for another one use --url.

Examples:
  $ countersign keys ${change} lightspark/main
  $ countersign keys ${change} ethereum/0x93247f2209abcacf57b75a51dafae777f9dd38bc7053d1af526f220a7489a6d3a2753e5f3e8b1cfe39b56f43611df74a
  $ countersign keys ${change} lightspark/main --url https://signer.example:9000 --token-file token`,
    );
  return command.action((id: string, options: StateOptions) =>
    finish(command, changeState(id, change, options, deps)),
  );
}

async function changeState(
  id: string,
  change: keyof typeof STATES,
  { url, tokenFile }: StateOptions,
  deps: KeysDeps,
): Promise<Result<void, Reason>> {
  const { terminal, storage, adminTarget } = deps;
  const state = change === 'freeze' ? 'frozen' : 'active';
  if (url !== undefined) {
    const target = { url, tokenFile: tokenFile ?? adminTarget().tokenFile };
    const answer = await callAdmin(target, `keys/${encodeURIComponent(id)}/${change}`, {}, deps);
    if (answer.ok) print(terminal, `${id} is ${state} at ${url}`);
    return answer.ok ? ok(undefined) : answer;
  }
  const place = storage();
  if (!place.ok) return place;
  const changed = place.value[change](id);
  if (changed.ok) print(terminal, `${id} is ${state}`);
  return changed;
}
