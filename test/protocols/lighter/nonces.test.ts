/** Each rule on nonces by an example; nonces-model.test.ts tries them in random order. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { clockDoubt } from '../../../src/protocols/lighter/nonces/clock.ts';
import { stringifyJson } from '../../../src/base/json.ts';
import {
  cancel,
  createSlot,
  named,
  order,
  partOf,
  type Slot,
  T0,
} from '../../support/judged-slot.ts';

const MINUTE = 60_000n;
const DAY = 86_400_000n;

/** A slot of which the exchange has said that nonce 10 comes next. */
function counted(): Slot {
  const slot = createSlot();
  slot.operate('refresh', { next_nonce: 10n });
  return slot;
}

const messageOf = (result: ReturnType<Slot['operate']>): string =>
  result.ok ? result.value : result.error.code;

describe('skip mode', () => {
  test('takes the time, and one more where that was taken', () => {
    const slot = createSlot();
    const nonces = [1n, 2n, 3n].map(() => slot.signed(order({ mode: 'skip' })).nonce);
    expect(nonces).toEqual([T0, T0 + 1n, T0 + 2n]);
    slot.now += 1000n;
    expect(slot.signed(order({ mode: 'skip' }))).toMatchObject({ nonce: T0 + 1000n, skip: true });
  });

  test('goes on above what callers named, and ends below 2^47', () => {
    const slot = createSlot();
    slot.signed(order(named(T0 + 500n, true)));
    expect(slot.signed(order({ mode: 'skip' })).nonce).toBe(T0 + 501n);
    slot.operate('refresh', { next_nonce: 2n ** 47n - 1n });
    expect(slot.signed(order({ mode: 'skip' })).nonce).toBe(2n ** 47n - 1n);
    expect(slot.ask(order({ mode: 'skip' }))).toBe('lighter.nonce_exhausted');
  });

  test('gives a stream of its own to every request of hundreds in one millisecond', () => {
    const slot = createSlot();
    const nonces = Array.from({ length: 500 }, () => slot.signed(order({ mode: 'skip' })).nonce);
    expect(new Set(nonces).size).toBe(500);
  });
});

