import { describe, expect, jest, test } from '@jest/globals';

import { fromHex, type Hex, toHex } from '../../../src/base/hex.ts';
import { isJsonObject, parseJson } from '../../../src/base/json.ts';
import { ok } from '../../../src/base/result.ts';
import { Secret } from '../../../src/base/secret.ts';
import { readSignerInputs, type SignerInputs } from '../../../src/protocols/lighter/inputs.ts';
import type { AuthTokenPart, LighterPart } from '../../../src/protocols/lighter/request.ts';
import {
  createKernelSigner,
  type LighterSigner,
  sign,
  type SignDeps,
  type TransactionAnswer,
} from '../../../src/protocols/lighter/sign.ts';
import { type SigningRequest, signTransaction } from '../../../signers/lighter/index.ts';
import { goodRequests } from '../../support/good-lighter-requests.ts';
import { client, createSlot, kernel, named, order, partOf } from '../../support/judged-slot.ts';
import { keyVector } from '../../support/lighter-vectors.ts';

const secretKey = new Secret(fromHex(keyVector(0).privateKey));
const WALLET_SIGNATURE = toHex(new Uint8Array(65).fill(7));

function depsOf(deps: Partial<SignDeps> = {}): SignDeps {
  return {
    kernel,
    signer: createKernelSigner(kernel),
    secret: (keyId) => (keyId === client.keyId ? secretKey : undefined),
    countersign: () => Promise.resolve(WALLET_SIGNATURE),
    ...deps,
  };
}

/** The part's inputs, as they come back from the store. */
function inputsOf(part: LighterPart): SignerInputs {
  return readSignerInputs(createSlot().judge(part).inputs);
}

async function signed(part: LighterPart, deps = depsOf()): Promise<TransactionAnswer> {
  const answer = await sign(part, inputsOf(part), deps);
  if ('auth_token' in answer) throw new Error('not a transaction');
  return answer;
}

function fieldsOf({ tx_info: info }: TransactionAnswer) {
  const parsed = parseJson(info);
  if (!parsed.ok || !isJsonObject(parsed.value)) throw new Error('tx_info is an object');
  return parsed.value;
}

const names = Object.values(goodRequests)
  .map(({ name }) => name)
  .filter((name) => name !== 'ChangePubKey');

describe('a transaction', () => {
  test.each(names)('%s is signed as it was decided, by the key of the slot', async (name) => {
    const part = partOf(name);
    const inputs = inputsOf(part);
    const answer = await signed(part);
    expect(answer).toMatchObject({ tx_hash: 'hash' in inputs ? inputs.hash : '' });
    const verified = kernel.verify(
      fromHex(answer.signature),
      fromHex(answer.tx_hash),
      fromHex(client.publicKey),
    );
    expect(verified).toBe(true);
    expect(fieldsOf(answer)).toMatchObject({
      Nonce: answer.nonce,
      ExpiredAt: answer.expired_at,
      L2TxAttributes: { 4: 1n },
    });
  });

  test('says the same again from the same inputs, byte for byte', async () => {
    const part = order(named(7n));
    const inputs = inputsOf(part);
    const answers = await Promise.all([sign(part, inputs, depsOf()), sign(part, inputs, depsOf())]);
    expect(answers[0]).toEqual(answers[1]);
  });

  test('keeps the end of an order that was settled when it was decided', async () => {
    const part = partOf('CreateOrder', named(7n), { OrderExpiry: -1n });
    const slot = createSlot();
    const inputs = slot.signed(part);
    const answer = await sign(part, inputs, depsOf());
    if ('auth_token' in answer) throw new Error('not a transaction');
    expect(fieldsOf(answer)['OrderExpiry']).toBe(inputs.at + 28n * 86_400_000n);
  });

  test('is signed by a new key itself where it gives that key a slot', async () => {
    const other = keyVector(1);
    const newcomer = { ...client, publicKey: other.publicKey, keyId: 'lighter/pending' };
    const part = {
      ...partOf('ChangePubKey', named(7n), { PubKey: fromHex(other.publicKey) }),
      client: newcomer,
    };
    const secret = (keyId: string) =>
      keyId === 'lighter/pending' ? new Secret(fromHex(other.privateKey)) : undefined;
    const answer = await signed(part, depsOf({ secret }));
    const [signature, hash] = [fromHex(answer.signature), fromHex(answer.tx_hash)];
    expect(kernel.verify(signature, hash, fromHex(other.publicKey))).toBe(true);
    expect(answer.message_to_sign).toContain(`pubkey: 0x${other.publicKey}`);
  });
});

