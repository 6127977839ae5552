/** `countersign callers`: who may call the api, each with a token of its own. */
import { Command } from 'commander';

import { utf8Text } from '../base/bytes.ts';
import { parseDuration } from '../base/duration.ts';
import { err, ok, type Result } from '../base/result.ts';
import { unreachable } from '../base/unreachable.ts';
import type { CallerStorage, StoredCaller } from '../core/caller-storage.ts';
import type { GrantableScope } from '../core/caller.ts';
import type { Reason } from '../core/outcome.ts';
import { finish } from './action.ts';
import { renderTable } from './table.ts';
import { note, print, type Terminal } from './terminal.ts';

/** Functions where the answer depends on flags, which are read after the command was built. */
export interface CallersDeps {
  readonly terminal: Terminal;
  readonly storage: () => CallerStorage;
  /** Every world with the actions that there are in it. */
  readonly actionsOf: Readonly<Record<string, readonly string[]>>;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export function callersCommand(deps: CallersDeps): Command {
  return new Command('callers')
    .description('name who may call the api, say what each may do, and give each a token')
    .addCommand(addCommand(deps))
    .addCommand(listCommand(deps))
    .addCommand(revokeCommand(deps));
}

// --- Add ---------------------------------------------------------------------------------------

interface AddOptions {
  readonly name: string;
  readonly world?: string;
  readonly keys?: string;
  readonly actions?: string;
  readonly metrics?: true;
  readonly admin?: true;
  readonly expiresIn?: string;
}

function addCommand(deps: CallersDeps): Command {
  const worlds = Object.entries(deps.actionsOf)
    .map(([world, actions]) => `  ${world}: ${actions.join(', ')}`)
    .join('\n');
  const command = new Command('add')
    .description(
      'make a token for a new caller; it is printed this once, and only its hash is kept',
    )
    .requiredOption('--name <name>', 'who calls; stands in records and logs')
    .option('--world <world>', 'may have signed in this world, with --keys and --actions')
    .option('--keys <keys>', 'keys, comma-separated, or `all`, which means later ones too')
    .option('--actions <actions>', 'actions, comma-separated, or `all` that there are today')
    .option('--metrics', 'may read /metrics')
    .option('--admin', 'may see jobs, and change policy, keys and state')
    .option('--expires-in <time>', 'such as 90d, 12h or 30m (default: never)')
    .addHelpText(
      'after',
      `
The token of API_TOKEN_FILE is the operator's and may do everything.

Worlds and their actions:
${worlds}

Keys are named as on the api: on Lighter by chain, account and slot, on Ethereum by the public key with 0x.

Examples:
  $ countersign callers add --name bot1 --world lighter --keys 304/123/5,304/123/6 --actions create_order,cancel_order
  $ (umask 077; countersign callers add --name prometheus --metrics --expires-in 90d > token)`,
    );
  return command.action((options: AddOptions) =>
    finish(command, Promise.resolve(addCaller(options, deps))),
  );
}

function addCaller(options: AddOptions, deps: CallersDeps): Result<void, Reason> {
  const { terminal, storage, now } = deps;
  const scopes = scopesOf(options, deps);
  if (!scopes.ok) return scopes;
  const lifetime = lifetimeOf(options.expiresIn);
  if (!lifetime.ok) return lifetime;
  const { name } = options;
  const expires = lifetime.value === undefined ? {} : { expiresAt: now() + lifetime.value };
  const added = storage().add({ name, scopes: scopes.value, ...expires });
  if (!added.ok) return added;
  using token = added.value;
  print(terminal, token.reveal(utf8Text) ?? '');
  note(terminal, `${name} may ${scopes.value.map(describeScope).join('; ')}.`);
  note(
    terminal,
    'The token is shown only this once. A daemon that uses the same DATA_DIR knows it already.',
  );
  return ok(undefined);
}

function scopesOf(
  options: AddOptions,
  deps: CallersDeps,
): Result<readonly GrantableScope[], Reason> {
  const signing = signingScope(options, deps);
  if (!signing.ok) return signing;
  const scopes: readonly GrantableScope[] = [
    ...signing.value,
    ...(options.metrics === true ? [{ may: 'metrics' } as const] : []),
    ...(options.admin === true ? [{ may: 'admin' } as const] : []),
  ];
  if (scopes.length > 0) return ok(scopes);
  return refuse(
    `say what \`${options.name}\` may do: \`--world\` with \`--keys\` and \`--actions\`, \`--metrics\`, or \`--admin\``,
  );
}

function signingScope(
  { world, keys, actions }: AddOptions,
  { actionsOf }: CallersDeps,
): Result<readonly GrantableScope[], Reason> {
  const given = [world, keys, actions].filter((option) => option !== undefined);
  if (given.length === 0) return ok([]);
  if (world === undefined || keys === undefined || actions === undefined) {
    return refuse('`--world`, `--keys` and `--actions` belong together; give all three');
  }
  const known = Object.hasOwn(actionsOf, world) ? actionsOf[world] : undefined;
  if (known === undefined) {
    return refuse(`no world \`${world}\`; there are ${quoted(Object.keys(actionsOf))}`);
  }
  const askedKeys = allOrSome(keys);
  const askedActions = allOrSome(actions);
  if (askedKeys === undefined || askedActions === undefined) {
    return refuse('`--keys` and `--actions` are each either `all`, or names separated by commas');
  }
  const meant = askedActions === 'all' ? known : askedActions;
  const unknown = meant.find((action) => !known.includes(action));
  if (unknown !== undefined) {
    return refuse(`\`${world}\` has no action \`${unknown}\`; there are ${quoted(known)}`);
  }
  return ok([{ may: 'sign', world, keys: askedKeys, actions: meant }]);
}

function lifetimeOf(text: string | undefined): Result<number | undefined, Reason> {
  if (text === undefined) return ok(undefined);
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined && milliseconds > 0) return ok(milliseconds);
  return refuse('`--expires-in` must be a length of time such as `90d`, `12h` or `30m`');
}

