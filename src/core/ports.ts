/** Everything the core needs from the outside, as interfaces; adapters implement them. */
import type { Hex } from '../base/hex.ts';
import type { JsonObject } from '../base/json.ts';
import type { Result } from '../base/result.ts';
import type { Decision } from '../policy/decision.ts';
import type { Facts } from '../policy/facts.ts';
import type { ListTexts, PolicySet } from '../policy/policy-set.ts';
import type { PolicyProblem, PolicySource } from '../policy/problem.ts';
import type { Outcome, Reason, Stage } from './outcome.ts';
import type { Message, StateView, Words } from './protocol.ts';
import type { SlashingLedger, SlashingReader } from './slashing.ts';

/** Time and timers, so that an outage of days is a test of milliseconds. */
export interface Clock {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds and parts of them on a clock that nobody sets; for durations. */
  readonly elapsed: () => number;
  /** Runs `task` after `delay` milliseconds; the returned function cancels it. */
  readonly after: (delay: number, task: () => void) => () => void;
}

/** Chance, so that jitter and identifiers are reproducible in tests. */
export interface Random {
  /** Uniform in [0, 1); for jitter only. */
  readonly unit: () => number;
  /** A fresh identifier, ordered by time. */
  readonly id: () => string;
  /** 64 fresh bytes that nobody can foretell. */
  readonly entropy: () => Uint8Array;
}

// --- Store -----------------------------------------------------------------------------------

/** A durable place in the pipeline. `stage` is the last stage that is complete. */
export interface JobRecord {
  readonly job: string;
  readonly source: string;
  readonly id: string;
  /** SHA-256 of (event_type, entity_id, data) in canonical form: sameness of a redelivery. */
  readonly digest: Hex;
  readonly eventType: string;
  readonly entityId: string;
  /** The verified bytes as received. */
  readonly body: Uint8Array;
  /** Which of the source's secrets verified it, or which caller asked. */
  readonly caller: string;
  readonly receivedAt: number;
  readonly stage: Stage;
  readonly outcome?: Outcome;
  readonly reason?: Reason;
  /** The signer's inputs, present from `decide` on when allowed. */
  readonly inputs?: JsonObject;
  /** The answer, present from `sign` on unless it is a secret. */
  readonly answer?: JsonObject;
  readonly updatedAt: number;
}

export type NewJob = Omit<JobRecord, 'answer' | 'updatedAt'>;

/** `undefined` leaves a column as it is; `null` clears it. */
export interface JobChange {
  readonly stage?: Stage;
  readonly outcome?: Outcome | null;
  readonly reason?: Reason | null;
  readonly inputs?: JsonObject | null;
  readonly answer?: JsonObject | null;
}

/** One decided item, kept for audit and replay. */
export interface DecisionRecord {
  readonly job: string;
  readonly item: string;
  readonly facts: Facts;
  readonly decision: Decision;
  readonly violations: readonly Reason[];
  readonly doubts: readonly Reason[];
  readonly caller: string;
  readonly decidedAt: number;
}

export type OutboxState = 'pending' | 'delivered' | 'rejected' | 'unconfirmed' | 'parked';

/** A promise to tell the outside something; the words are rebuilt from job and answer. */
export interface OutboxRecord {
  readonly job: string;
  readonly part: 'answer' | 'decline';
  /** Which transport destination it waits for, e.g. a host; pauses and breakers are per route. */
  readonly route: string;
  readonly state: OutboxState;
  readonly attempts: number;
  /** Whether some attempt may have reached the other side without our knowing. */
  readonly unknown: boolean;
  readonly createdAt: number;
  readonly nextAt: number;
  readonly error?: Reason;
}

export interface JobFilter {
  readonly outcome?: Outcome;
  /** Only jobs that have no outcome yet. */
  readonly unfinished?: true;
  readonly source?: string;
  /** Only the job with this id of its sender's; quick where `source` is given as well. */
  readonly id?: string;
  /** Only jobs before this job id, for paging backwards. */
  readonly before?: string;
  readonly limit: number;
}

