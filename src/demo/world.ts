/** What a world brings to the demo; main.ts runs the steps of all worlds against one daemon. */
import type { Daemon } from './daemon.ts';

export interface DemoWorld {
  readonly name: string;
  /** The daemon's environment for this world. */
  readonly environment: Readonly<Record<string, string>>;
  /** A policy document beside the shipped one. */
  readonly policy: string;
  readonly steps: readonly DemoStep[];
  /** What is wrong when all steps are done. */
  readonly review: () => readonly string[];
  readonly close: () => Promise<void>;
}

export interface DemoStep {
  readonly title: string;
  readonly run: (daemon: Daemon) => Promise<DemoResult>;
}

export interface DemoResult {
  readonly outcome: string;
  /** Rules that decided, or the reason's code. */
  readonly because: string;
  /** The mutation or callback that left, if any. */
  readonly sent: string;
  /** From sending the event to hearing its answer, or its acknowledgement where none follows. */
  readonly milliseconds: number;
  /** Sentences; empty where everything is as expected. */
  readonly differences: readonly string[];
}
