/**
 * What a channel asks of its signer, step by step, from its first point to its end. The asks of one
 * step are sent at once; the next step comes when all of them have ended, as on a real channel.
 */
import type { LightningKeys } from '../../signers/lightning/index.ts';
import { p2wpkh } from '../../signers/lightning/output-script.ts';
import { type Hex, toHex } from '../../src/base/hex.ts';
import type { SigningJob } from '../../src/protocols/lightspark/events.ts';
import {
  createTestChannel,
  type TestChannel,
  type TestHtlc,
} from '../support/channel-transactions.ts';
import { hex } from '../support/hex.ts';
import { type Ask, type Asks, type Channel, FIRST } from './asks.ts';
import type { Chance } from './random.ts';

export interface ChannelLifeDeps {
  readonly asks: Asks;
  readonly keys: LightningKeys;
  readonly chance: Chance;
}

const MOST_UPDATES = 5;
const HTLC_SAT = 50_000n;

export function* channelLife(
  channel: Channel,
  { asks, keys, chance }: ChannelLifeDeps,
): Generator<readonly Ask[], void> {
  const made = createTestChannel({ keys, channelPath: channel.path });
  const signed = (jobs: readonly SigningJob[], fate?: 'declined' | 'either'): readonly Ask[] => [
    asks.sign(channel.id, jobs, fate),
  ];

  yield [asks.point(channel, FIRST)];
  yield [asks.point(channel, FIRST - 1n)];
  yield signed(theirCommitment(made, 0n, 0));
  let number = 0n;
  for (let left = 1 + chance.below(MOST_UPDATES); left > 0; left -= 1) {
    number += 1n;
    yield signed(theirCommitment(made, number, chance.below(3)));
    yield [asks.point(channel, FIRST - number - 1n)];
    const revoked = number - 1n;
    yield [asks.release(channel, FIRST - revoked)];
    yield [asks.reveal(channel, FIRST - revoked, toHex(made.counterpartySecret(FIRST - revoked)))];
    if (chance.happens(0.1)) yield [asks.release(channel, FIRST - number - 500n, 'withheld')];
    if (chance.happens(0.2)) yield signed(ownHtlc(made, revoked), 'declined');
    if (chance.happens(0.1)) yield signed([tampered(theirCommitment(made, number, 0))], 'declined');
  }
  switch (chance.below(3)) {
    case 0:
      yield signed(ownHtlc(made, number));
      yield [asks.release(channel, FIRST - number, 'refused')];
      return;
    case 1:
      // Our own commitment may be published or revoked, never both.
      yield [
        ...signed(ownHtlc(made, number), 'either'),
        asks.release(channel, FIRST - number, 'either'),
      ];
      return;
    default:
      yield signed([mutualClose(made, keys)]);
  }
}

/** A commitment of the counterparty, with the signatures that its HTLC transactions need. */
function theirCommitment(made: TestChannel, number: bigint, htlcs: number): readonly SigningJob[] {
  const commitment = made.commitment({
    owner: 'counterparty',
    number,
    nodeSat: 500_000n,
    counterpartySat: 400_000n - BigInt(htlcs) * HTLC_SAT,
    htlcs: Array.from({ length: htlcs }, (_, place) => htlc(number, place)),
  });
  const second = commitment.htlcOutputs.map((output) => made.htlcTransaction(commitment, output));
  return [commitment.job, ...second.map(({ job }) => job)];
}

/** Our own commitment about to be published: its HTLC proves that it is ours. */
function ownHtlc(made: TestChannel, number: bigint): readonly SigningJob[] {
  const commitment = made.commitment({
    owner: 'holder',
    number,
    nodeSat: 450_000n,
    counterpartySat: 400_000n,
    htlcs: [htlc(number, 9)],
  });
  const second = commitment.htlcOutputs.map((output) => made.htlcTransaction(commitment, output));
  return [commitment.job, ...second.map(({ job }) => job)];
}

function mutualClose(made: TestChannel, keys: LightningKeys): SigningJob {
  const script = p2wpkh(toHex(keys.publicKey("m/84'/0'/0'/1/0")));
  return made.mutualClose({ outputs: [{ sat: made.funding.sat - 1_000n, script }] }).job;
}

/** Asks for the signature of another digest than the transaction's own. */
function tampered([job]: readonly SigningJob[]): SigningJob {
  if (job === undefined) throw new Error('no job to tamper with');
  return { ...job, message: hex('ab'.repeat(32)) };
}

function htlc(number: bigint, place: number): TestHtlc {
  return {
    direction: place % 2 === 0 ? 'outgoing' : 'incoming',
    sat: HTLC_SAT,
    paymentHash: paymentHash(number, place),
    cltvExpiry: 800_000 + place,
  };
}

function paymentHash(number: bigint, place: number): Hex {
  return hex((number * 16n + BigInt(place)).toString(16).padStart(64, '0'));
}
