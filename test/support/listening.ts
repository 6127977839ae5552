import type { RequestListener } from 'node:http';

import {
  type Address,
  createListener,
  DEFAULT_LIMITS,
  type Listener,
  type ListenerLimits,
} from '../../src/http/listener.ts';

/** A listener on a free loopback port, closed when it goes out of scope. */
export interface Listening extends AsyncDisposable {
  readonly origin: string;
  readonly listener: Listener;
  /** Statuses of requests that never became one. */
  readonly refused: readonly number[];
}

export async function listening(
  app: RequestListener,
  limits: Partial<ListenerLimits> = {},
  address: Address = { host: '127.0.0.1', port: 0 },
): Promise<Listening> {
  const refused: number[] = [];
  const deps = { app, onRefused: (status: number): unknown => refused.push(status) };
  const listener = createListener(address, deps, { ...DEFAULT_LIMITS, ...limits });
  const origin = await listener.listen();
  return { origin, listener, refused, [Symbol.asyncDispose]: () => listener.close(0) };
}
