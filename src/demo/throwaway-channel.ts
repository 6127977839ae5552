/**
 * A channel of a node that exists only for this demo, and the transactions its signer is asked to
 * sign: built with bitcoinjs-lib as BOLT 3 says, with anchors, on keys of the official library.
 * Amounts are satoshi.
 */
import { randomBytes } from 'node:crypto';

import { ripemd160 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { payments, script, Transaction } from 'bitcoinjs-lib';

import { concatBytes } from '../base/bytes.ts';
import { fromHex, type Hex, toHex } from '../base/hex.ts';
import type { JsonObject } from '../base/json.ts';
import {
  commitmentTweak,
  type OfficialSigner,
  publicKeyOf,
  revocationTweaks,
  tweakedPublicKey,
  type Tweaks,
} from './official-signer.ts';

/** A signing job as it stands in an event, and what its signature must hold for. */
export interface AskedSignature {
  readonly job: JsonObject;
  readonly id: string;
  readonly path: string;
  readonly digest: Hex;
  readonly tweaks: Tweaks;
}

/** An output that can be spent; `script` is its witness script, or its P2WPKH program. */
interface Coin {
  readonly txid: Uint8Array;
  readonly vout: number;
  readonly sat: bigint;
  readonly script: Uint8Array;
}

interface Output {
  readonly sat: bigint;
  readonly script: Uint8Array;
}

interface Spend {
  readonly path: string;
  readonly tweaks?: Tweaks;
  readonly coin: Coin;
  readonly outputs: readonly Output[];
  readonly sequence?: number;
  readonly lockTime?: number;
  readonly sighashType?: number;
  readonly destinationPath?: string;
}

/** A commitment of the other side that our node is asked to sign, with one HTLC on it. */
interface Commitment {
  readonly asked: AskedSignature;
  /** The signature that their HTLC transaction needs from us. */
  readonly htlc: AskedSignature;
  /** Takes their balance, once they have revoked this commitment. */
  readonly justice: () => AskedSignature;
  /** The secret by which they revoke it. */
  readonly secret: Hex;
}

export interface ThrowawayChannel {
  readonly path: string;
  /** The payment of our wallet that opens it. */
  readonly funding: AskedSignature;
  readonly commitment: (number: bigint) => Commitment;
}

const CAPACITY = 1_000_000n;
const ANCHOR = 330n;
const HTLC = 50_000n;
const OUR_BALANCE = 400_000n;
const FEE = 2_000n;
const CHANGE = 100_000n;
const TO_SELF_DELAY = 144;
const ALL = Transaction.SIGHASH_ALL;
/** How HTLC transactions of the other side are signed where a channel has anchors. */
const SINGLE_ANYONECANPAY = Transaction.SIGHASH_SINGLE | Transaction.SIGHASH_ANYONECANPAY;

export function createThrowawayChannel(signer: OfficialSigner, path: string): ThrowawayChannel {
  const our = (key: number): Hex => signer.publicKey(`${path}/${String(key)}`);
  const [funding, revocation, payment, htlc] = [our(0), our(1), our(2), our(4)];
  const their = {
    funding: publicKeyOf(randomHex()),
    payment: publicKeyOf(randomHex()),
    delayed: publicKeyOf(randomHex()),
    htlc: publicKeyOf(randomHex()),
  };
  const fundingKeys = [funding, their.funding].sort().map(fromHex);
  const fundingScript = payments.p2ms({ m: 2, pubkeys: fundingKeys }).output ?? none();
  const opening = payFrom(signer, { sat: CAPACITY, script: p2wsh(fundingScript) });
  const output: Coin = { txid: opening.txid, vout: 0, sat: CAPACITY, script: fundingScript };
  const factor = sha256(concatBytes(fromHex(payment), fromHex(their.payment))).slice(-6);

  function commitment(number: bigint): Commitment {
    const secret = randomHex();
    const point = publicKeyOf(secret);
    const tweak = (basepoint: Hex): Hex => commitmentTweak(point, basepoint);
    const revocationTweak = revocationTweaks(revocation, secret);
    const keys = {
      revocation: tweakedPublicKey(revocation, revocationTweak),
      delayed: tweakedPublicKey(their.delayed, { add: tweak(their.delayed) }),
      theirHtlc: tweakedPublicKey(their.htlc, { add: tweak(their.htlc) }),
      ourHtlc: tweakedPublicKey(htlc, { add: tweak(htlc) }),
    };
    const toLocal = delayedScript(keys.revocation, keys.delayed);
    const htlcScript = offeredHtlcScript(keys, randomBytes(32));
    const theirBalance = CAPACITY - OUR_BALANCE - HTLC - 2n * ANCHOR - FEE;
    const outputs = sorted([
      { sat: ANCHOR, script: p2wsh(anchorScript(funding)) },
      { sat: ANCHOR, script: p2wsh(anchorScript(their.funding)) },
      { sat: HTLC, script: p2wsh(htlcScript) },
      { sat: OUR_BALANCE, script: p2wsh(toRemoteScript(payment)) },
      { sat: theirBalance, script: p2wsh(toLocal) },
    ]);
    const obscured = obscure(number, factor);
    const made = spend({
      path: `${path}/0`,
      coin: output,
      outputs,
      sequence: 0x80000000 + Number(obscured >> 24n),
      lockTime: 0x20000000 + Number(obscured & 0xffffffn),
    });
    const coinOf = (witnessScript: Uint8Array): Coin => {
      const program = toHex(p2wsh(witnessScript));
      const vout = outputs.findIndex((output) => toHex(output.script) === program);
      return { txid: made.txid, vout, sat: outputs[vout]?.sat ?? 0n, script: witnessScript };
    };
    return {
      secret,
      asked: made.asked,
      htlc: spend({
        path: `${path}/4`,
        tweaks: { add: tweak(htlc) },
        coin: coinOf(htlcScript),
        outputs: [{ sat: HTLC, script: p2wsh(toLocal) }],
        sequence: 1,
        lockTime: 800_000,
        sighashType: SINGLE_ANYONECANPAY,
      }).asked,
      justice: () => {
        const destinationPath = "m/84'/0'/0'/0/5";
        return spend({
          path: `${path}/1`,
          tweaks: revocationTweak,
          coin: coinOf(toLocal),
          outputs: [{ sat: theirBalance - FEE, script: p2wpkh(signer.publicKey(destinationPath)) }],
          destinationPath,
        }).asked;
      },
    };
  }

  return Object.freeze({ path, funding: opening.asked, commitment });
}

/** A payment of the node's on-chain wallet, to itself unless a script is given. */
export function walletPayment(
  signer: OfficialSigner,
  { sat, script: to }: { readonly sat: bigint; readonly script?: Uint8Array },
): AskedSignature {
  return payFrom(signer, { sat, script: to ?? p2wpkh(signer.publicKey("m/84'/0'/0'/0/1")) }).asked;
}

/** One output, and what is left to change. */
function payFrom(signer: OfficialSigner, to: Output): ReturnType<typeof spend> {
  const path = "m/84'/0'/0'/0/0";
  const destinationPath = "m/84'/0'/0'/1/0";
  const sat = to.sat + CHANGE + FEE;
  return spend({
    path,
    coin: { txid: randomBytes(32), vout: 1, sat, script: p2wpkh(signer.publicKey(path)) },
    outputs: [to, { sat: CHANGE, script: p2wpkh(signer.publicKey(destinationPath)) }],
    destinationPath,
  });
}

/** The output script of somebody whose key nobody has. */
export function strangerScript(): Uint8Array {
  return p2wpkh(publicKeyOf(randomHex()));
}

/** A job as the dashboard's test events have it: a digest, and nothing to rebuild it from. */
export function blindJob(path: string): AskedSignature {
  const id = payloadId();
  const digest = randomHex();
  const job = { id, derivation_path: path, message: digest, is_raw: true, ...NOTHING };
  return { job, id, path, digest, tweaks: {} };
}

const NOTHING = { add_tweak: null, mul_tweak: null, script: null, transaction: null, amount: null };

function spend(made: Spend): { readonly asked: AskedSignature; readonly txid: Uint8Array } {
  const { path, tweaks = {}, coin, sighashType = ALL } = made;
  const transaction = new Transaction();
  transaction.version = 2;
  transaction.locktime = made.lockTime ?? 0;
  transaction.addInput(coin.txid, coin.vout, made.sequence ?? 0xfffffffd);
  for (const output of made.outputs) transaction.addOutput(output.script, output.sat);
  const digest = toHex(
    transaction.hashForWitnessV0(0, scriptCodeOf(coin.script), coin.sat, sighashType),
  );
  const id = payloadId();
  const job = {
    id,
    derivation_path: path,
    message: digest,
    add_tweak: tweaks.add ?? null,
    mul_tweak: tweaks.mul ?? null,
    is_raw: true,
    script: toHex(coin.script),
    transaction: toHex(transaction.toBuffer()),
    amount: coin.sat,
    ...(made.destinationPath !== undefined && {
      destination_derivation_path: made.destinationPath,
    }),
  };
  return { asked: { job, id, path, digest, tweaks }, txid: transaction.getHash() };
}

let payloads = 0;
function payloadId(): string {
  payloads += 1;
  return `SignablePayload:demo-${String(payloads)}`;
}

function randomHex(): Hex {
  return toHex(randomBytes(32));
}

/** BIP143: a P2WPKH program stands for the P2PKH script of its key. */
function scriptCodeOf(spent: Uint8Array): Uint8Array {
  const isKeyHash = spent.length === 22 && spent[0] === 0;
  return isKeyHash ? (payments.p2pkh({ hash: spent.slice(2) }).output ?? none()) : spent;
}

function obscure(number: bigint, factor: Uint8Array): bigint {
  return number ^ BigInt(`0x${toHex(factor)}`);
}

/** BIP69: by value, then by script. */
function sorted(outputs: readonly Output[]): readonly Output[] {
  return outputs.toSorted((one, other) =>
    one.sat === other.sat
      ? toHex(one.script).localeCompare(toHex(other.script))
      : Number(one.sat - other.sat),
  );
}

function p2wpkh(publicKey: Hex): Uint8Array {
  return payments.p2wpkh({ pubkey: fromHex(publicKey) }).output ?? none();
}

function p2wsh(witnessScript: Uint8Array): Uint8Array {
  return payments.p2wsh({ redeem: { output: witnessScript } }).output ?? none();
}

/** BOLT 3, `to_local`: theirs after a delay, ours at once if they revoked it. */
function delayedScript(revocationKey: Hex, delayedKey: Hex): Uint8Array {
  const delay = toHex(script.number.encode(TO_SELF_DELAY));
  return script.fromASM(
    `OP_IF ${revocationKey} OP_ELSE ${delay} OP_CHECKSEQUENCEVERIFY OP_DROP ${delayedKey} OP_ENDIF OP_CHECKSIG`,
  );
}

/** BOLT 3, `to_remote` with anchors. */
function toRemoteScript(paymentKey: Hex): Uint8Array {
  return script.fromASM(`${paymentKey} OP_CHECKSIGVERIFY OP_1 OP_CHECKSEQUENCEVERIFY`);
}

function anchorScript(fundingKey: Hex): Uint8Array {
  return script.fromASM(
    `${fundingKey} OP_CHECKSIG OP_IFDUP OP_NOTIF OP_16 OP_CHECKSEQUENCEVERIFY OP_ENDIF`,
  );
}

/** BOLT 3, an HTLC that the owner of the commitment offers, with anchors. */
function offeredHtlcScript(
  keys: { readonly revocation: Hex; readonly theirHtlc: Hex; readonly ourHtlc: Hex },
  paymentHash: Uint8Array,
): Uint8Array {
  const revocationHash = toHex(ripemd160(sha256(fromHex(keys.revocation))));
  return script.fromASM(
    `OP_DUP OP_HASH160 ${revocationHash} OP_EQUAL OP_IF OP_CHECKSIG
    OP_ELSE ${keys.ourHtlc} OP_SWAP OP_SIZE 20 OP_EQUAL
    OP_NOTIF OP_DROP OP_2 OP_SWAP ${keys.theirHtlc} OP_2 OP_CHECKMULTISIG
    OP_ELSE OP_HASH160 ${toHex(ripemd160(paymentHash))} OP_EQUALVERIFY OP_CHECKSIG OP_ENDIF
    OP_1 OP_CHECKSEQUENCEVERIFY OP_DROP OP_ENDIF`.replaceAll(/\s+/g, ' '),
  );
}

/** What the library types as optional is always there for these inputs. */
function none(): never {
  throw new Error('bitcoinjs-lib built no script');
}
