/** The benchmark's end of the validator client. */
import { compiledChild, startChild, type Usage } from '../job/child.ts';
import type { Call } from './votes.ts';

/** What the client is told to do. */
export interface Course {
  readonly port: number;
  /** Each has one call under way. */
  readonly connections: number;
  readonly calls: readonly Call[];
}

/** What it tells of it. */
export interface Endured {
  /** From the first call to the last answer, in milliseconds. */
  readonly took: number;
  /** Of each call. */
  readonly milliseconds: readonly number[];
}

export interface DutyClient {
  /** Throws if any call is not answered with its signatures. */
  readonly run: (course: Course) => Promise<Endured>;
  readonly usage: () => Promise<Usage>;
  readonly stop: () => Promise<void>;
}

export async function startDutyClient(directory: string): Promise<DutyClient> {
  const child = startChild({
    file: compiledChild('duty-client'),
    environment: {},
    directory,
  });
  await child.heard();
  return Object.freeze({
    async run(course: Course) {
      child.tell(JSON.stringify(course));
      const told = await child.heard();
      if (isEndured(told)) return told;
      throw new Error(`the validator client gave up: ${JSON.stringify(told)}`);
    },
    usage: child.usage,
    stop: child.stop,
  });
}

function isEndured(told: unknown): told is Endured {
  return typeof told === 'object' && told !== null && 'took' in told && 'milliseconds' in told;
}
