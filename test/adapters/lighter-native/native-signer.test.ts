import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

import { base64 } from '@scure/base';
import { beforeAll, describe, expect, test } from '@jest/globals';
import koffi from 'koffi';
import { z } from 'zod';

import {
  createLighterKernel,
  formatTxInfo,
  type SignedTransaction,
  type SigningRequest,
  signTransaction,
  transactionProblem,
} from '../../../signers/lighter/index.ts';
import { transactionTypes } from '../../../signers/lighter/transaction-types.ts';
import { type Abi, abiOf } from '../../../src/adapters/lighter-native/abi.ts';
import { admitLibrary } from '../../../src/adapters/lighter-native/admit-library.ts';
import { argumentsOf } from '../../../src/adapters/lighter-native/arguments.ts';
import { latestExpiry } from '../../../src/adapters/lighter-native/expiry.ts';
import {
  type ForeignLibrary,
  type ForeignTransaction,
  openKoffiLibrary,
} from '../../../src/adapters/lighter-native/koffi-library.ts';
import { readLibraryLock } from '../../../src/adapters/lighter-native/library-lock.ts';
import {
  createNativeSigner,
  type NativeSigner,
} from '../../../src/adapters/lighter-native/native-signer.ts';
import { systemClock, systemRandom } from '../../../src/adapters/system.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import { fromHex, toHex } from '../../../src/base/hex.ts';
import { isJsonObject, parseJson } from '../../../src/base/json.ts';
import { Secret } from '../../../src/base/secret.ts';
import { sha256 } from '../../../src/base/sha256.ts';
import { goodRequests, spoilt } from '../../support/good-lighter-requests.ts';
import * as reference from '../../support/lighter-reference/schnorr.ts';
import { type KeyVector, keyVector, requestOf, vectors } from '../../support/lighter-vectors.ts';
import { describeWithLibrary, libraryPlace } from '../../support/native-library.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const kernel = createLighterKernel();
const deps = { kernel, clock: systemClock, random: systemRandom };
const directory = temporaryDirectory();
const privateKey = (index: number): Secret => new Secret(fromHex(keyVector(index).privateKey));

/** The request with an expiry that the library can keep to now. */
function ready(request: SigningRequest): SigningRequest {
  const ExpiredAt = latestExpiry(BigInt(Date.now()));
  return { ...request, transaction: { ...request.transaction, ExpiredAt } };
}

function memberOf(txInfo: string | null, name: string): unknown {
  const parsed = parseJson(txInfo ?? '');
  return parsed.ok && isJsonObject(parsed.value) ? parsed.value[name] : undefined;
}

/** `uordblks` of glibc's `mallinfo2`: the bytes that are allocated and not freed. */
function allocatedBytes(): number {
  const counters = ['arena', 'ordblks', 'smblks', 'hblks', 'hblkhd', 'usmblks', 'fsmblks'];
  const all = [...counters, 'uordblks', 'fordblks', 'keepcost'];
  const numbers = koffi.struct(Object.fromEntries(all.map((name) => [name, 'size_t'])));
  const read: unknown = koffi.load('libc.so.6').func('mallinfo2', numbers, [])();
  const { uordblks } = z.object({ uordblks: z.coerce.number() }).parse(read);
  return uordblks;
}

/** Transactions of every type, with every attribute, that both can sign. */
const cases = [
  ...Object.values(goodRequests).map((request) => ({
    title: `${request.name} as it should be`,
    request,
    key: 0,
  })),
  ...vectors.transactions.map((vector, index) => ({
    title: `${String(index)} ${vector.tx} ${vector.note ?? ''}`,
    request: requestOf(vector),
    key: vector.key,
  })),
].filter(({ request }) => transactionProblem(request) === undefined);

