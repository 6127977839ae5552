/** Whose a commitment is, what number it has, and which are never signed: DESIGN section 4. */
import { describe, expect, test } from '@jest/globals';

import { toHex } from '../../../src/base/hex.ts';
import { FIRST_COMMITMENT_INDEX as FIRST } from '../../../signers/lightning/index.ts';
import {
  type Commitment,
  type CommitmentSpec,
  createTestChannel,
  type TestChannel,
} from '../../support/channel-transactions.ts';
import {
  type Asked,
  createGuardedSigner,
  type GuardedSigner,
} from '../../support/guarded-signer.ts';
import { hex } from '../../support/hex.ts';
import { type Coin, foreignScript, type Spend, walletCoin } from '../../support/spend.ts';

const PATH = 'm/3/7';
const htlc = {
  direction: 'outgoing',
  sat: 50_000n,
  paymentHash: hex('ab'.repeat(32)),
  cltvExpiry: 800_000,
} as const;

interface Rig {
  readonly signer: GuardedSigner;
  readonly channel: TestChannel;
  readonly point: (index: bigint) => Asked;
  readonly release: (number: bigint) => Asked;
  readonly sign: (...spends: readonly Pick<Spend, 'job'>[]) => Asked;
}

function createRig(signer = createGuardedSigner()): Rig {
  const channel = createTestChannel({ keys: signer.keys, channelPath: PATH });
  const at = (index: bigint) => ({ derivationPath: PATH, index });
  return {
    signer,
    channel,
    point: (index) => signer.ask('GET_PER_COMMITMENT_POINT', at(index)),
    release: (number) => signer.ask('RELEASE_PER_COMMITMENT_SECRET', at(FIRST - number)),
    sign: (...spends) => signer.ask('DERIVE_KEY_AND_SIGN', { jobs: spends.map(({ job }) => job) }),
  };
}

/** A channel that began here and has signed and revoked commitments up to `updates` on both sides. */
function liveRig(updates = 0n): Rig {
  const rig = createRig();
  rig.point(FIRST);
  rig.point(FIRST - 1n);
  rig.sign(theirs(rig, 0n));
  for (let number = 1n; number <= updates; number += 1n) {
    rig.sign(theirs(rig, number));
    rig.point(FIRST - number - 1n);
    rig.release(number - 1n);
  }
  return rig;
}

const theirs = ({ channel }: Rig, number: bigint, more: Partial<CommitmentSpec> = {}): Commitment =>
  channel.commitment({
    owner: 'counterparty',
    number,
    nodeSat: 600_000n,
    counterpartySat: 300_000n,
    ...more,
  });
const ours = (rig: Rig, number: bigint, more: Partial<CommitmentSpec> = {}): Commitment =>
  theirs(rig, number, { owner: 'holder', htlcs: [htlc], ...more });
const htlcsOf = ({ channel }: Rig, commitment: Commitment): readonly Spend[] =>
  commitment.htlcOutputs.map((output) => channel.htlcTransaction(commitment, output));
const sweep = ({ channel }: Rig, commitment: Commitment): Spend =>
  channel.toLocalSweep(commitment, {
    outputs: [{ sat: 590_000n, script: foreignScript('cold') }],
  });

const secondFunding = ({ signer, channel }: Rig): Coin => ({
  ...walletCoin(signer.keys, 'm/1/0', 2_000_000n),
  script: channel.fundingScript(),
});

