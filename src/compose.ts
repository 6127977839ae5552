/**
 * The composition root: reads from top to bottom as the daemon starts. With `compose/` it is the
 * only code that knows everyone. What is opened here is closed here, in the opposite order.
 */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import type { CurveChoice } from '../signers/lightning/index.ts';
import type { ValidatorKeys } from './adapters/bls/validator-keys.ts';
import { createCallerBook } from './adapters/callers/caller-book.ts';
import { openOperatorToken } from './adapters/callers/operator-token.ts';
import { digestOfToken } from './adapters/callers/token.ts';
import { createKeyRing, type OpenKeyRing } from './adapters/keys/key-ring.ts';
import { createKeysPassword, type KeysPassword } from './adapters/keys/keys-password.ts';
import type { Log } from './adapters/observe/log.ts';
import { createMetrics } from './adapters/observe/metrics.ts';
import { createObservers } from './adapters/observe/observer.ts';
import { createValidatorMetrics } from './adapters/observe/validator-metrics.ts';
import {
  openPostgresStore,
  type PostgresStoreOptions,
} from './adapters/postgres/postgres-store.ts';
import {
  type OpenedStore,
  openSqliteStore,
  type SqliteStoreOptions,
} from './adapters/store/sqlite-store.ts';
import { startForgetting } from './adapters/forgetting.ts';
import { watchClock } from './adapters/clock-watch.ts';
import { systemClock, systemRandom } from './adapters/system.ts';
import { utf8Text } from './base/bytes.ts';
import { err, ok, type Result } from './base/result.ts';
import type { Secret } from './base/secret.ts';
import { chooseFastestCurve } from './compose/curve.ts';
import { environmentKeys, keyKinds } from './compose/key-kinds.ts';
import { composeEthereum } from './compose/ethereum.ts';
import { composeLighter } from './compose/lighter.ts';
import { composeLightspark } from './compose/lightspark.ts';
import { apiListeners, webhookListener } from './compose/listeners.ts';
import { openPolicy, type Reload } from './compose/policy.ts';
import { createReadiness } from './compose/readiness.ts';
import { openTls } from './compose/tls.ts';
import { watchUnfreezes } from './compose/watch-unfreezes.ts';
import { routeMessages, type ServedWorld, type World } from './compose/world.ts';
import type { Config } from './config.ts';
import { createDesk } from './core/desk.ts';
import { createIntake } from './core/intake.ts';
import { createOperator } from './core/operator.ts';
import type { Reason } from './core/outcome.ts';
import { createPipeline } from './core/pipeline.ts';
import type { Probe } from './core/probe.ts';
import { adminSection } from './http/docs/admin-section.ts';
import { openApiDocument } from './http/docs/document.ts';
import { docsSection } from './http/docs/docs-section.ts';
import { openSection } from './http/docs/open-section.ts';
import { docsRoutes } from './http/docs/routes.ts';
import { SIGN_ROUTE } from './http/ethereum/sign-routes.ts';
import { formatProblem } from './policy/problem.ts';
import { VERSION } from './version.ts';

export interface DaemonDeps {
  readonly log: Log;
  /** Whether the policy may take recorded permissions back. */
  readonly acceptFlips?: boolean;
  /** Instead of the choice made at start, for measurements. */
  readonly curve?: () => Promise<CurveChoice>;
  /** Named points of pipeline and store, for fault tests. */
  readonly probe?: Probe;
  readonly killAt?: NonNullable<SqliteStoreOptions['killAt']>;
}

export interface Daemon {
  /** Where the listeners answer, as the start of a URL. */
  readonly webhookOrigin: string;
  readonly apiOrigins: readonly string[];
  readonly reloadPolicy: Reload;
  /** Stops accepting, finishes or leaves durable what is under way, and closes everything. */
  readonly stop: () => Promise<void>;
}

/** Milliseconds; an answer nobody took in this time is parked. */
const OUTBOX_LIFETIME = 7 * 24 * 3_600_000;
/** Milliseconds: requests in flight, then deliveries in flight, before they are broken off. */
const HTTP_GRACE = 3_000;
const DELIVERY_GRACE = 4_000;

