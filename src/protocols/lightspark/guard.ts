/**
 * guard — what our records and keys say about a request, beyond its bytes.
 *
 * Pure: request and state give facts, violations, doubts and state changes; the core commits them
 * with the verdict. A decline force-closes a channel and a wrong signature forfeits it, so only
 * proof is a violation, what is not known is a doubt, and all else is a fact for policy.
 */
import type { JudgeContext, Judgement, StateView } from '../../core/protocol.ts';
import type { LightningKeys } from '../../../signers/lightning/index.ts';
import type { ClassifiedJob } from './classified.ts';
import type { LightsparkRequest } from './events.ts';
import { createClassifiedJobs } from './guard/classified-jobs.ts';
import { type DocumentName, type Documents, documentsOf } from './guard/documents.ts';
import { documentKey, openLedger, type SpaceName } from './guard/ledger.ts';
import { judgeNode, nodeIdOf } from './guard/node-pin.ts';
import { opinionOn } from './guard/opinion.ts';
import { createOwnPoints } from './guard/own-points.ts';
import { asTestEvent } from './guard/test-events.ts';
import { type FactValues, joinFacts } from './fact-values.ts';
import { writeSignerInputs } from './inputs.ts';

export interface GuardOptions {
  /** Which seed the keys are of; the states of the two never meet. */
  readonly space: SpaceName;
  /** The seed's id in the key ring. */
  readonly keyId: string;
  /** Nodes that the seed signs for; empty: the first one seen. */
  readonly nodeIds: readonly string[];
  /** `observe`: another signer answers, and state follows what it will have done. */
  readonly mode: 'enforce' | 'observe';
  /** When this signer took over, epoch milliseconds. */
  readonly migrationSince: number;
  /** For how long invoices of its predecessor may be open. */
  readonly migrationWindowMs: number;
}

export interface GuardDeps {
  readonly keys: LightningKeys;
  readonly isPreimageImported: (invoiceId: string) => boolean;
}

export interface Guard {
  readonly open: (request: LightsparkRequest) => GuardedRequest;
}

/** A request with what its bytes mean: worked out when somebody first asks, and kept until it is judged. */
export interface GuardedRequest {
  readonly lanes: readonly string[];
  readonly reads: readonly string[];
  readonly judge: (state: StateView, context: JudgeContext) => Judgement;
}

interface Meaning {
  readonly jobs: readonly ClassifiedJob[];
  readonly documents: Documents;
}

export function createGuard(options: GuardOptions, deps: GuardDeps): Guard {
  const { space, migrationSince, migrationWindowMs } = options;
  const { keys } = deps;
  const classified = createClassifiedJobs(keys);
  const ownPoints = createOwnPoints(keys);

  const keysOf = (names: readonly DocumentName[]) => [
    ...new Set(names.map(({ kind, id }) => documentKey(space, kind, id))),
  ];

  function open(request: LightsparkRequest): GuardedRequest {
    let known: Meaning | undefined;
    const meaning = (): Meaning => (known ??= meaningOf(request));
    return {
      get lanes() {
        return keysOf(meaning().documents.written);
      },
      get reads() {
        const { written, consulted } = meaning().documents;
        return keysOf([...written, ...consulted]);
      },
      judge(state, context) {
        const { jobs } = meaning();
        // A request may wait long for its delivery, and need not hold this as long.
        known = undefined;
        return judge(request, jobs, state, context);
      },
    };
  }

  function meaningOf(request: LightsparkRequest): Meaning {
    const jobs = classified.asSent(request);
    return { jobs, documents: documentsOf(request, jobs, keys) };
  }

  function judge(
    request: LightsparkRequest,
    jobs: readonly ClassifiedJob[],
    state: StateView,
    context: JudgeContext,
  ): Judgement {
    const ledger = openLedger(space, state, context);
    const otherNode = judgeNode(ledger, request, options.nodeIds);
    const { items, inputs, alarms } = opinionOn(request, {
      ...deps,
      ledger,
      space,
      observes: options.mode === 'observe',
      now: BigInt(context.now),
      isMigrating: context.now < migrationSince + migrationWindowMs,
      jobsKnowing: (wallet) => classified.withWallet(request, jobs, wallet),
      ownPoints,
    });
    const common = requestFacts(request, options);
    const findings = items.map(({ id, action, verdict }) => {
      const found = { ...verdict, doubts: [...otherNode, ...verdict.doubts] };
      const { facts, violations, doubts } = space === 'test' ? asTestEvent(found) : found;
      return { id, action, facts: joinFacts(common, facts), violations, doubts };
    });
    const isRefused = findings.some(
      ({ violations, doubts }) => violations.length > 0 || doubts.length > 0,
    );
    const noticed = [...otherNode, ...items.flatMap(({ verdict }) => verdict.alarms), ...alarms];
    return {
      findings,
      ...ledger.written(),
      inputs: inputs === undefined || isRefused ? {} : writeSignerInputs(inputs),
      alarms: space === 'test' ? [] : noticed,
    };
  }

  return Object.freeze({ open });
}

function requestFacts(request: LightsparkRequest, { space, keyId }: GuardOptions): FactValues {
  const node = nodeIdOf(request);
  return {
    network: request.network,
    key: keyId,
    test_event: space === 'test',
    entity: request.entityId,
    ...(node !== undefined && { node }),
  };
}
