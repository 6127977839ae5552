/** Which documents a request needs, known from the request alone. */
import { toHex } from '../../../base/hex.ts';
import { unreachable } from '../../../base/unreachable.ts';
import { FIRST_COMMITMENT_INDEX, type LightningKeys } from '../../../../signers/lightning/index.ts';
import type { ClassifiedJob, JobClass } from '../classified.ts';
import type { LightsparkRequest } from '../events.ts';
import type { KINDS } from '../state.ts';
import { channelPathOf } from './commitment-secrets.ts';
import { shelfOf, SHELVES } from './funding-outputs.ts';
import { nodeIdOf } from './node-pin.ts';

export interface DocumentName {
  readonly kind: keyof typeof KINDS;
  readonly id: string;
}

export interface Documents {
  /** May be rewritten: requests that share one are judged one after another. */
  readonly written: readonly DocumentName[];
  /** Only read, except for the pin of the first node, where it does not matter which of two is first. */
  readonly consulted: readonly DocumentName[];
}

/** Classes whose outputs may belong to a wallet, if its count is known. */
const PAYS_WALLET: ReadonlySet<JobClass> = new Set([
  'l1_spend',
  'wallet_spend',
  'mutual_close',
  'splice',
  'anchor_spend',
  'justice',
  'to_remote_claim',
  'to_local_sweep',
  'htlc_claim',
]);

/** Classes whose outputs may fund a channel. */
const PAYS_FUNDING: ReadonlySet<JobClass> = new Set(['l1_spend', 'wallet_spend', 'splice']);

export function paysWallet(job: ClassifiedJob): boolean {
  return PAYS_WALLET.has(job.class);
}

const WALLET: DocumentName = { kind: 'wallet', id: '' };

export function documentsOf(
  request: LightsparkRequest,
  jobs: readonly ClassifiedJob[],
  keys: LightningKeys,
): Documents {
  const { written, consulted } = documentsByName(request, jobs, keys);
  const pin: DocumentName[] = nodeIdOf(request) === undefined ? [] : [{ kind: 'node', id: '' }];
  return { written, consulted: [...consulted, ...pin] };
}

function documentsByName(
  request: LightsparkRequest,
  jobs: readonly ClassifiedJob[],
  keys: LightningKeys,
): Documents {
  switch (request.name) {
    case 'ECDH':
    case 'SIGN_INVOICE':
      return writing([]);
    case 'GET_PER_COMMITMENT_POINT': {
      const begins = request.payload.index === FIRST_COMMITMENT_INDEX;
      return writing([...channelOf(channelPathOf(request.payload)), ...(begins ? [WALLET] : [])]);
    }
    case 'RELEASE_PER_COMMITMENT_SECRET':
      return writing(channelOf(channelPathOf(request.payload)));
    case 'REQUEST_INVOICE_PAYMENT_HASH': {
      const { invoiceId } = request.payload;
      return writing(invoiceOf(invoiceId, toHex(keys.invoiceNonce(invoiceId))));
    }
    case 'RELEASE_PAYMENT_PREIMAGE': {
      const { invoiceId, preimageNonce } = request.payload;
      return writing(preimageNonce === undefined ? [] : invoiceOf(invoiceId, preimageNonce));
    }
    case 'REVEAL_COUNTERPARTY_PER_COMMITMENT_SECRET':
      return writing([{ kind: 'revealed', id: request.entityId }]);
    case 'DERIVE_KEY_AND_SIGN':
      return {
        written: jobs.flatMap(writtenBy),
        consulted: jobs.flatMap((job) => consultedBy(job, request.entityId)),
      };
    default:
      return unreachable(request);
  }
}

function writtenBy(job: ClassifiedJob): readonly DocumentName[] {
  const payload: DocumentName = { kind: 'payload', id: job.id };
  return [payload, ...channelOf(job.channelPath), ...fundingsOf(job)];
}

/** Where the spent funding output of a commitment, or a payment that may be one, is kept. */
function fundingsOf({ class: name, transaction }: ClassifiedJob): readonly DocumentName[] {
  if (transaction === undefined) return [];
  if (PAYS_FUNDING.has(name)) return [WALLET, { kind: 'fundings', id: shelfOf(transaction.txid) }];
  const spent = name === 'commitment' ? transaction.inputs[transaction.inputIndex] : undefined;
  return spent === undefined ? [] : [{ kind: 'fundings', id: shelfOf(spent.txid) }];
}

function consultedBy(job: ClassifiedJob, entityId: string): readonly DocumentName[] {
  const { class: name } = job;
  const spendsWallet = name === 'l1_spend' || name === 'wallet_spend';
  return [
    ...(spendsWallet ? SHELVES.map((id): DocumentName => ({ kind: 'fundings', id })) : []),
    ...(paysWallet(job) ? [WALLET] : []),
    ...(name === 'justice' ? [{ kind: 'revealed', id: entityId } as const] : []),
  ];
}

function channelOf(channelPath: string | undefined): readonly DocumentName[] {
  return channelPath === undefined ? [] : [{ kind: 'channel', id: channelPath }];
}

function invoiceOf(invoiceId: string, nonce: string): readonly DocumentName[] {
  return [
    { kind: 'invoice', id: invoiceId },
    { kind: 'nonce', id: nonce },
  ];
}

function writing(written: readonly DocumentName[]): Documents {
  return { written, consulted: [] };
}
