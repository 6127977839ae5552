/** From one honest job of every class, each change gives the doubt or violation that it deserves. */
import { sha256 } from '@noble/hashes/sha2.js';
import { describe, expect, test } from '@jest/globals';
import { Transaction } from 'bitcoinjs-lib';
import fc from 'fast-check';

import type { BitcoinNetwork } from '../../../signers/lightning/index.ts';
import { p2wsh } from '../../../signers/lightning/output-script.ts';
import { scriptCodeOf } from '../../../signers/lightning/sighash.ts';
import { fromHex, type Hex, toHex } from '../../../src/base/hex.ts';
import { classify } from '../../../src/protocols/lightspark/classify.ts';
import { DOUBTS, VIOLATIONS } from '../../../src/protocols/lightspark/classify/reasons.ts';
import type { ClassifiedJob } from '../../../src/protocols/lightspark/classified.ts';
import type { SigningJob } from '../../../src/protocols/lightspark/events.ts';
import { createOwnScripts } from '../../../src/protocols/lightspark/own-scripts.ts';
import {
  CHANNEL_PATH,
  type GoodJob,
  goodJobs,
  testChannel,
  testKeys,
} from '../../support/good-jobs.ts';
import { hex } from '../../support/hex.ts';
import { jobWithout, spend, walletCoin } from '../../support/spend.ts';

const ownScripts = createOwnScripts(testKeys, 'REGTEST');
const seen = new Set<string>();

function classified(job: SigningJob, network: BitcoinNetwork = 'REGTEST'): ClassifiedJob {
  const result = classify(job, testKeys, network, { ownScripts });
  for (const { code } of [...result.violations, ...result.doubts]) seen.add(code);
  return result;
}

/** Codes of everything that keeps a job from being signed; violations are marked. */
function refusals(job: SigningJob): readonly string[] {
  const { violations, doubts, digest } = classified(job);
  if (violations.length + doubts.length > 0) expect(digest).toBeUndefined();
  return [...violations.map(({ code }) => `violation ${code}`), ...doubts.map(({ code }) => code)];
}

const isPsbt = ({ job }: GoodJob): boolean => job.transaction?.startsWith('70736274ff') === true;
const isTransaction = (good: GoodJob): boolean => good.class !== 'channel_announcement';
const rawJobs = goodJobs.filter((good) => isTransaction(good) && !isPsbt(good));
const psbtJobs = goodJobs.filter(isPsbt);
const transactionJobs = [...rawJobs, ...psbtJobs];
const channelKeyJobs = goodJobs.filter(({ job }) => job.derivationPath.startsWith(CHANNEL_PATH));

const flipped = (text: Hex): Hex => hex((text.startsWith('0') ? '1' : '0') + text.slice(1));

/** The same input's digest under another sighash type. */
function underType(job: SigningJob, type: number): SigningJob {
  const transaction = Transaction.fromHex(job.transaction ?? '');
  const script = fromHex(scriptCodeOf(job.script ?? hex('')));
  const digests = [0x01, 0x83, type].map((each) =>
    transaction.ins.map((_, index) =>
      toHex(transaction.hashForWitnessV0(index, script, job.amount ?? 0n, each)),
    ),
  );
  const index = digests
    .slice(0, 2)
    .map((each) => each.indexOf(job.message))
    .find((found) => found >= 0);
  return { ...job, message: digests[2]?.[index ?? 0] ?? job.message };
}

describe('an honest job', () => {
  test.each(goodJobs)('$name', ({ class: expected, job }) => {
    const result = classified(job);
    expect([...result.violations, ...result.doubts]).toEqual([]);
    expect(result.class).toBe(expected);
    expect(result.digest).toBe(job.message);
    expect(result.path).toBe(job.derivationPath);
  });

  test('of every class is among them', () => {
    const classes = new Set(goodJobs.map((good) => good.class));
    expect([...classes].sort()).toEqual([
      'anchor_spend',
      'channel_announcement',
      'commitment',
      'htlc_claim',
      'htlc_transaction',
      'justice',
      'l1_spend',
      'mutual_close',
      'splice',
      'to_local_sweep',
      'to_remote_claim',
      'wallet_spend',
    ]);
  });
});

