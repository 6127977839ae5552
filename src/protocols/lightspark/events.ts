/**
 * What Lightspark asks of a remote signer (event type `REMOTE_SIGNING`), read into our own words.
 *
 * Hex is accepted in either case and kept in lower case; an absent field may also be `null` or, for
 * texts, empty; fields we do not know are ignored. Integers are literals within their range: the
 * official library takes larger indices, drops their high bits and answers for another index.
 */
import { z } from 'zod';

import { type Hex, fromHex, isHex } from '../../base/hex.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Envelope, NotOurs } from '../../core/protocol.ts';
import {
  type BitcoinNetwork,
  FIRST_COMMITMENT_INDEX,
  nobleCurve,
} from '../../../signers/lightning/index.ts';

/** Sub-event → what it asks. */
export interface EventMap {
  /** Only nodes created before October 2023. */
  readonly ECDH: { readonly peerPublicKey: Hex };
  /** Only nodes created before October 2023. */
  readonly SIGN_INVOICE: { readonly invoiceId: string; readonly payreqHash: Hex };
  readonly GET_PER_COMMITMENT_POINT: CommitmentIndex;
  readonly RELEASE_PER_COMMITMENT_SECRET: CommitmentIndex;
  readonly DERIVE_KEY_AND_SIGN: { readonly jobs: readonly SigningJob[] };
  readonly REQUEST_INVOICE_PAYMENT_HASH: { readonly invoiceId: string };
  readonly RELEASE_PAYMENT_PREIMAGE: {
    readonly invoiceId: string;
    /** Absent for an invoice whose preimage was made elsewhere. */
    readonly preimageNonce?: Hex;
    readonly isUma: boolean;
    readonly isLnurl: boolean;
  };
  /** Informs us; there is nothing to answer. */
  readonly REVEAL_COUNTERPARTY_PER_COMMITMENT_SECRET: {
    readonly index: bigint;
    readonly secret: Hex;
    readonly nodeId?: string;
  };
}

export type SubEvent = keyof EventMap;

interface RequestContext {
  readonly eventId: string;
  /** The node or the channel, depending on the sub-event; the sender's word. */
  readonly entityId: string;
  /** The sender's word: keys and signatures are the same on every network. */
  readonly network: BitcoinNetwork;
  readonly timestamp: string;
}

export type RequestOf<Name extends SubEvent = SubEvent> = {
  readonly [N in Name]: RequestContext & { readonly name: N; readonly payload: EventMap[N] };
}[Name];

export type LightsparkRequest = RequestOf;

export interface CommitmentIndex {
  /** As sent; expected to be `m/3/C`. */
  readonly derivationPath: string;
  /** Counts down from 2^48 − 1. */
  readonly index: bigint;
  readonly nodeId?: string;
}

/** One digest to be signed. */
export interface SigningJob {
  readonly id: string;
  /** As sent; any text. */
  readonly derivationPath: string;
  /** 32 bytes where it is raw. */
  readonly message: Hex;
  /** `false`: the message is still to be hashed. */
  readonly isRaw: boolean;
  readonly addTweak?: Hex;
  readonly mulTweak?: Hex;
  readonly script?: Hex;
  readonly transaction?: Hex;
  /** Satoshi. */
  readonly amount?: bigint;
  /** As sent; any text. */
  readonly destinationPath?: string;
  /** A hint that may be wrong. */
  readonly pointIndexHint?: bigint;
}

export const MAX_BATCH = 1000;
const MAX_SAT = 2_100_000_000_000_000n;
const NETWORKS: readonly string[] = ['MAINNET', 'TESTNET', 'REGTEST', 'SIGNET'];

// --- Fields ------------------------------------------------------------------------------------

const text = (rule = 'must be a text of 1 to 256 characters') =>
  z.string({ error: rule }).min(1, { error: rule }).max(256, { error: rule });

const hex = (rule: string, isValid: (value: Hex) => boolean = () => true) =>
  z.string({ error: rule }).transform((value, context): Hex => {
    const lower = value.toLowerCase();
    if (isHex(lower) && isValid(lower)) return lower;
    context.addIssue({ code: 'custom', message: rule });
    return z.NEVER;
  });

const integer = (max: bigint, rule: string) =>
  z.bigint({ error: rule }).min(0n, { error: rule }).max(max, { error: rule });

