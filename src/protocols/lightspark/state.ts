/**
 * What the guard remembers: documents under canonical keys (paths, outpoints, payload and invoice
 * ids), each written with the generation of the database it was written in.
 *
 * Keys never name what only the sender says, with one exception: secrets revealed by a counterparty
 * come without a path, so they are kept under the entity that the sender named. They prove a tweak
 * or fail to; nothing else rests on them.
 */
import { z } from 'zod';

import { type Hex, isHexOf } from '../../base/hex.ts';
import type { JsonObject } from '../../base/json.ts';

const hex32 = z.custom<Hex>((value) => typeof value === 'string' && isHexOf(32, value));
/** `txid:vout` */
const outpoint = z.string();
/** Epoch milliseconds. */
const time = z.bigint();

// --- Documents ---------------------------------------------------------------------------------

const commitmentNumbers = z.object({
  /** XOR-ed with the obscured number of a commitment it gives the number (BOLT 3). */
  factor: z.bigint(),
  /**
   * How the factor was learnt: from the channel's first commitment, whose number is 0, or from one
   * that carries the tweak of our own point.
   */
  proof: z.enum(['first_commitment', 'own_tweak']),
  /** Highest number in an unbroken row of signed commitments, or of one that is the counterparty's. */
  highest: z.bigint().exactOptional(),
});

/** A funding output of a channel and what is known of the commitments that spend it. */
const funding = z.object({
  outpoint,
  capacitySat: z.bigint(),
  script: z.string(),
  /** `disagreed`: two proofs contradicted each other; nothing is believed of them again. */
  numbers: z.union([commitmentNumbers, z.literal('disagreed')]).exactOptional(),
  /** Our balance on the last commitment of the counterparty. */
  ownSat: z.bigint().exactOptional(),
});

const channel = z.object({
  /** Lowest index whose point was issued. */
  pointsFrom: z.bigint().exactOptional(),
  /** Lowest index whose secret was released, or accepted as released by a baseline. */
  released: z.bigint().exactOptional(),
  /** Where the unbroken row begins of secrets that left here: from this index down to `released`. */
  releasedFrom: z.bigint().exactOptional(),
  /**
   * Whether `released` is exact: `begun` when the channel's first point was the first we heard of it
   * and no secret left, `complete` when every release since a baseline is on record, `unknown` at
   * first sight, `restored` when an older database was found since.
   */
  order: z.enum(['unknown', 'begun', 'complete', 'restored']),
  /** Latest indices that were asked for out of order and withheld; a baseline they become only by name. */
  gaps: z.array(z.bigint()).readonly().exactOptional(),
  /** Whether a mutual close was signed. */
  closing: z.boolean(),
  /** Most recent last. */
  fundings: z.array(funding).readonly(),
  /** Latest signed commitments, whoever owns them; most recent last. */
  commitments: z.array(z.object({ txid: hex32, outpoint, obscured: z.bigint() })).readonly(),
  /** Transactions proven to be our own commitments, signed before their secret was released. */
  holders: z.array(z.object({ txid: hex32, number: z.bigint() })).readonly(),
});

/** Outputs that are to become, or already are, funding outputs; kept by the first byte of the txid. */
const fundingShelf = z.object({
  outputs: z
    .array(
      z.object({
        outpoint,
        sat: z.bigint(),
        /** P2WSH output script. */
        script: z.string(),
        at: time,
        /** The channel of which a commitment spends it. */
        channelPath: z.string().exactOptional(),
      }),
    )
    .readonly(),
});

const wallet = z.object({
  /** Highest index per chain that was signed with. */
  highest: z.object({
    l1_receiving: z.bigint().exactOptional(),
    l1_change: z.bigint().exactOptional(),
    destination: z.bigint().exactOptional(),
  }),
  /** Channels begun here within the hour, and the funding transaction that took each one's place. */
  fresh: z
    .array(z.object({ channelPath: z.string(), at: time, fundedBy: hex32.exactOptional() }))
    .readonly(),
});

/** SHA-256 of what was asked under a payload id. */
const payload = z.object({ content: hex32 });

const invoice = z.object({
  nonce: hex32,
  /** Whether the nonce is our own answer or only what a release named. */
  origin: z.enum(['issued', 'seen']),
});

/** Which invoice a nonce was issued for. */
const nonce = z.object({ invoiceId: z.string() });

/** The node that was seen first. */
const node = z.object({ id: z.string() });

/** Secrets by which a counterparty revoked its commitments, in the compact form of BOLT 3. */
const revealed = z.object({
  secrets: z.array(z.object({ index: z.bigint(), secret: hex32 }).nullable()).readonly(),
});

export type CommitmentNumbers = z.infer<typeof commitmentNumbers>;
export type FundingRecord = z.infer<typeof funding>;
export type ChannelRecord = z.infer<typeof channel>;
export type FundingShelf = z.infer<typeof fundingShelf>;
export type WalletRecord = z.infer<typeof wallet>;
export type PayloadRecord = z.infer<typeof payload>;
export type InvoiceRecord = z.infer<typeof invoice>;
export type NonceRecord = z.infer<typeof nonce>;
export type NodeRecord = z.infer<typeof node>;
export type RevealedRecord = z.infer<typeof revealed>;

/** One kind of document: how it is read back, and what stays certain once an older database was found. */
export interface DocumentKind<Content extends JsonObject> {
  readonly stored: z.ZodType<{ readonly generation: bigint; readonly content: Content }>;
  readonly afterRestore: (content: Content) => Content;
}

function documentKind<Content extends JsonObject>(
  content: z.ZodType<Content>,
  afterRestore: (content: Content) => Content = (unchanged) => unchanged,
): DocumentKind<Content> {
  return { stored: z.object({ generation: z.bigint(), content }), afterRestore };
}

/** The beginning of a document's key → its kind. */
export const KINDS = {
  // Secrets that were released and commitments that were signed remain so; how many more there were
  // is no longer known.
  channel: documentKind<ChannelRecord>(channel, (record) => ({
    ...record,
    order: record.order === 'unknown' ? 'unknown' : 'restored',
  })),
  fundings: documentKind<FundingShelf>(fundingShelf),
  wallet: documentKind<WalletRecord>(wallet),
  payload: documentKind<PayloadRecord>(payload),
  invoice: documentKind<InvoiceRecord>(invoice),
  nonce: documentKind<NonceRecord>(nonce),
  node: documentKind<NodeRecord>(node),
  revealed: documentKind<RevealedRecord>(revealed),
} as const;

export const unknownWallet: WalletRecord = { highest: {}, fresh: [] };

/** What is known of a channel at first sight. */
export const unknownChannel: ChannelRecord = {
  order: 'unknown',
  closing: false,
  fundings: [],
  commitments: [],
  holders: [],
};
