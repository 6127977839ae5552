/** Which machine the figures are of. */
import { availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import { arch, version } from 'node:process';

export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memory = `${String(Math.round(totalmem() / 2 ** 30))} GiB`;
  const cores = `${String(availableParallelism())} cores`;
  return `${model}, ${cores}, ${memory}, ${platform()} ${release()} ${arch}, Node ${version}`;
}
