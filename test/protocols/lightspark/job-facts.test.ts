import { describe, expect, test } from '@jest/globals';

import type { ActionSpec, FactType, FactValue } from '../../../src/policy/facts.ts';
import { classify } from '../../../src/protocols/lightspark/classify.ts';
import type { ClassifiedJob } from '../../../src/protocols/lightspark/classified.ts';
import type { SigningJob } from '../../../src/protocols/lightspark/events.ts';
import { actions } from '../../../src/protocols/lightspark/facts.ts';
import { actionOf, jobFacts } from '../../../src/protocols/lightspark/job-facts.ts';
import { createOwnScripts } from '../../../src/protocols/lightspark/own-scripts.ts';
import {
  CHANGE_PATH,
  goodJobs,
  ownScript,
  testChannel,
  testCommitment,
  testKeys,
} from '../../support/good-jobs.ts';
import { foreignScript, jobWithout, spend, walletCoin } from '../../support/spend.ts';

const ownScripts = createOwnScripts(testKeys, 'REGTEST');
const classified = (job: SigningJob): ClassifiedJob =>
  classify(job, testKeys, 'REGTEST', { ownScripts });
const factsOf = (job: SigningJob) => jobFacts(classified(job), [classified(job)]);

function hasType(value: FactValue, type: FactType): boolean {
  switch (type) {
    case 'int':
      return typeof value === 'bigint';
    case 'string':
      return typeof value === 'string';
    case 'bool':
      return typeof value === 'boolean';
    case 'list<int>':
      return Array.isArray(value) && value.every((item) => typeof item === 'bigint');
    case 'list<string>':
      return Array.isArray(value) && value.every((item) => typeof item === 'string');
    default:
      throw new Error('no such type');
  }
}

describe('facts of a job', () => {
  test.each(goodJobs)('$name: each is declared, none that bytes prove is missing', ({ job }) => {
    const item = classified(job);
    const { facts: declared }: ActionSpec = actions[actionOf(item)];
    const facts = jobFacts(item, [item]);
    for (const [name, value] of Object.entries(facts)) {
      const spec = declared[name];
      if (spec === undefined) throw new Error(`${name} is not declared`);
      expect([name, spec.provenance, hasType(value, spec.type)]).toEqual([name, 'proven', true]);
    }
    const required = Object.entries(declared).filter(
      ([name, { provenance, optional }]) =>
        provenance === 'proven' && optional !== true && name !== 'side',
    );
    expect(Object.keys(facts)).toEqual(expect.arrayContaining(required.map(([name]) => name)));
  });

  test('of a withdrawal tell what leaves, what stays and what it costs', () => {
    const path = "m/84'/2'/0'/0/0";
    const { job } = spend({
      path,
      coin: walletCoin(testKeys, path, 500_000n),
      outputs: [
        { sat: 300_000n, script: foreignScript('exchange') },
        { sat: 199_000n, script: ownScript(CHANGE_PATH) },
      ],
    });
    expect(factsOf(job)).toEqual({
      batch_size: 1n,
      version: 2n,
      locktime: 0n,
      sighash_type: 1n,
      input_index: 0n,
      inputs_count: 1n,
      input_sat: 500_000n,
      outputs_count: 2n,
      output_types: ['p2wpkh', 'p2wpkh'],
      outputs: [expect.stringMatching(/^bcrt1q/)],
      unknown_outputs: 1n,
      amount_sat: 300_000n,
      own_output_sat: 199_000n,
      fee_sat: 1000n,
      feerate_sat_per_kw: 1776n,
    });
  });

  test('tell the fee only if every input is signed in the same request', () => {
    const coins = [0, 1].map((index) => ({
      path: `m/84'/2'/0'/0/${String(index)}`,
      coin: walletCoin(testKeys, `m/84'/2'/0'/0/${String(index)}`, 100_000n),
    }));
    const [first, second] = coins;
    if (!first || !second) throw new Error('no coins');
    const outputs = [{ sat: 198_000n, script: foreignScript('exchange') }];
    const one = classified(spend({ ...first, inputsAfter: [second.coin], outputs }).job);
    const two = classified(spend({ ...second, inputsBefore: [first.coin], outputs }).job);
    for (const item of [one, two]) {
      expect(jobFacts(item, [one, two])).toMatchObject({ fee_sat: 2000n, batch_size: 2n });
    }
    expect(jobFacts(one, [one])).not.toHaveProperty('fee_sat');
    expect(jobFacts(one, [one, { ...one, id: 'again' }])).not.toHaveProperty('fee_sat');
  });

  test('of a commitment tell capacity and our balance', () => {
    const commitment = testCommitment(testChannel('anchors'), 'counterparty');
    expect(factsOf(commitment.job)).toMatchObject({
      channel: 'm/3/599143572',
      capacity_sat: 1_000_000n,
      own_balance_sat: 600_000n,
      own_output_sat: 600_000n,
      closing: false,
      fee_sat: 9340n,
    });
  });

  test('of one input and its output cover nothing beside them', () => {
    const channel = testChannel('anchors');
    const commitment = testCommitment(channel, 'counterparty');
    const [htlc] = commitment.htlcOutputs;
    if (!htlc) throw new Error('no HTLC');
    const plain = channel.htlcTransaction(commitment, htlc);
    const paired = plain.transaction.outs[0];
    if (!paired) throw new Error('no output');
    const honest = factsOf(plain.job);
    const { job } = channel.htlcTransaction(commitment, htlc, {
      inputsAfter: [walletCoin(testKeys, CHANGE_PATH, 5_000_000n)],
      outputs: [
        { sat: paired.value, script: plain.coin(0).script },
        { sat: 4_990_000n, script: ownScript(CHANGE_PATH) },
      ],
    });
    expect(factsOf(job)).toEqual(honest);
    expect(honest).toMatchObject({ sighash_type: 131n, own_output_sat: 0n, inputs_count: 1n });
    expect(honest).not.toHaveProperty('fee_sat');
  });

  test('of what was not proven are those of a blind job', () => {
    const commitment = testCommitment(testChannel('anchors'), 'holder').job;
    for (const job of [jobWithout(commitment, 'transaction'), { ...commitment, amount: 1n }]) {
      const item = classified(job);
      expect(actionOf(item)).toBe('blind');
      expect(jobFacts(item, [item])).toEqual({ batch_size: 1n, channel: 'm/3/599143572' });
    }
  });
});

describe('the vocabulary', () => {
  test('names every action in the words of policy', () => {
    for (const [action, { about, facts }] of Object.entries<ActionSpec>(actions)) {
      expect(action).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
      for (const name of Object.keys(facts)) expect(name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
      for (const { about: line } of Object.values(facts))
        expect(line).toMatch(/^(?![A-Z][a-z]).*[^.]$/);
      expect(about).toMatch(/^(?![A-Z][a-z]).*[^.]$/);
    }
  });

  test('gives every value-moving action a fact that is not the sender’s word', () => {
    for (const { movesValue, facts } of Object.values<ActionSpec>(actions)) {
      const known = Object.values(facts).filter(({ provenance }) => provenance !== 'claimed');
      if (movesValue) expect(known).not.toHaveLength(0);
    }
  });
});
