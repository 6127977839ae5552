import { err, ok, type Result } from '../../src/base/result.ts';
import { isHex } from '../../src/base/hex.ts';
import { OPERATOR } from '../../src/core/caller.ts';
import type { Reason } from '../../src/core/outcome.ts';
import type { JobFilter, JobRecord, KeyInfo } from '../../src/core/ports.ts';
import type { Admin } from '../../src/http/admin.ts';
import { type ApiDeps, type ApiOptions, createApiApp } from '../../src/http/api.ts';
import type { Address } from '../../src/http/listener.ts';
import { UNLIMITED } from '../../src/http/rate-limit.ts';
import type { Facts } from '../../src/policy/facts.ts';
import { observeHttp, type ObservedHttp } from './http-observer.ts';
import { type Listening, listening } from './listening.ts';

export const TOKEN = 'a'.repeat(64);
export const CANARY = 'canary-secret';

const UNKNOWN: Reason = { code: 'caller.token', message: 'the token is not known' };

const DIGEST = '00'.repeat(32);
if (!isHex(DIGEST)) throw new Error('not hex');

/** A record whose hidden parts all hold the canary. */
export const JOB: JobRecord = {
  job: 'job-1',
  source: 'one',
  id: 'event-1',
  digest: DIGEST,
  eventType: 'SIGNING',
  entityId: 'channel:1',
  body: new TextEncoder().encode(CANARY),
  caller: 'one/secret-1',
  receivedAt: 1_700_000_000_000,
  stage: 'decide',
  outcome: 'withheld',
  reason: { code: 'policy.no_rule', message: 'no rule permits `spend`' },
  inputs: { digest: CANARY },
  answer: { signature: CANARY },
  updatedAt: 1_700_000_000_500,
};

export const FACTS: Facts = { world: 'one', action: 'spend', values: { amount: 2n ** 60n } };

const DENIED = {
  verdict: 'deny',
  cause: 'no-rule',
  rules: [],
  errors: [],
  policyHash: 'h',
} as const;
const KEY: KeyInfo = { id: 'one/main', kind: 'seed', state: 'active', origin: 'environment' };

export interface ApiServer extends Listening {
  readonly http: ObservedHttp;
  /** What the admin routes called, with their arguments. */
  readonly calls: readonly unknown[];
}

export interface ApiSetup {
  readonly options?: Partial<ApiOptions>;
  readonly deps?: Partial<Omit<ApiDeps, 'admin'>>;
  readonly admin?: Partial<Admin>;
  readonly address?: Address;
}

/** The api on a free port, over an admin that knows one job and one key. */
export async function apiServer(setup: ApiSetup = {}): Promise<ApiServer> {
  const calls: unknown[] = [];
  const http = observeHttp();
  const app = createApiApp(
    {
      version: '1.2.3',
      allowedHosts: ['localhost', '127.0.0.1', '[::1]'],
      auth: 'loopback',
      overSocket: false,
      ...setup.options,
    },
    {
      observer: http.observer,
      identify: (token) => (token === TOKEN ? ok(OPERATOR) : err(UNKNOWN)),
      signing: UNLIMITED,
      guesses: UNLIMITED,
      recognise: () => undefined,
      readiness: () => Promise.resolve([{ id: 'store', status: 'UP' }]),
      metrics: () => Promise.resolve({ contentType: 'text/plain; version=0.0.4', text: 'up 1\n' }),
      admin: { ...recordingAdmin(calls), ...setup.admin },
      worlds: () => [],
      ...setup.deps,
    },
  );
  return { ...(await listening(app, {}, setup.address)), http, calls };
}

function recordingAdmin(calls: unknown[]): Admin {
  const called = <T>(value: T, ...call: readonly unknown[]): T => {
    calls.push(call);
    return value;
  };
  const job =
    (name: string) =>
    (id: string, ...by: readonly string[]) =>
      Promise.resolve(called<Result<JobRecord, Reason>>(ok({ ...JOB, job: id }), name, id, ...by));
  return {
    records: {
      job: (id) => Promise.resolve(id === JOB.job ? JOB : undefined),
      jobs: (filter: JobFilter) =>
        Promise.resolve(
          called(Array<JobRecord>(Math.min(filter.limit, 2)).fill(JOB), 'jobs', filter),
        ),
      history: () =>
        Promise.resolve([{ seq: 1n, job: JOB.job, at: JOB.receivedAt, stage: 'claim' as const }]),
      decisions: () =>
        Promise.resolve([
          {
            job: JOB.job,
            item: 'payload-1',
            facts: FACTS,
            decision: DENIED,
            violations: [],
            doubts: [{ code: 'ratchet_gap', message: 'gap' }],
            caller: JOB.caller,
            decidedAt: JOB.updatedAt,
          },
        ]),
      outboxOf: () =>
        Promise.resolve([
          {
            job: JOB.job,
            part: 'answer' as const,
            route: 'graphql:host',
            state: 'parked' as const,
            attempts: 3,
            unknown: false,
            createdAt: JOB.receivedAt,
            nextAt: JOB.updatedAt,
          },
        ]),
    },
    operator: {
      redecide: job('redecide'),
      decline: job('decline'),
      replay: job('replay'),
      operate: (order) => Promise.resolve(called(ok({ message: 'done' }), 'operate', order)),
    },
    policy: {
      evaluate: (facts) => called({ ...DENIED, rules: ['new-rule'] }, 'evaluate', facts),
      reload: (options) => Promise.resolve(called(ok({ hash: 'h2' }), 'reload', options)),
    },
    keys: {
      list: () => [KEY],
      freeze: (id) => called(ok({ ...KEY, id, state: 'frozen' as const }), 'freeze', id),
      unfreeze: (id) => called(ok({ ...KEY, id }), 'unfreeze', id),
    },
  };
}
