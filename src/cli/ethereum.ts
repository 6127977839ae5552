/** `countersign ethereum`: keys and slashing protection in the hands of a validator operator. */
import { Command } from 'commander';

import { isJsonObject, type JsonObject, stringifyJson } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Reason } from '../core/outcome.ts';
import { finish } from './action.ts';
import { type AdminRequest, type AdminTarget, objectIn, requestAdmin } from './admin-call.ts';
import { deriveCommand, type DeriveDeps } from './ethereum-derive.ts';
import { createPrompt } from './prompt.ts';
import { note, print } from './terminal.ts';

/** Functions where the answer depends on flags, which are read after the command was built. */
export interface EthereumDeps extends DeriveDeps {
  readonly adminTarget: () => AdminTarget;
  readonly readDocument: (path: string) => Promise<Result<Uint8Array<ArrayBuffer>, Reason>>;
  /** Never replaces a file, and leaves none behind where the pieces break off. */
  readonly writeDocument: (
    path: string,
    pieces: AsyncIterable<Uint8Array>,
  ) => Promise<Result<void, Reason>>;
}

export function ethereumCommand(deps: EthereumDeps): Command {
  return new Command('ethereum')
    .description('make keystores of validators, move and mend their slashing protection')
    .addCommand(deriveCommand(deps))
    .addCommand(exportCommand(deps))
    .addCommand(importCommand(deps))
    .addCommand(watermarkCommand(deps))
    .addCommand(highWatermarkCommand(deps));
}

interface ReachOptions {
  readonly url?: string;
  readonly tokenFile?: string;
}

/** Milliseconds: the records of ten thousand keys. */
const LONG = 600_000;
const SHORT = 30_000;
const DOCUMENT = 'ethereum/slashing-protection';

function reaching(command: Command): Command {
  return command
    .option('--url <url>', 'where the daemon listens (default: API_HOST and API_PORT)')
    .option('--token-file <file>', 'file with its token (default: API_TOKEN_FILE)');
}

function ask<T>(
  { url, tokenFile }: ReachOptions,
  request: AdminRequest<T>,
  deps: EthereumDeps,
): Promise<Result<T, Reason>> {
  const configured = deps.adminTarget();
  const target = { url: url ?? configured.url, tokenFile: tokenFile ?? configured.tokenFile };
  return requestAdmin(target, request, deps);
}

const readObject = async (response: Response): Promise<JsonObject> =>
  objectIn(await response.text());

// --- Records -----------------------------------------------------------------------------------

function exportCommand(deps: EthereumDeps): Command {
  const command = reaching(new Command('export'))
    .description('write what was signed as an interchange document (EIP-3076)')
    .requiredOption('--to <file>', 'a new file')
    .addHelpText(
      'after',
      `
A key that goes on signing here must not sign elsewhere: stop the daemon's validator clients first.

Example:
  $ countersign ethereum export --to slashing-protection.json`,
    );
  return command.action((options: ReachOptions & { readonly to: string }) =>
    finish(command, exportTo(options, deps)),
  );
}

async function exportTo(
  options: ReachOptions & { readonly to: string },
  deps: EthereumDeps,
): Promise<Result<void, Reason>> {
  const read = ({ body }: Response): Promise<Result<void, Reason>> =>
    body === null
      ? Promise.resolve(refuse('the daemon sent nothing'))
      : deps.writeDocument(options.to, body);
  const request = { method: 'GET', path: DOCUMENT, timeout: LONG, read } as const;
  const written = await ask(options, request, deps);
  if (!written.ok) return written;
  if (written.value.ok) note(deps.terminal, `written to ${options.to}`);
  return written.value;
}

function importCommand(deps: EthereumDeps): Command {
  const command = reaching(new Command('import'))
    .description('add the records of an interchange document (EIP-3076)')
    .requiredOption('--from <file>', 'the document');
  return command.action((options: ReachOptions & { readonly from: string }) =>
    finish(command, importFrom(options, deps)),
  );
}

async function importFrom(
  options: ReachOptions & { readonly from: string },
  deps: EthereumDeps,
): Promise<Result<void, Reason>> {
  const document = await deps.readDocument(options.from);
  if (!document.ok) return document;
  const request = { path: DOCUMENT, body: document.value, timeout: LONG, read: readObject };
  const answer = await ask(options, { method: 'POST', ...request }, deps);
  if (!answer.ok) return answer;
  const { data } = answer.value;
  const ends = Array.isArray(data) ? data.filter(isJsonObject) : [];
  for (const end of ends) print(deps.terminal, stringifyJson(end));
  const failed = ends.filter(({ status }) => status !== 'imported').length;
  if (failed === 0) return ok(undefined);
  return refuse(
    `the records of ${String(failed)} keys were not imported; these must not sign before they are`,
  );
}

