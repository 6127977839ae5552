/**
 * Loaded before a server's own code: tells, when asked, what its process has used so far, and ends
 * it when the benchmark is gone.
 */
import process from 'node:process';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  process.on('message', (message) => {
    if (message === 'usage') process.send?.(usage());
  });
  process.once('disconnect', () => process.exit());
  // Listening must not keep a server alive that has nothing else to do.
  process.channel?.unref();
}

function usage(): { readonly cpuMilliseconds: number; readonly residentBytes: number } {
  const { user, system } = process.cpuUsage();
  return {
    cpuMilliseconds: (user + system) / 1000,
    residentBytes: process.memoryUsage.rss(),
  };
}