describe('the side of a commitment', () => {
  test('is the counterparty’s if an output pays our payment key', () => {
    const rig = liveRig();
    expect(rig.sign(theirs(rig, 1n)).finding.facts).toMatchObject({
      side: 'counterparty',
      own_balance_sat: 600_000n,
    });
  });

  test('is unknown without such an output: we may have no balance', () => {
    const rig = liveRig();
    expect(rig.sign(theirs(rig, 1n, { nodeSat: 0n })).finding.facts).toMatchObject({
      side: 'unknown',
    });
    expect(rig.sign(ours(rig, 0n)).finding.facts).toMatchObject({ side: 'unknown' });
  });

  test('is the holder’s if an HTLC of the same batch carries the tweak of our own point', () => {
    const rig = liveRig(3n);
    const commitment = ours(rig, 3n);
    const asked = rig.sign(commitment, ...htlcsOf(rig, commitment));
    expect(asked).toMatchObject({ signed: true });
    expect(asked.findings.map(({ facts }) => [facts['side'], facts['tweak_verified']])).toEqual([
      ['holder', undefined],
      [undefined, true],
    ]);
  });

  test('is the holder’s also where the HTLC comes first', () => {
    const rig = liveRig(3n);
    const commitment = ours(rig, 3n);
    const asked = rig.sign(...htlcsOf(rig, commitment), commitment);
    expect(asked.findings[1]?.facts).toMatchObject({ side: 'holder', commitment_number: 3n });
  });

  test('is remembered once proven', () => {
    const rig = liveRig(3n);
    const commitment = ours(rig, 3n);
    expect(rig.sign(commitment).finding.facts).toMatchObject({ side: 'unknown' });
    rig.sign(...htlcsOf(rig, commitment));
    expect(rig.sign(commitment).finding.facts).toMatchObject({ side: 'holder' });
  });

  test('is proven by a sweep of our delayed output as well', () => {
    const rig = liveRig(3n);
    const commitment = ours(rig, 3n);
    rig.sign(commitment);
    expect(rig.sign(sweep(rig, commitment)).finding.facts).toMatchObject({ tweak_verified: true });
    expect(rig.sign(commitment).finding.facts).toMatchObject({ side: 'holder' });
  });

  test('is not proven by an HTLC of the counterparty’s commitment', () => {
    const rig = liveRig(3n);
    const commitment = theirs(rig, 4n, { nodeSat: 0n, htlcs: [htlc] });
    const asked = rig.sign(commitment, ...htlcsOf(rig, commitment));
    expect(asked).toMatchObject({ signed: true });
    expect(asked.findings.map(({ facts }) => [facts['side'], facts['tweak_verified']])).toEqual([
      ['unknown', undefined],
      [undefined, false],
    ]);
  });
});

describe('commitment numbers', () => {
  test('start from 0 where this signer gave out the first point and signed none before', () => {
    const rig = liveRig();
    expect(rig.sign(theirs(rig, 1n)).finding.facts).toMatchObject({
      commitment_number: 1n,
      last_commitment_number: 0n,
      counterparty_number_step: 1n,
    });
    expect(rig.sign(theirs(rig, 1n)).finding.facts).toMatchObject({
      counterparty_number_step: 0n,
    });
    expect(rig.sign(theirs(rig, 5n)).finding.facts).toMatchObject({
      counterparty_number_step: 4n,
    });
  });

  test('are not known of a channel whose first point another signer gave out', () => {
    const rig = createRig();
    rig.point(FIRST - 1n);
    rig.sign(theirs(rig, 0n));
    expect(rig.sign(theirs(rig, 1n)).finding.facts).not.toHaveProperty('commitment_number');
  });

  test('are not known if a secret left before the first commitment was signed here', () => {
    const rig = createRig();
    rig.point(FIRST);
    rig.release(0n);
    rig.sign(theirs(rig, 5n));
    expect(rig.sign(theirs(rig, 6n)).finding.facts).not.toHaveProperty('commitment_number');
  });

  test('go on over a splice, whose first commitment repeats the number in force', () => {
    const rig = liveRig(10n);
    const funding = secondFunding(rig);
    rig.sign(theirs(rig, 10n, { funding }));
    expect(rig.sign(theirs(rig, 11n, { funding })).finding.facts).toMatchObject({
      counterparty_number_step: 1n,
    });
    expect(rig.sign(ours(rig, 3n, { funding })).doubts).toEqual(['stale_commitment']);
  });

  test('are not known of a second funding output that does not repeat the number in force', () => {
    const rig = liveRig(3n);
    const funding = secondFunding(rig);
    rig.sign(theirs(rig, 4n, { funding }));
    expect(rig.sign(theirs(rig, 5n, { funding })).finding.facts).not.toHaveProperty(
      'commitment_number',
    );
    expect(rig.sign(theirs(rig, 4n)).finding.facts).toMatchObject({ commitment_number: 4n });
  });

  test('are not taken from the first commitment after an older database was found', () => {
    const rig = createRig();
    rig.point(FIRST);
    rig.signer.restore(rig.signer.snapshot());
    rig.sign(theirs(rig, 3n));
    expect(rig.sign(theirs(rig, 4n)).finding.facts).not.toHaveProperty('commitment_number');
  });

  test('are learnt from our own tweak, in the same batch or later', () => {
    for (const together of [true, false]) {
      const rig = createRig();
      rig.point(FIRST - 40n);
      rig.release(40n);
      const commitment = ours(rig, 41n);
      if (together) rig.sign(commitment, ...htlcsOf(rig, commitment));
      else {
        rig.sign(commitment);
        rig.sign(...htlcsOf(rig, commitment));
      }
      expect(rig.sign(theirs(rig, 77n)).finding.facts).toMatchObject({ commitment_number: 77n });
    }
  });

  test('that two proofs contradict are never believed again, with one alarm', () => {
    const rig = liveRig(10n);
    const other = createTestChannel({
      keys: rig.signer.keys,
      channelPath: PATH,
      opener: 'counterparty',
    });
    const forged = other.commitment({
      owner: 'holder',
      number: 10n,
      nodeSat: 500_000n,
      counterpartySat: 300_000n,
      htlcs: [htlc],
    });
    const [htlcJob] = forged.htlcOutputs.map((output) => other.htlcTransaction(forged, output));
    expect(htlcJob).toBeDefined();
    const asked = rig.sign(forged, ...(htlcJob === undefined ? [] : [htlcJob]));
    expect(asked).toMatchObject({ signed: true, alarmed: ['commitment_numbers_disagree'] });
    expect(rig.sign(theirs(rig, 11n))).toMatchObject({ signed: true, alarmed: [] });
    expect(rig.sign(theirs(rig, 12n)).finding.facts).not.toHaveProperty('commitment_number');
    const proven = ours(rig, 10n);
    rig.sign(proven, ...htlcsOf(rig, proven));
    expect(rig.sign(theirs(rig, 13n)).finding.facts).not.toHaveProperty('commitment_number');
  });

  test('from a first commitment that was not the first fall with the first step', () => {
    const rig = createRig();
    rig.point(FIRST);
    rig.sign(theirs(rig, 1n));
    const asked = rig.sign(theirs(rig, 2n));
    expect(asked).toMatchObject({ signed: true, alarmed: ['commitment_numbers_disagree'] });
    expect(rig.sign(theirs(rig, 3n)).finding.facts).not.toHaveProperty('commitment_number');
  });

  test('that disagree are distrusted even if the request is refused', () => {
    const rig = createRig();
    rig.point(FIRST);
    rig.sign(theirs(rig, 1n));
    const job = { ...theirs(rig, 2n).job, derivationPath: 'm/9' };
    const refused = rig.sign(theirs(rig, 2n), { job });
    expect(refused).toMatchObject({ signed: false, alarmed: ['commitment_numbers_disagree'] });
    expect(rig.sign(theirs(rig, 2n)).alarmed).toEqual([]);
  });
});