describe('a wrong message', () => {
  test.each(transactionJobs)('for $name', ({ job, class: jobClass }) => {
    const refusal = jobClass === 'splice' ? 'unmatched_digest' : 'violation digest_mismatch';
    expect(refusals({ ...job, message: flipped(job.message) })).toEqual([refusal]);
  });

  test('beside the funding transaction may be that of an announcement we were not shown', () => {
    const channel = testChannel('anchors');
    const path = "m/84'/2'/0'/0/0";
    const { job: fundingJob } = spend({
      path,
      coin: walletCoin(testKeys, path, 2_000_000n),
      outputs: [{ sat: channel.funding.sat, script: p2wsh(channel.funding.script) }],
    });
    const { job } = channel.announcement('REGTEST');
    const { script, sat: amount } = channel.funding;
    const transaction = fundingJob.transaction ?? hex('');
    expect(refusals({ ...job, transaction, script, amount })).toEqual(['unmatched_digest']);
  });

  test('for an announcement proves nothing: its bytes are only a hint', () => {
    const job = jobNamed(/announcement/);
    expect(refusals({ ...job, message: flipped(job.message) })).toEqual([
      'undecodable_transaction',
    ]);
  });

  test.each(rawJobs)('because of a wrong amount, for $name', ({ job, class: jobClass }) => {
    const refusal = jobClass === 'splice' ? 'unmatched_digest' : 'violation digest_mismatch';
    expect(refusals({ ...job, amount: (job.amount ?? 0n) + 1n })).toEqual([refusal]);
  });

  test.each(psbtJobs)('is not caused by script and amount beside a PSBT, for $name', ({ job }) => {
    const misleading = { ...job, amount: 1n, script: hex('51') };
    expect(classified(misleading).digest).toBe(job.message);
  });
});

describe('missing bytes', () => {
  test.each(rawJobs)('make $name blind', ({ job }) => {
    for (const field of ['transaction', 'script', 'amount'] as const) {
      expect(refusals(jobWithout(job, field))).toEqual(['blind']);
    }
    expect(classified(jobWithout(job, 'transaction', 'script', 'amount'))).toMatchObject({
      class: 'blind',
      details: {},
    });
  });

  test.each(psbtJobs)('beside a PSBT are not missed, for $name', ({ job }) => {
    expect(classified(jobWithout(job, 'script', 'amount')).digest).toBe(job.message);
  });

  test.each(transactionJobs)('inside the transaction make $name undecodable', ({ job }) => {
    const transaction = hex((job.transaction ?? '').slice(0, -2));
    expect(refusals({ ...job, transaction })).toEqual(['undecodable_transaction']);
  });
});

describe('a key', () => {
  test.each(goodJobs)('with another purpose never signs $name', ({ job }) => {
    for (const derivationPath of ['m', 'm/0', "m/4'", 'm/4h', 'm/5', CHANNEL_PATH]) {
      expect(refusals({ ...job, derivationPath })).toEqual(['violation key_not_for_signing']);
    }
  });

  test.each(goodJobs)('of unknown use or spelling leaves $name in doubt', ({ job }) => {
    for (const derivationPath of [
      'm/9',
      'm/3/7/5',
      'm/1',
      "m/84'/0'/0'/2/0",
      'nonsense',
      '',
      'm/01',
    ]) {
      expect(refusals({ ...job, derivationPath })).toEqual(['unknown_path']);
    }
  });

  test.each(channelKeyJobs)('of another channel is not in the script of $name', ({ job }) => {
    const derivationPath = job.derivationPath.replace(CHANNEL_PATH, 'm/3/7');
    expect(refusals({ ...job, derivationPath })).toContain('own_key_not_in_script');
  });

  test.each(goodJobs.filter(isTransaction))('of another use does not sign $name', ({ job }) => {
    const others = [0, 1, 2, 3, 4].map((index) => `${CHANNEL_PATH}/${String(index)}`);
    for (const derivationPath of [...others, "m/84'/2'/0'/0/9", 'm/1/9']) {
      if (derivationPath === job.derivationPath) continue;
      const found = refusals({ ...job, derivationPath });
      expect(found.some((code) => /^(unknown_class|own_key_not_in_script)$/.test(code))).toBe(true);
      expect(found.some((code) => code.startsWith('violation'))).toBe(false);
    }
  });
});

