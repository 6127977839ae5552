/** Log and metrics together, as the core and the listeners see them. */
import type { Observer } from '../../core/ports.ts';
import type { Log } from './log.ts';
import type { HttpExchange, Metrics } from './metrics.ts';
import type { ValidatorMetrics } from './validator-metrics.ts';

export interface Observers {
  /** What the pipeline reports to. */
  readonly core: Observer;
  /** What the HTTP listeners report to. */
  readonly http: {
    readonly exchange: (exchange: HttpExchange & { readonly requestId: string }) => void;
    /** A request could not be answered because something threw. */
    readonly failure: (error: unknown, requestId: string) => void;
  };
}

export function createObservers(
  log: Log,
  metrics: Metrics,
  validators?: ValidatorMetrics,
): Observers {
  return Object.freeze({
    core: Object.freeze<Observer>({
      stage(event) {
        metrics.stage(event);
        validators?.stage(event);
        log.stage(event);
      },
      alarm(reason, job) {
        metrics.alarm(reason);
        log.alarm(reason, job);
      },
      failure(error, job) {
        log.failure('machinery broke', error, { job });
      },
      route(route, state) {
        metrics.route(route, state);
        log.say(state === 'closed' ? 'info' : 'warn', `route ${state}`, { route });
      },
    }),
    http: Object.freeze<Observers['http']>({
      exchange(exchange) {
        metrics.exchange(exchange);
        validators?.exchange(exchange);
        const { listener, route, status, milliseconds, requestId } = exchange;
        const ms = Math.round(milliseconds * 1000) / 1000;
        log.say('debug', 'request', { listener, route, status, ms, request: requestId });
      },
      failure(error, requestId) {
        log.failure('request failed', error, { request: requestId });
      },
    }),
  });
}
