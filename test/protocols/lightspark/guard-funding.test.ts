/** Which payments of the wallet fund a channel, and which of its outputs are our own. */
import { describe, expect, test } from '@jest/globals';

import { FIRST_COMMITMENT_INDEX as FIRST } from '../../../signers/lightning/index.ts';
import { p2wsh } from '../../../signers/lightning/output-script.ts';
import type { Hex } from '../../../src/base/hex.ts';
import { createTestChannel } from '../../support/channel-transactions.ts';
import { createGuardedSigner, type GuardedSigner } from '../../support/guarded-signer.ts';
import {
  type Coin,
  foreignScript,
  type Output,
  spend,
  type Spend,
  walletCoin,
} from '../../support/spend.ts';

const HOUR = 3_600_000;
const WALLET = "m/84'/2'/0'/0/3";
const CHANGE = "m/84'/2'/0'/1/4";

const beginChannel = (signer: GuardedSigner, path: string) =>
  signer.ask('GET_PER_COMMITMENT_POINT', { derivationPath: path, index: FIRST });
const sign = (signer: GuardedSigner, ...spends: readonly Pick<Spend, 'job'>[]) =>
  signer.ask('DERIVE_KEY_AND_SIGN', { jobs: spends.map(({ job }) => job) });

const channelOf = (signer: GuardedSigner, path: string) =>
  createTestChannel({ keys: signer.keys, channelPath: path });

/** A payment of the wallet to `script`, with change to the wallet. */
function payment(
  signer: GuardedSigner,
  script: Hex,
  more: Partial<Parameters<typeof spend>[0]> = {},
) {
  const change: Output = { sat: 400_000n, script: walletCoin(signer.keys, CHANGE, 1n).script };
  return spend({
    path: WALLET,
    coin: walletCoin(signer.keys, WALLET, 1_500_000n),
    outputs: [{ sat: 1_000_000n, script }, change],
    ...more,
  });
}

const fundingScriptOf = (signer: GuardedSigner, path: string) =>
  p2wsh(channelOf(signer, path).fundingScript());

function commitmentOn(signer: GuardedSigner, path: string, funding: Coin) {
  const script = channelOf(signer, path).fundingScript();
  return channelOf(signer, path).commitment({
    owner: 'counterparty',
    number: 0n,
    nodeSat: 900_000n,
    counterpartySat: 90_000n,
    funding: { ...funding, script },
  });
}

describe('a payment to one P2WSH', () => {
  test('is a candidate while a channel is being opened, for every input of it', () => {
    const signer = createGuardedSigner();
    beginChannel(signer, 'm/3/7');
    const other = walletCoin(signer.keys, WALLET, 300_000n);
    const first = payment(signer, fundingScriptOf(signer, 'm/3/7'), { inputsAfter: [other] });
    const facts = { funding_candidate: true, funding_candidate_sat: 1_000_000n };
    expect(sign(signer, first).finding.facts).toMatchObject(facts);
    expect(sign(signer, first).finding.facts).toMatchObject(facts);
    expect(sign(signer, first, { job: { ...first.job, id: 'again' } })).toMatchObject({
      signed: true,
      findings: [{ facts }, { facts }],
    });
  });

  test('is none without a channel that has just begun here', () => {
    const signer = createGuardedSigner();
    const script = fundingScriptOf(signer, 'm/3/7');
    expect(sign(signer, payment(signer, script)).finding.facts).toMatchObject({
      funding_candidate: false,
    });
    signer.ask('GET_PER_COMMITMENT_POINT', { derivationPath: 'm/3/7', index: FIRST - 1n });
    beginChannel(signer, 'm/3/7');
    expect(sign(signer, payment(signer, script)).finding.facts).toMatchObject({
      funding_candidate: false,
    });
  });

  test('is none an hour after the channel began, however often its point is asked for', () => {
    const signer = createGuardedSigner();
    beginChannel(signer, 'm/3/7');
    signer.wait(HOUR - 60_000);
    beginChannel(signer, 'm/3/7');
    signer.wait(120_000);
    const { finding } = sign(signer, payment(signer, fundingScriptOf(signer, 'm/3/7')));
    expect(finding.facts).toMatchObject({ funding_candidate: false });
  });

  test('takes the place of one channel: the next payment needs another', () => {
    const signer = createGuardedSigner();
    beginChannel(signer, 'm/3/7');
    const script = fundingScriptOf(signer, 'm/3/7');
    const candidates = () =>
      sign(signer, payment(signer, script)).finding.facts['funding_candidate'];
    expect([candidates(), candidates()]).toEqual([true, false]);
    beginChannel(signer, 'm/3/8');
    expect([candidates(), candidates()]).toEqual([true, false]);
  });

  test('is none beside a second one, or where none is paid', () => {
    const signer = createGuardedSigner();
    beginChannel(signer, 'm/3/7');
    const outputs = ['m/3/7', 'm/3/8'].map((path) => ({
      sat: 500_000n,
      script: fundingScriptOf(signer, path),
    }));
    const candidate = (spent: Spend) => sign(signer, spent).finding.facts['funding_candidate'];
    expect(candidate(payment(signer, foreignScript('x'), { outputs }))).toBe(false);
    expect(candidate(payment(signer, foreignScript('x')))).toBe(false);
    expect(candidate(payment(signer, fundingScriptOf(signer, 'm/3/7')))).toBe(true);
  });

  test('is a candidate if a commitment on it was signed before, as in interactive transactions', () => {
    const signer = createGuardedSigner();
    const funding = payment(signer, fundingScriptOf(signer, 'm/3/7'));
    sign(signer, commitmentOn(signer, 'm/3/7', funding.coin(0)));
    expect(sign(signer, funding).finding.facts).toMatchObject({ funding_candidate: true });
  });

  test('remains one when a withheld request is decided again later', () => {
    const signer = createGuardedSigner();
    beginChannel(signer, 'm/3/7');
    const funding = payment(signer, fundingScriptOf(signer, 'm/3/7'));
    sign(signer, funding);
    signer.wait(5 * HOUR);
    expect(sign(signer, funding).finding.facts).toMatchObject({ funding_candidate: true });
  });
});

