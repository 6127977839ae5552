/** Batches of signing jobs: payload ids, inputs of the signer, test events, observe mode. */
import { describe, expect, test } from '@jest/globals';

import { FIRST_COMMITMENT_INDEX as FIRST } from '../../../signers/lightning/index.ts';
import { createTestChannel } from '../../support/channel-transactions.ts';
import { createGuardedSigner, type GuardedSigner } from '../../support/guarded-signer.ts';
import { hex } from '../../support/hex.ts';
import { foreignScript, spend, walletCoin } from '../../support/spend.ts';
import type { SigningJob } from '../../../src/protocols/lightspark/events.ts';

const PATH = 'm/3/7';

const sign = (signer: GuardedSigner, ...jobs: readonly SigningJob[]) =>
  signer.ask('DERIVE_KEY_AND_SIGN', { jobs });

function commitmentJob(signer: GuardedSigner, number: bigint, id?: string): SigningJob {
  const channel = createTestChannel({ keys: signer.keys, channelPath: PATH });
  const { job } = channel.commitment({
    owner: 'counterparty',
    number,
    nodeSat: 500_000n,
    counterpartySat: 400_000n,
  });
  return id === undefined ? job : { ...job, id };
}

const blindJob = (id: string, path = `${PATH}/0`): SigningJob => ({
  id,
  derivationPath: path,
  message: hex('5a'.repeat(32)),
  isRaw: true,
});

describe('a payload id', () => {
  test('that asks for the same again gets the same answer, under any event', () => {
    const signer = createGuardedSigner();
    const job = commitmentJob(signer, 1n);
    const [once, twice] = [sign(signer, job), sign(signer, job)];
    expect(once).toMatchObject({ signed: true });
    expect(twice).toMatchObject({ signed: true, inputs: once.inputs });
  });

  test('that asks for something else is in doubt: one id never gets two answers', () => {
    const signer = createGuardedSigner();
    sign(signer, commitmentJob(signer, 1n, 'P'));
    expect(sign(signer, commitmentJob(signer, 2n, 'P'))).toMatchObject({
      signed: false,
      violations: [],
      doubts: ['payload_conflict'],
      alarmed: ['payload_conflict'],
    });
  });

  test('of a request that was not signed is free', () => {
    const signer = createGuardedSigner();
    expect(sign(signer, commitmentJob(signer, 1n, 'P'), blindJob('Q')).signed).toBe(false);
    expect(sign(signer, commitmentJob(signer, 2n, 'P')).signed).toBe(true);
  });

  test('counts tweaks as part of what is asked', () => {
    const signer = createGuardedSigner();
    const channel = createTestChannel({ keys: signer.keys, channelPath: PATH });
    const htlc = {
      direction: 'outgoing',
      sat: 50_000n,
      paymentHash: hex('ab'.repeat(32)),
      cltvExpiry: 800_000,
    } as const;
    const commitment = channel.commitment({
      owner: 'counterparty',
      number: 1n,
      nodeSat: 500_000n,
      counterpartySat: 400_000n,
      htlcs: [htlc],
    });
    const [output] = commitment.htlcOutputs;
    if (output === undefined) throw new Error('no HTLC');
    const { job } = channel.htlcTransaction(commitment, output);
    sign(signer, { ...job, id: 'P' });
    const asked = sign(signer, { ...job, id: 'P', addTweak: hex('01'.repeat(32)) });
    expect(asked.doubts).toContain('payload_conflict');
  });
});

describe('the signer’s inputs', () => {
  test('are one entry per job, in their order, with our own digest', () => {
    const signer = createGuardedSigner();
    const jobs = [commitmentJob(signer, 1n, 'A'), commitmentJob(signer, 2n, 'B')];
    expect(sign(signer, ...jobs).inputs).toEqual({
      kind: 'signatures',
      jobs: jobs.map(({ id, derivationPath, message }) => ({
        id,
        path: derivationPath,
        digest: message,
      })),
    });
  });

  test('are empty as soon as one job cannot be signed', () => {
    const signer = createGuardedSigner();
    const asked = sign(signer, commitmentJob(signer, 1n), blindJob('blind'));
    expect(asked).toMatchObject({ signed: false, doubts: ['blind'], inputs: {} });
    expect(asked.findings[0]).toMatchObject({ violations: [], doubts: [] });
  });

  test('never hold the sender’s digest where a class was recognised and it does not match', () => {
    const signer = createGuardedSigner();
    const job = { ...commitmentJob(signer, 1n), message: hex('5a'.repeat(32)) };
    expect(sign(signer, job)).toMatchObject({ violations: ['digest_mismatch'], inputs: {} });
  });
});