describe('our own revoked commitment is never signed', () => {
  test('neither it nor its HTLC transactions, in one batch', () => {
    const rig = liveRig(5n);
    const commitment = ours(rig, 4n);
    const asked = rig.sign(commitment, ...htlcsOf(rig, commitment));
    expect(asked).toMatchObject({ signed: false, inputs: {} });
    expect(asked.violations).toEqual(['revoked_commitment', 'revoked_commitment']);
  });

  test('its HTLC transactions alone', () => {
    const rig = liveRig(5n);
    const commitment = ours(rig, 2n);
    rig.sign(commitment);
    expect(rig.sign(...htlcsOf(rig, commitment)).violations).toEqual(['revoked_commitment']);
  });

  test('it, where a sweep in the same batch proves it ours', () => {
    const rig = liveRig(5n);
    const commitment = ours(rig, 4n);
    expect(rig.sign(commitment, sweep(rig, commitment)).violations).toEqual(['revoked_commitment']);
  });

  test('a sweep of it alone is signed, with an alarm: the money may still be ours', () => {
    const rig = liveRig(5n);
    expect(rig.sign(sweep(rig, ours(rig, 4n)))).toMatchObject({
      signed: true,
      alarmed: ['revoked_commitment_swept'],
    });
  });

  test('nor after an older database was found, for what is on record', () => {
    const rig = liveRig(5n);
    rig.signer.restore(rig.signer.snapshot());
    const commitment = ours(rig, 4n);
    expect(rig.sign(commitment, ...htlcsOf(rig, commitment)).violations).toHaveLength(2);
  });

  test('one from before the baseline of a migrated channel is withheld: that is no proof', () => {
    const rig = createRig();
    rig.point(FIRST - 31n);
    rig.release(30n);
    rig.release(31n);
    const [older, revoked] = [ours(rig, 29n), ours(rig, 30n)];
    expect(rig.sign(older, ...htlcsOf(rig, older))).toMatchObject({
      signed: false,
      violations: [],
      doubts: ['revoked_before_baseline', 'revoked_before_baseline'],
    });
    expect(rig.sign(revoked, ...htlcsOf(rig, revoked)).violations).toHaveLength(2);
  });

  test('the operator’s word on what was revoked elsewhere is no proof either', () => {
    const rig = liveRig(5n);
    expect(rig.signer.rebaseline(PATH, FIRST - 9n)).toBe('accepted');
    const commitment = ours(rig, 7n);
    const asked = rig.sign(commitment, ...htlcsOf(rig, commitment));
    expect(asked).toMatchObject({ signed: false, violations: [] });
    rig.release(9n);
    const left = ours(rig, 9n);
    expect(rig.sign(left, ...htlcsOf(rig, left)).violations).toHaveLength(2);
  });

  test('the one in force is signed, and so is the one after it', () => {
    for (const number of [5n, 6n]) {
      const rig = liveRig(5n);
      const commitment = ours(rig, number);
      expect(rig.sign(commitment, ...htlcsOf(rig, commitment)).signed).toBe(true);
    }
  });
});

