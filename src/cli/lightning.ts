/** `countersign lightning`: what the operator of a Lightning node does by hand, rarely. */
import { createHash } from 'node:crypto';

import { Command, Option } from 'commander';

import { equalBytes } from '../base/bytes.ts';
import { fromHex, isHexOf, toHex, type Hex } from '../base/hex.ts';
import { stringifyJson } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { Secret } from '../base/secret.ts';
import type { Reason } from '../core/outcome.ts';
import { finish } from './action.ts';
import { callAdmin, type AdminTarget } from './admin-call.ts';
import { existingPassword } from './password.ts';
import { createPrompt, type Prompt } from './prompt.ts';
import { print, type Terminal } from './terminal.ts';

const NETWORKS = ['MAINNET', 'TESTNET', 'REGTEST', 'SIGNET'] as const;
type NetworkName = (typeof NETWORKS)[number];

/** What these commands ask of a seed; no key leaves it. */
interface LightningSeed extends Disposable {
  readonly masterExtendedPublicKey: (network: NetworkName) => string;
  readonly sealPreimage: (invoiceId: string, preimage: Uint8Array) => Hex;
  readonly openPreimage: (invoiceId: string, sealed: Hex) => Uint8Array | undefined;
}

interface SealedPreimages {
  readonly read: (invoiceId: string) => Hex | undefined;
  readonly add: (invoiceId: string, sealed: Hex) => Result<void, Reason>;
}

/** Functions where the answer depends on flags, which are read after the command was built. */
export interface LightningDeps {
  readonly terminal: Terminal;
  readonly defaultKey: string;
  /** The configured network pin. */
  readonly network: () => NetworkName;
  /** Asks for the password only if the seed lies in a file. */
  readonly openSeed: (
    id: string,
    password: () => Promise<Result<Secret, Reason>>,
  ) => Promise<Result<LightningSeed, Reason>>;
  readonly preimages: () => SealedPreimages;
  /** The configured `KEYS_PASSWORD_FILE`. */
  readonly passwordFile: () => string | undefined;
  readonly adminTarget: () => AdminTarget;
  readonly readSecretFile: (path: string) => Result<Secret, Reason>;
}

export function lightningCommand(deps: LightningDeps): Command {
  return new Command('lightning')
    .description('set up and repair a Lightning node')
    .addCommand(xpubCommand(deps))
    .addCommand(importPreimageCommand(deps))
    .addCommand(rebaselineCommand(deps));
}

// --- Seed --------------------------------------------------------------------------------------

interface SeedOptions {
  readonly key: string;
  readonly passwordFile?: string;
}

function seedCommand(name: string, { defaultKey }: LightningDeps): Command {
  return new Command(name)
    .option('--key <id>', 'the seed', defaultKey)
    .option('--password-file <file>', 'file with its password (default: KEYS_PASSWORD_FILE)');
}

async function openSeed(
  { key, passwordFile }: SeedOptions,
  prompt: Prompt,
  deps: LightningDeps,
): Promise<Result<LightningSeed, Reason>> {
  const { readSecretFile } = deps;
  const file = passwordFile ?? deps.passwordFile();
  return await deps.openSeed(key, () => existingPassword({ prompt, file, readSecretFile }));
}

interface XpubOptions extends SeedOptions {
  readonly network?: NetworkName;
}

function xpubCommand(deps: LightningDeps): Command {
  const command = seedCommand('xpub', deps)
    .description('print the master extended public key, which Lightspark asks for at on-boarding')
    .addOption(
      new Option('--network <name>', 'network (default: LIGHTSPARK_NETWORK)').choices(NETWORKS),
    );
  return command.action((options: XpubOptions) => finish(command, printXpub(options, deps)));
}

async function printXpub(options: XpubOptions, deps: LightningDeps): Promise<Result<void, Reason>> {
  using prompt = createPrompt(deps.terminal);
  const opened = await openSeed(options, prompt, deps);
  if (!opened.ok) return opened;
  using seed = opened.value;
  print(deps.terminal, seed.masterExtendedPublicKey(options.network ?? deps.network()));
  return ok(undefined);
}

// --- Preimages ---------------------------------------------------------------------------------

interface PreimageOptions extends SeedOptions {
  readonly invoice: string;
  readonly paymentHash?: string;
}

function importPreimageCommand(deps: LightningDeps): Command {
  const command = seedCommand('import-preimage', deps)
    .description('keep the preimage of an invoice that was created with a payment hash of your own')
    .requiredOption('--invoice <id>', 'id of the invoice, as in the webhook')
    .option('--payment-hash <hex>', 'check that the preimage belongs to this payment hash')
    .addHelpText(
      'after',
      `
The preimage (32 bytes in hex) is asked for without showing it, and kept sealed by the seed. Without a
terminal, the first line of the input is the preimage and the second one the password.

Example:
  $ countersign lightning import-preimage --invoice Invoice:018f… --payment-hash 66687a…`,
    );
  return command.action((options: PreimageOptions) =>
    finish(command, importPreimage(options, deps)),
  );
}

