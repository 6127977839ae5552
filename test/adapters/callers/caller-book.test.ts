import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { describe, expect, test } from '@jest/globals';

import { createCallerBook } from '../../../src/adapters/callers/caller-book.ts';
import { createCallerStorage } from '../../../src/adapters/callers/caller-storage.ts';
import { digestOfToken } from '../../../src/adapters/callers/token.ts';
import { utf8Text } from '../../../src/base/bytes.ts';
import type { CallerStorage } from '../../../src/core/caller-storage.ts';
import type { GrantableScope, Identify } from '../../../src/core/caller.ts';
import type { Reason } from '../../../src/core/outcome.ts';
import { createSimulatedClock, type SimulatedClock } from '../../support/simulated-clock.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const root = temporaryDirectory();
const OPERATOR_TOKEN = 'f'.repeat(64);
const METRICS: readonly GrantableScope[] = [{ may: 'metrics' }];
let count = 0;

interface Place {
  readonly file: string;
  readonly storage: CallerStorage;
  readonly identify: Identify;
  readonly clock: SimulatedClock;
  readonly alarms: readonly Reason[];
}

function place(): Place {
  count += 1;
  const file = join(root, `callers-${String(count)}.json`);
  const clock = createSimulatedClock();
  const alarms: Reason[] = [];
  const identify = createCallerBook(
    { file, operators: [digestOfToken(OPERATOR_TOKEN)] },
    { clock, alarm: (reason) => alarms.push(reason) },
  );
  return { file, storage: createCallerStorage({ file }, { clock }), identify, clock, alarms };
}

function tokenOf(storage: CallerStorage, name: string, expiresAt?: number): string {
  const expires = expiresAt === undefined ? {} : { expiresAt };
  const added = storage.add({ name, scopes: METRICS, ...expires });
  if (!added.ok) throw new Error(added.error.message);
  return added.value.reveal(utf8Text) ?? '';
}

describe('a token', () => {
  test('of the operator is known without any file', () => {
    const { identify } = place();
    expect(identify(OPERATOR_TOKEN)).toMatchObject({ ok: true, value: { name: 'operator' } });
  });

  test('names its holder and the scopes given to it', () => {
    const { identify, storage } = place();
    const [one, two] = [tokenOf(storage, 'bot1'), tokenOf(storage, 'bot2')];
    expect(identify(one)).toEqual({ ok: true, value: { name: 'bot1', scopes: METRICS } });
    expect(identify(two)).toEqual({ ok: true, value: { name: 'bot2', scopes: METRICS } });
  });

  test.each(['', 'x', '0'.repeat(64), '0'.repeat(100_000), 'f'.repeat(63)])(
    'that nobody was given is unknown',
    (token) => {
      const { identify, storage } = place();
      tokenOf(storage, 'bot1');
      expect(identify(token)).toMatchObject({ ok: false, error: { code: 'caller.token' } });
    },
  );

  test('is not known by its hash', () => {
    const { identify, storage } = place();
    const token = tokenOf(storage, 'bot1');
    const hash = [...digestOfToken(token)].map((byte) => byte.toString(16).padStart(2, '0'));
    expect(identify(hash.join('')).ok).toBe(false);
  });

  test('is known as soon as it is added, and refused as soon as it is revoked', () => {
    const { identify, storage } = place();
    const token = tokenOf(storage, 'bot1');
    expect(identify(token).ok).toBe(true);
    storage.revoke('bot1');
    expect(identify(token)).toMatchObject({ ok: false, error: { code: 'caller.token' } });
  });

  test('that was revoked stays refused when the name is given again', () => {
    const { identify, storage } = place();
    const first = tokenOf(storage, 'bot1');
    storage.revoke('bot1');
    const second = tokenOf(storage, 'bot1');
    expect([identify(first).ok, identify(second).ok]).toEqual([false, true]);
  });

  test('is refused from the moment it expires, and the holder hears why', () => {
    const { identify, storage, clock } = place();
    const token = tokenOf(storage, 'bot1', clock.now() + 1_000);
    clock.skip(999);
    expect(identify(token).ok).toBe(true);
    clock.skip(1);
    expect(identify(token)).toMatchObject({ ok: false, error: { code: 'caller.expired' } });
  });
});

describe('a file that cannot be used', () => {
  test.each([
    [
      'others can read it',
      (file: string) => {
        chmodSync(file, 0o644);
      },
      'chmod 600',
    ],
    [
      'nobody understands it',
      (file: string) => {
        writeFileSync(file, '{}');
      },
      'cannot understand',
    ],
  ])('because %s leaves only the operator, with one alarm', (_name, spoil, why) => {
    const { file, identify, storage, alarms } = place();
    const token = tokenOf(storage, 'bot1');
    spoil(file);
    expect([identify(token).ok, identify(token).ok]).toEqual([false, false]);
    expect(identify(OPERATOR_TOKEN).ok).toBe(true);
    expect(alarms).toEqual([
      { code: 'callers.unusable', message: expect.stringContaining("only the operator's token") },
    ]);
    expect(alarms[0]?.message).toContain(why);
  });

  test('is told of at start, and used again once it is repaired', () => {
    const { file, storage, clock } = place();
    const token = tokenOf(storage, 'bot1');
    chmodSync(file, 0o644);
    const alarms: Reason[] = [];
    const identify = createCallerBook(
      { file, operators: [digestOfToken(OPERATOR_TOKEN)] },
      { clock, alarm: (reason) => alarms.push(reason) },
    );
    expect(alarms).toHaveLength(1);
    chmodSync(file, 0o600);
    expect(identify(token).ok).toBe(true);
  });
});

test('no token is found in what stays in memory or is alarmed', () => {
  const { file, identify, storage, alarms } = place();
  const token = tokenOf(storage, 'bot1');
  const seen = [identify(token), identify(OPERATOR_TOKEN), identify(`${token}0`), storage.list()];
  writeFileSync(file, token);
  identify(token);
  const everything = inspect([seen, alarms, identify], { depth: 9, showHidden: true });
  expect(alarms).toHaveLength(1);
  for (const secret of [token, OPERATOR_TOKEN]) {
    expect(everything).not.toContain(secret.slice(0, 16));
  }
});
