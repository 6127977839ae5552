/** Every signature that traders got: what it says, whether it holds, and whether any two disagree. */
import { base64 } from '@scure/base';

import { hashTransaction, type LighterKernel } from '../../../signers/lighter/index.ts';
import { fromHex, type Hex, toHex } from '../../../src/base/hex.ts';
import type { JsonObject } from '../../../src/base/json.ts';
import type { Chance } from '../../torture/random.ts';
import type { Tallies } from '../../torture/tally.ts';
import { verify } from '../lighter-reference/schnorr.ts';
import { fieldsOf, integerIn, transactionHash } from '../lighter-reference/transaction-hash.ts';
import { requestOfTxInfo } from '../lighter-vectors.ts';
import { type Asked, CHAIN } from './asks.ts';

/** One answer as it arrived. */
export interface Seen {
  readonly asked: Asked;
  /** Of a call; an event is known by its own id. */
  readonly job?: string;
  readonly nonce: bigint;
  readonly txType: bigint;
  readonly txInfo: string;
  readonly txHash: string;
}

export interface Ledger {
  readonly take: (asked: Asked, reply: JsonObject, job?: string) => Seen;
  /** From now on the exchange may be told that it refused this one, so that its nonce is free. */
  readonly reject: (seen: Seen) => void;
  readonly rejected: ReadonlySet<string>;
  readonly all: () => readonly Seen[];
  /** Hashes and signatures by the kernel, and of `sample` of them by the slow reference as well. */
  readonly check: (sample: number, chance: Chance) => void;
}

export interface LedgerDeps {
  readonly kernel: LighterKernel;
  readonly tallies: Tallies;
  readonly publicKeyOf: (slot: bigint) => Hex;
}

export function createLedger({ kernel, tallies, publicKeyOf }: LedgerDeps): Ledger {
  const all: Seen[] = [];
  const given = new Map<string, string>();
  const orders = new Map<string, Set<string>>();
  const rejected = new Set<string>();
  /** What is signed anew once it was rejected. */
  const renewed = new Set<string>();

  function take(asked: Asked, reply: JsonObject, job?: string): Seen {
    const seen = { ...read(asked, reply), ...(job === undefined ? {} : { job }) };
    all.push(seen);
    for (const name of asked.sameAs) {
      if (renewed.has(name) || remembered(given, name, seen.txInfo) === seen.txInfo) continue;
      tallies.violate('second effects', `\`${name}\` got other bytes when it was asked again`);
    }
    const place = `${String(asked.slot)}/${String(seen.nonce)}`;
    // A cancel may take a nonce from an order, because it takes risk away; nothing else may.
    if (!asked.isCancel && aliveAt(place, seen.txHash) > 1) {
      tallies.violate('second effects', `two orders are alive on nonce \`${place}\``);
    }
    const problem = misread(seen);
    if (problem !== undefined) tallies.violate('wrong answers', `${problem} at \`${place}\``);
    return seen;
  }

  /** How many orders are alive on a nonce, with this one. */
  function aliveAt(place: string, hash: string): number {
    const hashes = orders.get(place) ?? new Set();
    orders.set(place, hashes.add(hash));
    return [...hashes].filter((other) => !rejected.has(other)).length;
  }

  function reject({ asked, txHash }: Seen): void {
    rejected.add(txHash);
    for (const name of asked.sameAs) if (name !== asked.id) renewed.add(name);
  }

  function check(sample: number, chance: Chance): void {
    const unlike = new Map(all.map((seen) => [seen.txInfo, seen]));
    for (const seen of unlike.values()) {
      const { asked, txHash, txInfo } = seen;
      const name = asked.isCancel ? 'CancelOrder' : 'CreateOrder';
      const hash = hashTransaction(kernel, requestOfTxInfo(name, Number(CHAIN), txInfo));
      if (toHex(hash) !== txHash) tallies.violate('wrong answers', `\`tx_hash\` of ${txInfo}`);
      if (!kernel.verify(signatureIn(txInfo), hash, fromHex(publicKeyOf(asked.slot)))) {
        tallies.violate('wrong answers', `the signature of ${txInfo}`);
      }
    }
    for (const seen of chance.shuffled([...unlike.values()]).slice(0, sample)) checkSlowly(seen);
    tallies.other.count('different signatures', unlike.size);
  }

  function checkSlowly({ asked, txType, txInfo, txHash }: Seen): void {
    const hash = transactionHash(CHAIN, txType, txInfo);
    const key = fromHex(publicKeyOf(asked.slot));
    if (hash !== txHash || !verify(signatureIn(txInfo), fromHex(hash), key)) {
      tallies.violate('wrong answers', `the reference disagrees about ${txInfo}`);
    }
    tallies.other.count('signatures verified by the reference');
  }

  return Object.freeze({ take, reject, rejected, all: () => all, check });
}

/** What `values` has under `name`, or has from now on. */
function remembered(values: Map<string, string>, name: string, value: string): string {
  const before = values.get(name);
  if (before === undefined) values.set(name, value);
  return before ?? value;
}

function read(asked: Asked, reply: JsonObject): Seen {
  const { tx_info: txInfo, tx_hash: txHash } = reply;
  if (typeof txInfo !== 'string' || typeof txHash !== 'string') {
    throw new Error('an answer has `tx_info` and `tx_hash`');
  }
  const [nonce, txType] = [integerIn(reply, 'nonce'), integerIn(reply, 'tx_type')];
  return { asked, nonce, txType, txInfo, txHash };
}

/** Whether the answer is to this question. */
function misread({ asked, nonce, txInfo }: Seen): string | undefined {
  const { body, isCancel, slot } = asked;
  const fields = fieldsOf(txInfo);
  if (integerIn(fields, 'Nonce') !== nonce) return '`nonce` is not that of `tx_info`';
  if (typeof body['nonce'] === 'bigint' && body['nonce'] !== nonce) return 'another nonce';
  const [theirs, ours] = isCancel
    ? ['Index', 'order_index']
    : ['ClientOrderIndex', 'client_order_index'];
  const isSame = fields[theirs] === body[ours] && fields['ApiKeyIndex'] === slot;
  return isSame ? undefined : 'the answer to something else';
}

function signatureIn(txInfo: string): Uint8Array {
  const { Sig } = fieldsOf(txInfo);
  return base64.decode(typeof Sig === 'string' ? Sig : '');
}