/** One line of a job's history. */
export interface JournalEntry {
  readonly seq: bigint;
  readonly job: string;
  readonly at: number;
  readonly stage: Stage;
  readonly outcome?: Outcome;
  readonly reason?: Reason;
}

/** Reads of committed data, outside of any transaction. */
export interface StoreReader {
  readonly job: (job: string) => Promise<JobRecord | undefined>;
  /** Newest first, or oldest first when `unfinished`. */
  readonly jobs: (filter: JobFilter) => Promise<readonly JobRecord[]>;
  /**
   * Some of the oldest jobs that nothing more will come of: made and last changed before a time, and
   * neither unfinished, withheld, failed nor with words still to be told.
   */
  readonly endedBefore: (time: number, limit: number) => Promise<readonly string[]>;
  readonly history: (job: string) => Promise<readonly JournalEntry[]>;
  readonly decisions: (job: string) => Promise<readonly DecisionRecord[]>;
  /** The latest decisions of one world, newest first: what a new policy is compared with. */
  readonly recentDecisions: (world: string, limit: number) => Promise<readonly DecisionRecord[]>;
  readonly outboxOf: (job: string) => Promise<readonly OutboxRecord[]>;
  /** Pending rows whose `nextAt` is not after `now`, oldest first. */
  readonly dueOutbox: (now: number, limit: number) => Promise<readonly OutboxRecord[]>;
  /** When the next pending row is due. */
  readonly nextDue: () => Promise<number | undefined>;
  readonly policyText: (hash: string) => Promise<string | undefined>;
  readonly state: (world: string, keys: readonly string[]) => Promise<StateView>;
  /** All documents of a world whose key starts with `prefix`, in key order. */
  readonly stateWithPrefix: (world: string, prefix: string) => Promise<StateView>;
  readonly counts: () => Promise<StoreCounts>;
  readonly slashing: SlashingReader;
}

export interface StoreCounts {
  readonly unfinished: number;
  readonly withheld: number;
  readonly outboxPending: number;
  readonly outboxOldestAt?: number;
  readonly outboxParked: number;
}

/** Reads see committed data and this transaction's own writes; writes happen together or not at all. */
export interface Transaction {
  readonly findJob: (source: string, id: string) => Promise<JobRecord | undefined>;
  readonly job: (job: string) => Promise<JobRecord | undefined>;
  readonly outboxOf: (job: string) => Promise<readonly OutboxRecord[]>;
  readonly state: (world: string, keys: readonly string[]) => Promise<StateView>;
  /** Adds the row and the first line of the job's history; (source, id) must be new. */
  readonly insertJob: (job: NewJob) => void;
  /** Updates the row and appends the change to the job's history. */
  readonly changeJob: (
    job: string,
    at: number,
    change: JobChange & { readonly stage: Stage },
  ) => void;
  /** Removes jobs with their history, their decisions and what was told; all last changed before `time`. */
  readonly forgetJobs: (jobs: readonly string[], time: number) => void;
  readonly putState: (world: string, changes: StateView) => void;
  readonly addDecision: (record: DecisionRecord) => void;
  readonly putOutbox: (record: OutboxRecord) => void;
  readonly rememberPolicy: (hash: string, text: string, at: number) => void;
  readonly slashing: SlashingLedger;
}

/**
 * One durable memory. `transact` runs `work` alone among transactions that share a lane and resolves
 * only after its writes are fsynced; an error at commit rejects with `CommitUnknown`, after which
 * nothing may be signed on its account. Works that arrive together may share a commit; where one of
 * them fails the others are run again, so a work does nothing but read and write the transaction.
 */
export interface Store extends StoreReader {
  /** Identifies this database for ever. */
  readonly storeId: string;
  readonly createdAt: number;
  /** See `JudgeContext.generation`. */
  readonly generation: bigint;
  readonly transact: <T>(
    lanes: readonly string[],
    work: (tx: Transaction) => Promise<T>,
  ) => Promise<T>;
  readonly close: () => Promise<void>;
}