describe('strict mode', () => {
  test('waits until the exchange or a caller has said where it stands', () => {
    const slot = createSlot();
    expect(slot.ask(order({ mode: 'strict' }))).toBe('lighter.nonce_unknown');
    slot.signed(order(named(41n)));
    expect(slot.signed(order({ mode: 'strict' })).nonce).toBe(42n);
  });

  test('counts without a gap', () => {
    const slot = counted();
    const nonces = [1, 2, 3].map(() => slot.signed(order({ mode: 'strict' })).nonce);
    expect(nonces).toEqual([10n, 11n, 12n]);
  });

  test('does not count what was refused', () => {
    const slot = counted();
    expect(slot.ask(partOf('CreateOrder', { mode: 'strict' }, { Price: 0n }))).toBe(
      'lighter.range',
    );
    expect(slot.signed(order({ mode: 'strict' })).nonce).toBe(10n);
  });

  test('takes the newest nonce again once it was rejected', () => {
    const slot = counted();
    slot.signed(order({ mode: 'strict' }));
    const done = slot.operate('acknowledge', { nonce: 10n, status: 'rejected' });
    expect(messageOf(done)).toBe('nonce `10` is the next again');
    expect(slot.signed(order({ mode: 'strict' })).nonce).toBe(10n);
  });

  test('is not confused by an acknowledgement that comes twice', () => {
    const slot = counted();
    const { hash } = slot.signed(order({ mode: 'strict' }));
    const rejected = { nonce: 10n, status: 'rejected', tx_hash: hash };
    expect(slot.operate('acknowledge', rejected).ok).toBe(true);
    slot.signed(order({ mode: 'strict' }, 2n));
    expect(messageOf(slot.operate('acknowledge', rejected))).toBe('lighter.nonce_unknown');
    expect(slot.signed(order({ mode: 'strict' })).nonce).toBe(11n);
  });

  test('reports a gap and fills it with the next request', () => {
    const slot = counted();
    for (let count = 0; count < 4; count += 1) slot.signed(order({ mode: 'strict' }));
    const done = slot.operate('acknowledge', { nonce: 11n, status: 'rejected' });
    expect(messageOf(done)).toMatch(/^nonce `11` leaves a gap below `14`/);
    expect(slot.signed(order({ mode: 'strict' })).nonce).toBe(11n);
    expect(slot.signed(order({ mode: 'strict' })).nonce).toBe(14n);
  });

  test('keeps a gap that it filled, also where a caller had filled it before', () => {
    const slot = counted();
    for (let count = 0; count < 4; count += 1) slot.signed(order({ mode: 'strict' }));
    slot.operate('acknowledge', { nonce: 11n, status: 'rejected' });
    slot.signed(order(named(11n), 2n));
    slot.operate('acknowledge', { nonce: 11n, status: 'rejected' });
    expect(slot.signed(order({ mode: 'strict' })).nonce).toBe(11n);
    expect(slot.ask(order(named(11n), 3n))).toBe('lighter.nonce_reserved');
  });

  test('steps back over gaps that lie right below', () => {
    const slot = counted();
    for (let count = 0; count < 4; count += 1) slot.signed(order({ mode: 'strict' }));
    slot.operate('acknowledge', { nonce: 11n, status: 'rejected' });
    slot.operate('acknowledge', { nonce: 12n, status: 'rejected' });
    expect(messageOf(slot.operate('acknowledge', { nonce: 13n, status: 'rejected' }))).toBe(
      'nonce `11` is the next again',
    );
    expect(slot.signed(order({ mode: 'strict' })).nonce).toBe(11n);
  });

  test('forgets gaps once the exchange has jumped', () => {
    const slot = counted();
    for (let count = 0; count < 3; count += 1) slot.signed(order({ mode: 'strict' }));
    slot.operate('acknowledge', { nonce: 11n, status: 'rejected' });
    const { nonce } = slot.signed(order({ mode: 'skip' }));
    expect(slot.signed(order({ mode: 'strict' })).nonce).toBe(nonce + 1n);
  });

  test('alarms where a caller leaves nonces out', () => {
    const slot = counted();
    const { alarms } = slot.judge(order(named(13n)));
    expect(alarms).toEqual([
      {
        code: 'lighter.nonce_gap',
        message: 'nonce `13` leaves 3 unused below it; the exchange refuses it until they are used',
      },
    ]);
    expect(slot.judge(order(named(14n))).alarms).toEqual([]);
  });
});