describe('test events', () => {
  const testSigner = () => createGuardedSigner({ space: 'test', keyId: 'lightspark/test' });

  test('may be blind: policy decides, and the message is signed as it is', () => {
    expect(sign(testSigner(), blindJob('A'))).toMatchObject({
      signed: true,
      finding: { action: 'blind', facts: { test_event: true } },
      inputs: {
        kind: 'signatures',
        jobs: [{ id: 'A', path: 'm/3/7/0', digest: '5a'.repeat(32) }],
      },
    });
  });

  test('may repeat a payload id with another content, and go back in a channel', () => {
    const signer = testSigner();
    sign(signer, blindJob('A'));
    expect(sign(signer, commitmentJob(signer, 5n, 'A')).signed).toBe(true);
    expect(sign(signer, commitmentJob(signer, 1n, 'A')).signed).toBe(true);
  });

  test('are still not signed with keys that never sign, or at paths we do not know', () => {
    expect(sign(testSigner(), blindJob('A', 'm/0')).violations).toEqual(['key_not_for_signing']);
    expect(sign(testSigner(), blindJob('A', 'm/9')).doubts).toEqual(['unknown_path']);
  });

  test('leave no trace in the state of the configured seed', () => {
    const signer = testSigner();
    const { changes, knowledge } = sign(signer, blindJob('A'), commitmentJob(signer, 1n));
    const keys = [...changes.keys(), ...knowledge.keys()];
    expect(keys.length).toBeGreaterThan(0);
    expect(keys.every((key) => key.startsWith('test/'))).toBe(true);
  });
});

describe('beside another signer (observe mode)', () => {
  test('findings say what would have been refused, and the state follows all the same', () => {
    const signer = createGuardedSigner({ mode: 'observe' });
    sign(signer, commitmentJob(signer, 1n, 'P'));
    expect(sign(signer, commitmentJob(signer, 2n, 'P')).doubts).toEqual(['payload_conflict']);
    expect(signer.document('main/channel/m/3/7')).toMatchObject({
      content: { commitments: [expect.anything(), expect.anything()] },
    });
  });
});

describe('lanes', () => {
  test('of different channels never meet', () => {
    const signer = createGuardedSigner();
    const lanesOf = (derivationPath: string, index: bigint) =>
      signer.lanes('RELEASE_PER_COMMITMENT_SECRET', { derivationPath, index });
    expect(lanesOf('m/3/7', 5n)).toEqual(['main/channel/m/3/7']);
    expect(lanesOf('m/3/8', 5n)).toEqual(['main/channel/m/3/8']);
    expect(signer.lanes('ECDH', { peerPublicKey: hex('02'.repeat(33)) })).toEqual([]);
  });

  test('of the wallet are taken only where a channel begins or the wallet pays', () => {
    const signer = createGuardedSigner();
    const point = (index: bigint) =>
      signer.lanes('GET_PER_COMMITMENT_POINT', { derivationPath: PATH, index });
    expect(point(FIRST)).toContain('main/wallet');
    expect(point(FIRST - 1n)).not.toContain('main/wallet');
    const path = "m/84'/2'/0'/0/0";
    const { job } = spend({
      path,
      coin: walletCoin(signer.keys, path, 10_000n),
      outputs: [{ sat: 9_000n, script: foreignScript('x') }],
    });
    expect(signer.lanes('DERIVE_KEY_AND_SIGN', { jobs: [job] })).toContain('main/wallet');
    const commitment = signer.lanes('DERIVE_KEY_AND_SIGN', { jobs: [commitmentJob(signer, 1n)] });
    expect(commitment).not.toContain('main/wallet');
    expect(commitment).toContain('main/channel/m/3/7');
  });
});
