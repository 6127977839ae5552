/** Worker threads that start from the compiled product and, in development, from its sources. */
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts the module `name` that lies beside `from` (the caller's `import.meta.url`), without
 * extension. The thread sees no environment, so no secret that lives there.
 */
export function startWorker(name: string, from: string, options: WorkerOptions): Worker {
  const source = from.endsWith('.ts');
  return new Worker(new URL(`${name}.${source ? 'ts' : 'js'}`, from), {
    ...options,
    env: {},
    ...(source && { execArgv: ['--import', loadTypeScript()] }),
  });
}

/** On Node 20 a worker does not inherit the loader that runs the sources; this gives it one. */
function loadTypeScript(): string {
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  return `data:text/javascript,import { register } from ${loader}; register();`;
}
