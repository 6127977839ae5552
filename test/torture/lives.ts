/** One data directory, many lives of its daemon: each one ends as its plan says, or a little later. */
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { KILL_POINTS, type KillPoint } from '../../src/core/probe.ts';
import { type DaemonProcess, launchDaemon, type Origins } from '../support/daemon-process.ts';
import type { Chance } from './random.ts';
import { BY_CHANCE, type Tallies } from './tally.ts';

export interface LivesOptions {
  readonly program: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Where everything the daemon says is kept. */
  readonly logPath: string;
}

export interface LivesDeps {
  readonly chance: Chance;
  readonly tallies: Tallies;
}

/** Where a life is to end; by chance if left out. */
export interface Ending {
  readonly point: KillPoint;
  /** At which passing, counted from 1. */
  readonly hit: number;
}

export interface Lives {
  /** Waits while there is none. */
  readonly origins: () => Promise<Origins>;
  /** Starts a daemon and waits for its violent death. */
  readonly live: (ending?: Ending) => Promise<void>;
  /** The same, ended by a service manager while everything is under way. */
  readonly liveToTheEnd: () => Promise<void>;
  /** A last life without faults; the returned function ends it politely. */
  readonly stay: () => Promise<() => Promise<void>>;
  readonly pointsOf: (mode: Mode) => readonly KillPoint[];
}

/** How the daemon answers: by mutation, or in the HTTP response. */
export type Mode = 'accepted' | 'inline';

/** Milliseconds of a life whose planned end does not come. */
const SHORTEST = 200;
const LONGEST = 3_000;
/** Milliseconds from a polite signal to the exit. */
const GRACE = 10_000;

export function createLives(options: LivesOptions, { chance, tallies }: LivesDeps): Lives {
  let present: Origins | undefined;
  const callers: ((origins: Origins) => void)[] = [];

  function begin(ending?: Ending): DaemonProcess {
    const daemon = launchDaemon({
      program: options.program,
      environment: {
        ...options.environment,
        ...(ending && { KILL_AT: `${ending.point}:${String(ending.hit)}` }),
      },
      onLine: (line) => {
        appendFileSync(options.logPath, `${line}\n`);
        tallies.violate('troubles', ...troubleIn(line));
      },
    });
    void daemon.listening.then((origins) => {
      present = origins;
      if (origins === undefined) return;
      for (const call of callers.splice(0)) call(origins);
    });
    void daemon.ended.then(() => {
      present = undefined;
    });
    tallies.other.count('lives');
    return daemon;
  }

  async function live(ending?: Ending): Promise<void> {
    const daemon = begin(ending);
    const death = { isPlanned: ending !== undefined };
    void daemon.listening.then((origins) => {
      if (origins === undefined) return;
      const patience = ending === undefined ? SHORTEST + chance.below(LONGEST) : LONGEST;
      const timer = setTimeout(() => {
        death.isPlanned = false;
        daemon.send('SIGKILL');
      }, patience);
      void daemon.ended.then(() => {
        clearTimeout(timer);
      });
    });
    const { code, signal } = await daemon.ended;
    if (signal !== 'SIGKILL') {
      const lastWords = daemon.output().slice(-2_000);
      const how = `the daemon ended by itself (${String(code)}):\n${lastWords}`;
      tallies.violate('troubles', how);
      return;
    }
    tallies.kills.count(ending !== undefined && death.isPlanned ? ending.point : BY_CHANCE);
  }

  async function liveToTheEnd(): Promise<void> {
    const stop = await stay();
    await sleep(SHORTEST + chance.below(LONGEST));
    await stop();
    tallies.other.count('polite ends in the middle of work');
  }

  async function stay(): Promise<() => Promise<void>> {
    const daemon = begin();
    await daemon.listening;
    return async () => {
      const startedAt = performance.now();
      daemon.send('SIGTERM');
      const { code, signal } = await daemon.ended;
      const milliseconds = performance.now() - startedAt;
      if (code !== 0 || milliseconds > GRACE) {
        const how = `${String(code ?? signal)} after ${milliseconds.toFixed(0)} ms`;
        tallies.violate('troubles', `the daemon did not stop when it was asked to: ${how}`);
      }
    };
  }

  return Object.freeze({
    origins: () =>
      present === undefined
        ? new Promise<Origins>((resolve) => {
            callers.push(resolve);
          })
        : Promise.resolve(present),
    live,
    liveToTheEnd,
    stay,
    pointsOf: (mode: Mode) => KILL_POINTS.filter((point) => !OUTSIDE[mode].test(point)),
  });
}

/** Points that are not passed, or hardly, in a mode. */
const OUTSIDE: Readonly<Record<Mode, RegExp>> = { accepted: /^answer\./, inline: /^deliver\./ };

/** What a log must never say, however the daemon died before. */
function troubleIn(line: string): readonly string[] {
  const isTrouble = /store\.restored|machinery\.|unhandled|background task|"level":"fatal"/.test(
    line,
  );
  return isTrouble ? [`the log says: ${line}`] : [];
}