describe('the secret of our own signed commitment never leaves', () => {
  test('once an HTLC proved it ours', () => {
    const rig = liveRig(5n);
    const commitment = ours(rig, 5n);
    rig.sign(commitment, ...htlcsOf(rig, commitment));
    expect(rig.release(5n).violations).toEqual(['release_of_signed_commitment']);
  });

  test('nor where HTLCs or a sweep were all we saw of it', () => {
    const commitmentOf = (rig: Rig) => ours(rig, 5n);
    const rigs = [liveRig(5n), liveRig(5n)] as const;
    rigs[0].sign(...htlcsOf(rigs[0], commitmentOf(rigs[0])));
    rigs[1].sign(sweep(rigs[1], commitmentOf(rigs[1])));
    for (const rig of rigs) {
      expect(rig.release(5n).violations).toEqual(['release_of_signed_commitment']);
    }
  });

  test('nor by the operator’s word', () => {
    const rig = liveRig(5n);
    const commitment = ours(rig, 5n);
    rig.sign(commitment, ...htlcsOf(rig, commitment));
    for (const index of [FIRST - 5n, FIRST - 9n]) {
      expect(rig.signer.rebaseline(PATH, index)).toBe('release_of_signed_commitment');
    }
    expect(rig.release(5n).violations).toEqual(['release_of_signed_commitment']);
  });

  test('nor after an older database was found, nor by a baseline beyond it', () => {
    const rig = liveRig(5n);
    const commitment = ours(rig, 5n);
    rig.sign(commitment, ...htlcsOf(rig, commitment));
    rig.signer.restore(rig.signer.snapshot());
    expect(rig.release(5n).violations).toEqual(['release_of_signed_commitment']);
    expect(rig.release(9n).signed).toBe(true);
    expect(rig.release(5n).violations).toEqual(['release_of_signed_commitment']);
  });

  test('while a commitment of unknown side proves nothing', () => {
    const rig = liveRig(5n);
    rig.sign(ours(rig, 5n));
    expect(rig.release(5n).signed).toBe(true);
  });

  test('while a refused batch proves nothing either', () => {
    const rig = liveRig(5n);
    const commitment = ours(rig, 5n);
    const job = { ...commitment.job, id: 'x', derivationPath: 'm/9' };
    expect(rig.sign(commitment, ...htlcsOf(rig, commitment), { job }).signed).toBe(false);
    expect(rig.release(5n).signed).toBe(true);
  });
});

describe('a stale commitment of unknown side', () => {
  test('is withheld: superseded long ago, revoked, and never signed before', () => {
    const rig = liveRig(12n);
    expect(rig.sign(ours(rig, 3n))).toMatchObject({
      signed: false,
      violations: [],
      doubts: ['stale_commitment'],
    });
  });

  test('is signed again if it is a retransmission', () => {
    const rig = liveRig(12n);
    const last = theirs(rig, 13n, { nodeSat: 0n });
    expect(rig.sign(last).signed).toBe(true);
    rig.sign(theirs(rig, 14n));
    rig.point(FIRST - 15n);
    rig.release(12n);
    rig.release(13n);
    expect(rig.sign(last).signed).toBe(true);
  });

  test('is no second commitment with the number in force: updates may be lost on the way', () => {
    const rig = liveRig(12n);
    for (const counterpartySat of [900_000n, 800_000n]) {
      const again = theirs(rig, 12n, { nodeSat: 0n, counterpartySat });
      rig.release(12n);
      expect(rig.sign(again).signed).toBe(true);
    }
  });

  test('is not withheld while its number rests on the first commitment alone', () => {
    const rig = liveRig(5n);
    expect(rig.sign(ours(rig, 3n)).signed).toBe(true);
  });

  test('is withheld across phases in which we had no balance', () => {
    const rig = liveRig(4n);
    for (let number = 5n; number < 12n; number += 1n) {
      expect(rig.sign(theirs(rig, number, { nodeSat: 0n })).signed).toBe(true);
      rig.release(number - 1n);
    }
    expect(rig.sign(ours(rig, 6n)).doubts).toEqual(['stale_commitment']);
  });
});

