/** What store tests put into a store, complete but for what a test cares about. */
import { toHex } from '../../../src/base/hex.ts';
import type { JsonObject } from '../../../src/base/json.ts';
import type {
  DecisionRecord,
  NewJob,
  OutboxRecord,
  Store,
  Transaction,
} from '../../../src/core/ports.ts';

/** Lanes of concurrent work, which share nothing. */
export const LANES = ['a', 'b', 'c', 'd', 'e', 'f'] as const;

/** A transaction that only writes. */
export function write(store: Store, work: (tx: Transaction) => void): Promise<void> {
  return store.transact([], (tx) => {
    work(tx);
    return Promise.resolve();
  });
}

/** The number in a document that counts something; none yet is zero. */
export function countIn(document: JsonObject | undefined): bigint {
  return typeof document?.['count'] === 'bigint' ? document['count'] : 0n;
}

export function aJob(fields: Partial<NewJob> & Pick<NewJob, 'job'>): NewJob {
  return {
    source: 'webhook',
    id: `id-of-${fields.job}`,
    digest: toHex(new Uint8Array(32).fill(7)),
    eventType: 'REMOTE_SIGNING',
    entityId: 'node:1',
    body: new TextEncoder().encode('{"event_type":"REMOTE_SIGNING"}'),
    caller: 'secret-1',
    receivedAt: 1_000,
    stage: 'claim',
    ...fields,
  };
}

export function anOutboxRow(
  fields: Partial<OutboxRecord> & Pick<OutboxRecord, 'job'>,
): OutboxRecord {
  return {
    part: 'answer',
    route: 'api.example',
    state: 'pending',
    attempts: 0,
    unknown: false,
    createdAt: 1_000,
    nextAt: 1_000,
    ...fields,
  };
}

export function aDecision(
  fields: Partial<DecisionRecord> & Pick<DecisionRecord, 'job'>,
): DecisionRecord {
  return {
    item: 'payload-1',
    facts: {
      world: 'w',
      action: 'spend',
      values: {
        amount_sat: 9_007_199_254_740_993n,
        address: 'bc1q"\\',
        fresh: true,
        indices: [1n, -(2n ** 63n)],
        names: [],
      },
    },
    decision: {
      verdict: 'deny',
      cause: 'error',
      rules: ['cap'],
      errors: [{ rule: 'cap', message: 'no such key' }],
      policyHash: 'hash-1',
    },
    violations: [{ code: 'w.digest', message: 'the digest is another' }],
    doubts: [],
    caller: 'secret-1',
    decidedAt: 2_000,
    ...fields,
  };
}
