/** One honest signing job, at least, for every class of signature; the node's keys are a test seed's. */
import { sha256 } from '@noble/hashes/sha2.js';

import { createLightningKeys, nobleCurve } from '../../signers/lightning/index.ts';
import { joinHex, p2wpkh, p2wsh } from '../../signers/lightning/output-script.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { fromHex, type Hex, toHex } from '../../src/base/hex.ts';
import { Secret } from '../../src/base/secret.ts';
import type { JobClass } from '../../src/protocols/lightspark/classified.ts';
import type { SigningJob } from '../../src/protocols/lightspark/events.ts';
import {
  type ChannelType,
  type Commitment,
  type CommitmentOutput,
  createTestChannel,
  type TestChannel,
  type TestHtlc,
} from './channel-transactions.ts';
import { hex } from './hex.ts';
import { foreignScript, spend, walletCoin } from './spend.ts';

export interface GoodJob {
  readonly name: string;
  readonly class: JobClass;
  readonly job: SigningJob;
}

export const testKeys = createLightningKeys(
  new Secret(fromHex(hex('f520e5271623fe21c76b0212f855c97a'))),
  nobleCurve,
);

export const CHANNEL_PATH = 'm/3/599143572';
export const CHANGE_PATH = "m/84'/2'/0'/1/3";

/** Output script of a key of the node's own wallet. */
export function ownScript(path: string): Hex {
  return p2wpkh(toHex(testKeys.publicKey(path)));
}

export function testChannel(type: ChannelType): TestChannel {
  return createTestChannel({ keys: testKeys, channelPath: CHANNEL_PATH, type });
}

const outgoing: TestHtlc = {
  direction: 'outgoing',
  sat: 50_000n,
  paymentHash: toHex(sha256(utf8('first'))),
  cltvExpiry: 800_100,
};
const incoming: TestHtlc = {
  ...outgoing,
  direction: 'incoming',
  paymentHash: toHex(sha256(utf8('second'))),
  cltvExpiry: 800_200,
};

export function testCommitment(
  channel: TestChannel,
  owner: Commitment['spec']['owner'],
): Commitment {
  return channel.commitment({
    owner,
    number: 41n,
    nodeSat: 600_000n,
    counterpartySat: 290_000n,
    htlcs: [outgoing, incoming],
  });
}

const home = { sat: 40_000n, script: ownScript(CHANGE_PATH) };
const elsewhere = { sat: 300_000n, script: foreignScript('withdrawal') };

function walletJobs(): readonly GoodJob[] {
  const [first, second, third] = [0, 1, 2].map((index) => {
    const path = `m/84'/2'/0'/0/${String(index)}`;
    return { path, coin: walletCoin(testKeys, path, 200_000n) };
  });
  if (!first || !second || !third) throw new Error('wallet coins');
  const destination = walletCoin(testKeys, 'm/1/77', 345_000n);
  return [
    {
      name: 'withdrawal with change',
      class: 'l1_spend',
      job: spend({ ...first, outputs: [{ ...elsewhere, sat: 150_000n }, home] }).job,
    },
    {
      name: 'withdrawal of everything, without change',
      class: 'l1_spend',
      job: spend({ ...first, outputs: [{ ...elsewhere, sat: 199_000n }] }).job,
    },
    {
      name: 'the last of three inputs',
      class: 'l1_spend',
      job: spend({
        ...third,
        inputsBefore: [first.coin, second.coin],
        outputs: [elsewhere, { ...home, sat: 290_000n }],
      }).job,
    },
    {
      name: 'channel funding in version 1, whose path ends like a force-closure claim',
      class: 'l1_spend',
      job: spend({ ...third, version: 1, outputs: [{ sat: 190_000n, script: p2wsh(hex('51')) }] })
        .job,
    },
    {
      name: 'sweep of a closed channel',
      class: 'wallet_spend',
      job: spend({ path: 'm/1/77', coin: destination, outputs: [elsewhere, home] }).job,
    },
  ];
}

