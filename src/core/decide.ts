/**
 * decide — invariants and policy give one verdict, and everything it rests on is committed with it
 * before any signature exists. A restart resumes from that commit and never decides again.
 */
import { unreachable } from '../base/unreachable.ts';
import type { Decision } from '../policy/decision.ts';
import type { Reason } from './outcome.ts';
import { newOutboxRow, reasonsOf } from './outbox.ts';
import type { Clock, DecisionRecord, JobRecord, PolicyBook, Store, Transport } from './ports.ts';
import type { Probe } from './probe.ts';
import type { Finding, Job, Judgement, RefusalStyle } from './protocol.ts';

/** Where a decided job goes: to be signed, or to an end that needs a reason. */
export type Verdict =
  | { readonly outcome: 'signed' }
  | { readonly outcome: 'declined' | 'withheld' | 'ignored'; readonly reason: Reason };

export interface Decided {
  readonly verdict: Verdict;
  readonly rules: readonly string[];
  readonly alarms: readonly Reason[];
  readonly record: JobRecord;
}

interface Judged {
  readonly finding: Finding;
  readonly decision: Decision;
}

export interface DecideDeps {
  readonly store: Store;
  readonly policy: PolicyBook;
  readonly transport: Pick<Transport, 'route'>;
  readonly clock: Clock;
  readonly probe?: Probe;
}

export interface Decider {
  /** Decides a claimed job; `undefined` if another run of it was faster. */
  readonly decide: (record: JobRecord, job: Job) => Promise<Decided | undefined>;
}

export function createDecider(deps: DecideDeps): Decider {
  const { store, policy, transport, clock, probe } = deps;
  const remembered = new Set<string>();

  async function decide(record: JobRecord, job: Job): Promise<Decided | undefined> {
    const hash = policy.hash();
    const decided = await store.transact([...job.lanes, `job/${record.job}`], async (tx) => {
      const current = await tx.job(record.job);
      if (current?.stage !== 'claim' || current.outcome !== undefined) return undefined;

      const now = clock.now();
      const state = await tx.state(job.world, job.reads);
      const judgement = job.judge(state, { now, generation: store.generation });
      const judged = judgement.findings.map((finding) => ({
        finding,
        decision: policy.evaluate({
          world: job.world,
          action: finding.action,
          values: finding.facts,
        }),
      }));
      const verdict = job.observes
        ? observed(resolve(judged, job.refusal))
        : resolve(judged, job.refusal);

      if (!remembered.has(hash)) tx.rememberPolicy(hash, policy.text(), now);
      for (const item of judged) tx.addDecision(decisionRecord(current, job, item, now));
      tx.putState(job.world, judgement.knowledge);
      if (verdict.outcome === 'signed' || isKept(verdict, job, judgement)) {
        tx.putState(job.world, judgement.changes);
      }
      const change = changeFor(verdict, judgement);
      tx.changeJob(record.job, now, change);
      const refusal = change.outcome === 'declined' ? job.decline(reasonsOf(change)) : undefined;
      if (refusal !== undefined) {
        tx.putOutbox(newOutboxRow(record.job, 'decline', transport.route(refusal), now));
      }
      probe?.('decide.before-commit');
      return {
        verdict,
        rules: [...new Set(judged.flatMap((item) => item.decision.rules))],
        alarms: judgement.alarms,
        record: { ...current, ...change, updatedAt: now },
      };
    });
    probe?.('decide.after-commit');
    if (decided !== undefined) remembered.add(hash);
    return decided;
  }

  return Object.freeze({ decide });
}

/** State also moves when nothing is signed here: another signer answers, or the event informed us. */
function isKept(verdict: Verdict, job: Job, judgement: Judgement): boolean {
  return verdict.outcome === 'ignored' && (job.observes || judgement.findings.length === 0);
}

/**
 * One verdict for all items of a request: they are signed together or not at all. Proof and forbid
 * rules come first, then what is not known, then what no rule permits.
 */
export function resolve(judged: readonly Judged[], refusal: RefusalStyle): Verdict {
  if (judged.length === 0) {
    const reason = { code: 'decide.informed', message: 'recorded; nothing to sign' };
    return { outcome: 'ignored', reason };
  }
  const [proof] = [
    ...judged.flatMap(({ finding }) => finding.violations),
    ...judged.filter(({ decision }) => decision.cause === 'forbid').map(policyReason),
  ];
  if (proof !== undefined) return { outcome: 'declined', reason: proof };

  const [reason] = [
    ...judged.flatMap(({ finding }) => finding.doubts),
    ...judged.filter(({ decision }) => decision.verdict !== 'allow').map(policyReason),
  ];
  if (reason === undefined) return { outcome: 'signed' };
  switch (refusal) {
    case 'careful':
      return { outcome: 'withheld', reason };
    case 'loud':
      return { outcome: 'declined', reason };
    default:
      return unreachable(refusal);
  }
}

/** The verdict that would have been, where another signer answers. */
function observed(verdict: Verdict): Verdict {
  if (verdict.outcome === 'ignored') return verdict;
  const code = verdict.outcome === 'signed' ? '' : `: ${verdict.reason.code}`;
  const message = `would have been ${verdict.outcome}${code}`;
  return { outcome: 'ignored', reason: { code: 'decide.observed', message } };
}

function policyReason({ finding, decision }: Judged): Reason {
  const rules = decision.rules.map((rule) => `\`${rule}\``).join(', ');
  switch (decision.cause) {
    case 'forbid':
      return { code: 'policy.forbid', message: `\`${finding.action}\` is forbidden by ${rules}` };
    case 'error':
      return {
        code: 'policy.error',
        message: `\`${finding.action}\` could not be decided: ${decision.errors
          .map(({ rule, message }) => `\`${rule}\`: ${message}`)
          .join('; ')}`,
      };
    case 'no-rule':
      return { code: 'policy.no_rule', message: `no rule permits \`${finding.action}\`` };
    case 'permit':
      return { code: 'policy.permit', message: `\`${finding.action}\` is permitted by ${rules}` };
    default:
      return unreachable(decision.cause);
  }
}

function decisionRecord(record: JobRecord, job: Job, item: Judged, now: number): DecisionRecord {
  return {
    job: record.job,
    item: item.finding.id,
    facts: { world: job.world, action: item.finding.action, values: item.finding.facts },
    decision: item.decision,
    violations: item.finding.violations,
    doubts: item.finding.doubts,
    caller: record.caller,
    decidedAt: now,
  };
}

type Change = Pick<JobRecord, 'stage' | 'outcome' | 'reason' | 'inputs'>;

function changeFor(verdict: Verdict, judgement: Judgement): Change {
  return verdict.outcome === 'signed'
    ? { stage: 'decide', inputs: judgement.inputs }
    : { stage: 'decide', ...verdict };
}
