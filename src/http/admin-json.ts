/**
 * Records as the admin routes show them: named fields only. Bodies, signer inputs and answers stay
 * inside, because an answer may be a secret and a body may become one.
 */
import type { JsonObject, JsonValue } from '../base/json.ts';
import type { Reason } from '../core/outcome.ts';
import type {
  DecisionRecord,
  JobRecord,
  JournalEntry,
  KeyInfo,
  OutboxRecord,
  PolicyProblem,
} from '../core/ports.ts';
import type { Decision } from '../policy/decision.ts';
import type { Facts } from '../policy/facts.ts';

export function jobJson(record: JobRecord): JsonObject {
  return {
    job: record.job,
    source: record.source,
    id: record.id,
    event_type: record.eventType,
    entity_id: record.entityId,
    digest: record.digest,
    caller: record.caller,
    stage: record.stage,
    outcome: record.outcome ?? null,
    reason: optionalReason(record.reason),
    received_at: timeJson(record.receivedAt),
    updated_at: timeJson(record.updatedAt),
  };
}

export function historyJson(entry: JournalEntry): JsonObject {
  return {
    seq: entry.seq,
    at: timeJson(entry.at),
    stage: entry.stage,
    outcome: entry.outcome ?? null,
    reason: optionalReason(entry.reason),
  };
}

export function recordedDecisionJson(record: DecisionRecord): JsonObject {
  return {
    item: record.item,
    facts: factsJson(record.facts),
    decision: decisionJson(record.decision),
    violations: record.violations.map(reasonJson),
    doubts: record.doubts.map(reasonJson),
    caller: record.caller,
    decided_at: timeJson(record.decidedAt),
  };
}

export function decisionJson(decision: Decision): JsonObject {
  return {
    verdict: decision.verdict,
    cause: decision.cause,
    rules: decision.rules,
    errors: decision.errors.map(({ rule, message }) => ({ rule, message })),
    policy_hash: decision.policyHash,
  };
}

export function factsJson({ world, action, values }: Facts): JsonObject {
  return { world, action, values: { ...values } };
}

export function outboxJson(record: OutboxRecord): JsonObject {
  return {
    part: record.part,
    route: record.route,
    state: record.state,
    attempts: BigInt(record.attempts),
    unknown: record.unknown,
    created_at: timeJson(record.createdAt),
    next_at: timeJson(record.nextAt),
    error: optionalReason(record.error),
  };
}

export function keyJson({ id, kind, state, origin }: KeyInfo): JsonObject {
  return { id, kind, state, origin };
}

export function policyProblemJson(problem: PolicyProblem): JsonObject {
  const { code, file, line, column, message, excerpt } = problem;
  return { code, file, line: BigInt(line), column: BigInt(column), message, excerpt };
}

function reasonJson({ code, message }: Reason): JsonObject {
  return { code, message };
}

function optionalReason(reason: Reason | undefined): JsonValue {
  return reason === undefined ? null : reasonJson(reason);
}

function timeJson(epochMilliseconds: number): string {
  return new Date(epochMilliseconds).toISOString();
}
