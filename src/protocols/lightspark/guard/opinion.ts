/** What each kind of request comes to: its items judged, and what its signer would be given. */
import { toHex } from '../../../base/hex.ts';
import { unreachable } from '../../../base/unreachable.ts';
import type { Reason } from '../../../core/outcome.ts';
import type { LightningKeys } from '../../../../signers/lightning/index.ts';
import type { ClassifiedJob } from '../classified.ts';
import type { CommitmentIndex, LightsparkRequest, RequestOf } from '../events.ts';
import type { actions } from '../facts.ts';
import type { SignatureInput, SignerInputs } from '../inputs.ts';
import { actionOf } from '../job-facts.ts';
import type { WalletRecord } from '../state.ts';
import { channelPathOf, judgePoint, judgeRelease } from './commitment-secrets.ts';
import { keepRevealed } from './counterparty-secrets.ts';
import { isKnownInvoice, issueNonce, nonceViolations, releaseNonce } from './invoices.ts';
import type { Ledger, SpaceName } from './ledger.ts';
import type { OwnPoints } from './own-points.ts';
import { batchAlarms, judgeSigningJobs } from './signing-jobs.ts';
import { factsOnly, type Verdict } from './verdict.ts';

export interface OpinionContext {
  readonly ledger: Ledger;
  readonly space: SpaceName;
  /** Another signer answers: what was refused here happens all the same. */
  readonly observes: boolean;
  readonly now: bigint;
  /** Whether invoices of a former signer may still be open. */
  readonly isMigrating: boolean;
  readonly keys: LightningKeys;
  /** The request's signing jobs, with as much as the wallets' counts tell of them. */
  readonly jobsKnowing: (wallet: WalletRecord | undefined) => readonly ClassifiedJob[];
  readonly ownPoints: OwnPoints;
  readonly isPreimageImported: (invoiceId: string) => boolean;
}

export interface Item {
  readonly id: string;
  readonly action: keyof typeof actions;
  readonly verdict: Verdict;
}

/** Without items the request only informs; without inputs it cannot be signed. */
export interface Opinion {
  readonly items: readonly Item[];
  readonly inputs?: SignerInputs;
  readonly alarms: readonly Reason[];
}

export function opinionOn(request: LightsparkRequest, context: OpinionContext): Opinion {
  const { ledger, keys } = context;
  switch (request.name) {
    case 'ECDH': {
      const { peerPublicKey } = request.payload;
      return one(request, 'ecdh', factsOnly({ peer: peerPublicKey }), {
        kind: 'ecdh',
        peerPublicKey,
      });
    }
    case 'SIGN_INVOICE': {
      const { invoiceId, payreqHash } = request.payload;
      return one(request, 'sign_invoice', factsOnly({ invoice: invoiceId }), {
        kind: 'sign_invoice',
        payreqHash,
      });
    }
    case 'GET_PER_COMMITMENT_POINT': {
      const verdict = judgePoint(ledger, request.payload, context.now);
      const inputs = indexInputs('per_commitment_point', request.payload);
      return one(request, 'get_per_commitment_point', verdict, inputs);
    }
    case 'RELEASE_PER_COMMITMENT_SECRET': {
      const verdict = judgeRelease(ledger, request.payload, context.observes);
      const inputs = indexInputs('per_commitment_secret', request.payload);
      return one(request, 'release_per_commitment_secret', verdict, inputs);
    }
    case 'REQUEST_INVOICE_PAYMENT_HASH': {
      const { invoiceId } = request.payload;
      const isKnown = ledger.invoices.get(invoiceId)?.origin === 'issued';
      const nonce = toHex(keys.invoiceNonce(invoiceId));
      // What another signer answers is its own secret nonce, not ours.
      if (!context.observes) issueNonce(ledger, invoiceId, nonce);
      const verdict = factsOnly({ invoice: invoiceId, invoice_known: isKnown });
      const inputs = { kind: 'payment_hash', invoiceId, nonce } as const;
      return one(request, 'request_invoice_payment_hash', verdict, inputs);
    }
    case 'RELEASE_PAYMENT_PREIMAGE':
      return preimageOpinion(request, context);
    case 'REVEAL_COUNTERPARTY_PER_COMMITMENT_SECRET':
      return { items: [], alarms: keepRevealed(ledger, request.entityId, request.payload) };
    case 'DERIVE_KEY_AND_SIGN':
      return signingOpinion(request, context);
    default:
      return unreachable(request);
  }
}