// --- Watermarks --------------------------------------------------------------------------------

interface MomentOptions extends ReachOptions {
  readonly slot: string;
  readonly epoch: string;
}

interface WatermarkOptions extends MomentOptions {
  readonly key?: readonly string[];
  readonly yes?: true;
}

function watermarkCommand(deps: EthereumDeps): Command {
  const command = reaching(new Command('watermark'))
    .description('sign nothing any more up to a slot and an epoch')
    .requiredOption('--slot <n>', 'blocks of this slot and earlier ones')
    .requiredOption('--epoch <n>', 'votes with this target epoch and earlier ones')
    .option('--key <pubkey...>', 'only for these keys (default: all)')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      `
Watermarks only rise: nobody can take this back. Give the slot and epoch of now, or slightly later.

Example:
  $ countersign ethereum watermark --slot 13500000 --epoch 421875`,
    );
  return command.action((options: WatermarkOptions) => finish(command, raise(options, deps)));
}

async function raise(options: WatermarkOptions, deps: EthereumDeps): Promise<Result<void, Reason>> {
  const moment = readMoment(options);
  if (!moment.ok) return moment;
  const keys = options.key ?? 'all';
  if (options.yes !== true) {
    using prompt = createPrompt(deps.terminal);
    const whose = keys === 'all' ? 'all keys' : `${String(keys.length)} keys`;
    const question = `Sign nothing of ${whose} up to slot ${options.slot} and epoch ${options.epoch}, for ever?`;
    const sure = await prompt.confirm(question);
    if (!sure.ok) return sure;
    if (!sure.value) return refuse('nothing was changed');
  }
  return await order(options, 'ethereum/watermarks', { ...moment.value, keys }, deps);
}

function highWatermarkCommand(deps: EthereumDeps): Command {
  const set = reaching(new Command('set'))
    .description('sign nothing any more from a slot and an epoch on')
    .requiredOption('--slot <n>', 'blocks of this slot and later ones')
    .requiredOption('--epoch <n>', 'votes that touch this epoch or later ones');
  set.action((options: MomentOptions) => {
    const moment = readMoment(options);
    const work = moment.ok
      ? order(options, 'ethereum/high-watermark', moment.value, deps)
      : Promise.resolve(moment);
    return finish(set, work);
  });
  const remove = reaching(new Command('remove')).description('sign without an end again');
  remove.action((options: ReachOptions) => finish(remove, removeHighWatermark(options, deps)));
  return new Command('high-watermark')
    .description('where signing ends, as for a planned move to another signer')
    .addCommand(set)
    .addCommand(remove);
}

async function removeHighWatermark(
  options: ReachOptions,
  deps: EthereumDeps,
): Promise<Result<void, Reason>> {
  const request = { path: 'ethereum/high-watermark', timeout: SHORT, read: readObject };
  const removed = await ask(options, { method: 'DELETE', ...request }, deps);
  return removed.ok ? ok(undefined) : removed;
}

async function order(
  options: ReachOptions,
  path: string,
  body: JsonObject,
  deps: EthereumDeps,
): Promise<Result<void, Reason>> {
  const request = { path, body: stringifyJson(body), timeout: LONG, read: readObject };
  const answer = await ask(options, { method: 'POST', ...request }, deps);
  if (!answer.ok) return answer;
  print(deps.terminal, stringifyJson(answer.value));
  return ok(undefined);
}

function readMoment({
  slot,
  epoch,
}: MomentOptions): Result<{ readonly slot: bigint; readonly epoch: bigint }, Reason> {
  const isInteger = (text: string): boolean => /^(?:0|[1-9][0-9]{0,19})$/.test(text);
  if (!isInteger(slot)) return refuse('`--slot` must be an integer');
  if (!isInteger(epoch)) return refuse('`--epoch` must be an integer');
  return ok({ slot: BigInt(slot), epoch: BigInt(epoch) });
}

function refuse(message: string): Result<never, Reason> {
  return err({ code: 'cli.ethereum', message });
}
