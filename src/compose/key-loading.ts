/** Validator keys are loaded in the background; health checks and log tell how it goes. */
import type { ReloadReport, ValidatorKeyStore } from '../adapters/bls/validator-key-store.ts';
import type { Log } from '../adapters/observe/log.ts';
import type { JsonObject } from '../base/json.ts';
import type { Reason } from '../core/outcome.ts';
import type { Clock } from '../core/ports.ts';
import type { Readiness } from './readiness.ts';

export interface KeyLoadingDeps {
  readonly store: Pick<ValidatorKeyStore, 'reload' | 'status' | 'countOf'>;
  /** How many keys are in use. */
  readonly count: () => number;
  readonly readiness: Pick<Readiness, 'up' | 'down'>;
  readonly log: Pick<Log, 'say' | 'failure'>;
  readonly alarm: (reason: Reason) => void;
  readonly clock: Pick<Clock, 'after'>;
  /** Keys have come that others may have waited for. */
  readonly onLoaded: () => void;
}

export interface KeyLoading {
  /** `false` while keys are being loaded already. */
  readonly load: () => boolean;
  readonly stop: () => void;
}

/** Web3Signer's names for its two ways of loading. */
const CONFIGURATIONS = 'keys-check/config-files-loading';
const KEYSTORES = 'keys-check/keystores-bulk-loading';
/** Milliseconds after machinery broke, such as a database that was away. */
const RETRY = 10_000;

export function createKeyLoading(deps: KeyLoadingDeps): KeyLoading {
  const { store, count, readiness, log, alarm, clock, onLoaded } = deps;
  let cancelRetry = (): void => undefined;
  let isStopped = false;

  function load(): boolean {
    const running = store.reload();
    if (running === undefined) return false;
    cancelRetry();
    // Later on the keys there are go on signing meanwhile.
    if (!store.status().isLoaded) bothDown('keys are being loaded');
    running.then(loaded, (error: unknown) => {
      bothDown('keys could not be loaded and will be tried again; the log says why');
      log.failure('loading validator keys failed', error);
      if (!isStopped) cancelRetry = clock.after(RETRY, load);
    });
    return true;
  }

  function loaded({ added, removed, errors }: ReloadReport): void {
    for (const { file, reason } of errors) {
      alarm({ ...reason, message: `${file}: ${reason.message}` });
    }
    const configured = store.countOf('key configurations');
    const misconfigured = errors.filter(({ file }) => isConfiguration(file)).length;
    tell(CONFIGURATIONS, configured, misconfigured);
    tell(KEYSTORES, count() - configured, errors.length - misconfigured);
    onLoaded();
    log.say('info', 'validator keys loaded', {
      keys: count(),
      added: added.length,
      removed: removed.length,
      errors: errors.length,
    });
  }

  function tell(id: string, keys: number, errors: number): void {
    const failed = `${String(errors)} keys could not be loaded; the log names the files`;
    if (errors === 0) readiness.up(id, figures(keys, errors));
    else readiness.down(id, failed, figures(keys, errors));
  }

  function bothDown(why: string): void {
    readiness.down(CONFIGURATIONS, why);
    readiness.down(KEYSTORES, why);
  }

  return Object.freeze({
    load,
    stop(): void {
      isStopped = true;
      cancelRetry();
    },
  });
}

/** As Web3Signer calls them. */
function figures(keys: number, errors: number): JsonObject {
  return { 'keys-loaded': BigInt(keys), 'error-count': BigInt(errors) };
}

/** A file, or a document of one. */
function isConfiguration(origin: string): boolean {
  return /\.ya?ml(?:#[0-9]+)?$/i.test(origin);
}