describe('a nonce that the caller named', () => {
  test('gives the same signature for the same transaction while a minute of it remains', () => {
    const slot = createSlot();
    const first = slot.signed(order(named(7n)));
    slot.now += 539_000n;
    expect(slot.signed(order(named(7n)))).toEqual(first);
    slot.now += 1n;
    expect(slot.ask(order(named(7n)))).toBe('lighter.nonce_expiring');
  });

  test('gives it also where the caller left the end of the order open', () => {
    const slot = createSlot();
    const open = partOf('CreateOrder', named(7n), { OrderExpiry: -1n });
    const first = slot.signed(open);
    slot.now += 5_000n;
    expect(slot.signed(open)).toEqual(first);
  });

  test('is signed anew when the first is dead, by any clock within five seconds', () => {
    const slot = createSlot();
    const first = slot.signed(order(named(7n)));
    slot.now = first.at + 614_999n;
    expect(slot.ask(order(named(7n)))).toBe('lighter.nonce_expiring');
    expect(slot.ask(order(named(7n), 2n))).toBe('lighter.nonce_reserved');
    slot.now += 1n;
    expect(slot.signed(order(named(7n), 2n)).hash).not.toBe(first.hash);
  });

  test.each([
    ['another field', order(named(7n), 2n)],
    ['another type', partOf('Withdraw', named(7n))],
    [
      'an attribute',
      partOf('CreateOrder', named(7n), { L2TxAttributes: { SelfTradeBehavior: 1n } }),
    ],
    ['leave to jump', order(named(7n, true))],
  ])('is refused to a transaction with %s', (_what, other) => {
    const slot = createSlot();
    slot.signed(order(named(7n)));
    expect(slot.ask(other)).toBe('lighter.nonce_reserved');
  });

  test('is refused to a transfer with another memo, which the hash does not cover', () => {
    const slot = createSlot();
    slot.signed(partOf('Transfer', named(7n)));
    const other = partOf('Transfer', named(7n), { Memo: new Uint8Array(32).fill(1) });
    expect(slot.ask(other)).toBe('lighter.nonce_reserved');
  });

  test('is free for another once the exchange rejected the first', () => {
    const slot = createSlot();
    const { hash } = slot.signed(order(named(7n)));
    slot.operate('acknowledge', { nonce: 7n, status: 'rejected', tx_hash: hash });
    expect(slot.signed(order(named(7n), 2n)).nonce).toBe(7n);
    expect(slot.ask(order(named(7n)))).toBe('lighter.nonce_reserved');
  });

  test('stays taken where another transaction was rejected', () => {
    const slot = createSlot();
    slot.signed(order(named(7n)));
    const done = slot.operate('acknowledge', {
      nonce: 7n,
      status: 'rejected',
      tx_hash: 'ab'.repeat(40),
    });
    expect(messageOf(done)).toBe('lighter.nonce_unknown');
    expect(slot.ask(order(named(7n), 2n))).toBe('lighter.nonce_reserved');
  });

  test('is free for another once the exchange shows that it was not consumed', () => {
    const slot = createSlot();
    slot.signed(order(named(7n)));
    slot.operate('refresh', { next_nonce: 7n });
    expect(slot.signed(order(named(7n), 2n)).nonce).toBe(7n);
  });

  test('is used up once the exchange has gone past it', () => {
    const slot = createSlot();
    slot.signed(order(named(7n)));
    slot.operate('acknowledge', { nonce: 7n, status: 'accepted' });
    expect(slot.ask(order(named(7n), 2n))).toBe('lighter.nonce_consumed');
    slot.operate('refresh', { next_nonce: 20n });
    expect(slot.ask(order(named(19n)))).toBe('lighter.nonce_consumed');
    expect(slot.signed(order(named(20n))).nonce).toBe(20n);
  });

  test('stays taken when the transaction failed after it was accepted', () => {
    const slot = createSlot();
    slot.signed(order(named(7n)));
    slot.operate('acknowledge', { nonce: 7n, status: 'failed' });
    expect(slot.ask(order(named(7n), 2n))).toBe('lighter.nonce_reserved');
  });

  test('always goes to a cancel, and to nothing else afterwards', () => {
    const slot = createSlot();
    slot.signed(order(named(7n)));
    expect(slot.signed(cancel(named(7n))).nonce).toBe(7n);
    expect(slot.signed(cancel(named(7n), 2n)).nonce).toBe(7n);
    expect(slot.signed(partOf('CancelAllOrders', named(7n))).nonce).toBe(7n);
    expect(slot.ask(order(named(7n), 2n))).toBe('lighter.nonce_reserved');
    const scheduled = partOf('CancelAllOrders', named(7n), { TimeInForce: 1n, Time: T0 + DAY });
    expect(slot.ask(scheduled)).toBe('lighter.nonce_reserved');
  });

  test('needs the hash to settle one of an order and a cancel', () => {
    const slot = createSlot();
    const { hash } = slot.signed(order(named(7n)));
    const joined = slot.signed(cancel(named(7n)));
    const rejected = { nonce: 7n, status: 'rejected' };
    expect(messageOf(slot.operate('acknowledge', rejected))).toBe('lighter.nonce_ambiguous');
    slot.operate('acknowledge', { ...rejected, tx_hash: hash });
    expect(slot.ask(order(named(7n), 2n))).toBe('lighter.nonce_reserved');
    slot.operate('acknowledge', { ...rejected, tx_hash: joined.hash });
    expect(slot.signed(order(named(7n), 2n)).nonce).toBe(7n);
  });

  test('stays taken until each of several cancels was rejected', () => {
    const slot = createSlot();
    const hashes = [1n, 2n, 3n].map((index) => slot.signed(cancel(named(7n), index)).hash);
    for (const hash of hashes) {
      expect(slot.ask(order(named(7n)))).toBe('lighter.nonce_reserved');
      const rejected = { nonce: 7n, status: 'rejected', tx_hash: hash };
      expect(slot.operate('acknowledge', rejected).ok).toBe(true);
    }
    expect(slot.signed(order(named(7n))).nonce).toBe(7n);
  });

  test('gives each of several cancels the signature that it had', () => {
    const slot = createSlot();
    const first = slot.signed(cancel(named(7n)));
    slot.now += 1000n;
    slot.signed(cancel(named(7n), 2n));
    slot.now += 1000n;
    expect(slot.signed(cancel(named(7n)))).toEqual(first);
  });

  test('stays taken where more cancels are alive than are remembered', () => {
    const slot = createSlot();
    const hashes = Array.from({ length: 30 }, (_, index) => {
      return slot.signed(cancel(named(7n), BigInt(index + 1))).hash;
    });
    const endings = hashes.map((hash) =>
      messageOf(slot.operate('acknowledge', { nonce: 7n, status: 'rejected', tx_hash: hash })),
    );
    expect(endings).toContain('lighter.nonce_ambiguous');
    expect(slot.ask(order(named(7n)))).toBe('lighter.nonce_reserved');
    const sizes = [...slot.documents().values()].map((document) => stringifyJson(document).length);
    expect(Math.max(...sizes)).toBeLessThan(10_000);
  });

  test('is refused where we gave it out ourselves', () => {
    const slot = createSlot();
    const { nonce } = slot.signed(order({ mode: 'skip' }));
    expect(slot.ask(order(named(nonce, true)))).toBe('lighter.nonce_reserved');
    expect(slot.signed(cancel(named(nonce, true))).nonce).toBe(nonce);
  });

  test('is never more than a day ahead of the last and of the time', () => {
    const slot = createSlot();
    expect(slot.ask(order(named(T0 + DAY + 1n, true)))).toBe('lighter.nonce_too_far');
    expect(slot.signed(order(named(T0 + DAY, true))).nonce).toBe(T0 + DAY);
    expect(slot.ask(cancel(named(T0 + 2n * DAY + 1n, true)))).toBe('lighter.nonce_too_far');
  });

  test('ends at 2^47 - 1 with leave to jump, at 2^48 - 1 without', () => {
    const slot = createSlot();
    slot.operate('refresh', { next_nonce: 2n ** 47n });
    expect(slot.ask(order(named(2n ** 47n, true)))).toBe('lighter.nonce_range');
    expect(slot.signed(order(named(2n ** 47n))).nonce).toBe(2n ** 47n);
    expect(slot.ask(order(named(2n ** 48n)))).toBe('lighter.range');
  });
});