describe('a candidate', () => {
  test('that no commitment spends within a day raises an alarm at the next payment', () => {
    const signer = createGuardedSigner();
    beginChannel(signer, 'm/3/7');
    sign(signer, payment(signer, fundingScriptOf(signer, 'm/3/7')));
    expect(sign(signer, payment(signer, foreignScript('x'))).alarmed).toEqual([]);
    signer.wait(25 * HOUR);
    expect(sign(signer, payment(signer, foreignScript('x'))).alarmed).toEqual([
      'funding_unmatched',
    ]);
  });

  test('that a commitment spends is settled', () => {
    const signer = createGuardedSigner();
    beginChannel(signer, 'm/3/7');
    const funding = payment(signer, fundingScriptOf(signer, 'm/3/7'));
    sign(signer, funding);
    expect(sign(signer, commitmentOn(signer, 'm/3/7', funding.coin(0))).alarmed).toEqual([]);
    signer.wait(25 * HOUR);
    expect(sign(signer, payment(signer, foreignScript('x'))).alarmed).toEqual([]);
  });

  test('that a commitment does not spend as it was signed raises an alarm and stays open', () => {
    const signer = createGuardedSigner();
    beginChannel(signer, 'm/3/7');
    const funding = payment(signer, fundingScriptOf(signer, 'm/3/7'));
    sign(signer, funding);
    expect(sign(signer, commitmentOn(signer, 'm/3/8', funding.coin(0))).alarmed).toEqual([
      'funding_contradiction',
    ]);
    signer.wait(25 * HOUR);
    expect(sign(signer, payment(signer, foreignScript('x'))).alarmed).toEqual([
      'funding_unmatched',
    ]);
  });
});

describe('a splice', () => {
  test('is known by its funding output, and pays one on which commitments were signed', () => {
    const signer = createGuardedSigner();
    const channel = channelOf(signer, 'm/3/7');
    const wallet = walletCoin(signer.keys, WALLET, 500_000n);
    const splice = channel.splice({
      outputs: [{ sat: 1_400_000n, script: p2wsh(channel.fundingScript()) }],
      inputsAfter: [wallet],
    });
    expect(sign(signer, splice).finding.facts).toMatchObject({
      funding_known: false,
      funding_candidate: false,
      recreated_sat: 1_400_000n,
    });
    sign(signer, commitmentOn(signer, 'm/3/7', channel.funding));
    sign(signer, commitmentOn(signer, 'm/3/7', splice.coin(0)));
    expect(sign(signer, splice).finding.facts).toMatchObject({
      funding_known: true,
      funding_candidate: true,
      funding_candidate_sat: 1_400_000n,
    });
  });
});

describe('outputs to our own wallet', () => {
  test('are recognised near the highest index that was signed with', () => {
    const signer = createGuardedSigner();
    const far = "m/84'/2'/0'/1/500";
    const toFar = () =>
      payment(signer, foreignScript('x'), {
        outputs: [{ sat: 1_400_000n, script: walletCoin(signer.keys, far, 1n).script }],
      });
    expect(sign(signer, toFar()).finding.facts).toMatchObject({ own_output_sat: 0n });
    const path = "m/84'/2'/0'/1/490";
    sign(
      signer,
      payment(signer, foreignScript('x'), {
        path,
        coin: walletCoin(signer.keys, path, 2_000_000n),
      }),
    );
    expect(sign(signer, toFar()).finding.facts).toMatchObject({
      own_output_sat: 1_400_000n,
      unknown_outputs: 0n,
    });
  });
});
