/** That the benchmarks run and find what they say; nothing here looks at how fast anything is. */
import { describe, expect, test } from '@jest/globals';

import { benchClaim } from '../../bench/claim.ts';
import { benchDecide } from '../../bench/decide.ts';
import { benchEthereum } from '../../bench/ethereum.ts';
import { benchJob } from '../../bench/job.ts';
import { benchLighter } from '../../bench/lighter.ts';
import { benchLighterHttp } from '../../bench/lighter-http.ts';
import { callTimes, median, quantile, race, ratios, workClock } from '../../bench/measure.ts';
import { asJson, asMarkdown, asText, isMet, type Report } from '../../bench/report.ts';
import { benchPostgres } from '../../bench/postgres.ts';
import { benchRest } from '../../bench/rest.ts';
import { benchSign } from '../../bench/sign.ts';

import { postgresBinaries } from '../support/postgres-server.ts';

const BRIEF = { rounds: 2, milliseconds: 2 };

function expectFigures({ rows, budgets }: Report): void {
  expect(rows.length).toBeGreaterThan(0);
  const all = [...rows.flatMap(({ cells }) => cells), ...budgets];
  for (const { rounds } of all) {
    expect(rounds.length).toBeGreaterThan(0);
    expect(rounds.every((value) => Number.isFinite(value) && value > 0)).toBe(true);
  }
}

describe('the benchmark', () => {
  test('of decide runs', () => {
    expectFigures(benchDecide({ rounds: 2, calls: 10 }));
  });

  test('of claim runs', async () => {
    expectFigures(await benchClaim(BRIEF));
  });

  test('of sign runs, and all libraries answer the same', async () => {
    expectFigures(await benchSign(BRIEF));
  }, 20_000);

  test('of Lighter orders runs, and all signers sign the same order', async () => {
    expectFigures(await benchLighter(BRIEF));
  }, 30_000);

  test('of Lighter orders over HTTP runs, and the daemon signs what was asked', async () => {
    expectFigures(await benchLighterHttp({ rounds: 1, warmUps: 0, atOnce: [2], orders: 4 }));
  }, 60_000);

  test('of attestations runs, and the daemon signs what was asked', async () => {
    const effort = { rounds: 1, warmUps: 0, validators: 4, epochs: 1, connections: 2, batch: 3 };
    expectFigures(await benchEthereum(effort));
  }, 90_000);

  test('of duties on PostgreSQL runs where it is installed', async () => {
    const report = await benchPostgres({ ...BRIEF, validators: 4, atOnce: [1, 2], batch: 2 });
    expect(report === undefined).toBe(postgresBinaries() === undefined);
    if (report !== undefined) expectFigures(report);
  }, 60_000);

  test('of whole webhooks runs, and all signers answer the same', async () => {
    const webhooks = [
      { signatures: 1, count: 4, warmUps: 0 },
      { signatures: 3, count: 2, warmUps: 1 },
    ];
    expectFigures(await benchJob({ rounds: 1, channels: 2, webhooks }));
  }, 60_000);

  test('of a daemon at rest runs', async () => {
    expectFigures(await benchRest({ rounds: 1, quiet: 1, validators: 3 }));
  }, 60_000);
});

describe('measuring', () => {
  test('gives every contender its turn in every round', async () => {
    const turns: string[] = [];
    const contender = (name: string) => ({
      name,
      run(): void {
        turns.push(name);
        for (const end = workClock() + 2; workClock() < end;);
      },
    });
    const rates = await race([contender('a'), contender('b')], BRIEF, workClock);
    expect(turns.slice(-4)).toEqual(['a', 'b', 'a', 'b']);
    expect(rates.map((rounds) => rounds.length)).toEqual([2, 2]);
  });

  test('takes quantiles, medians and ratios round by round', () => {
    expect(quantile([1, 2, 3, 4], 0.99)).toBe(4);
    expect(median([9, 1, 5])).toBe(5);
    expect(ratios([10, 9], [5, 3])).toEqual([2, 3]);
    expect(callTimes(() => undefined, 3)).toHaveLength(3);
  });
});

describe('a report', () => {
  const report: Report = {
    subject: 'sign',
    about: 'signatures',
    rows: [
      {
        what: 'one key',
        unit: '/s',
        cells: [
          { contender: 'old', rounds: [100, 120] },
          { contender: 'new', rounds: [150, 180] },
        ],
      },
    ],
    budgets: [{ what: 'new / old', unit: '×', must: 'at least', limit: 2, rounds: [1.5, 1.5] }],
  };

  test('says beside each budget whether it is met', () => {
    expect(report.budgets.map(isMet)).toEqual([false]);
    expect(asText(report)).toBe(
      [
        'sign: signatures',
        '           old              new',
        '  one key  120 /s (120 /s)  180 /s (180 /s) ×1.50',
        '  ✗ new / old: ×1.50, best ×1.50; must be at least ×2.00',
      ].join('\n'),
    );
  });

  test('is written for the README and for other programs', () => {
    expect(asMarkdown('a machine', [report])).toContain(
      '| sign | new / old | ×1.50 | at least ×2.00 | no |',
    );
    expect(JSON.parse(asJson('a machine', [report]))).toMatchObject({
      machine: 'a machine',
      reports: [{ budgets: [{ met: false, median: 1.5 }] }],
    });
  });
});