describe('reserving', () => {
  test('sets a row aside which callers name and other requests do not touch', () => {
    const slot = counted();
    expect(messageOf(slot.operate('reserve', { count: 3n, mode: 'strict' }))).toBe(
      'nonces `10` to `12` are reserved for ten minutes',
    );
    expect(slot.signed(order({ mode: 'strict' })).nonce).toBe(13n);
    expect(slot.signed(order(named(11n))).nonce).toBe(11n);
    expect(slot.ask(order(named(11n), 2n))).toBe('lighter.nonce_reserved');
  });

  test('is undone from the newest on, as long as nothing was signed there', () => {
    const slot = counted();
    slot.operate('reserve', { count: 3n, mode: 'strict' });
    expect(slot.operate('rollback', { nonce: 11n }).ok).toBe(false);
    expect(slot.operate('rollback', { nonce: 12n }).ok).toBe(true);
    slot.signed(order(named(11n)));
    expect(messageOf(slot.operate('rollback', { nonce: 11n }))).toBe('lighter.nonce_not_newest');
    expect(slot.signed(order({ mode: 'strict' })).nonce).toBe(12n);
  });

  test.each([0n, 51n])('refuses a row of %s', (count) => {
    expect(messageOf(createSlot().operate('reserve', { count }))).toBe('arguments');
  });
});