/** Absent, `null` and the empty text all mean that there is none. */
const optional = <T extends z.ZodType>(field: T) =>
  z.preprocess((value) => (value === null || value === '' ? undefined : value), field.optional());

const hex32 = hex('must be 32 bytes of hex', (value) => value.length === 64);
const publicKey = hex(
  'must be a compressed public key, 33 bytes of hex',
  (value) => value.length === 66 && nobleCurve.isPoint(fromHex(value)),
);
const anyHex = hex('must be hex of whole bytes');
const commitmentIndex = integer(FIRST_COMMITMENT_INDEX, 'must be an integer from 0 to 2^48 - 1');
const satoshi = integer(MAX_SAT, 'must be an integer from 0 to 2100000000000000');
const flag = optional(z.boolean({ error: 'must be true or false' }));

// --- Payloads ----------------------------------------------------------------------------------

/** Most jobs have none, and one that cannot be read is as good as none. */
function hintOf(value: unknown): bigint | undefined {
  return value === undefined ? undefined : commitmentIndex.safeParse(value).data;
}

const signingJob = z
  .object(
    {
      id: text(),
      derivation_path: z.string({ error: 'must be a text' }).max(256, { error: 'is too long' }),
      message: anyHex,
      is_raw: flag,
      add_tweak: optional(hex32),
      mul_tweak: optional(hex32),
      script: optional(anyHex),
      transaction: optional(anyHex),
      amount: optional(satoshi),
      destination_derivation_path: optional(text()),
      per_commitment_point_idx: z.unknown().optional(),
    },
    { error: 'must be an object' },
  )
  .transform((job, context): SigningJob => {
    const isRaw = job.is_raw ?? true;
    if (isRaw && job.message.length !== 64) {
      context.addIssue({ code: 'custom', message: 'must be 32 bytes of hex', path: ['message'] });
      return z.NEVER;
    }
    const hint = hintOf(job.per_commitment_point_idx);
    return {
      id: job.id,
      derivationPath: job.derivation_path,
      message: job.message,
      isRaw,
      ...(job.add_tweak !== undefined && { addTweak: job.add_tweak }),
      ...(job.mul_tweak !== undefined && { mulTweak: job.mul_tweak }),
      ...(job.script !== undefined && { script: job.script }),
      ...(job.transaction !== undefined && { transaction: job.transaction }),
      ...(job.amount !== undefined && { amount: job.amount }),
      ...(job.destination_derivation_path !== undefined && {
        destinationPath: job.destination_derivation_path,
      }),
      ...(hint !== undefined && { pointIndexHint: hint }),
    };
  });

const commitmentRequest = z
  .object({
    derivation_path: text(),
    per_commitment_point_idx: commitmentIndex,
    node_id: optional(text()),
  })
  .transform(({ derivation_path, per_commitment_point_idx, node_id }): CommitmentIndex => ({
    derivationPath: derivation_path,
    index: per_commitment_point_idx,
    ...(node_id !== undefined && { nodeId: node_id }),
  }));

const invoice = z.object({ invoice_id: text() });

const PAYLOADS: { readonly [Name in SubEvent]: z.ZodType<EventMap[Name]> } = {
  // The SDKs disagree on the name of this field.
  ECDH: z
    .preprocess(preferredPeerKey, z.object({ peer_public_key: publicKey }))
    .transform(({ peer_public_key }) => ({ peerPublicKey: peer_public_key })),
  SIGN_INVOICE: z
    .object({ invoice_id: text(), payreq_hash: hex32 })
    .transform((fields) => ({ invoiceId: fields.invoice_id, payreqHash: fields.payreq_hash })),
  GET_PER_COMMITMENT_POINT: commitmentRequest,
  RELEASE_PER_COMMITMENT_SECRET: commitmentRequest,
  DERIVE_KEY_AND_SIGN: z
    .object({
      signing_jobs: z
        .array(signingJob, { error: 'must be a list of jobs' })
        .max(MAX_BATCH, { error: `must have at most ${String(MAX_BATCH)} jobs` })
        .check(refuseRepeatedIds),
    })
    .transform(({ signing_jobs }) => ({ jobs: signing_jobs })),
  REQUEST_INVOICE_PAYMENT_HASH: invoice.transform(({ invoice_id }) => ({ invoiceId: invoice_id })),
  RELEASE_PAYMENT_PREIMAGE: invoice
    .extend({ preimage_nonce: optional(hex32), is_uma: flag, is_lnurl: flag })
    .transform(({ invoice_id, preimage_nonce, is_uma, is_lnurl }) => ({
      invoiceId: invoice_id,
      ...(preimage_nonce !== undefined && { preimageNonce: preimage_nonce }),
      isUma: is_uma ?? false,
      isLnurl: is_lnurl ?? false,
    })),
  REVEAL_COUNTERPARTY_PER_COMMITMENT_SECRET: z
    .object({
      per_commitment_secret_idx: commitmentIndex,
      per_commitment_secret: hex32,
      node_id: optional(text()),
    })
    .transform(({ per_commitment_secret_idx, per_commitment_secret, node_id }) => ({
      index: per_commitment_secret_idx,
      secret: per_commitment_secret,
      ...(node_id !== undefined && { nodeId: node_id }),
    })),
};

