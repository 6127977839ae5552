/** Classification of the official jobs, and of what the official servers get wrong. */
import { sha256 } from '@noble/hashes/sha2.js';
import { describe, expect, test } from '@jest/globals';
import { Psbt, Transaction } from 'bitcoinjs-lib';

import { createLightningKeys, nobleCurve } from '../../../signers/lightning/index.ts';
import { joinHex, p2wpkh, p2wsh } from '../../../signers/lightning/output-script.ts';
import { concatBytes } from '../../../src/base/bytes.ts';
import { fromHex, type Hex, toHex } from '../../../src/base/hex.ts';
import { Secret } from '../../../src/base/secret.ts';
import { classify } from '../../../src/protocols/lightspark/classify.ts';
import type { ClassifyContext } from '../../../src/protocols/lightspark/classify/meaning.ts';
import type { ClassifiedJob } from '../../../src/protocols/lightspark/classified.ts';
import type { SigningJob } from '../../../src/protocols/lightspark/events.ts';
import { createOwnScripts } from '../../../src/protocols/lightspark/own-scripts.ts';
import {
  CHANGE_PATH,
  CHANNEL_PATH,
  ownScript,
  testChannel,
  testCommitment,
  testKeys,
} from '../../support/good-jobs.ts';
import { hex } from '../../support/hex.ts';
import { lightsparkVectors, type SigningJobVector } from '../../support/lightspark-vectors.ts';
import { foreignScript, jobWithout, spend, walletCoin } from '../../support/spend.ts';

/** All official jobs are of one seed, which is also the test keys'. */
const ownScripts = createOwnScripts(testKeys, 'REGTEST');

function classified(job: SigningJob, context: Partial<ClassifyContext> = {}): ClassifiedJob {
  return classify(job, testKeys, 'REGTEST', { ownScripts, ...context });
}

function jobOf(vector: SigningJobVector, transaction = vector.transaction): SigningJob {
  const { add_tweak, mul_tweak, amount, is_raw, derivation_path, id, message, script } = vector;
  return {
    id,
    message,
    script,
    transaction,
    derivationPath: derivation_path,
    isRaw: is_raw,
    amount: BigInt(amount),
    ...(add_tweak !== null && { addTweak: add_tweak }),
    ...(mul_tweak !== null && { mulTweak: mul_tweak }),
  };
}

const CLASS_OF_KIND: readonly (readonly [RegExp, string])[] = [
  [/^holder commitment/, 'commitment'],
  [/^to_local sweep|^second-stage/, 'to_local_sweep'],
  [/^to_remote sweep/, 'to_remote_claim'],
  [/^HTLC-(success|timeout)/, 'htlc_transaction'],
  [/^HTLC claim/, 'htlc_claim'],
];