describe('refreshing', () => {
  test('mistrusts an answer that lags behind what was just accepted', () => {
    const slot = counted();
    slot.signed(order({ mode: 'strict' }));
    slot.operate('acknowledge', { nonce: 10n, status: 'accepted' });
    expect(messageOf(slot.operate('refresh', { next_nonce: 10n }))).toBe('lighter.nonce_lags');
    slot.now += MINUTE;
    expect(slot.operate('refresh', { next_nonce: 10n }).ok).toBe(true);
  });

  test('never makes skip mode give a nonce twice', () => {
    const slot = createSlot();
    const { nonce } = slot.signed(order({ mode: 'skip' }));
    slot.operate('refresh', { next_nonce: 5n });
    expect(slot.signed(order({ mode: 'skip' })).nonce).toBe(nonce + 1n);
  });
});

describe('after an older database came back', () => {
  function restored(): Slot {
    const slot = counted();
    const backup = slot.backup();
    slot.signed(order({ mode: 'strict' }));
    slot.now += MINUTE;
    slot.restore(backup);
    return slot;
  }

  test('skip mode jumps half a day at least and a day at most, once', () => {
    const slot = restored();
    const { nonce } = slot.signed(order({ mode: 'skip' }));
    expect(nonce).toBeGreaterThan(slot.now + DAY / 2n);
    expect(nonce).toBeLessThanOrEqual(slot.now + DAY);
    expect(slot.signed(order({ mode: 'skip' })).nonce).toBe(nonce + 1n);
  });

  test('skip mode gives other nonces each time the same backup comes back', () => {
    const slot = createSlot();
    slot.operate('refresh', { next_nonce: T0 + 30n * DAY });
    const backup = slot.backup();
    const nonces = [1, 2].map(() => {
      slot.now += 5_000n;
      slot.restore(backup);
      return slot.signed(order({ mode: 'skip' })).nonce;
    });
    expect(new Set(nonces).size).toBe(2);
  });

  test('strict mode waits for a refresh', () => {
    const slot = restored();
    expect(slot.ask(order({ mode: 'strict' }))).toBe('lighter.nonce_unknown');
    slot.signed(order({ mode: 'skip' }));
    expect(slot.ask(order({ mode: 'strict' }))).toBe('lighter.nonce_unknown');
    slot.operate('refresh', { next_nonce: 11n });
    expect(slot.signed(order({ mode: 'strict' })).nonce).toBe(11n);
  });

  test('nonces that callers name wait for a refresh, or until all before is dead; cancels do not', () => {
    const slot = restored();
    expect(slot.ask(order(named(10n)))).toBe('lighter.nonce_restored');
    expect(slot.signed(cancel(named(10n))).nonce).toBe(10n);
    slot.now += 614_999n;
    expect(slot.ask(order(named(11n)))).toBe('lighter.nonce_restored');
    slot.now += 1n;
    expect(slot.signed(order(named(11n))).nonce).toBe(11n);

    const refreshed = restored();
    refreshed.operate('refresh', { next_nonce: 11n });
    expect(refreshed.signed(order(named(11n))).nonce).toBe(11n);
  });

  test('it is remembered even if the request that noticed was refused, and alarmed once', () => {
    const slot = restored();
    const { alarms } = slot.judge(order(named(10n)));
    expect(alarms.map(({ code }) => code)).toEqual(['lighter.restored']);
    expect(slot.judge(order(named(10n))).alarms).toEqual([]);
  });

  test('a key without a document counts as one that lost it', () => {
    const slot = createSlot();
    slot.restore(new Map());
    expect(slot.ask(order(named(10n)))).toBe('lighter.nonce_restored');
  });
});