describeWithLibrary("Lighter's official library and our kernel", (file) => {
  let abi: Abi;
  let library: ForeignLibrary;

  beforeAll(async () => {
    const admitted = await admitLibrary(file, {}, readLibraryLock());
    if (!admitted.ok) throw new Error(admitted.error.message);
    abi = abiOf(admitted.value.abi);
    library = await openKoffiLibrary(file, abi);
  });

  /** What the library itself answers, nothing of it checked. */
  async function raw(request: SigningRequest, key: KeyVector): Promise<ForeignTransaction> {
    const values = argumentsOf(abi, request);
    if (!values.ok) throw new Error(values.error.message);
    const { transaction, chainId } = request;
    const complaint = await library.createClient({
      privateKey: utf8(`${key.privateKey}\0`),
      chainId: Number(chainId),
      apiKey: Number(transaction.ApiKeyIndex),
      account:
        'FromAccountIndex' in transaction ? transaction.FromAccountIndex : transaction.AccountIndex,
    });
    expect(complaint).toBeNull();
    return library.sign(request.name, values.value);
  }

  /** Their transaction and ours of the same request, with the time that they chose. */
  async function both(
    request: SigningRequest,
    key: number,
  ): Promise<{
    readonly theirs: ForeignTransaction;
    readonly theirSignature: Uint8Array;
    readonly dated: SigningRequest;
    readonly ours: SignedTransaction;
  }> {
    const theirs = await raw(request, keyVector(key));
    const ExpiredAt = memberOf(theirs.txInfo, 'ExpiredAt');
    const Sig = memberOf(theirs.txInfo, 'Sig');
    if (typeof ExpiredAt !== 'bigint' || typeof Sig !== 'string') {
      throw new Error(theirs.err ?? 'not signed');
    }
    const dated: SigningRequest = {
      ...request,
      transaction: { ...request.transaction, ExpiredAt },
    };
    const ours = signTransaction(kernel, dated, privateKey(key), systemRandom.entropy());
    if (!ours.ok) throw new Error(ours.error.message);
    return { theirs, theirSignature: base64.decode(Sig), dated, ours: ours.value };
  }

  test('are compared on every type of transaction', () => {
    expect(new Set(cases.map(({ request }) => request.name))).toEqual(
      new Set(Object.keys(transactionTypes)),
    );
  });

  test.each(cases)('agree on $title', async ({ request, key }) => {
    const { theirs, theirSignature, dated, ours } = await both(request, key);
    const { txType, txHash, messageToSign = null } = ours;
    expect(theirs).toEqual({ txType, txHash, messageToSign, txInfo: theirs.txInfo, err: null });
    const wallet = 'L1Sig' in request.transaction ? request.transaction.L1Sig : '';
    expect(theirs.txInfo).toBe(
      formatTxInfo(dated, theirSignature).replace(`"L1Sig":"${wallet}"`, '"L1Sig":""'),
    );
    const publicKey = fromHex(keyVector(key).publicKey);
    expect(kernel.verify(theirSignature, fromHex(txHash), publicKey)).toBe(true);
    expect(kernel.verify(ours.signature, fromHex(txHash), publicKey)).toBe(true);
    expect(theirSignature).not.toEqual(ours.signature);
  });

  test('make signatures that the reference verifies', async () => {
    const { theirSignature, ours } = await both(goodRequests.CreateOrder, 0);
    const publicKey = fromHex(keyVector(0).publicKey);
    for (const signature of [theirSignature, ours.signature]) {
      expect(reference.verify(signature, fromHex(ours.txHash), publicKey)).toBe(true);
    }
  });

  // glibc counts what is allocated; other systems have no such number.
  const onLinux = process.platform === 'linux' ? test : test.skip;
  onLinux('leave nothing allocated behind', async () => {
    const rounds = 500;
    const values = argumentsOf(abi, goodRequests.CancelOrder);
    if (!values.ok) throw new Error(values.error.message);
    await raw(goodRequests.CancelOrder, keyVector(0));
    const signMany = async (count: number): Promise<void> => {
      const calls = Array.from({ length: count }, () => library.sign('CancelOrder', values.value));
      expect((await Promise.all(calls)).every(({ err }) => err === null)).toBe(true);
    };
    await signMany(rounds);
    const before = allocatedBytes();
    await signMany(rounds);
    // The texts of one answer alone have 350 bytes.
    expect(allocatedBytes() - before).toBeLessThan(rounds * 150);
  });
});

