/** The admin routes: what an operator may see and do, in terms of the core. */
import type { Request } from 'express';

import type { JsonObject } from '../base/json.ts';
import type { Result } from '../base/result.ts';
import type { Caller } from '../core/caller.ts';
import type { Operator } from '../core/operator.ts';
import type { Reason } from '../core/outcome.ts';
import type { JobRecord, KeyInfo, PolicyBook, PolicyProblem, StoreReader } from '../core/ports.ts';
import {
  decisionJson,
  factsJson,
  historyJson,
  jobJson,
  keyJson,
  outboxJson,
  policyProblemJson,
  recordedDecisionJson,
} from './admin-json.ts';
import { readJobFilter, readNothing, readReload, readSimulation } from './admin-request.ts';
import { problemReply } from './problem.ts';
import { jsonReply, type Reply } from './reply.ts';

/** Everything the admin routes reach. */
export interface Admin {
  readonly records: Pick<StoreReader, 'job' | 'jobs' | 'history' | 'decisions' | 'outboxOf'>;
  readonly operator: Pick<Operator, 'redecide' | 'decline' | 'replay' | 'operate'>;
  readonly policy: Pick<PolicyBook, 'evaluate'> & {
    /** Reads the policy folder anew; a set that is refused leaves the old one in force. */
    readonly reload: (options: {
      readonly acceptFlips: boolean;
    }) => Promise<Result<{ readonly hash: string }, readonly PolicyProblem[]>>;
  };
  readonly keys: {
    readonly list: () => readonly KeyInfo[];
    readonly freeze: (id: string) => Result<KeyInfo, Reason>;
    readonly unfreeze: (id: string) => Result<KeyInfo, Reason>;
  };
}

type Replies = Reply | Promise<Reply>;

/** A route for callers with the scope `admin`; a POST gets its JSON body and who sent it. */
export interface AdminRoute {
  readonly path: string;
  readonly GET?: (request: Request) => Replies;
  readonly POST?: WriteHandler;
}

type WriteHandler = (request: Request, body: JsonObject, caller: Caller) => Replies;

export function adminRoutes(admin: Admin): readonly AdminRoute[] {
  const { records, operator, policy, keys } = admin;

  async function listJobs(request: Request): Promise<Reply> {
    const filter = readJobFilter(new URL(request.url, 'http://localhost').searchParams);
    if (!filter.ok) return problemReply(400, filter.error);
    const jobs = await records.jobs(filter.value);
    const last = jobs.length === filter.value.limit ? jobs.at(-1) : undefined;
    return jsonReply(200, { jobs: jobs.map(jobJson), next_before: last?.job ?? null });
  }

  async function showJob(request: Request): Promise<Reply> {
    const job = parameter(request, 'job');
    const record = await records.job(job);
    if (record === undefined) return unknownJob(job);
    const [history, decisions, outbox] = await Promise.all([
      records.history(job),
      records.decisions(job),
      records.outboxOf(job),
    ]);
    return jsonReply(200, {
      ...jobJson(record),
      history: history.map(historyJson),
      decisions: decisions.map(recordedDecisionJson),
      outbox: outbox.map(outboxJson),
    });
  }

  function onJob(
    act: (job: string, by: string) => Promise<Result<JobRecord, Reason>>,
  ): WriteHandler {
    return async (request, body, caller) => {
      const nothing = readNothing(body);
      if (!nothing.ok) return problemReply(400, nothing.error);
      const done = await act(parameter(request, 'job'), caller.name);
      return done.ok ? jsonReply(200, jobJson(done.value)) : refusal(409, done.error);
    };
  }

  async function reloadPolicy(_request: Request, body: JsonObject): Promise<Reply> {
    const options = readReload(body);
    if (!options.ok) return problemReply(400, options.error);
    const reloaded = await policy.reload({ acceptFlips: options.value.accept_flips });
    if (reloaded.ok) return jsonReply(200, { policy_hash: reloaded.value.hash });
    const reason = {
      code: 'policy.refused',
      message: 'the policy is refused; the one before it stays in force',
    };
    return problemReply(409, reason, { problems: reloaded.error.map(policyProblemJson) });
  }

  async function simulate(_request: Request, body: JsonObject): Promise<Reply> {
    const asked = readSimulation(body);
    if (!asked.ok) return problemReply(400, asked.error);
    if ('facts' in asked.value) {
      return jsonReply(200, { decision: decisionJson(policy.evaluate(asked.value.facts)) });
    }
    const { job } = asked.value;
    if ((await records.job(job)) === undefined) return unknownJob(job);
    const recorded = await records.decisions(job);
    return jsonReply(200, {
      items: recorded.map(({ item, facts, decision }) => ({
        item,
        facts: factsJson(facts),
        recorded: decisionJson(decision),
        decision: decisionJson(policy.evaluate(facts)),
      })),
    });
  }

  function onKey(act: (id: string) => Result<KeyInfo, Reason>): WriteHandler {
    return (request, body) => {
      const nothing = readNothing(body);
      if (!nothing.ok) return problemReply(400, nothing.error);
      const done = act(parameter(request, 'id'));
      return done.ok ? jsonReply(200, keyJson(done.value)) : refusal(500, done.error);
    };
  }

  async function operate(request: Request, args: JsonObject, { name }: Caller): Promise<Reply> {
    const done = await operator.operate({
      world: parameter(request, 'world'),
      operation: parameter(request, 'operation'),
      args,
      by: name,
    });
    return done.ok ? jsonReply(200, done.value) : refusal(422, done.error);
  }

  return [
    { path: '/admin/v1/jobs', GET: listJobs },
    { path: '/admin/v1/jobs/:job', GET: showJob },
    { path: '/admin/v1/jobs/:job/redecide', POST: onJob(operator.redecide) },
    { path: '/admin/v1/jobs/:job/decline', POST: onJob(operator.decline) },
    { path: '/admin/v1/jobs/:job/replay', POST: onJob(operator.replay) },
    { path: '/admin/v1/policy/reload', POST: reloadPolicy },
    { path: '/admin/v1/policy/simulate', POST: simulate },
    { path: '/admin/v1/keys', GET: () => jsonReply(200, { keys: keys.list().map(keyJson) }) },
    { path: '/admin/v1/keys/*id/freeze', POST: onKey(keys.freeze) },
    { path: '/admin/v1/keys/*id/unfreeze', POST: onKey(keys.unfreeze) },
    { path: '/admin/v1/worlds/:world/:operation', POST: operate },
  ];
}

/** A key id contains a slash, which may come encoded or as it is. */
function parameter(request: Request, name: string): string {
  const value = request.params[name] ?? '';
  return typeof value === 'string' ? value : value.join('/');
}

function unknownJob(job: string): Reply {
  return problemReply(404, { code: 'operator.unknown_job', message: `no job \`${job}\`` });
}

/** What does not exist is 404; `status` says what any other refusal means. */
function refusal(status: number, reason: Reason): Reply {
  const isUnknown = /\.unknown(?:[_-]|$)/.test(reason.code);
  return problemReply(isUnknown ? 404 : status, reason);
}
