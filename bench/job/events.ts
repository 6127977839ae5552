/**
 * Webhooks that ask a node to sign what it signs all day: the next commitment of a counterparty,
 * alone or with the HTLC transactions on it.
 */
import { createHmac } from 'node:crypto';

import { type Transaction } from 'bitcoinjs-lib';

import {
  fieldsOfObscuredNumber,
  obscureNumber,
} from '../../signers/lightning/commitment-number.ts';
import { createLightningKeys, type Curve } from '../../signers/lightning/index.ts';
import { fromHex, type Hex, isHex, toHex } from '../../src/base/hex.ts';
import { stringifyJson } from '../../src/base/json.ts';
import { Secret } from '../../src/base/secret.ts';
import type { SigningJob } from '../../src/protocols/lightspark/events.ts';
import { createTestChannel, type TestHtlc } from '../../test/support/channel-transactions.ts';
import { freshJobId, type Spend, wireJob } from '../../test/support/spend.ts';

export interface Webhook {
  readonly body: string;
  readonly signature: string;
}

export interface EventSource {
  /** Webhooks that were never returned before, each of another channel than the ones around it. */
  readonly next: (count: number) => readonly Webhook[];
}

export interface EventOptions {
  readonly seed: Hex;
  readonly webhookSecret: string;
  readonly curve: Curve;
  /** Signatures that each webhook asks for. */
  readonly signatures: number;
  readonly channels: number;
}

/** The first commitment of a channel, from which the later ones are made. */
interface ChannelWork {
  readonly obscuringFactor: bigint;
  readonly commitment: Spend;
  readonly htlcTransactions: readonly Spend[];
}

let eventsMade = 0;

export function createEventSource(options: EventOptions): EventSource {
  const work = Array.from({ length: options.channels }, (_, index) => channelWork(options, index));
  const numbers = work.map(() => 0n);
  let turn = 0;
  return {
    next: (count) =>
      Array.from({ length: count }, () => {
        const index = turn % work.length;
        turn += 1;
        const [channel, number] = [work[index], numbers[index]];
        if (channel === undefined || number === undefined) throw new Error('no channel');
        numbers[index] = number + 1n;
        return webhook(options, `Channel:bench-${String(index)}`, jobsOf(channel, number));
      }),
  };
}

function channelWork({ seed, curve, signatures }: EventOptions, index: number): ChannelWork {
  const keys = createLightningKeys(new Secret(fromHex(seed)), curve);
  const channelPath = `m/3/${String(1000 * signatures + index)}`;
  const channel = createTestChannel({ keys, channelPath });
  const commitment = channel.commitment({
    owner: 'counterparty',
    number: 0n,
    nodeSat: 400_000n,
    counterpartySat: 500_000n,
    htlcs: Array.from({ length: signatures - 1 }, (_, htlc) => anHtlc(htlc)),
  });
  return {
    obscuringFactor: channel.obscuringFactor,
    commitment,
    htlcTransactions: commitment.htlcOutputs.map((output) =>
      channel.htlcTransaction(commitment, output),
    ),
  };
}

function anHtlc(number: number): TestHtlc {
  const paymentHash = String(number).padStart(64, '0');
  if (!isHex(paymentHash)) throw new Error('not a hash');
  return {
    direction: number % 2 === 0 ? 'incoming' : 'outgoing',
    sat: 5_000n + BigInt(number),
    paymentHash,
    cltvExpiry: 850_000 + number,
  };
}

/** The same channel one update later: keys stay, so that making events takes less than signing. */
function jobsOf(work: ChannelWork, number: bigint): readonly SigningJob[] {
  const { commitment, htlcTransactions, obscuringFactor } = work;
  const fields = fieldsOfObscuredNumber(obscureNumber(number, obscuringFactor));
  const next = commitment.transaction.clone();
  next.locktime = fields.lockTime;
  for (const input of next.ins) input.sequence = fields.sequence;
  return [
    jobFor(commitment, next, 0x01),
    ...htlcTransactions.map((spend) => {
      const htlc = spend.transaction.clone();
      for (const input of htlc.ins) input.hash = next.getHash(false);
      return jobFor(spend, htlc, 0x83);
    }),
  ];
}

function jobFor({ job }: Spend, transaction: Transaction, sighashType: number): SigningJob {
  const { script, amount } = job;
  if (script === undefined || amount === undefined) throw new Error('a job without its coin');
  const digest = transaction.hashForWitnessV0(0, fromHex(script), amount, sighashType);
  return {
    ...job,
    id: freshJobId(),
    message: toHex(digest),
    transaction: toHex(transaction.toBuffer()),
  };
}

function webhook(options: EventOptions, entity: string, jobs: readonly SigningJob[]): Webhook {
  eventsMade += 1;
  const body = stringifyJson({
    event_type: 'REMOTE_SIGNING',
    event_id: String(eventsMade).padStart(32, '0'),
    api_version: '2023-09-13',
    timestamp: new Date().toISOString().replace('Z', '+00:00'),
    entity_id: entity,
    data: {
      sub_event_type: 'DERIVE_KEY_AND_SIGN',
      bitcoin_network: 'MAINNET',
      signing_jobs: jobs.map(wireJob),
    },
  });
  const signature = createHmac('sha256', options.webhookSecret).update(body).digest('hex');
  return { body, signature };
}
