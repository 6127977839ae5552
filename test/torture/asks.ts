/** Genuine Lightspark events, and what must become of each: the sender's side of a remote signer. */
import { FIRST_COMMITMENT_INDEX } from '../../signers/lightning/index.ts';
import { canonicalJson, type JsonObject, type JsonValue } from '../../src/base/json.ts';
import type { Hex } from '../../src/base/hex.ts';
import type { SigningJob } from '../../src/protocols/lightspark/events.ts';
import { wireJob } from '../support/spend.ts';

/**
 * - `answered` signed, and the answer arrives
 * - `declined` refused, and the refusal arrives
 * - `refused`  refused in a kind of event that has no words for it
 * - `either`   two requests that exclude each other came at once: at most one is answered
 * - `withheld`, `ignored`, `malformed` recorded, and nothing is ever sent
 */
export type Fate =
  'answered' | 'declined' | 'refused' | 'either' | 'withheld' | 'ignored' | 'malformed';

export interface Ask {
  readonly id: string;
  readonly type: string;
  readonly entity: string;
  readonly data: JsonObject;
  readonly fate: Fate;
  /** The mutation that answers it; empty where there is none. */
  readonly operation: string;
  /** What an answer of it states something about; names of statements.ts. */
  readonly questions: readonly string[];
}

export interface Asks {
  readonly point: (channel: Channel, index: bigint) => Ask;
  readonly release: (channel: Channel, index: bigint, fate?: Fate) => Ask;
  readonly reveal: (channel: Channel, index: bigint, secret: Hex) => Ask;
  readonly sign: (entity: string, jobs: readonly SigningJob[], fate?: Fate) => Ask;
  /** A digest and nothing to rebuild it from, on another network than the node's. */
  readonly testEvent: (path: string, digest: Hex) => Ask;
  readonly ecdh: (peer: Hex, sharedSecret: Hex) => Ask;
  readonly signInvoice: (invoice: string, hash: Hex) => Ask;
  readonly paymentHash: (invoice: string) => Ask;
  readonly preimage: (invoice: string, nonce: Hex) => Ask;
  /** An event that is not for a signer. */
  readonly notice: (type: string) => Ask;
  readonly unreadable: () => Ask;
  /** The same question under an id of its own. */
  readonly again: (ask: Ask) => Ask;
}

export interface Channel {
  readonly id: string;
  readonly path: string;
}

export const FIRST = FIRST_COMMITMENT_INDEX;
export const NETWORK = 'MAINNET';
const NODE = 'node_with_server_signing:torture';

/** `prefix` keeps the ids of one run apart from those of any other. */
export function createAsks(prefix: string): Asks {
  let made = 0;

  function freshId(): string {
    made += 1;
    return `${prefix}-${String(made)}`;
  }

  function remoteSigning(entity: string, name: string, fields: JsonObject, end: End): Ask {
    const data = { sub_event_type: name, bitcoin_network: NETWORK, node_id: NODE, ...fields };
    return { id: freshId(), type: 'REMOTE_SIGNING', entity, data, ...end };
  }

  const silent = (fate: Fate): End => ({ fate, operation: '', questions: [] });
  const commitment = (channel: Channel, index: bigint): JsonObject => ({
    derivation_path: channel.path,
    per_commitment_point_idx: index,
  });
  const about = (fate: Fate, operation: string, ...subject: readonly JsonValue[]): End => ({
    fate,
    operation,
    questions: [questionOf(operation, subject)],
  });

  return Object.freeze({
    point: (channel, index) =>
      remoteSigning(
        channel.id,
        'GET_PER_COMMITMENT_POINT',
        commitment(channel, index),
        about('answered', 'UpdateChannelPerCommitmentPoint', channel.id, index),
      ),
    release: (channel, index, fate = 'answered') =>
      remoteSigning(
        channel.id,
        'RELEASE_PER_COMMITMENT_SECRET',
        commitment(channel, index),
        about(fate, 'ReleaseChannelPerCommitmentSecret', channel.id, index),
      ),
    reveal: (channel, index, secret) =>
      remoteSigning(
        channel.id,
        'REVEAL_COUNTERPARTY_PER_COMMITMENT_SECRET',
        { per_commitment_secret_idx: index, per_commitment_secret: secret },
        silent('ignored'),
      ),
    sign: (entity, jobs, fate = 'answered') =>
      remoteSigning(
        entity,
        'DERIVE_KEY_AND_SIGN',
        { signing_jobs: jobs.map(wireJob) },
        {
          fate,
          operation: fate === 'declined' ? 'DeclineToSignMessages' : 'SignMessages',
          questions: jobs.map(({ id }) => `payload ${id}`),
        },
      ),
    testEvent(path, digest) {
      const id = `SignablePayload:${freshId()}`;
      const job = { id, derivation_path: path, message: digest, is_raw: true };
      const fields = { bitcoin_network: 'REGTEST', signing_jobs: [job] };
      return remoteSigning(NODE, 'DERIVE_KEY_AND_SIGN', fields, {
        fate: 'answered',
        operation: 'SignMessages',
        questions: [`payload ${id}`],
      });
    },
    ecdh: (peer, sharedSecret) =>
      remoteSigning(
        NODE,
        'ECDH',
        { peer_public_key: peer },
        about('answered', 'UpdateNodeSharedSecret', NODE, sharedSecret),
      ),
    signInvoice: (invoice, hash) =>
      remoteSigning(
        NODE,
        'SIGN_INVOICE',
        { invoice_id: invoice, payreq_hash: hash },
        about('answered', 'SignInvoice', invoice),
      ),
    paymentHash: (invoice) =>
      remoteSigning(
        NODE,
        'REQUEST_INVOICE_PAYMENT_HASH',
        { invoice_id: invoice },
        about('answered', 'SetInvoicePaymentHash', invoice),
      ),
    preimage: (invoice, nonce) =>
      remoteSigning(
        NODE,
        'RELEASE_PAYMENT_PREIMAGE',
        { invoice_id: invoice, preimage_nonce: nonce },
        about('answered', 'ReleasePaymentPreimage', invoice),
      ),
    notice: (type) => ({
      ...{ id: freshId(), type, entity: 'OutgoingPayment:torture', data: {} },
      ...silent('ignored'),
    }),
    unreadable: () =>
      remoteSigning(NODE, 'ECDH', { peer_public_key: 'not a key' }, silent('malformed')),
    again: (ask) => ({ ...ask, id: freshId() }),
  } satisfies Asks);
}

type End = Pick<Ask, 'fate' | 'operation' | 'questions'>;

/** One name for one question, however its answer arrives. */
export function questionOf(operation: string, subject: readonly JsonValue[]): string {
  return `${operation} ${subject.map(canonicalJson).join(' ')}`;
}
