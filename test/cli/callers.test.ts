import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { describe, expect, test } from '@jest/globals';

import { createCallerBook } from '../../src/adapters/callers/caller-book.ts';
import { createCallerStorage } from '../../src/adapters/callers/caller-storage.ts';
import { digestOfToken } from '../../src/adapters/callers/token.ts';
import { callersCommand } from '../../src/cli/callers.ts';
import type { CallerStorage } from '../../src/core/caller-storage.ts';
import type { Identify } from '../../src/core/caller.ts';
import { type Ended, run } from '../support/command-line.ts';
import { createSimulatedClock, type SimulatedClock } from '../support/simulated-clock.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const root = temporaryDirectory();
const actionsOf = {
  lighter: ['create_order', 'cancel_order', 'withdraw'],
  ethereum: ['attestation'],
};
const SIGN = [
  '--world',
  'lighter',
  '--keys',
  '123/5,123/6',
  '--actions',
  'create_order,cancel_order',
];
let count = 0;

interface Place {
  readonly file: string;
  readonly storage: CallerStorage;
  readonly clock: SimulatedClock;
  readonly callers: (...args: readonly string[]) => Promise<Ended>;
  /** The running daemon's view of the same file. */
  readonly identify: Identify;
}

function place(): Place {
  count += 1;
  const file = join(root, `callers-${String(count)}.json`);
  const clock = createSimulatedClock();
  const storage = createCallerStorage({ file }, { clock });
  const identify = createCallerBook(
    { file, operators: [digestOfToken('f'.repeat(64))] },
    {
      clock,
      alarm: ({ message }) => {
        throw new Error(message);
      },
    },
  );
  const callers = (...args: readonly string[]): Promise<Ended> =>
    run(
      (terminal) => callersCommand({ terminal, storage: () => storage, actionsOf, now: clock.now }),
      args,
    );
  return { file, storage, clock, callers, identify };
}

describe('callers add', () => {
  test('prints the token alone to the output, and says the rest beside it', async () => {
    const { callers, identify } = place();
    const ended = await callers('add', '--name', 'bot1', ...SIGN);
    expect(ended).toMatchObject({ exitCode: 0, error: '' });
    expect(ended.printed).toMatch(/^[0-9a-f]{64}\n$/);
    const token = ended.printed.trim();
    expect(ended.noted).toBe(
      [
        'bot1 may sign lighter create_order, cancel_order with 123/5, 123/6.',
        'The token is shown only this once. A daemon that uses the same DATA_DIR knows it already.',
        '',
      ].join('\n'),
    );
    expect(identify(token)).toEqual({
      ok: true,
      value: {
        name: 'bot1',
        scopes: [
          {
            may: 'sign',
            world: 'lighter',
            keys: ['123/5', '123/6'],
            actions: ['create_order', 'cancel_order'],
          },
        ],
      },
    });
  });

  test('gives capabilities one by one', async () => {
    const { callers, identify } = place();
    const token = (await callers('add', '--name', 'ops', '--metrics', '--admin')).printed.trim();
    expect(identify(token)).toMatchObject({
      value: { scopes: [{ may: 'metrics' }, { may: 'admin' }] },
    });
  });

  test('writes down the actions that `all` means today, so that later ones are not among them', async () => {
    const { callers, storage } = place();
    await callers(
      'add',
      '--name',
      'bot1',
      '--world',
      'lighter',
      '--keys',
      'all',
      '--actions',
      'all',
    );
    expect(storage.list()).toMatchObject({
      value: [{ scopes: [{ keys: 'all', actions: actionsOf.lighter }] }],
    });
  });

  test('lets a token expire', async () => {
    const { callers, clock, identify } = place();
    const ended = await callers('add', '--name', 'bot1', '--metrics', '--expires-in', '90d');
    const token = ended.printed.trim();
    clock.skip(90 * 86_400_000 - 1);
    expect(identify(token).ok).toBe(true);
    clock.skip(1);
    expect(identify(token).ok).toBe(false);
  });

  test.each([
    ['nothing to do', [], /say what `bot1` may do: `--world` with/],
    ['keys and actions without a world', SIGN.slice(2), /belong together; give all three/],
    ['a world without keys', ['--world', 'lighter', '--actions', 'all'], /belong together/],
    [
      'an unknown world',
      ['--world', 'lightest', ...SIGN.slice(2)],
      /no world `lightest`; there are `lighter`, `ethereum`/,
    ],
    ['a name that every object has', ['--world', 'constructor', ...SIGN.slice(2)], /no world/],
    [
      'an unknown action',
      [...SIGN.slice(0, 4), '--actions', 'attestation'],
      /`lighter` has no action `attestation`; there are `create_order`/,
    ],
    [
      'an empty key',
      ['--world', 'lighter', '--keys', '1,', '--actions', 'all'],
      /either `all`, or names/,
    ],
    [
      'all and more',
      ['--world', 'lighter', '--keys', 'all,1', '--actions', 'all'],
      /either `all`, or names/,
    ],
    ['a time that is none', ['--metrics', '--expires-in', 'soon'], /`--expires-in` must be/],
    ['a life of no length', ['--metrics', '--expires-in', '0d'], /`--expires-in` must be/],
  ])('refuses %s', async (_name, options, message) => {
    const { callers, storage } = place();
    const ended = await callers('add', '--name', 'bot1', ...options);
    expect(ended).toMatchObject({ exitCode: 1, printed: '' });
    expect(ended.error).toMatch(message);
    expect(storage.list()).toEqual({ ok: true, value: [] });
  });

  test('refuses a name that is taken', async () => {
    const { callers } = place();
    await callers('add', '--name', 'bot1', '--metrics');
    expect(await callers('add', '--name', 'bot1', '--admin')).toMatchObject({
      exitCode: 1,
      printed: '',
      error: 'error: there is a caller `bot1` already; revoke it first\n',
    });
  });
});

