/** What a node asks beside its channels: peers, invoices, its wallet, and things nobody can sign. */
import { sha256 } from '@noble/hashes/sha2.js';

import { type LightningKeys, nobleCurve } from '../../signers/lightning/index.ts';
import { p2wpkh } from '../../signers/lightning/output-script.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { toHex } from '../../src/base/hex.ts';
import type { SigningJob } from '../../src/protocols/lightspark/events.ts';
import { foreignScript, spend, walletCoin } from '../support/spend.ts';
import type { Ask, Asks } from './asks.ts';
import type { Chance } from './random.ts';

export interface NodeLifeDeps {
  readonly asks: Asks;
  readonly keys: LightningKeys;
  readonly chance: Chance;
}

const PEERS = 20;
const MOST_AT_ONCE = 12;
const NODE = 'node_with_server_signing:torture';
/** Payments above this are forbidden by the policy of the run. */
export const FORBIDDEN_ABOVE_SAT = 10_000_000n;

/** Bursts of asks that do not depend on each other. Never ends. */
export function* nodeLife(
  name: string,
  { asks, keys, chance }: NodeLifeDeps,
): Generator<readonly Ask[], never> {
  const peers = Array.from({ length: PEERS }, (_, place) => {
    const peer = nobleCurve.publicKey(digest(`peer ${String(place)}`));
    return { key: toHex(peer), sharedSecret: toHex(keys.sharedSecret(peer)) };
  });
  /** Invoices whose payment hash is out and whose preimage is not. */
  const open: string[] = [];
  let made = 0;
  const fresh = (kind: string): string => `${kind}:${name}-${String((made += 1))}`;

  const kinds: readonly [() => Ask, ...(() => Ask)[]] = [
    () => {
      const peer = peers[chance.below(PEERS)] ?? peers[0];
      if (peer === undefined) throw new Error('no peers');
      return asks.ecdh(peer.key, peer.sharedSecret);
    },
    () => asks.signInvoice(fresh('Invoice'), toHex(digest(fresh('hash')))),
    () => {
      const invoice = open.shift();
      if (invoice === undefined) return asks.paymentHash(fresh('Invoice'));
      return asks.preimage(invoice, toHex(keys.invoiceNonce(invoice)));
    },
    () => asks.paymentHash(fresh('Invoice')),
    () => asks.sign(NODE, [payment(keys, 100_000n, 'ourselves')]),
    () => asks.testEvent('m/3/19328/0', toHex(digest(fresh('test')))),
    () => asks.sign(NODE, [payment(keys, 100_000n, 'a stranger')], 'withheld'),
    () => asks.sign(NODE, [payment(keys, 2n * FORBIDDEN_ABOVE_SAT, 'a stranger')], 'declined'),
    () => asks.sign(NODE, [blind(keys)], 'withheld'),
    () => asks.notice('PAYMENT_FINISHED'),
    () => asks.unreadable(),
  ];
  const frequent = [...kinds.slice(0, 5), ...kinds.slice(0, 5), ...kinds];

  for (;;) {
    const burst = Array.from({ length: 1 + chance.below(MOST_AT_ONCE) }, () => {
      const make = frequent[chance.below(frequent.length)] ?? kinds[0];
      return make();
    });
    yield burst;
    open.push(
      ...burst
        .filter(({ operation }) => operation === 'SetInvoicePaymentHash')
        .flatMap(({ data }) =>
          typeof data['invoice_id'] === 'string' ? [data['invoice_id']] : [],
        ),
    );
  }
}

/** Without a transaction there is nothing to rebuild the digest from. */
function blind(keys: LightningKeys): SigningJob {
  const { id, derivationPath, message } = payment(keys, 1n, 'ourselves');
  return { id, derivationPath, message, isRaw: true };
}

function payment(keys: LightningKeys, sat: bigint, to: 'ourselves' | 'a stranger'): SigningJob {
  const path = "m/84'/0'/0'/0/0";
  const destinationPath = "m/84'/0'/0'/1/0";
  const change = p2wpkh(toHex(keys.publicKey(destinationPath)));
  const script = to === 'ourselves' ? change : foreignScript(to);
  return spend({
    path,
    coin: walletCoin(keys, path, sat + 11_000n),
    outputs: [
      { sat, script },
      { sat: 10_000n, script: change },
    ],
    destinationPath,
  }).job;
}

function digest(text: string): Uint8Array {
  return sha256(utf8(text));
}
