import { spawnSync } from 'node:child_process';
import process from 'node:process';

import { describe, expect, test } from '@jest/globals';

import { createLog } from '../../../src/adapters/observe/log.ts';
import type { StageEvent } from '../../../src/core/ports.ts';
import { captureLog, type LogLines } from '../../support/log-lines.ts';

const EVENT: StageEvent = {
  stage: 'decide',
  source: 'lightspark',
  job: 'job-1',
  world: 'lightspark',
  outcome: 'withheld',
  reason: { code: 'policy.no_rule', message: 'no rule permits `l1_spend`' },
  rules: ['a', 'b'],
  milliseconds: 1.23456,
};

function logging(level: 'info' | 'debug' | 'error' = 'info'): {
  readonly log: ReturnType<typeof createLog>;
  readonly captured: LogLines;
} {
  const captured = captureLog();
  return { log: createLog({ level, destination: captured.destination }), captured };
}

test('a stage is one line with job, source, world, outcome, reason, rules and milliseconds', () => {
  const { log, captured } = logging();
  log.stage(EVENT);
  expect(captured.lines).toEqual([
    {
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      job: 'job-1',
      source: 'lightspark',
      world: 'lightspark',
      outcome: 'withheld',
      reason: 'policy.no_rule',
      why: 'no rule permits `l1_spend`',
      rules: ['a', 'b'],
      ms: 1.235,
      msg: 'decide',
    },
  ]);
});

test.each([
  [undefined, 'info'],
  ['signed', 'info'],
  ['unverified', 'info'],
  ['declined', 'warn'],
  ['withheld', 'warn'],
  ['conflict', 'warn'],
] as const)('outcome %s is logged at %s', (outcome, level) => {
  const { log, captured } = logging();
  log.stage({
    stage: 'verify',
    source: 's',
    milliseconds: 0,
    ...(outcome === undefined ? {} : { outcome }),
  });
  expect(captured.lines[0]?.['level']).toBe(level);
});

test.each([
  ['deliver', 'signed', 'http.server_error', 'warn'],
  ['dispatch', 'ignored', 'network', 'warn'],
  ['dispatch', 'ignored', 'dispatch.event_type', 'info'],
  ['decide', 'ignored', 'decide.observed', 'info'],
] as const)('%s %s because of %s is logged at %s', (stage, outcome, code, level) => {
  const { log, captured } = logging();
  log.stage({ stage, source: 's', outcome, reason: { code, message: 'm' }, milliseconds: 0 });
  expect(captured.lines[0]?.['level']).toBe(level);
});

test('one of very many that went as they should is told only to those who ask for everything', () => {
  for (const [level, lines] of [
    ['info', 0],
    ['debug', 1],
  ] as const) {
    const { log, captured } = logging(level);
    log.stage({ stage: 'sign', source: 's', outcome: 'signed', isRoutine: true, milliseconds: 0 });
    expect(captured.lines).toHaveLength(lines);
  }
});

test('an alarm is a warning about a job and an error about the daemon', () => {
  const { log, captured } = logging();
  log.alarm({ code: 'ratchet_gap', message: 'gap' }, 'job-1');
  log.alarm({ code: 'store_broken', message: 'disk' });
  expect(captured.lines).toMatchObject([
    { level: 'warn', alarm: 'ratchet_gap', job: 'job-1', why: 'gap', msg: 'alarm' },
    { level: 'error', alarm: 'store_broken', why: 'disk', msg: 'alarm' },
  ]);
});

test('the level decides what is written', () => {
  const { log, captured } = logging('error');
  log.stage(EVENT);
  log.say('warn', 'quiet');
  log.alarm({ code: 'x', message: 'y' });
  expect(captured.lines.map(({ msg }) => msg)).toEqual(['alarm']);
});

test('only named fields of an event are written, whatever else it carries', () => {
  const { log, captured } = logging();
  const careless = { ...EVENT, body: 'canary-body', answer: { secret: 'canary-answer' } };
  log.stage(careless);
  expect(captured.text()).not.toContain('canary');
});

test('a text from outside cannot start a line of its own, and is cut', () => {
  const { log, captured } = logging();
  log.say('info', 'started', { path: `x\n{"level":"fatal"}${'y'.repeat(10_000)}` });
  expect(captured.lines).toHaveLength(1);
  expect(String(captured.lines[0]?.['path']).length).toBeLessThan(600);
});

describe('a thrown error', () => {
  test('tells its name, code, message and place', () => {
    const { log, captured } = logging();
    const error = Object.assign(new Error('ENOSPC: no space left, write'), { code: 'ENOSPC' });
    log.failure('commit failed', error, { job: 'job-1' });
    expect(captured.lines[0]).toMatchObject({
      level: 'error',
      msg: 'commit failed',
      job: 'job-1',
      error: {
        name: 'Error',
        code: 'ENOSPC',
        message: 'ENOSPC: no space left, write',
        at: expect.arrayContaining([expect.stringMatching(/log\.test\.ts/)]),
      },
    });
  });

  test('hides what looks like a key in its message, its causes and its stack', () => {
    const { log, captured } = logging();
    const seed = '5e'.repeat(32);
    const base64 = 'q83vEjRWeJq83vEjRWeJq83vEjRWeJq83vEjRWeJq80=';
    const cause = new Error(`variables: {"preimage":"${seed}"}`);
    log.failure('send failed', new Error(`request ${base64} failed`, { cause }));
    expect(captured.text()).not.toContain(seed.slice(0, 20));
    expect(captured.text()).not.toContain(base64.slice(0, 20));
    expect(captured.text()).toContain('send failed');
  });

  test('tells nothing of its other properties', () => {
    const { log, captured } = logging();
    log.failure('x', Object.assign(new Error('y'), { request: { variables: 'canary' } }));
    log.failure('x', { toString: () => 'canary' });
    expect(captured.text()).not.toContain('canary');
  });

  test('with causes in a circle ends', () => {
    const { log, captured } = logging();
    const error: Error & { cause?: unknown } = new Error('round');
    error.cause = error;
    log.failure('x', error);
    expect(captured.lines).toHaveLength(1);
  });
});

test.each(['process.exit(0)', 'throw new Error()', ''])(
  'lines reach standard output in order, those of the last turn too (%s)',
  (ending) => {
    const log = new URL('../../../src/adapters/observe/log.ts', import.meta.url).href;
    const program = `
      const { createLog } = await import(${JSON.stringify(log)});
      const log = createLog({ level: 'info' });
      for (const line of ['1', '2']) log.say('info', line);
      await new Promise((resolve) => setTimeout(resolve, 10));
      for (const line of ['3', '4']) log.say('info', line);
      ${ending}`;
    const flags = ['--import', 'tsx', '--input-type=module', '--eval', program];
    const { stdout } = spawnSync(process.execPath, flags, { encoding: 'utf8' });
    const messages = stdout.match(/"msg":"\d"/g);
    expect(messages).toEqual(['1', '2', '3', '4'].map((line) => `"msg":"${line}"`));
  },
);