describe('the clock', () => {
  const now = T0;

  test('may be five seconds off', () => {
    expect(clockDoubt({ now, seenAt: now + 5_000n })).toBeUndefined();
    expect(clockDoubt({ now, seenAt: 0n, step: 5_000n })).toBeUndefined();
    expect(clockDoubt({ now, seenAt: 0n, step: -5_000n })).toBeUndefined();
  });

  test.each([
    ['back', { now, seenAt: now + 5_001n }, '5001'],
    ['back', { now, seenAt: 0n, step: -5_001n }, '5001'],
    ['forward', { now, seenAt: now, step: 5_001n }, '5001'],
  ])('must not step %s further', (way, readings, distance) => {
    expect(clockDoubt(readings)).toMatchObject({
      code: 'lighter.clock_step',
      message: expect.stringContaining(`${way} by ${distance} ms`),
    });
  });

  test('that was set back stops all that is new, until it is right or accepted', () => {
    const slot = createSlot();
    slot.signed(order(named(7n)));
    slot.now -= 5_001n;
    expect(slot.ask(order({ mode: 'skip' }))).toBe('lighter.clock_step');
    expect(slot.ask(cancel(named(8n)))).toBe('lighter.clock_step');
    expect(slot.signed(order(named(7n))).nonce).toBe(7n);
    slot.operate('refresh', { next_nonce: 8n });
    expect(slot.signed(order({ mode: 'strict' })).nonce).toBe(8n);
  });

  test('that was set forward stops all that is new where a monotonic one is watched', () => {
    const slot = createSlot();
    slot.clockStep = 5_001;
    expect(slot.ask(order({ mode: 'skip' }))).toBe('lighter.clock_step');
    expect(slot.ask(order(named(7n)))).toBe('lighter.clock_step');
  });
});

describe('the documents of a key', () => {
  test('stay small however many nonces are given out', () => {
    const slot = counted();
    fc.assert(
      fc.property(
        fc.constantFrom('skip' as const, 'strict' as const, 'named' as const),
        fc.nat(30_000),
        (mode, pause) => {
          slot.now += BigInt(pause);
          const wish = mode === 'named' ? named(slot.now + 3n, true) : { mode };
          slot.ask(order(wish));
        },
      ),
      { numRuns: 600 },
    );
    const sizes = [...slot.documents().values()].map((document) => stringifyJson(document).length);
    expect(Math.max(...sizes)).toBeLessThan(20_000);
  });

  test('drop the dead when something else is signed beside them', () => {
    const slot = createSlot();
    slot.signed(order(named(32n)));
    slot.now += 615_000n;
    slot.signed(order(named(33n)));
    const blocks = [...slot.documents()].filter(([key]) => key.includes('/block/'));
    expect(blocks.map(([, { records }]) => (Array.isArray(records) ? records.length : -1))).toEqual(
      [1],
    );
  });
});

test('what cannot be repeated is refused rather than signed twice, but for cancels', () => {
  const slot = createSlot({ repeatable: false });
  slot.signed(order(named(7n)));
  expect(slot.ask(order(named(7n)))).toBe('lighter.nonce_reserved');
  slot.signed(cancel(named(7n)));
  slot.now += 1000n;
  const { hash } = slot.signed(cancel(named(7n)));
  const rejected = { nonce: 7n, status: 'rejected', tx_hash: hash };
  expect(slot.operate('acknowledge', rejected).ok).toBe(true);
  expect(slot.ask(order(named(7n)))).toBe('lighter.nonce_reserved');
});

test.each([
  ['acknowledge', { nonce: 7n }],
  ['acknowledge', { nonce: 7n, status: 'maybe' }],
  ['acknowledge', { nonce: -1n, status: 'accepted' }],
  ['rollback', {}],
  ['refresh', { next_nonce: 2n ** 48n }],
  ['reserve', { count: 1n, mode: 'explicit' }],
  ['reserve', { count: 1n, more: 1n }],
] as const)('%s refuses arguments that it cannot use: %j', (operation, args) => {
  expect(messageOf(createSlot().operate(operation, args))).toBe('arguments');
});

test('a nonce of which nothing is known cannot be acknowledged', () => {
  const done = createSlot().operate('acknowledge', { nonce: 7n, status: 'rejected' });
  expect(messageOf(done)).toBe('lighter.nonce_unknown');
});

test('an operation takes integers and hashes as requests do', () => {
  const slot = counted();
  const { hash } = slot.signed(order(named(10n)));
  const args = {
    nonce: '10',
    chain: '304',
    tx_hash: `0x${hash.toUpperCase()}`,
    status: 'rejected',
  };
  expect(messageOf(slot.operate('acknowledge', args))).toBe('nonce `10` is the next again');
  expect(messageOf(slot.operate('refresh', { next_nonce: '12' }))).toBe('the next nonce is `12`');
  expect(messageOf(slot.operate('reserve', { count: '2' }))).toContain('are reserved');
});