function preimageOpinion(
  request: RequestOf<'RELEASE_PAYMENT_PREIMAGE'>,
  { ledger, keys, isMigrating, isPreimageImported }: OpinionContext,
): Opinion {
  const { invoiceId, preimageNonce: nonce, isUma, isLnurl } = request.payload;
  const imported = isPreimageImported(invoiceId);
  const facts = {
    invoice: invoiceId,
    within_migration_window: isMigrating,
    preimage_imported: imported,
    is_uma: isUma,
    is_lnurl: isLnurl,
  };
  if (nonce === undefined) {
    const verdict = {
      ...factsOnly({ ...facts, invoice_known: false }),
      doubts: imported ? [] : [noPreimage(invoiceId)],
    };
    const inputs = { kind: 'imported_preimage', invoiceId } as const;
    return one(request, 'release_payment_preimage', verdict, inputs);
  }
  const release = { invoiceId, nonce, derivedNonce: toHex(keys.invoiceNonce(invoiceId)) };
  const verdict = {
    ...factsOnly({ ...facts, invoice_known: isKnownInvoice(ledger, release) }),
    violations: nonceViolations(ledger, release),
  };
  if (nonce === release.derivedNonce) issueNonce(ledger, invoiceId, nonce);
  else releaseNonce(ledger, invoiceId, nonce);
  const inputs = { kind: 'payment_preimage', invoiceId, nonce } as const;
  return one(request, 'release_payment_preimage', verdict, inputs);
}

function signingOpinion(
  request: RequestOf<'DERIVE_KEY_AND_SIGN'>,
  context: OpinionContext,
): Opinion {
  const { ledger, jobsKnowing, space } = context;
  const jobs = jobsKnowing(ledger.wallet.get(''));
  const signing = { ...context, entityId: request.entityId };
  const verdicts = judgeSigningJobs(jobs, signing);
  const inputs = jobs.flatMap((job) => signatureInput(job, space));
  return {
    items: verdicts.map(({ job, verdict }) => ({ id: job.id, action: actionOf(job), verdict })),
    ...(inputs.length === jobs.length && { inputs: { kind: 'signatures', jobs: inputs } }),
    alarms: batchAlarms(jobs, signing),
  };
}

/** The digest is ours; only a test event may have its own word signed. */
function signatureInput(
  { id, path, digest, message, addTweak, mulTweak }: ClassifiedJob,
  space: SpaceName,
): readonly SignatureInput[] {
  const signed = digest ?? (space === 'test' ? message : undefined);
  if (signed === undefined) return [];
  const tweaks = {
    ...(addTweak !== undefined && { addTweak }),
    ...(mulTweak !== undefined && { mulTweak }),
  };
  return [{ id, path, digest: signed, ...tweaks }];
}

function indexInputs(
  kind: 'per_commitment_point' | 'per_commitment_secret',
  asked: CommitmentIndex,
): SignerInputs | undefined {
  const channelPath = channelPathOf(asked);
  return channelPath === undefined ? undefined : { kind, channelPath, index: asked.index };
}

function one(
  request: LightsparkRequest,
  action: Item['action'],
  verdict: Verdict,
  inputs: SignerInputs | undefined,
): Opinion {
  return {
    items: [{ id: request.eventId, action, verdict }],
    ...(inputs !== undefined && { inputs }),
    alarms: [],
  };
}

function noPreimage(invoiceId: string): Reason {
  const message = `no nonce was sent and no preimage is imported; if you have it, run \`countersign lightning import-preimage --invoice ${invoiceId}\``;
  return { code: 'no_preimage', message };
}