/** Starts everything; a failure is a list of sentences for the terminal. */
export async function startDaemon(
  config: Config,
  deps: DaemonDeps,
): Promise<Result<Daemon, readonly string[]>> {
  const closers: (() => unknown)[] = [];
  try {
    return await start(config, deps, closers);
  } catch (error) {
    await closeAll(closers);
    if (error instanceof CannotStart) return err(error.sentences);
    throw error;
  }
}

async function start(
  config: Config,
  deps: DaemonDeps,
  closers: (() => unknown)[],
): Promise<Result<Daemon, readonly string[]>> {
  const { log } = deps;
  const metrics = createMetrics(VERSION);
  let countValidators = (): number => 0;
  const validators = createValidatorMetrics(metrics.registry, {
    world: 'ethereum',
    signRoute: SIGN_ROUTE,
    keys: () => countValidators(),
  });
  const observers = createObservers(log, metrics, validators);
  const { alarm } = observers.core;
  const readiness = createReadiness();

  const password = createKeysPassword(
    { configured: config.keysPasswordFile, own: join(config.dataDir, 'keys-password') },
    {
      warn: ({ code, message }) => {
        log.say('warn', message, { code });
      },
    },
  );
  const keys = await openKeys(config, password, alarm);
  closers.push(() => {
    keys[Symbol.dispose]();
  });

  // What another daemon on the same database left behind when it ended.
  let takeUp = (): void => undefined;
  const { store, restored, warnings } = await openStore(config, deps, {
    alarm,
    onCommit: metrics.commit,
    onBroken(reason) {
      readiness.down('store', reason.message);
      alarm(reason);
    },
    onReach(isReached) {
      const message = 'the database does not answer; check `DATABASE_URL` and the server';
      if (isReached) {
        readiness.up('store');
        takeUp();
      } else {
        readiness.down('store', message);
        alarm({ code: 'store.away', message });
      }
    },
    onAbandoned: () => {
      takeUp();
    },
  });
  closers.push(store.close);
  for (const { code, message } of warnings) log.say('warn', message, { code });
  if (restored !== undefined) {
    alarm({
      code: 'store.restored',
      message: `an older database was found (marker at ${String(restored.markerSeq)}, database at ${String(restored.seq)}); baselines are taken anew`,
    });
  }

  const { acceptFlips = false } = deps;
  const policy = must(
    await openPolicy(config.policyDir, { acceptFlips }, { store, clock: systemClock }),
    (problems) => problems.map(formatProblem),
  );
  const { tokenFile, callersFile } = config.api;
  const token = must(openOperatorToken(tokenFile), ({ message }) => [message]);
  if (token.created) log.say('info', 'api token made', { file: tokenFile });
  const identify = createCallerBook(
    { file: callersFile, operators: [token.digest, ...digestsOf(config.api.authToken)] },
    { clock: systemClock, alarm },
  );

  const tls =
    config.api.tls &&
    must(openTls(config.api.tls, { clock: systemClock, alarm }), ({ message }) => [message]);

  const curve = await (deps.curve ?? chooseFastestCurve)();
  log.say('info', 'curve chosen', { curve: curve.curve.name, why: curve.reason });
  const lighter = must(
    await composeLighter(config, { ring: keys, ask: (asked) => desk.ask(asked), alarm, log }),
    ({ message }) => [message],
  );
  const ethereum = must(
    await composeEthereum(config, {
      store,
      isRestored: restored !== undefined,
      password,
      readiness,
      log,
      alarm,
    }),
    ({ message }) => [message],
  );
  countValidators = ethereum.keys.count;
  const worlds = [
    await composeLightspark(config, { keys, curve: curve.curve, store, alarm }),
    lighter,
    ethereum.world,
  ];
  const served = worlds.filter((world): world is ServedWorld => world.on);
  for (const world of worlds) announce(log, world);
  readiness.worlds(worlds);

  const allKeys = joinKeys(keys, ethereum.keys);
  const parts = {
    store,
    keys: allKeys,
    policy: policy.book,
    transport: routeMessages(served),
    clock: systemClock,
    random: systemRandom,
    clockStep: watchClock(),
    observer: readiness.observing(observers.core),
    sources: served.flatMap(({ sources }) => sources),
    desks: served.flatMap(({ desks }) => desks),
    protocols: served.map(({ protocol }) => protocol),
    outboxLifetime: OUTBOX_LIFETIME,
    ...(deps.probe === undefined ? {} : { probe: deps.probe }),
  };
  const pipeline = createPipeline(parts);
  const intake = createIntake(parts, pipeline);
  const operator = createOperator({ ...parts, pipeline });
  const desk = createDesk(parts);

  const background = (task: Promise<unknown>): void => {
    task.catch((error: unknown) => {
      log.failure('background task failed', error);
    });
  };
  takeUp = () => {
    background(pipeline.recover());
  };
  const decideWithheldAgain = (): void => {
    background(operator.redecideWithheld());
  };
  const reloadPolicy: Reload = async (options) => {
    const reloaded = await policy.reload(options);
    if (reloaded.ok) {
      log.say('info', 'policy in force', { policy: reloaded.value.hash });
      decideWithheldAgain();
    }
    return reloaded;
  };

  const paths = worlds.flatMap((world) => world.paths);
  const webhook = webhookListener(config, paths, { intake, observers });
  const apis = apiListeners(config, {
    observers,
    identify,
    tls,
    clock: systemClock,
    readiness: () => Promise.resolve(readiness.checks()),
    health: () => ({ keys_loaded: BigInt(ethereum.keys.count()) }),
    metrics: async () => ({
      contentType: metrics.contentType,
      text: await metrics.scrape(store.counts, systemClock.now()),
    }),
    admin: {
      records: store,
      operator: {
        ...operator,
        async operate(order) {
          const done = await operator.operate(order);
          if (done.ok) decideWithheldAgain();
          return done;
        },
      },
      policy: { evaluate: policy.book.evaluate, reload: reloadPolicy },
      keys: {
        list: allKeys.list,
        freeze: allKeys.freeze,
        unfreeze(id) {
          const unfrozen = allKeys.unfreeze(id);
          if (unfrozen.ok) decideWithheldAgain();
          return unfrozen;
        },
      },
    },
    worlds: (access) => [
      ...served.flatMap(({ routes }) => routes({ access, desk, operator })),
      ...docsRoutes(() =>
        openApiDocument(
          [openSection, ...served.flatMap(({ sections }) => sections), adminSection, docsSection],
          { version: VERSION },
        ),
      ),
    ],
  });

  closers.push(async () => {
    readiness.down('stop', 'the daemon is stopping');
    intake.close();
    desk.close();
    await webhook.close(HTTP_GRACE);
    const closed = Promise.all(apis.map((api) => api.close(HTTP_GRACE)));
    const stopped = pipeline.stop();
    await Promise.race([stopped, pause(DELIVERY_GRACE, undefined, { ref: false })]);
    await Promise.all(served.map(({ transport }) => transport.close()));
    await Promise.all([stopped, closed]);
  });

  closers.push(
    tls?.watch(({ context }) => {
      for (const api of apis) api.renew(context);
      log.say('info', 'certificate renewed');
    }) ?? (() => undefined),
  );
  const apiOrigins = await orCannotStart(Promise.all(apis.map((api) => api.listen())));
  readiness.down('recovery', 'unfinished jobs of the last run are being taken up');
  background(
    pipeline.recover().then(async (jobs) => {
      readiness.up('recovery');
      if (jobs > 0) log.say('info', 'unfinished jobs taken up', { jobs });
      // Policy, keys and settings may have changed meanwhile.
      await operator.redecideWithheld();
    }),
  );
  ethereum.begin(takeUp);
  closers.push(
    watchUnfreezes(keys, {
      clock: systemClock,
      onUnfrozen: decideWithheldAgain,
      onFailure: (error) => {
        log.failure('looking for unfrozen keys failed', error);
      },
    }),
  );
  if (config.historyKept !== undefined) {
    closers.push(
      startForgetting(config.historyKept, {
        store,
        clock: systemClock,
        onForgotten: (forgotten) => {
          log.say('info', 'finished requests forgotten', forgotten);
        },
        onFailure: (error) => {
          log.failure('forgetting finished requests failed', error);
        },
      }),
    );
  }
  const webhookOrigin = await orCannotStart(webhook.listen());
  log.say('info', 'listening', { webhook: webhookOrigin, api: apiOrigins.join(', ') });
  return ok(
    Object.freeze({ webhookOrigin, apiOrigins, reloadPolicy, stop: () => closeAll(closers) }),
  );
}