describe('a tweak', () => {
  const order = hex('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141');

  test.each(goodJobs)('beyond the curve is no tweak, for $name', ({ job }) => {
    expect(refusals({ ...job, addTweak: order })).toEqual(['invalid_tweak']);
    expect(refusals({ ...job, mulTweak: order })).toEqual(['invalid_tweak']);
    expect(refusals({ ...job, mulTweak: hex('00'.repeat(32)) })).toEqual(['invalid_tweak']);
  });

  test.each(channelKeyJobs.filter(({ job }) => job.addTweak !== undefined))(
    'that is another than the script has leaves $name in doubt',
    ({ job }) => {
      const changed = { ...job, addTweak: flipped(job.addTweak ?? hex('')) };
      expect(refusals(changed)).toContain('own_key_not_in_script');
      expect(refusals(jobWithout(job, 'addTweak', 'mulTweak'))).toContain('own_key_not_in_script');
    },
  );

  test.each(goodJobs)('that changes nothing is still not what $name comes with', ({ job }) => {
    const one = hex(`${'00'.repeat(31)}01`);
    if (job.mulTweak !== undefined) return;
    const expected = isPsbtOf(job) && job.addTweak !== undefined ? [] : ['unexpected_tweaks'];
    expect(refusals({ ...job, mulTweak: one })).toEqual(expect.arrayContaining(expected));
    expect(classified({ ...job, mulTweak: one }).digest).toBeUndefined();
  });

  test.each(psbtJobs.filter(({ job }) => job.addTweak !== undefined))(
    'inside the PSBT of $name must be the one beside it',
    ({ job }) => {
      const inside = job.addTweak ?? '';
      const transaction = hex((job.transaction ?? '').replace(inside, flipped(hex(inside))));
      expect(refusals({ ...job, transaction })).toEqual(['tweak_contradiction']);
    },
  );

  function isPsbtOf(job: SigningJob): boolean {
    return job.transaction?.startsWith('70736274ff') === true;
  }
});