describe('official signing jobs', () => {
  const jobs = lightsparkVectors.signing_jobs.flatMap((given) =>
    [given.job.transaction, given.psbt_variant_transaction].flatMap((transaction) =>
      transaction === undefined
        ? []
        : [{ ...given, form: transaction === given.job.transaction ? 'raw' : 'PSBT', transaction }],
    ),
  );

  test.each(jobs)(
    '$kind, $form, at $job.derivation_path',
    ({ kind, job, transaction, ...given }) => {
      const result = classified(jobOf(job, transaction));
      expect([...result.violations, ...result.doubts]).toEqual([]);
      expect(result.class).toBe(CLASS_OF_KIND.find(([pattern]) => pattern.test(kind))?.[1]);
      expect(result.digest).toBe(job.message);
      const tweaks = job.add_tweak === null ? undefined : { add: fromHex(job.add_tweak) };
      const signature = testKeys.sign(result.path, fromHex(result.digest ?? hex('')), tweaks);
      expect(toHex(signature)).toBe(given.expected_signature);
    },
  );

  const commitments = lightsparkVectors.bip143.filter(({ kind }) => kind.includes('commitment (f'));

  test.each(commitments)('$kind at $derivation_path shows whose it is, and its number', (given) => {
    const { details, doubts } = classified({
      id: 'SignablePayload:1',
      derivationPath: given.derivation_path,
      message: given.sighash,
      isRaw: true,
      script: given.script,
      transaction: given.unsigned_transaction,
      amount: BigInt(given.amount_sat),
    });
    const number = lightsparkVectors.commitment_number.find(
      ({ funding_path }) => funding_path === given.derivation_path,
    );
    expect(doubts).toEqual([]);
    expect(details.obscuredNumber).toBe(BigInt(`0x${number?.obscured ?? ''}`));
    expect(details.ownToRemoteSat !== undefined).toBe(given.our_to_remote_present === true);
  });

  test('holder HTLC transactions and claims say where our key stands', () => {
    const owners = lightsparkVectors.signing_jobs
      .filter(({ kind }) => kind.startsWith('HTLC'))
      .map(({ kind, job }) => [kind.split(' ')[0], classified(jobOf(job)).details]);
    expect(owners).toMatchObject([
      ['HTLC-success', { htlcOwner: 'holder', htlcDirection: 'received' }],
      ['HTLC', { htlcOwner: 'counterparty', htlcDirection: 'offered' }],
      ['HTLC-timeout', { htlcOwner: 'holder', htlcDirection: 'offered', cltvExpiry: 40_497 }],
    ]);
  });
});

describe('what the official validators decline', () => {
  const path = "m/84'/2'/0'/0/3";

  test('every input of a withdrawal is found, not only the first', () => {
    const coins = [0, 1, 2].map((index) =>
      walletCoin(testKeys, `m/84'/2'/0'/0/${String(index)}`, 100_000n),
    );
    const outputs = [{ sat: 290_000n, script: foreignScript('exchange') }];
    for (const [index, coin] of coins.entries()) {
      const { job } = spend({
        path: `m/84'/2'/0'/0/${String(index)}`,
        coin,
        inputsBefore: coins.slice(0, index),
        inputsAfter: coins.slice(index + 1),
        outputs,
      });
      expect(classified(job)).toMatchObject({
        class: 'l1_spend',
        transaction: { inputIndex: index },
        doubts: [],
      });
    }
  });

  test('a wallet path that ends like a force-closure claim is still a wallet path', () => {
    for (const index of ['2', '3']) {
      const own = `m/84'/2'/0'/0/${index}`;
      const coin = walletCoin(testKeys, own, 100_000n);
      const { job } = spend({ path: own, coin, outputs: [{ sat: 1n, script: hex('51') }] });
      expect(classified(job)).toMatchObject({ class: 'l1_spend', doubts: [] });
    }
  });

  test('a withdrawal of everything, which has no change, is no error', () => {
    const coin = walletCoin(testKeys, path, 100_000n);
    const { job } = spend({
      path,
      coin,
      outputs: [{ sat: 99_000n, script: foreignScript('all') }],
    });
    expect(classified({ ...job, destinationPath: CHANGE_PATH })).toMatchObject({ doubts: [] });
  });

  test('a claim as PSBT may name its destination too', () => {
    const channel = testChannel('anchors');
    const claim = channel.toRemoteClaim(testCommitment(channel, 'counterparty'), {
      outputs: [{ sat: 599_000n, script: ownScript('m/1/12') }],
      destinationPath: 'm/1/12',
    });
    expect(classified(claim.job).transaction?.outputs).toMatchObject([{ ownPath: 'm/1/12' }]);
  });

  test('a P2WPKH output in a PSBT needs no witness script, and may have one of either form', () => {
    const { job } = testChannel('static_remotekey').toRemoteClaim(
      testCommitment(testChannel('static_remotekey'), 'counterparty'),
      { outputs: [{ sat: 1000n, script: ownScript(CHANGE_PATH) }] },
    );
    const program = job.script ?? hex('');
    const scriptCode = joinHex('76a914', program.slice(4), '88ac');
    for (const witnessScript of [undefined, program, scriptCode]) {
      const psbt = Psbt.fromHex(job.transaction ?? '');
      const [input] = psbt.data.inputs;
      if (input && witnessScript) input.witnessScript = fromHex(witnessScript);
      const bare = jobWithout(job, 'script', 'amount');
      const result = classified({ ...bare, transaction: toHex(psbt.toBuffer()) });
      expect(result).toMatchObject({ class: 'to_remote_claim', digest: job.message });
    }
  });

  test('upper and lower case, witness marker or not: the same transaction is signed the same', () => {
    const coin = walletCoin(testKeys, path, 100_000n);
    const { job } = spend({ path, coin, outputs: [{ sat: 99_000n, script: foreignScript('x') }] });
    const raw = fromHex(job.transaction ?? hex(''));
    const marked = concatBytes(
      raw.slice(0, 4),
      Uint8Array.of(0, 1),
      raw.slice(4, -4),
      Uint8Array.of(0),
      raw.slice(-4),
    );
    expect(classified({ ...job, transaction: toHex(marked) }).digest).toBe(job.message);
  });
});