// --- Reading -----------------------------------------------------------------------------------

/** Sub-events whose answer names the entity of the event. */
const NEEDS_ENTITY: ReadonlySet<SubEvent> = new Set([
  'ECDH',
  'GET_PER_COMMITMENT_POINT',
  'RELEASE_PER_COMMITMENT_SECRET',
  'REVEAL_COUNTERPARTY_PER_COMMITMENT_SECRET',
]);

/**
 * Reads an event. What is authentic but not for us to sign is `ignored`; what we cannot read is
 * `malformed`, with the field and the rule it breaks, never its value.
 */
export function parse(envelope: Envelope): Result<LightsparkRequest, NotOurs> {
  const { sub_event_type: name, bitcoin_network: network } = envelope.data;
  if (typeof name !== 'string') return malformed('`data.sub_event_type` must be a text');
  if (!isSubEvent(name))
    return ignored('sub_event', `\`${name.slice(0, 64)}\` asks for no signature`);
  if (typeof network !== 'string') return malformed('`data.bitcoin_network` must be a text');
  if (!isNetwork(network)) return ignored('network', 'event of an unknown bitcoin network');
  if (NEEDS_ENTITY.has(name) && envelope.entityId === '') {
    return malformed('`entity_id` must not be empty');
  }
  const request = read(name, network, envelope);
  if (request.ok && request.value.name === 'DERIVE_KEY_AND_SIGN') {
    const { jobs } = request.value.payload;
    if (jobs.length === 0) return ignored('empty_batch', '`data.signing_jobs` is empty');
  }
  return request;
}

function read<Name extends SubEvent>(
  name: Name,
  network: BitcoinNetwork,
  { id, entityId, timestamp, data }: Envelope,
): Result<RequestOf<Name>, NotOurs> {
  const payload = PAYLOADS[name].safeParse(data);
  if (!payload.success) {
    const issue = payload.error.issues[0];
    return malformed(`\`${fieldOf(issue?.path ?? [])}\` ${issue?.message ?? 'cannot be read'}`);
  }
  return ok({ name, payload: payload.data, eventId: id, entityId, network, timestamp });
}

function isSubEvent(name: string): name is SubEvent {
  return Object.hasOwn(PAYLOADS, name);
}

function isNetwork(name: string): name is BitcoinNetwork {
  return NETWORKS.includes(name);
}

function preferredPeerKey(data: unknown): unknown {
  const names = z.looseObject({
    peer_public_key: optional(z.unknown()),
    peer_pub_key: optional(z.unknown()),
    public_key: optional(z.unknown()),
  });
  const { data: named } = names.safeParse(data);
  return { peer_public_key: named?.peer_public_key ?? named?.peer_pub_key ?? named?.public_key };
}

function refuseRepeatedIds(context: z.core.ParsePayload<readonly SigningJob[]>): void {
  const seen = new Set<string>();
  for (const [index, { id }] of context.value.entries()) {
    if (seen.has(id)) {
      const message = 'must be unique within the batch';
      context.issues.push({ code: 'custom', message, input: id, path: [index, 'id'] });
      return;
    }
    seen.add(id);
  }
}

/** `data.signing_jobs[3].id` for a path of keys and positions. */
function fieldOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (field, step) => field + (typeof step === 'number' ? `[${String(step)}]` : `.${String(step)}`),
    'data',
  );
}

function malformed(message: string): Result<never, NotOurs> {
  return err({ kind: 'malformed', reason: { code: 'malformed', message } });
}

function ignored(code: string, message: string): Result<never, NotOurs> {
  return err({ kind: 'ignored', reason: { code, message } });
}