async function importPreimage(
  options: PreimageOptions,
  deps: LightningDeps,
): Promise<Result<void, Reason>> {
  using prompt = createPrompt(deps.terminal);
  const asked = await askForPreimage(prompt, options.paymentHash);
  if (!asked.ok) return asked;
  using preimage = asked.value;
  const opened = await openSeed(options, prompt, deps);
  if (!opened.ok) return opened;
  using seed = opened.value;
  const kept = keep(options.invoice, preimage, seed, deps.preimages());
  if (!kept.ok) return kept;
  print(deps.terminal, `${kept.value} the preimage of ${options.invoice}`);
  print(deps.terminal, `payment hash ${toHex(preimage.reveal(paymentHashOf))}`);
  return ok(undefined);
}

async function askForPreimage(
  prompt: Prompt,
  paymentHash: string | undefined,
): Promise<Result<Secret, Reason>> {
  const answer = await prompt.hidden('Preimage in hex: ');
  if (!answer.ok) return answer;
  const hex = answer.value.trim().toLowerCase();
  if (!isHexOf(32, hex)) return refuse('the preimage is not 32 bytes of hex');
  const preimage = new Secret(fromHex(hex));
  if (paymentHash === undefined) return ok(preimage);
  const expected = paymentHash.toLowerCase();
  const actual = toHex(preimage.reveal(paymentHashOf));
  if (expected === actual) return ok(preimage);
  return refuse(`the payment hash of this preimage is ${actual}; check which invoice it is for`);
}

function keep(
  invoice: string,
  preimage: Secret,
  seed: LightningSeed,
  preimages: SealedPreimages,
): Result<'kept' | 'already kept', Reason> {
  const present = preimages.read(invoice);
  if (present === undefined) {
    const sealed = preimage.reveal((bytes) => seed.sealPreimage(invoice, bytes));
    const added = preimages.add(invoice, sealed);
    return added.ok ? ok('kept') : added;
  }
  const other = seed.openPreimage(invoice, present);
  const isSame = other !== undefined && preimage.reveal((bytes) => equalBytes(bytes, other));
  other?.fill(0);
  if (isSame) return ok('already kept');
  return refuse(
    `another preimage of \`${invoice}\` is kept already; remove its file to replace it`,
  );
}

function paymentHashOf(preimage: Uint8Array): Uint8Array {
  return createHash('sha256').update(preimage).digest();
}

// --- Revocation --------------------------------------------------------------------------------

interface RebaselineOptions {
  readonly index: string;
  readonly yes?: true;
  readonly url?: string;
  readonly tokenFile?: string;
}

/** BOLT 3: indices count down from here. */
const FIRST_INDEX = 2n ** 48n - 1n;

function rebaselineCommand(deps: LightningDeps): Command {
  const command = new Command('rebaseline')
    .description('accept a gap in the revocation of a channel, for a daemon that withholds it')
    .argument('<channel-path>', 'keys of the channel, such as m/3/1234')
    .requiredOption('--index <n>', 'the next per-commitment secret that may be released')
    .option('--yes', 'do not ask')
    .option('--url <url>', 'where the daemon listens (default: API_HOST and API_PORT)')
    .option('--token-file <file>', 'file with its token (default: API_TOKEN_FILE)')
    .addHelpText(
      'after',
      `
A secret that is released too early lets the peer take the whole channel. Do this only after you have
made sure that the node has moved on, for instance after another signer has answered for some time.

Example:
  $ countersign lightning rebaseline m/3/1234 --index 281474976710600`,
    );
  return command.action((channel: string, options: RebaselineOptions) =>
    finish(command, rebaseline(channel, options, deps)),
  );
}

async function rebaseline(
  channel: string,
  options: RebaselineOptions,
  deps: LightningDeps,
): Promise<Result<void, Reason>> {
  const index = parseIndex(options.index);
  if (!index.ok) return index;
  if (!/^m\/3\/(?:0|[1-9][0-9]{0,9})$/.test(channel)) {
    return refuse(`\`${channel}\` is not the path of a channel; it is like \`m/3/1234\``);
  }
  if (options.yes !== true) {
    using prompt = createPrompt(deps.terminal);
    const question = `Release the secrets of ${channel} from index ${String(index.value)} on?`;
    const sure = await prompt.confirm(question);
    if (!sure.ok) return sure;
    if (!sure.value) return refuse('nothing was changed');
  }
  const configured = deps.adminTarget();
  const target = {
    url: options.url ?? configured.url,
    tokenFile: options.tokenFile ?? configured.tokenFile,
  };
  const body = { channel, index: index.value };
  const answer = await callAdmin(target, 'worlds/lightspark/rebaseline', body, deps);
  if (!answer.ok) return answer;
  print(deps.terminal, stringifyJson(answer.value));
  return ok(undefined);
}

function parseIndex(text: string): Result<bigint, Reason> {
  const index = /^(?:0|[1-9][0-9]{0,15})$/.test(text) ? BigInt(text) : undefined;
  if (index !== undefined && index <= FIRST_INDEX) return ok(index);
  return refuse(`\`--index\` must be an integer from 0 to ${String(FIRST_INDEX)}`);
}

function refuse(message: string): Result<never, Reason> {
  return err({ code: 'cli.lightning', message });
}
