/** The demo's trader checks signatures with our own kernel; here others say whether it is right. */
import { describe, expect, test } from '@jest/globals';
import { base64 } from '@scure/base';
import { verifyMessage } from 'ethers';

import {
  createLighterKernel,
  parsePrivateKey,
  signTransaction,
  type SigningRequest,
} from '../../signers/lighter/index.ts';
import { fromHex } from '../../src/base/hex.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { startLighterStandIn } from '../../src/demo/lighter-stand-in.ts';
import { createLighterTrader, type Meant } from '../../src/demo/lighter-trader.ts';
import { hex } from '../support/hex.ts';
import { verify } from '../support/lighter-reference/schnorr.ts';
import { objectIn } from '../support/object-json.ts';

const kernel = createLighterKernel();
const trader = createLighterTrader();
const { account, apiKey, chainId } = trader;

const cancel: Meant = {
  name: 'CancelOrder',
  fields: { AccountIndex: account, ApiKeyIndex: apiKey, MarketIndex: 3n, Index: 9n },
};

/** What the daemon would tell of a cancellation signed by the trader's key. */
function told(index: bigint, nonce: bigint): JsonObject {
  const secret = parsePrivateKey(kernel, trader.privateKey);
  if (!secret.ok) throw new Error(secret.error.message);
  const expiredAt = 1_800_000_000_000n;
  const request: SigningRequest<'CancelOrder'> = {
    name: 'CancelOrder',
    chainId,
    transaction: {
      ...{ AccountIndex: account, ApiKeyIndex: apiKey, MarketIndex: 3n, Index: index },
      ...{ Nonce: nonce, ExpiredAt: expiredAt, L2TxAttributes: { SkipNonce: 1n } },
    },
  };
  const signed = signTransaction(kernel, request, secret.value, new Uint8Array(64));
  if (!signed.ok) throw new Error(signed.error.message);
  const { txInfo, txHash, txType } = signed.value;
  return {
    tx_type: BigInt(txType),
    tx_info: txInfo,
    tx_hash: txHash,
    nonce,
    expired_at: expiredAt,
  };
}

function infoOf(reply: JsonObject): JsonObject {
  const { tx_info: info } = reply;
  return objectIn(typeof info === 'string' ? info : '');
}

function withOtherSignature(reply: JsonObject): JsonObject {
  const { tx_info: info = '' } = told(9n, 2n);
  return { ...reply, tx_info: info };
}

describe("the demo's trader", () => {
  test('believes what the readable reference verifies', async () => {
    const reply = told(9n, 1n);
    expect(await trader.check(cancel, reply)).toEqual([]);
    const { Sig: sig } = infoOf(reply);
    const { tx_hash: hash } = reply;
    if (typeof sig !== 'string' || typeof hash !== 'string') throw new Error('no transaction');
    expect(verify(base64.decode(sig), fromHex(hex(hash)), fromHex(trader.publicKey))).toBe(true);
  });

  test.each<readonly [string, () => JsonObject]>([
    ['another order', () => told(10n, 1n)],
    ['a signature of another nonce', () => withOtherSignature(told(9n, 1n))],
    ['another expiry than it says', () => ({ ...told(9n, 1n), expired_at: 1n })],
    ['another hash than it signed', () => ({ ...told(9n, 1n), tx_hash: '00'.repeat(40) })],
    ['nothing', () => ({})],
  ])('notices %s', async (_, reply) => {
    expect(await trader.check(cancel, reply())).not.toEqual([]);
  });

  test('notices a signature of another key', async () => {
    expect(await createLighterTrader().check(cancel, told(9n, 1n))).not.toEqual([]);
  });

  test('tells what the exchange refuses', async () => {
    await using exchange = await startLighterStandIn();
    exchange.addAccount(account, trader.owner);
    exchange.setKey(account, apiKey, trader.publicKey);
    expect(await trader.check(cancel, told(9n, 5n), exchange)).toEqual([]);
    expect(await trader.check(cancel, told(9n, 5n), exchange)).toEqual([
      expect.stringContaining('invalid nonce'),
    ]);
  });

  test('countersigns as wallets do', () => {
    expect(verifyMessage('Register me', trader.countersign('Register me'))).toBe(trader.owner);
  });
});
