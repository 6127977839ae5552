import type { HttpExchange, HttpObserver } from '../../src/http/app.ts';

export interface ObservedHttp {
  readonly observer: HttpObserver;
  readonly exchanges: readonly HttpExchange[];
  readonly failures: readonly unknown[];
}

export function observeHttp(): ObservedHttp {
  const exchanges: HttpExchange[] = [];
  const failures: unknown[] = [];
  return {
    observer: {
      exchange: (exchange) => exchanges.push(exchange),
      failure: (error) => failures.push(error),
    },
    exchanges,
    failures,
  };
}