describe('callers list', () => {
  test('shows who may do what, and until when', async () => {
    const { callers, clock } = place();
    await callers('add', '--name', 'bot1', ...SIGN);
    await callers('add', '--name', 'prometheus', '--metrics', '--expires-in', '1h');
    clock.skip(3_600_000);
    expect(
      (await callers('list')).printed
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/ {2,}/)),
    ).toEqual([
      ['NAME', 'CREATED', 'EXPIRES', 'MAY'],
      [
        'bot1',
        '2025-10-09T08:53:20.000Z',
        'never',
        'sign lighter create_order, cancel_order with 123/5, 123/6',
      ],
      [
        'prometheus',
        '2025-10-09T08:53:20.000Z',
        '2025-10-09T09:53:20.000Z (expired)',
        'read metrics',
      ],
    ]);
  });

  test('prints JSON for programs', async () => {
    const { callers } = place();
    await callers('add', '--name', 'ops', '--admin', '--expires-in', '1h');
    expect(JSON.parse((await callers('list', '--json')).printed)).toEqual([
      {
        name: 'ops',
        created: '2025-10-09T08:53:20.000Z',
        expires: '2025-10-09T09:53:20.000Z',
        scopes: [{ may: 'admin' }],
      },
    ]);
  });

  test('says that there are none', async () => {
    expect(await place().callers('list')).toMatchObject({
      exitCode: 0,
      printed: '',
      noted: 'There are no callers besides the operator, who has the API_TOKEN_FILE.\n',
    });
  });
});

describe('callers revoke', () => {
  test('makes the token worthless at once', async () => {
    const { callers, identify } = place();
    const token = (await callers('add', '--name', 'bot1', '--metrics')).printed.trim();
    expect(identify(token).ok).toBe(true);
    expect((await callers('revoke', 'bot1')).printed).toBe('bot1 is revoked\n');
    expect(identify(token).ok).toBe(false);
  });

  test('names the callers there are when asked for another', async () => {
    expect(await place().callers('revoke', 'bot1')).toMatchObject({
      exitCode: 1,
      error: 'error: no caller `bot1`; there are none\n',
    });
  });
});

test('no token is found in the file, nor in anything said after it was made', async () => {
  const { file, callers, identify, storage } = place();
  const made = await callers('add', '--name', 'bot1', ...SIGN);
  const token = made.printed.trim();
  const seen = [
    made.noted,
    await callers('list'),
    await callers('list', '--json'),
    await callers('add', '--name', 'bot1', '--metrics'),
    await callers('revoke', 'nobody'),
    storage.list(),
    identify(token),
    readFileSync(file, 'utf8'),
  ];
  const part = token.slice(0, 12);
  expect(made.printed).toContain(part);
  const spellings = [part, btoa(part), part.toUpperCase()];
  const everything = inspect(seen, { depth: null, maxStringLength: null, showHidden: true });
  for (const spelling of spellings) expect(everything).not.toContain(spelling);
});

test.each(['add', 'revoke'])('the help of %s has an example', async (name) => {
  expect((await place().callers(name, '--help')).printed).toContain(
    `$ countersign callers ${name}`,
  );
});