// --- List and revoke ---------------------------------------------------------------------------

function listCommand(deps: CallersDeps): Command {
  const command = new Command('list')
    .description('show every caller and what it may do; tokens are known to nobody')
    .option('--json', 'as JSON');
  return command.action(({ json }: { readonly json?: true }) =>
    finish(command, Promise.resolve(listCallers(json === true, deps))),
  );
}

function listCallers(
  asJson: boolean,
  { terminal, storage, now }: CallersDeps,
): Result<void, Reason> {
  const callers = storage().list();
  if (!callers.ok) return callers;
  if (asJson) print(terminal, JSON.stringify(callers.value.map(callerJson), undefined, 2));
  else if (callers.value.length > 0) print(terminal, callerTable(callers.value, now()));
  else note(terminal, 'There are no callers besides the operator, who has the API_TOKEN_FILE.');
  return ok(undefined);
}

function callerTable(callers: readonly StoredCaller[], now: number): string {
  const titles = ['name', 'created', 'expires', 'may'].map((title) => ({ title }));
  return renderTable(
    titles,
    callers.map(({ name, createdAt, expiresAt, scopes }) => [
      name,
      timeText(createdAt),
      expiresAt === undefined
        ? 'never'
        : `${timeText(expiresAt)}${expiresAt > now ? '' : ' (expired)'}`,
      scopes.map(describeScope).join('; '),
    ]),
  );
}

function callerJson({ name, createdAt, expiresAt, scopes }: StoredCaller): unknown {
  const expires = expiresAt === undefined ? null : timeText(expiresAt);
  return { name, created: timeText(createdAt), expires, scopes };
}

function revokeCommand(deps: CallersDeps): Command {
  const command = new Command('revoke')
    .description('forget a caller; its token is refused from now on')
    .argument('<name>', 'as in `countersign callers list`')
    .addHelpText(
      'after',
      `
A daemon that uses the same DATA_DIR obeys at once.

Examples:
  $ countersign callers revoke bot1`,
    );
  return command.action((name: string) =>
    finish(command, Promise.resolve(revokeCaller(name, deps))),
  );
}

function revokeCaller(name: string, { terminal, storage }: CallersDeps): Result<void, Reason> {
  const revoked = storage().revoke(name);
  if (revoked.ok) print(terminal, `${name} is revoked`);
  return revoked;
}

// --- Words -------------------------------------------------------------------------------------

function describeScope(scope: GrantableScope): string {
  switch (scope.may) {
    case 'admin':
      return 'administer';
    case 'metrics':
      return 'read metrics';
    case 'sign': {
      const keys = scope.keys === 'all' ? 'every key' : scope.keys.join(', ');
      return `sign ${scope.world} ${scope.actions.join(', ')} with ${keys}`;
    }
    default:
      return unreachable(scope);
  }
}

function timeText(epochMilliseconds: number): string {
  return new Date(epochMilliseconds).toISOString();
}

/** `undefined` where neither is meant for certain. */
function allOrSome(text: string): 'all' | readonly string[] | undefined {
  const names = text.split(',').map((name) => name.trim());
  if (names.length === 1 && names[0] === 'all') return 'all';
  return names.includes('all') || names.includes('') ? undefined : [...new Set(names)];
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

function refuse(message: string): Result<never, Reason> {
  return err({ code: 'cli.callers', message });
}