describe('what proves nothing is not declined', () => {
  test('a PSBT that leaves an input unexplained may be about that input', () => {
    const channel = testChannel('anchors');
    const holder = testCommitment(channel, 'holder');
    const { job } = channel.toLocalSweep(holder, {
      inputsAfter: [walletCoin(testKeys, CHANGE_PATH, 5000n)],
      outputs: [{ sat: 1000n, script: ownScript(CHANGE_PATH) }],
    });
    const psbt = Psbt.fromHex(job.transaction ?? '');
    delete psbt.data.inputs[1]?.witnessUtxo;
    const bare = jobWithout(job, 'script', 'amount');
    const unexplained = { ...bare, transaction: toHex(psbt.toBuffer()) };
    expect(classified(unexplained)).toMatchObject({ doubts: [], digest: job.message });
    const message = toHex(sha256(fromHex(job.message)));
    expect(classified({ ...unexplained, message })).toMatchObject({
      violations: [],
      doubts: [{ code: 'blind' }],
    });
  });

  test('a message whose hash is our digest is signed by its digest, as one official server does', () => {
    const [given] = lightsparkVectors.bip143;
    const [vector] = lightsparkVectors.signing_jobs;
    if (given?.preimage === undefined || vector === undefined) throw new Error('no such vector');
    const message = toHex(sha256(fromHex(given.preimage)));
    const result = classified({ ...jobOf(vector.job), isRaw: false, message });
    expect(result).toMatchObject({ digest: given.sighash, doubts: [], violations: [] });
  });
});