describe('the L1 wallet', () => {
  test('signs the text of a transfer, which takes no part in the hash', async () => {
    const part = partOf('Transfer', named(7n));
    const texts: string[] = [];
    const countersign = (walletId: string, text: string): Promise<Hex> => {
      texts.push(walletId, text);
      return Promise.resolve(WALLET_SIGNATURE);
    };
    const plain = await signed(part);
    const answer = await signed({ ...part, wallet: 'wallet/aa' }, depsOf({ countersign }));
    expect(texts).toEqual(['wallet/aa', plain.message_to_sign]);
    expect(fieldsOf(plain)['L1Sig']).toBe('');
    expect(fieldsOf(answer)['L1Sig']).toBe(`0x${WALLET_SIGNATURE}`);
    expect(answer.tx_hash).toBe(plain.tx_hash);
    expect(answer.signature).toBe(plain.signature);
  });

  test('is not asked where none was named: its text is handed out instead', async () => {
    const countersign = jest.fn<SignDeps['countersign']>();
    const answer = await signed(partOf('ApproveIntegrator'), depsOf({ countersign }));
    expect(countersign).not.toHaveBeenCalled();
    expect(answer.message_to_sign).toMatch(/^Approve Integrator\n/);
  });
});

describe('another signer', () => {
  /** Does what the kernel does, to another transaction than it is asked for. */
  function signerWith(
    change: (request: SigningRequest) => SigningRequest,
    says = {},
  ): LighterSigner {
    return {
      lifetime: 610_000n,
      repeatable: false,
      sign(request, privateKey, entropy) {
        const made = signTransaction(kernel, change(request), privateKey, entropy);
        return Promise.resolve(made.ok ? ok({ ...made.value, ...says }) : made);
      },
    };
  }
  const dated = (request: SigningRequest, ExpiredAt: bigint): SigningRequest => ({
    ...request,
    transaction: { ...request.transaction, ExpiredAt },
  });

  test('may date a transaction earlier, and is taken at its word only by our own hash', async () => {
    const part = order(named(7n));
    const expiredAt = createSlot().now + 598_000n;
    const signer = signerWith((request) => dated(request, expiredAt), { expiredAt });
    const answer = await signed(part, depsOf({ signer }));
    expect(answer.expired_at).toBe(expiredAt);
    expect(fieldsOf(answer)['ExpiredAt']).toBe(expiredAt);
  });

  test.each([
    ['something else', signerWith((request) => dated(request, 1n))],
    [
      'for longer than was decided',
      signerWith((request) => dated(request, 2n ** 47n), { expiredAt: 2n ** 47n }),
    ],
  ])('that signs %s is not heard', async (_what, signer) => {
    await expect(signed(order(named(7n)), depsOf({ signer }))).rejects.toThrow('nothing leaves');
  });

  test('that refuses says why', async () => {
    const signer = signerWith((request) => dated(request, -1n));
    await expect(signed(order(named(7n)), depsOf({ signer }))).rejects.toThrow('`ExpiredAt`');
    await expect(signed(order(named(7n)), depsOf({ signer }))).rejects.toMatchObject({
      reason: { code: 'lighter.range' },
    });
  });
});

describe('a token', () => {
  const token: AuthTokenPart = {
    kind: 'auth-token',
    id: 'a',
    subEvent: 'CREATE_AUTH_TOKEN',
    client,
  };

  test('carries deadline, account and slot, and is the same again', async () => {
    const inputs = inputsOf(token);
    const answer = await sign(token, inputs, depsOf());
    if (!('auth_token' in answer)) throw new Error('not a token');
    expect(answer.auth_token).toMatch(
      new RegExp(`^${String(answer.deadline)}:123:5:[0-9a-f]{160}$`),
    );
    expect(await sign(token, inputs, depsOf())).toEqual(answer);
  });

  test('is not made of the inputs of a transaction', async () => {
    await expect(sign(token, inputsOf(order(named(7n))), depsOf())).rejects.toThrow(
      'stored inputs',
    );
  });
});

test('a key that is gone is named', async () => {
  await expect(signed(order(named(7n)), depsOf({ secret: () => undefined }))).rejects.toThrow(
    'Signer not initialized: no key `lighter/304/123/5` in the key ring',
  );
});
