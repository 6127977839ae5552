/** deliver — one mutation per answer; a refusal has words only where payloads can be declined. */
import type { JsonObject } from '../../base/json.ts';
import { unreachable } from '../../base/unreachable.ts';
import type { AnswerKind, Words } from '../../core/protocol.ts';
import type { LightsparkRequest } from './events.ts';
import { type MutationName, MUTATIONS } from './mutations.ts';
import type { LightsparkAnswer } from './sign.ts';

/** The answer, said of what was asked about; ids are echoed as they came. */
export function deliver(request: LightsparkRequest, answer: LightsparkAnswer): Words {
  switch (request.name) {
    case 'ECDH':
      return say('UpdateNodeSharedSecret', { node_id: request.entityId, ...answer });
    case 'GET_PER_COMMITMENT_POINT':
      return say('UpdateChannelPerCommitmentPoint', { channel_id: request.entityId, ...answer });
    case 'RELEASE_PER_COMMITMENT_SECRET':
      return say('ReleaseChannelPerCommitmentSecret', { channel_id: request.entityId, ...answer });
    case 'SIGN_INVOICE':
      return say('SignInvoice', { invoice_id: request.payload.invoiceId, ...answer });
    case 'DERIVE_KEY_AND_SIGN':
      return say('SignMessages', answer);
    case 'REQUEST_INVOICE_PAYMENT_HASH':
      return say('SetInvoicePaymentHash', { invoice_id: request.payload.invoiceId, ...answer });
    case 'RELEASE_PAYMENT_PREIMAGE':
      return say('ReleasePaymentPreimage', { invoice_id: request.payload.invoiceId, ...answer });
    case 'REVEAL_COUNTERPARTY_PER_COMMITMENT_SECRET':
      throw new Error('an event that only informs has no answer');
    default:
      return unreachable(request);
  }
}

/**
 * Refuses every payload of a batch. Lightspark force-closes the channel then. No other sub-event can
 * be refused in words: the only refusal is not to answer.
 */
export function decline(request: LightsparkRequest): Words | undefined {
  if (request.name !== 'DERIVE_KEY_AND_SIGN') return undefined;
  return say('DeclineToSignMessages', { payload_ids: request.payload.jobs.map(({ id }) => id) });
}

/**
 * A secret is not kept in the store, not even until it is sent. The signatures of a batch are
 * deterministic (RFC 6979), and no channel waits for them longer than it must.
 */
export function answerKind({ name }: LightsparkRequest): AnswerKind {
  switch (name) {
    case 'ECDH':
    case 'RELEASE_PER_COMMITMENT_SECRET':
    case 'RELEASE_PAYMENT_PREIMAGE':
      return 'secret';
    case 'DERIVE_KEY_AND_SIGN':
      return 'repeatable';
    case 'GET_PER_COMMITMENT_POINT':
    case 'SIGN_INVOICE':
    case 'REQUEST_INVOICE_PAYMENT_HASH':
    case 'REVEAL_COUNTERPARTY_PER_COMMITMENT_SECRET':
      return 'stored';
    default:
      return unreachable(name);
  }
}

function say(operation: MutationName, variables: JsonObject): Words {
  return { kind: 'graphql', operation, document: MUTATIONS[operation], variables };
}