function channelJobs(type: ChannelType): readonly GoodJob[] {
  const channel = testChannel(type);
  const named = (name: string, jobClass: JobClass, { job }: { readonly job: SigningJob }) => ({
    name: `${name} (${type})`,
    class: jobClass,
    job,
  });
  const holder = testCommitment(channel, 'holder');
  const counterparty = testCommitment(channel, 'counterparty');
  const to = { outputs: [home] };
  const received = counterparty.htlcOutputs.find(({ htlc }) => htlc?.direction === 'outgoing');
  const offered = counterparty.htlcOutputs.find(({ htlc }) => htlc?.direction === 'incoming');
  if (!received || !offered) throw new Error('commitment without its HTLCs');
  const direction = ({ htlc }: CommitmentOutput): string => htlc?.direction ?? '';
  return [
    named('own commitment', 'commitment', holder),
    named("counterparty's commitment", 'commitment', counterparty),
    ...[holder, counterparty].flatMap((from) =>
      from.htlcOutputs.map((htlc) => {
        const name = `HTLC transaction, ${direction(htlc)}, on the commitment of the ${from.spec.owner}`;
        return named(name, 'htlc_transaction', channel.htlcTransaction(from, htlc));
      }),
    ),
    named('to_local sweep', 'to_local_sweep', channel.toLocalSweep(holder, to)),
    named('to_remote claim', 'to_remote_claim', channel.toRemoteClaim(counterparty, to)),
    named(
      'claim with preimage',
      'htlc_claim',
      channel.htlcClaim(counterparty, offered, { ...to, lockTime: 800_000 }),
    ),
    named('claim after timeout', 'htlc_claim', channel.htlcClaim(counterparty, received, to)),
    named(
      'justice on the delayed output',
      'justice',
      channel.justice(counterparty, counterparty.output('to_local'), to),
    ),
    named(
      'justice on an HTLC, as PSBT with another input',
      'justice',
      channel.justice(counterparty, received, {
        ...to,
        psbt: true,
        inputsBefore: [counterparty.output('to_local')],
      }),
    ),
    named(
      'mutual close',
      'mutual_close',
      channel.mutualClose({
        sequence: 0xffffffff,
        outputs: [
          { ...home, sat: 650_000n },
          { ...elsewhere, sat: 349_000n },
        ],
      }),
    ),
    named(
      'replaceable mutual close with a locktime',
      'mutual_close',
      channel.mutualClose({ lockTime: 800_000, outputs: [{ ...home, sat: 650_000n }] }),
    ),
  ];
}

function otherChannelJobs(): readonly GoodJob[] {
  const channel = testChannel('anchors');
  const holder = testCommitment(channel, 'holder');
  const [htlc] = holder.htlcOutputs;
  const [counterpartyHtlc] = testCommitment(channel, 'counterparty').htlcOutputs;
  if (!htlc || !counterpartyHtlc) throw new Error('commitment without its HTLCs');
  const path = "m/84'/2'/0'/0/5";
  const walletInput = walletCoin(testKeys, path, 500_000n);
  const add = sha256(utf8('splice'));
  const fundingAgain = p2wsh(channel.fundingScript());
  return [
    {
      name: 'commitment after a splice changed the funding key',
      class: 'commitment',
      job: channel.commitment({ ...holder.spec, fundingTweak: add }).job,
    },
    {
      name: 'commitment with every output of ours trimmed',
      class: 'commitment',
      job: channel.commitment({
        owner: 'counterparty',
        number: 0n,
        nodeSat: 0n,
        counterpartySat: 990_000n,
      }).job,
    },
    {
      name: 'splice in: another input, the same funding script again',
      class: 'splice',
      job: channel.splice({
        inputsAfter: [walletInput],
        outputs: [{ sat: 1_490_000n, script: fundingAgain }],
      }).job,
    },
    {
      name: 'splice out: one input, the same funding script again',
      class: 'splice',
      job: channel.splice({ outputs: [elsewhere, { sat: 690_000n, script: fundingAgain }] }).job,
    },
    {
      name: 'splice in with new keys on both sides',
      class: 'splice',
      job: channel.splice({
        inputsBefore: [walletInput],
        outputs: [{ sat: 1_490_000n, script: p2wsh(hex('52')) }],
      }).job,
    },
    {
      name: 'anchor spend with a wallet input',
      class: 'anchor_spend',
      job: channel.anchorSpend(holder, {
        inputsBefore: [walletInput],
        version: 3,
        outputs: [{ ...home, sat: 480_000n }],
      }).job,
    },
    {
      name: 'HTLC transaction with a fee input and change, completed by us',
      class: 'htlc_transaction',
      job: channel.htlcTransaction(holder, htlc, {
        inputsAfter: [walletInput],
        outputs: [{ sat: htlc.sat, script: p2wsh(hex('53')) }, home],
      }).job,
    },
    {
      name: "the counterparty's HTLC transaction with a fee input and change",
      class: 'htlc_transaction',
      job: channel.htlcTransaction(testCommitment(channel, 'counterparty'), counterpartyHtlc, {
        inputsBefore: [walletInput],
        outputs: [home, { sat: counterpartyHtlc.sat, script: p2wsh(hex('53')) }],
      }).job,
    },
    {
      name: 'commitment with a pay-to-anchor output of its own',
      class: 'commitment',
      job: spend({
        path: `${CHANNEL_PATH}/0`,
        coin: channel.funding,
        sequence: 0x80000001,
        lockTime: 0x20000002,
        version: 3,
        outputs: [
          { sat: 0n, script: joinHex('51024e73') },
          { sat: 999_000n, script: p2wsh(hex('54')) },
        ],
      }).job,
    },
    {
      name: 'announcement of the channel',
      class: 'channel_announcement',
      job: channel.announcement('REGTEST').job,
    },
  ];
}

export const goodJobs: readonly GoodJob[] = [
  ...walletJobs(),
  ...channelJobs('static_remotekey'),
  ...channelJobs('anchors'),
  ...channelJobs('zero_fee_commitments'),
  ...otherChannelJobs(),
];
