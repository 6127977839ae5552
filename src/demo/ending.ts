/** How a job ended, as the admin API shows it, and what of that differs from what was expected. */
import { setTimeout as sleep } from 'node:timers/promises';

import { isJsonObject, type JsonObject } from '../base/json.ts';
import type { Daemon } from './daemon.ts';
import { listIn, objectIn, textIn } from './json-fields.ts';
import type { DemoResult } from './world.ts';

/** Milliseconds until an outcome or an answer must have come. */
const PATIENCE = 5_000;

export type End = Pick<DemoResult, 'outcome' | 'because'>;

/** Waits until a job has an outcome. */
export async function endOfJob(daemon: Daemon, job: string): Promise<End> {
  let shown = await daemon.job(job);
  await until(async () => {
    shown = await daemon.job(job);
    return shown['outcome'] !== null;
  });
  return { outcome: textIn(shown, 'outcome'), because: causeOf(shown) };
}

/** Resolves when the condition holds, or when patience ends. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  while (!(await holds()) && performance.now() < deadline) await sleep(2);
}

export function differing(what: string, is: string, expected: string): readonly string[] {
  return is === expected ? [] : [`${what} is \`${is}\` instead of \`${expected}\``];
}

/** The rules that permitted or forbade, or else the code of the reason. */
function causeOf(job: JsonObject): string {
  const code = textIn(objectIn(job, 'reason'), 'code');
  if (code !== '' && code !== 'policy.forbid') return code;
  const rules = listIn(job, 'decisions')
    .flatMap((item) => listIn(objectIn(isJsonObject(item) ? item : {}, 'decision'), 'rules'))
    .filter((rule) => typeof rule === 'string');
  return [...new Set(rules)].join(', ');
}