/** Something the operator must mend; carries sentences, not a stack. */
class CannotStart extends Error {
  readonly sentences: readonly string[];

  constructor(sentences: readonly string[]) {
    super(sentences.join('; '));
    this.sentences = sentences;
  }
}

/** Where what throws says what to mend. */
async function orCannotStart<T>(opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    throw new CannotStart([error instanceof Error ? error.message : String(error)]);
  }
}

function must<T, E>(result: Result<T, E>, describe: (error: E) => readonly string[]): T {
  if (!result.ok) throw new CannotStart(describe(result.error));
  return result.value;
}

async function openKeys(
  config: Config,
  { known, forNew }: KeysPassword,
  alarm: (reason: Reason) => void,
): Promise<OpenKeyRing> {
  const tell = ({ message }: Reason): readonly string[] => [message];
  const password = must(known(), tell);
  const opened = await createKeyRing(
    {
      directory: config.keysDir,
      environment: environmentKeys(config),
      passwordForNew: forNew,
      ...(password === undefined ? {} : { password }),
    },
    { kinds: keyKinds, alarm },
  );
  password?.[Symbol.dispose]();
  return must(opened, tell);
}

/** One ring for the core, whose keys lie in two places. */
function joinKeys(ring: OpenKeyRing, validators: ValidatorKeys): FreezableKeys {
  const of = (id: string): FreezableKeys => (id.startsWith('ethereum/') ? validators : ring);
  return {
    list: () => [...ring.list(), ...validators.list()],
    isFrozen: (id) => of(id).isFrozen(id),
    freeze: (id) => of(id).freeze(id),
    unfreeze: (id) => of(id).unfreeze(id),
  };
}