export class CommitUnknown extends Error {
  override readonly name = 'CommitUnknown';
}

/** More waits than can be done in time. Nothing was done; asking again in a second may help. */
export class Overload extends Error {
  override readonly name = 'Overload';
}

// --- Policy, keys, transport, observation ------------------------------------------------------

export interface PolicyBook {
  readonly hash: () => string;
  readonly text: () => string;
  readonly evaluate: (facts: Facts) => Decision;
}

export type { ListTexts, PolicyProblem, PolicySet, PolicySource };

/** Makes policy sets of texts, without reading any file itself. */
export interface PolicyLoader {
  /** The list files that the documents name, relative to the policy folder. */
  readonly listPathsOf: (sources: readonly PolicySource[]) => readonly string[];
  readonly load: (
    sources: readonly PolicySource[],
    lists: ListTexts,
  ) => Result<PolicySet, readonly PolicyProblem[]>;
}

/** A policy book that can be read anew; a set that is refused leaves the old one in force. */
export interface ReloadablePolicyBook extends PolicyBook {
  /** Reads it anew; `admit` is asked before another set comes into force. */
  readonly reload: (admit: AdmitPolicy) => Promise<Result<PolicySet, readonly PolicyProblem[]>>;
}

/** Whether a well-formed set may replace the one in force. */
export type AdmitPolicy = (next: PolicySet) => Promise<Result<void, readonly PolicyProblem[]>>;

export interface KeyInfo {
  readonly id: string;
  readonly kind: string;
  readonly state: 'active' | 'frozen';
  /** Where the bytes came from: `environment` or the keystore's file name. */
  readonly origin: string;
}

export interface KeyRing {
  readonly list: () => readonly KeyInfo[];
  readonly isFrozen: (id: string) => boolean;
}

/** How one attempt to deliver ended. */
export type Receipt =
  | { readonly kind: 'delivered' }
  /** Certainly not applied, or harmless to repeat; try again. */
  | { readonly kind: 'retry'; readonly reason: Reason; readonly retryAfter?: number }
  /** The other side may or may not have applied it; repeat the same bytes. */
  | { readonly kind: 'unknown'; readonly reason: Reason }
  /** The other side understood and refused; repeating is pointless. */
  | { readonly kind: 'rejected'; readonly reason: Reason }
  /** Our credentials are not accepted; the whole route waits. */
  | { readonly kind: 'unauthorized'; readonly reason: Reason };

export interface Transport<Said extends Words = Message> {
  /** The destination a message waits for, known before it is sent. */
  readonly route: (message: Said) => string;
  readonly send: (message: Said) => Promise<Receipt>;
}

/** What the outside may see of the pipeline; never carries bodies, inputs or answers. */
export interface Observer {
  readonly stage: (event: StageEvent) => void;
  readonly alarm: (reason: Reason, job?: string) => void;
  /** Machinery broke: what may be told of the error goes to the log, and nowhere else. */
  readonly failure: (error: unknown, job?: string) => void;
  /** Whether messages for a route are being sent, held back after failures, or paused. */
  readonly route: (route: string, state: RouteState) => void;
}

export type RouteState = 'closed' | 'open' | 'paused';

/** One part of a request, decided. */
export interface PartEvent {
  readonly action?: string;
  readonly outcome: Outcome;
  readonly reason?: Reason;
}

export interface StageEvent {
  readonly stage: Stage;
  readonly source: string;
  readonly job?: string;
  readonly world?: string;
  readonly outcome?: Outcome | 'unverified' | 'repeated' | 'conflict';
  readonly reason?: Reason;
  readonly rules?: readonly string[];
  /** What was asked for, as policy names it; of a batch the first. */
  readonly action?: string;
  /** At decide: how each part of the request ended, in order. */
  readonly parts?: readonly PartEvent[];
  readonly milliseconds: number;
  /** One of very many that went as they should; told only to those who ask for everything. */
  readonly isRoutine?: true;
  /** At claim: how old the event was by its own timestamp. */
  readonly latenessMilliseconds?: number;
}