describeWithLibrary("the signer of Lighter's official library", (file) => {
  let signer: NativeSigner;

  beforeAll(async () => {
    const made = await createNativeSigner({ place: libraryPlace, pin: {} }, deps);
    if (!made.ok) throw new Error(made.error.message);
    signer = made.value;
  });

  test('releases every type of transaction with the expiry of the library', async () => {
    for (const { request } of cases.filter(({ title }) => title.endsWith('as it should be'))) {
      const asked = ready(request);
      const signed = await signer.sign(asked, privateKey(0));
      if (!signed.ok) throw new Error(signed.error.message);
      const { expiredAt, txInfo, txHash, signature } = signed.value;
      expect(expiredAt).toBeLessThanOrEqual(asked.transaction.ExpiredAt);
      expect(memberOf(txInfo, 'ExpiredAt')).toBe(expiredAt);
      expect(kernel.verify(signature, fromHex(txHash), fromHex(keyVector(0).publicKey))).toBe(true);
    }
  });

  test('gives each of many callers at once the signature of its own key', async () => {
    const calls = Array.from({ length: 200 }, async (_, index) => {
      // Two keys now and then in one slot, as when a key is replaced.
      const key = index % 20 === 0 ? 1 : 0;
      const ApiKeyIndex = BigInt(index % 2);
      const request = ready(spoilt('CancelOrder', { ApiKeyIndex, Nonce: BigInt(index) }));
      const signed = await signer.sign(request, privateKey(key));
      if (!signed.ok) throw new Error(signed.error.message);
      const { signature, txHash, txInfo } = signed.value;
      expect(memberOf(txInfo, 'Nonce')).toBe(BigInt(index));
      return kernel.verify(signature, fromHex(txHash), fromHex(keyVector(key).publicKey));
    });
    expect((await Promise.all(calls)).every(Boolean)).toBe(true);
  });

  test('signs for one chain in the life of the process, and says so', async () => {
    const again = await createNativeSigner({ place: libraryPlace, pin: {} }, deps);
    if (!again.ok) throw new Error(again.error.message);
    for (const one of [signer, again.value]) {
      expect((await one.sign(ready(goodRequests.CancelOrder), privateKey(0))).ok).toBe(true);
      const elsewhere = { ...ready(goodRequests.Transfer), chainId: 300n };
      expect(one.objectionTo(goodRequests.Transfer)).toBeUndefined();
      expect(one.objectionTo(elsewhere)).toMatchObject({ code: 'lighter.native_chain' });
      expect(one.objectionTo(spoilt('CancelOrder', { AccountIndex: 0n }))).toMatchObject({
        code: 'lighter.native_unreachable',
      });
      expect(await one.sign(elsewhere, privateKey(0))).toMatchObject({
        ok: false,
        error: {
          code: 'lighter.native_chain',
          message: expect.stringContaining('`304`, not `300`'),
        },
      });
    }
  });

  test('is not made of a file that was changed', async () => {
    const bytes = new Uint8Array(readFileSync(file));
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    const path = join(directory, 'changed.so');
    writeFileSync(path, bytes);
    expect(
      await createNativeSigner({ place: { ...libraryPlace, path }, pin: {} }, deps),
    ).toMatchObject({
      ok: false,
      error: { message: expect.stringMatching(/^Signer not initialized: .*official/) },
    });
  });

  test('is not made of a library that takes its arguments otherwise', async () => {
    const path = join(directory, 'misjudged.so');
    copyFileSync(file, path);
    const pin = { sha256: signer.library.sha256, abi: '2026-06' };
    const none = { ...readLibraryLock(), libraries: [] };
    const place = { ...libraryPlace, path };
    expect(await createNativeSigner({ place, pin, lock: none }, deps)).toMatchObject({
      ok: false,
      error: {
        message: expect.stringMatching(
          /^Signer not initialized: the library fails its trial at `ModifyOrder`/,
        ),
      },
    });
  });
});

describe('a file that is no library', () => {
  test('is refused with the remedy, and no signer is made', async () => {
    const path = join(directory, 'text.so');
    writeFileSync(path, 'no library');
    const pin = { sha256: toHex(sha256(utf8('no library'))), abi: '2026-10' };
    const made = await createNativeSigner({ place: { ...libraryPlace, path }, pin }, deps);
    expect(made).toMatchObject({
      ok: false,
      error: {
        code: 'lighter.native_not_initialized',
        message: expect.stringMatching(
          /^Signer not initialized: .*cannot be loaded.*lighter:native/,
        ),
      },
    });
  });
});