describe('own outputs', () => {
  const path = "m/84'/2'/0'/0/3";
  const coin = walletCoin(testKeys, path, 900_000n);

  function ownPaths(scripts: readonly Hex[], change: Partial<SigningJob> = {}, context = {}) {
    const outputs = scripts.map((script) => ({ sat: 1000n, script }));
    const { job } = spend({ path, coin, outputs });
    const result = classified({ ...job, ...change }, context);
    expect(result.doubts).toEqual([]);
    return result.transaction?.outputs.map(({ ownPath }) => ownPath);
  }

  test('are found near the indices in use, on every chain of the wallet', () => {
    const paths = ["m/84'/2'/0'/0/19", "m/84'/2'/0'/1/0", 'm/1/7'];
    expect(ownPaths(paths.map(ownScript))).toEqual(paths);
    expect(ownPaths([ownScript("m/84'/2'/0'/1/20"), ownScript("m/84'/0'/0'/1/0")])).toEqual([
      undefined,
      undefined,
    ]);
  });

  test('are looked for where the wallet has got to', () => {
    const far = "m/84'/2'/0'/1/1015";
    const highestIndices = { l1_change: 1000 };
    expect(ownPaths([ownScript(far)], {}, { highestIndices })).toEqual([far]);
    expect(ownPaths([ownScript(far)])).toEqual([undefined]);
  });

  test('are believed of a destination only if it is a wallet path and its key is paid', () => {
    for (const destinationPath of ["m/84'/2'/0'/1/5000", 'm/1/5000', "m/84h/0'/0'/0/5000"]) {
      const canonical = destinationPath.replaceAll('h', "'");
      expect(ownPaths([ownScript(canonical)], { destinationPath })).toEqual([canonical]);
      expect(ownPaths([foreignScript('thief')], { destinationPath })).toEqual([undefined]);
    }
    for (const destinationPath of [
      'm/0',
      'm/5',
      `${CHANNEL_PATH}/0`,
      "m/84'/2'/1'/0/0",
      "m/84'/2'/0'/2/0",
      'm/9',
    ]) {
      expect(ownPaths([ownScript(destinationPath)], { destinationPath })).toEqual([undefined]);
    }
    expect(ownPaths([foreignScript('thief')], { destinationPath: 'nonsense' })).toEqual([
      undefined,
    ]);
  });

  test.each(lightsparkVectors.destination_validation)('official destination: $rule', (given) => {
    const keys = createLightningKeys(new Secret(fromHex(given.seed)), nobleCurve);
    const derivationPath = "m/84'/1'/0'/0/0";
    const script = p2wpkh(toHex(keys.publicKey(derivationPath)));
    const scriptCode = fromHex(joinHex('76a914', script.slice(4), '88ac'));
    const transaction = Transaction.fromHex(given.transaction);
    const result = classify(
      {
        id: 'SignablePayload:1',
        derivationPath,
        message: toHex(transaction.hashForWitnessV0(0, scriptCode, 300_000n, 1)),
        isRaw: true,
        script,
        transaction: given.transaction,
        amount: 300_000n,
        destinationPath: given.destination_derivation_path,
      },
      keys,
      'TESTNET',
      { ownScripts: createOwnScripts(keys, 'TESTNET') },
    );
    const output = result.transaction?.outputs[given.rule.endsWith('[1]') ? 1 : 0];
    expect(output?.script).toBe(given.actual_script);
    expect(output?.ownPath === given.destination_derivation_path).toBe(given.valid);
  });

  test('of a closing channel may be its payment key, in both forms', () => {
    const paymentKey = toHex(testKeys.publicKey(`${CHANNEL_PATH}/2`));
    const delayed = p2wsh(joinHex('21', paymentKey, 'ad51b2'));
    const { job } = testChannel('anchors').mutualClose({
      outputs: [p2wpkh(paymentKey), delayed].map((script) => ({ sat: 400_000n, script })),
    });
    expect(classified(job).transaction?.outputs.map(({ ownPath }) => ownPath)).toEqual([
      `${CHANNEL_PATH}/2`,
      `${CHANNEL_PATH}/2`,
    ]);
  });

  test('on a commitment: only the payment key tells whose it is, no path the sender names', () => {
    const channel = testChannel('static_remotekey');
    const { job } = spend({
      path: `${CHANNEL_PATH}/0`,
      coin: channel.funding,
      sequence: 0x80000001,
      lockTime: 0x20000002,
      outputs: [{ sat: 999_000n, script: ownScript(CHANGE_PATH) }],
    });
    const result = classified({ ...job, destinationPath: CHANGE_PATH });
    expect(result.class).toBe('commitment');
    expect(result.details.ownToRemoteSat).toBeUndefined();
    expect(classified(testCommitment(channel, 'counterparty').job).details.ownToRemoteSat).toBe(
      600_000n,
    );
    expect(
      classified(testCommitment(channel, 'holder').job).details.ownToRemoteSat,
    ).toBeUndefined();
  });
});