describe('a sighash type', () => {
  test.each(rawJobs)('that leaves something open puts $name in doubt', ({ class: name, job }) => {
    const types =
      name === 'htlc_transaction' ? [0x02, 0x03, 0x81, 0x82] : [0x02, 0x03, 0x81, 0x82, 0x83];
    for (const type of types) {
      expect(refusals(underType(job, type))).toContain('sighash_type');
    }
  });

  test('SINGLE|ANYONECANPAY is for HTLC transactions under anchors or in version 3 only', () => {
    const legacy = rawJobs.filter(
      (good) => good.class === 'htlc_transaction' && good.name.includes('static_remotekey'),
    );
    expect(legacy).not.toHaveLength(0);
    for (const { job } of legacy) expect(refusals(underType(job, 0x83))).not.toEqual([]);
  });

  test("ALL on the counterparty's HTLC under anchors is a claim, and its outputs count", () => {
    const theirs = rawJobs.filter(
      ({ name, class: jobClass }) =>
        jobClass === 'htlc_transaction' && /counterparty \((anchors|zero)/.test(name),
    );
    expect(theirs).toHaveLength(4);
    for (const { job } of theirs) {
      expect(classified(underType(job, 0x01))).toMatchObject({ class: 'htlc_claim', doubts: [] });
    }
  });
});

describe('a message that is still to be hashed', () => {
  test.each(rawJobs)('is signed only if it leads to our digest, for $name', ({ job }) => {
    expect(classified({ ...job, isRaw: false }).digest).toBe(job.message);
    const other = toHex(sha256(fromHex(job.message)));
    expect(refusals({ ...job, isRaw: false, message: other })).toEqual(['not_raw']);
  });

  test('and is blind is not signed even for tests', () => {
    const [good] = rawJobs;
    if (!good) throw new Error('no job');
    expect(refusals(jobWithout({ ...good.job, isRaw: false }, 'transaction'))).toEqual([
      'blind',
      'not_raw',
    ]);
  });
});

describe('a shape that no class has', () => {
  const shaped = (
    jobClass: string,
    change: (transaction: Transaction) => void,
  ): readonly string[] => {
    const good = rawJobs.find((each) => each.class === jobClass);
    if (!good) throw new Error('no such class');
    const transaction = Transaction.fromHex(good.job.transaction ?? '');
    change(transaction);
    const changed = { ...good.job, transaction: hex(transaction.toHex()) };
    return refusals(underType({ ...changed, message: firstDigest(changed) }, 0x01));
  };
  const firstDigest = (job: SigningJob): Hex => {
    const transaction = Transaction.fromHex(job.transaction ?? '');
    const script = fromHex(scriptCodeOf(job.script ?? hex('')));
    return toHex(transaction.hashForWitnessV0(0, script, job.amount ?? 0n, 1));
  };
  test('is a commitment in a version that channels do not use', () => {
    expect(shaped('commitment', (transaction) => (transaction.version = 1))).toEqual([
      'unknown_class',
    ]);
  });

  test('is a funding spend with the sequence of a commitment but not its locktime', () => {
    expect(shaped('commitment', (transaction) => (transaction.locktime = 5))).toEqual([
      'unknown_class',
    ]);
  });

  test('is a close with three outputs', () => {
    const add = (transaction: Transaction) => {
      transaction.addOutput(fromHex(hex(`0014${'11'.repeat(20)}`)), 1n);
      transaction.addOutput(fromHex(hex(`0014${'22'.repeat(20)}`)), 1n);
    };
    expect(shaped('mutual_close', add)).toEqual(['unknown_class']);
  });

  test('is an HTLC transaction of our own that pays no P2WSH at its index', () => {
    const good = jobNamed(/HTLC transaction, .* of the holder/);
    const transaction = Transaction.fromHex(good.transaction ?? '');
    for (const output of transaction.outs) output.script = fromHex(hex(`0014${'11'.repeat(20)}`));
    const job = { ...good, transaction: hex(transaction.toHex()) };
    expect(refusals({ ...job, message: firstDigest(job) })).toEqual(['unknown_class']);
  });

  test('is a sweep that does not wait as long as the script demands', () => {
    const good = jobNamed(/to_local sweep/);
    // A PSBT starts with its magic, and the unsigned transaction as the one global entry.
    const length = 2 * Number.parseInt((good.transaction ?? '').slice(14, 16), 16);
    const transaction = Transaction.fromHex((good.transaction ?? '').slice(16, 16 + length));
    for (const input of transaction.ins) input.sequence = 143;
    const job = { ...good, transaction: hex(transaction.toHex()) };
    expect(refusals({ ...job, message: firstDigest(job) })).toEqual(['unknown_class']);
  });
});

function jobNamed(name: RegExp): SigningJob {
  const good = goodJobs.find((each) => name.test(each.name));
  if (!good) throw new Error('no such job');
  return good.job;
}

describe('an announcement', () => {
  const job = jobNamed(/announcement/);
  const message = job.transaction ?? hex('');
  const signedPart = hex(message.slice(2 * (2 + 256)));

  test('is found with or without type and signatures, in either hint', () => {
    for (const hint of [message, signedPart, hex(message.slice(4)), hex(`0100${signedPart}`)]) {
      expect(classified({ ...job, transaction: hint }).class).toBe('channel_announcement');
      const inScript = { ...jobWithout(job, 'transaction'), script: hint };
      expect(classified(inScript).digest).toBe(job.message);
    }
  });

  test('of another network, or without our key, is in doubt', () => {
    const { doubts } = classified(job, 'MAINNET');
    expect(doubts.map(({ code }) => code)).toEqual(['wrong_chain']);
    expect(refusals({ ...job, derivationPath: 'm/3/7/0' })).toEqual(['own_key_not_in_script']);
  });
});

describe('any change at all', () => {
  const bytes = fc.uint8Array({ maxLength: 120 }).map(toHex);
  const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex);

  test('gives an answer, and signs nothing but the message it was asked for', () => {
    const changes = fc.record(
      {
        message: bytes32,
        addTweak: bytes32,
        mulTweak: bytes32,
        script: bytes,
        transaction: bytes,
        amount: fc.bigInt({ min: 0n, max: 2_100_000_000_000_000n }),
        derivationPath: fc.oneof(
          fc.string(),
          fc.constantFrom('m/1/0', 'm/3/7/4', "m/84'/0'/0'/0/0"),
        ),
        destinationPath: fc.string(),
        isRaw: fc.boolean(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.constantFrom(...goodJobs), changes, ({ job }, change) => {
        const changed: SigningJob = { ...job, ...change };
        const { digest } = classified(changed);
        if (digest === undefined) return;
        const hashed = toHex(sha256(fromHex(changed.message)));
        expect(changed.isRaw ? [changed.message] : [changed.message, hashed]).toContain(digest);
      }),
      { numRuns: 300 },
    );
  });
});

test('every doubt and violation was met', () => {
  expect([...seen].sort()).toEqual([...Object.keys(DOUBTS), ...Object.keys(VIOLATIONS)].sort());
});
