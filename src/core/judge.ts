/**
 * The inside of a deciding transaction: every part of a job is judged, one after another, and what it
 * rests on is written with it.
 */
import type { PartVerdict } from './decided.ts';
import { frozenKey } from './frozen.ts';
import type { Reason } from './outcome.ts';
import type {
  Clock,
  DecisionRecord,
  KeyRing,
  PartEvent,
  PolicyBook,
  Random,
  Store,
  Transaction,
} from './ports.ts';
import type { Job, Judgement, Part, StateView } from './protocol.ts';
import { type Judged, observed, refuse, resolve, type Verdict } from './verdict.ts';

export interface JudgeDeps {
  readonly store: Pick<Store, 'generation'>;
  readonly policy: PolicyBook;
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly random: Random;
  /** See `JudgeContext`; absent where nobody watches the clock. */
  readonly clockStep?: () => number;
}

/** Whose job is judged, by which name it is recorded, and when. */
export interface JudgedAs {
  readonly job: string;
  readonly caller: string;
  readonly now: number;
}

export interface JudgedJob {
  /** Of the whole: signed where some part is. */
  readonly verdict: Verdict;
  /** In the order of the job's parts. */
  readonly parts: readonly PartVerdict[];
  /** The same for the observer. */
  readonly events: readonly PartEvent[];
  readonly rules: readonly string[];
  /** Of the first finding; absent where nothing was to be signed. */
  readonly action?: string;
  readonly alarms: readonly Reason[];
  /** For the record; the job's row must stand before they are added. */
  readonly decisions: readonly DecisionRecord[];
}

/** Judges the parts of a job and adds what they change to the transaction. */
export async function judgeParts(
  tx: Transaction,
  job: Job,
  { job: id, caller, now }: JudgedAs,
  deps: JudgeDeps,
): Promise<JudgedJob> {
  const { store, random } = deps;
  const clockStep = deps.clockStep?.();
  const context = {
    now,
    caller,
    generation: store.generation,
    entropy: random.entropy,
    ...(clockStep === undefined ? {} : { clockStep }),
  };
  let state: StateView = await tx.state(job.world, job.reads);
  const asked: Promise<PartEnd>[] = [];
  const decisions: DecisionRecord[] = [];
  for (const part of job.parts) {
    const judgement = part.judge(state, context);
    const judged = judgement.findings.map((finding) => ({
      finding,
      decision: deps.policy.evaluate({
        world: job.world,
        action: finding.action,
        values: finding.facts,
      }),
    }));
    decisions.push(...judged.map((item) => decisionRecord(item, job, { job: id, caller, now })));
    const end = verdictOf(judged, { tx, job, part, deps }).then((verdict): PartEnd => ({
      judged,
      judgement,
      verdict,
    }));
    // Its failure is heard with those of the others, even where a later part throws before.
    end.catch(() => undefined);
    asked.push(end);
    if (!isWaitedFor(judgement)) continue;
    const kept = keptState((await end).verdict, job, judgement);
    if (kept.size > 0) {
      tx.putState(job.world, kept);
      state = new Map([...state, ...kept]);
    }
  }
  const ends = await Promise.all(asked);
  const action = decisions[0]?.facts.action;
  return {
    verdict: verdictOfAll(ends),
    ...(action === undefined ? {} : { action }),
    parts: ends.map(partVerdict),
    events: ends.map(partEvent),
    rules: [...new Set(ends.flatMap(rulesOf))],
    alarms: ends.flatMap(alarmsBesideReason),
    decisions,
  };
}

/**
 * Whether the next part may only be judged when this one has ended: it may see what this one changes.
 * Duties are recorded in the order in which they are asked, so one by itself need not be waited for, and
 * those of a batch travel together.
 */
function isWaitedFor({ changes, knowledge, findings }: Judgement): boolean {
  const duties = findings.filter(({ duty }) => duty !== undefined).length;
  return changes.size > 0 || knowledge.size > 0 || duties > 1;
}

interface PartEnd {
  readonly judged: readonly Judged[];
  readonly judgement: Judgement;
  readonly verdict: Verdict;
}

interface PartContext {
  readonly tx: Transaction;
  readonly job: Job;
  readonly part: Part;
  readonly deps: JudgeDeps;
}

async function verdictOf(
  judged: readonly Judged[],
  { tx, job, part, deps }: PartContext,
): Promise<Verdict> {
  const verdict = resolve(judged, job.refusal);
  if (job.observes) return observed(verdict);
  if (verdict.outcome !== 'signed') return verdict;
  // Where a refusal is final a key that is frozen refuses; elsewhere the job waits at `sign`.
  const frozen = job.refusal === 'loud' ? frozenKey(deps.keys, part.keyIds) : undefined;
  if (frozen !== undefined) return refuse(frozen, job.refusal);
  for (const { finding } of judged) {
    if (finding.duty === undefined) continue;
    const { duty, genesisRoot } = finding.duty;
    const recorded = await tx.slashing.record(duty, genesisRoot);
    if (recorded.kind === 'refused') {
      const reason = { code: `slashing.${recorded.rule}`, message: recorded.message };
      return { outcome: 'declined', reason };
    }
  }
  return verdict;
}

/**
 * Knowledge is kept whatever the verdict. Other state moves where something is signed, and where
 * nothing is signed here: another signer answers, or the event only informed us.
 */
function keptState(verdict: Verdict, job: Job, judgement: Judgement): StateView {
  const { knowledge, changes, findings } = judgement;
  const moves =
    verdict.outcome === 'signed' ||
    (verdict.outcome === 'ignored' && (job.observes || findings.length === 0));
  if (!moves) return knowledge;
  return knowledge.size === 0 ? changes : new Map([...knowledge, ...changes]);
}

/** A job is signed where some part of it is; else it ends as the first of its parts. */
function verdictOfAll(ends: readonly PartEnd[]): Verdict {
  const [first] = ends;
  if (first === undefined) throw new Error('a job has no parts');
  const signed = ends.find(({ verdict }) => verdict.outcome === 'signed');
  return (signed ?? first).verdict;
}

/** The reason of a refusal is an alarm already. */
function alarmsBesideReason({ judgement, verdict }: PartEnd): readonly Reason[] {
  if (verdict.outcome === 'signed') return judgement.alarms;
  return judgement.alarms.filter(({ code }) => code !== verdict.reason.code);
}

function partVerdict(end: PartEnd): PartVerdict {
  const { verdict, judgement } = end;
  return verdict.outcome === 'signed'
    ? { inputs: judgement.inputs }
    : { reason: verdict.reason, rules: rulesAgainst(end) };
}

function partEvent({ judgement, verdict }: PartEnd): PartEvent {
  const [finding] = judgement.findings;
  return { ...verdict, ...(finding === undefined ? {} : { action: finding.action }) };
}

/** A rule that permits decided nothing where something else refuses. */
function rulesAgainst({ judged }: PartEnd): readonly string[] {
  return judged.flatMap(({ decision }) => (decision.verdict === 'allow' ? [] : decision.rules));
}

function rulesOf({ judged }: PartEnd): readonly string[] {
  return judged.flatMap(({ decision }) => decision.rules);
}

function decisionRecord(
  { finding, decision }: Judged,
  { world }: Job,
  { job, caller, now }: JudgedAs,
): DecisionRecord {
  return {
    job,
    item: finding.id,
    facts: { world, action: finding.action, values: finding.facts },
    decision,
    violations: finding.violations,
    doubts: finding.doubts,
    caller,
    decidedAt: now,
  };
}