describe('facts of the channel', () => {
  test('our balance, and how far it drops', () => {
    const rig = liveRig();
    const step = (nodeSat: bigint, number: bigint) =>
      rig.sign(theirs(rig, number, { nodeSat })).finding.facts;
    expect(step(550_000n, 1n)).toMatchObject({ own_balance_drop_sat: 50_000n });
    expect(step(580_000n, 2n)).toMatchObject({ own_balance_drop_sat: 0n });
    expect(step(0n, 3n)).not.toHaveProperty('own_balance_drop_sat');
    expect(step(80_000n, 4n)).toMatchObject({ own_balance_drop_sat: 500_000n });
  });

  test('a mutual close is signed any number of times, compared with our last balance', () => {
    const rig = liveRig(2n);
    const close = (ownSat: bigint) =>
      rig.channel.mutualClose({
        outputs: [
          { sat: ownSat, script: walletCoin(rig.signer.keys, 'm/1/0', 1n).script },
          { sat: 300_000n, script: foreignScript('peer') },
        ],
      });
    expect(rig.sign(close(599_000n)).finding.facts).toMatchObject({
      funding_known: true,
      after_close: false,
      own_balance_drop_sat: 1_000n,
    });
    expect(rig.sign(close(598_000n)).finding.facts).toMatchObject({ after_close: true });
    expect(rig.sign(theirs(rig, 3n)).finding.facts).toMatchObject({ after_close: true });
    expect(rig.release(2n).finding.facts).toMatchObject({ after_close: true });
  });

  test('a funding output that changes its value raises an alarm', () => {
    const rig = liveRig();
    const funding = { ...rig.channel.funding, sat: 2_000_000n };
    expect(rig.sign(theirs(rig, 1n, { funding })).alarmed).toEqual(['funding_contradiction']);
  });

  test('whether the channel and its funding output are known', () => {
    const rig = createRig();
    expect(rig.sign(theirs(rig, 9n)).finding.facts).toMatchObject({
      channel_known: false,
      funding_known: false,
    });
    expect(rig.sign(theirs(rig, 9n)).finding.facts).toMatchObject({
      channel_known: true,
      funding_known: true,
    });
  });
});

describe('tweaks', () => {
  test('of HTLCs on one commitment of the counterparty must agree, or an alarm says so', () => {
    const rig = liveRig();
    const htlcs = [htlc, { ...htlc, sat: 60_000n }];
    const [one, other] = [theirs(rig, 1n, { htlcs }), theirs(rig, 2n, { htlcs })];
    expect(rig.sign(one, ...htlcsOf(rig, one))).toMatchObject({ signed: true, alarmed: [] });
    const mixed = one.htlcOutputs.map((output) =>
      rig.channel.htlcTransaction(one, { ...output, txid: other.txid }),
    );
    const asked = rig.sign(other, ...htlcsOf(rig, other), ...mixed);
    expect(asked).toMatchObject({ signed: true, alarmed: ['htlc_tweaks_differ'] });
  });

  test('of justice are verified from revealed secrets, with or without the number', () => {
    for (const isNumberKnown of [true, false]) {
      const rig = isNumberKnown ? liveRig(3n) : createRig();
      const revoked = theirs(rig, 2n);
      rig.sign(revoked);
      const secret = (number: bigint) => ({
        index: FIRST - number,
        secret: toHex(rig.channel.counterpartySecret(FIRST - number)),
      });
      const justice = () =>
        rig.channel.justice(revoked, revoked.output('to_local'), {
          outputs: [{ sat: 290_000n, script: foreignScript('cold') }],
        });
      expect(rig.sign(justice()).finding.facts).toMatchObject({ tweak_verified: false });
      for (const number of [0n, 1n, 2n]) {
        rig.signer.ask('REVEAL_COUNTERPARTY_PER_COMMITMENT_SECRET', secret(number));
      }
      expect(rig.sign(justice()).finding.facts).toMatchObject({ tweak_verified: true });
    }
  });
});
