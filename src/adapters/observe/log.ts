/**
 * The log: JSON lines on standard output, one per stage of a job.
 *
 * Nothing is logged whole. Every line is built here from named fields, so that a body, an answer or
 * a key cannot reach it by being part of an object; texts are cut to a bounded length.
 */
import process from 'node:process';

import { type DestinationStream, type Level, type LevelWithSilent, pino } from 'pino';

import type { Reason } from '../../core/outcome.ts';
import type { StageEvent } from '../../core/ports.ts';
import { describeError } from './describe-error.ts';

/** Plain values only: an object has fields that nobody named. */
type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
  readonly stage: (event: StageEvent) => void;
  /** Someone should look: `warn` about one job, `error` about the daemon. */
  readonly alarm: (reason: Reason, job?: string) => void;
  readonly say: (level: Level, message: string, fields?: LogFields) => void;
  /** Something threw; what is told of it is what `describeError` lets through. */
  readonly failure: (message: string, error: unknown, fields?: LogFields) => void;
}

export interface LogOptions {
  readonly level: LevelWithSilent;
  /** Standard output if left out. */
  readonly destination?: DestinationStream;
}

const TEXT_LIMIT = 500;

export function createLog({ level: least, destination }: LogOptions): Log {
  const logger = pino(
    {
      level: least,
      base: null,
      timestamp: createTimestamp(),
      formatters: { level: (label) => ({ level: label }) },
    },
    destination ?? standardOutput(),
  );
  return Object.freeze({
    stage(event: StageEvent): void {
      const level = levelOf(event);
      if (!logger.isLevelEnabled(level)) return;
      logger[level](
        {
          job: event.job,
          source: event.source,
          world: event.world,
          outcome: event.outcome,
          reason: event.reason?.code,
          why: clip(event.reason?.message),
          rules: event.rules,
          ms: Math.round(event.milliseconds * 1000) / 1000,
        },
        event.stage,
      );
    },
    alarm(reason: Reason, job?: string): void {
      const fields = { alarm: reason.code, job, why: clip(reason.message) };
      logger[job === undefined ? 'error' : 'warn'](fields, 'alarm');
    },
    say(at: Level, message: string, fields: LogFields = {}): void {
      if (logger.isLevelEnabled(at)) logger[at](clipped(fields), message);
    },
    failure(message: string, error: unknown, fields: LogFields = {}): void {
      logger.error({ ...clipped(fields), error: describeError(error) }, message);
    },
  });
}

/** ISO time as a member of a line; making it takes long, and lines of one millisecond share it. */
function createTimestamp(): () => string {
  let at = NaN;
  let member = '';
  return () => {
    const now = Date.now();
    if (now !== at) member = `,"time":"${new Date(now).toISOString()}"`;
    at = now;
    return member;
  };
}

/** The lines of one turn of the event loop leave together; at the latest they leave when the process ends. */
function standardOutput(): DestinationStream {
  let lines = '';
  const leave = (): void => {
    if (lines !== '') output.write(lines);
    lines = '';
  };
  // Before the destination's own listener, which then writes what it holds.
  process.on('exit', leave);
  const output = pino.destination(1);
  return {
    write(line: string): void {
      if (lines === '') setImmediate(leave);
      lines += line;
    },
  };
}

/** What did not go as its sender hoped stands out; noise from the internet does not. */
const LEVELS: Readonly<Record<NonNullable<StageEvent['outcome']>, Level>> = {
  signed: 'info',
  ignored: 'info',
  repeated: 'info',
  unverified: 'info',
  declined: 'warn',
  withheld: 'warn',
  malformed: 'warn',
  failed: 'warn',
  conflict: 'warn',
};

function levelOf(event: StageEvent): Level {
  if (event.isRoutine === true) return 'debug';
  if (isUndelivered(event) || isPassedByRoom(event)) return 'warn';
  return event.outcome === undefined ? 'info' : LEVELS[event.outcome];
}

/** Signed, and something speaks against it: the attempt to deliver it failed. */
function isUndelivered({ outcome, reason }: StageEvent): boolean {
  return outcome === 'signed' && reason !== undefined;
}

/** What a room is asked to sign and passes by may be meant for us; events of other kinds are not. */
function isPassedByRoom({ stage, outcome, reason }: StageEvent): boolean {
  return stage === 'dispatch' && outcome === 'ignored' && reason?.code !== 'dispatch.event_type';
}

function clipped(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? clip(value) : value,
    ]),
  );
}

function clip(text: string | undefined): string | undefined {
  return text === undefined || text.length <= TEXT_LIMIT ? text : `${text.slice(0, TEXT_LIMIT)}…`;
}