type FreezableKeys = Pick<OpenKeyRing, 'list' | 'isFrozen' | 'freeze' | 'unfreeze'>;

/** SQLite of this daemon's own, or a database that several daemons share. */
function openStore(
  { dataDir, databaseUrl, trustStandbys, stateMarker }: Config,
  { killAt }: DaemonDeps,
  hooks: StoreHooks,
): Promise<OpenedStore> {
  const { onAbandoned, onReach, ...common } = hooks;
  const options = {
    directory: dataDir,
    clock: systemClock,
    ...(stateMarker === undefined ? {} : { markerPath: stateMarker }),
    ...(killAt === undefined ? {} : { killAt }),
    ...common,
  };
  const url = databaseUrl?.reveal(utf8Text);
  return orCannotStart(
    url === undefined
      ? openSqliteStore(options)
      : openPostgresStore({ ...options, url, trustStandbys, onAbandoned, onReach }),
  );
}

function digestsOf(token: Secret | undefined): readonly Uint8Array[] {
  return token === undefined ? [] : [token.reveal(digestOfToken)];
}

type StoreHooks = Required<
  Pick<PostgresStoreOptions, 'alarm' | 'onBroken' | 'onCommit' | 'onAbandoned' | 'onReach'>
>;

function announce(log: Log, world: World): void {
  if (world.on) log.say('info', 'world on', { world: world.name });
  else log.say('warn', 'world off', { world: world.name, why: world.why });
}

/** In the opposite order of opening; each one runs even where another fails. */
async function closeAll(closers: (() => unknown)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closers.splice(0).reverse()) {
    try {
      await close();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'the daemon did not close cleanly');
}
