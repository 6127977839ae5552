/**
 * A Lightning channel for tests: the node under test on one side, a simulated counterparty on the
 * other, and every transaction between them built exactly as BOLT 3 says, as the signing job that
 * asks the node for its part.
 *
 * `createTestChannel(options)` fixes keys, funding output and channel type. From it come
 * - `commitment` of either owner, `mutualClose`, `splice`, `announcement`: the funding key's work;
 * - `htlcTransaction` on a commitment of either owner;
 * - `anchorSpend`, `toLocalSweep`: what follows a holder's commitment on the chain;
 * - `toRemoteClaim`, `htlcClaim`, `justice`: what follows a counterparty's.
 * Each returns a `Spend` (spend.ts); its `job` is what Lightspark would send, and every detail of an
 * honest transaction can be overridden. Amounts are satoshi; what outputs leave over is the fee.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { ripemd160 } from '@noble/hashes/legacy.js';

import {
  type BitcoinNetwork,
  channelKeyPath,
  type ChannelKey,
  commitmentTweak,
  FIRST_COMMITMENT_INDEX,
  type KeyTweaks,
  type LightningKeys,
  nobleCurve,
  revocationTweaks,
} from '../../signers/lightning/index.ts';
import {
  fieldsOfObscuredNumber,
  obscureNumber,
  obscuringFactor,
} from '../../signers/lightning/commitment-number.ts';
import { tweakPrivateKey } from '../../signers/lightning/key-tweaks.ts';
import { hash160, joinHex, p2wpkh, p2wsh } from '../../signers/lightning/output-script.ts';
import { generateFromSeed } from '../../signers/lightning/per-commitment.ts';
import { buildChannelScript, fundingScript } from '../../signers/lightning/script.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { fromHex, type Hex, toHex } from '../../src/base/hex.ts';
import type { SigningJob } from '../../src/protocols/lightspark/events.ts';
import { type Coin, freshJobId, type Output, spend, type Spend, type SpendSpec } from './spend.ts';

/** `option_static_remotekey`, keyed anchors, or zero-fee commitments (transaction version 3). */
export type ChannelType = 'static_remotekey' | 'anchors' | 'zero_fee_commitments';

export interface TestChannelOptions {
  readonly keys: LightningKeys;
  readonly channelPath: string;
  readonly type?: ChannelType;
  readonly capacitySat?: bigint;
  readonly opener?: 'node' | 'counterparty';
  readonly toSelfDelay?: number;
}

export interface TestHtlc {
  /** Seen from the node under test. */
  readonly direction: 'outgoing' | 'incoming';
  readonly sat: bigint;
  readonly paymentHash: Hex;
  readonly cltvExpiry: number;
}

export interface CommitmentSpec {
  readonly owner: 'holder' | 'counterparty';
  readonly number: bigint;
  /** Balances after fees; an output of 0 is trimmed. */
  readonly nodeSat: bigint;
  readonly counterpartySat: bigint;
  readonly htlcs?: readonly TestHtlc[];
  /** Spends this funding output instead of the first one, e.g. after a splice. */
  readonly funding?: Coin;
  /** The node's funding key was changed by adding this. */
  readonly fundingTweak?: Uint8Array;
}

/** An output of a commitment; HTLCs know what they are. */
export interface CommitmentOutput extends Coin {
  readonly kind:
    'to_local' | 'to_remote' | 'own_anchor' | 'other_anchor' | 'shared_anchor' | 'htlc';
  readonly htlc?: TestHtlc;
}

export interface Commitment extends Spend {
  readonly spec: CommitmentSpec;
  readonly outputs: readonly CommitmentOutput[];
  /** The first output of a kind; throws where it was trimmed. */
  readonly output: (kind: CommitmentOutput['kind']) => CommitmentOutput;
  readonly htlcOutputs: readonly CommitmentOutput[];
}

/** What may differ from what an honest sender would ask. */
export type Overrides = Partial<Omit<SpendSpec, 'path' | 'coin'>>;
/** Where the money goes has no default. */
export type Destination = Overrides & Pick<SpendSpec, 'outputs'>;

export interface Announcement {
  /** With type and signatures. */
  readonly message: Hex;
  /** What the signatures commit to. */
  readonly signedPart: Hex;
  /** Carries the whole message as its transaction. */
  readonly job: SigningJob;
}

export interface TestChannel {
  readonly channelPath: string;
  readonly funding: Coin;
  readonly obscuringFactor: bigint;
  readonly counterpartyFundingKey: Hex;
  /** Secret of the counterparty's commitment at an index, as REVEAL hands it over. */
  readonly counterpartySecret: (index: bigint) => Uint8Array;
  /** Funding script once the node's funding key is tweaked. */
  readonly fundingScript: (nodeTweak?: Uint8Array) => Hex;
  readonly commitment: (spec: CommitmentSpec) => Commitment;
  readonly mutualClose: (to: Destination) => Spend;
  readonly splice: (to: Destination) => Spend;
  readonly htlcTransaction: (from: Commitment, htlc: CommitmentOutput, to?: Overrides) => Spend;
  readonly anchorSpend: (from: Commitment, to: Destination) => Spend;
  readonly toLocalSweep: (from: Commitment, to: Destination) => Spend;
  readonly toRemoteClaim: (from: Commitment, to: Destination) => Spend;
  readonly htlcClaim: (from: Commitment, htlc: CommitmentOutput, to: Destination) => Spend;
  /** Takes a `to_local` or HTLC output of a revoked commitment of the counterparty. */
  readonly justice: (from: Commitment, output: CommitmentOutput, to: Destination) => Spend;
  readonly announcement: (network: BitcoinNetwork) => Announcement;
}

export function createTestChannel(options: TestChannelOptions): TestChannel {
  const { keys, channelPath, type = 'anchors', toSelfDelay = 144, opener = 'node' } = options;
  const hasKeyedAnchors = type === 'anchors';
  const version = type === 'zero_fee_commitments' ? 3 : 2;

  const secretOf = (name: string): Uint8Array =>
    sha256(utf8(`counterparty ${channelPath} ${name}`));
  const path = (key: ChannelKey): string => channelKeyPath(channelPath, key);
  /** Public keys of both sides, after tweaks. */
  const our = (key: ChannelKey, tweaks?: KeyTweaks): Uint8Array =>
    keys.publicKey(path(key), tweaks);
  const their = (key: ChannelKey, tweaks: KeyTweaks = {}): Uint8Array =>
    nobleCurve.publicKey(tweakPrivateKey(nobleCurve, secretOf(key), tweaks));

  const counterpartyFundingKey = toHex(their('funding'));
  const fundingScriptOf = (nodeTweak?: Uint8Array): Hex =>
    fundingScript(toHex(our('funding', nodeTweak && { add: nodeTweak })), counterpartyFundingKey);
  const funding: Coin = {
    txid: toHex(secretOf('funding transaction')),
    vout: 1,
    sat: options.capacitySat ?? 1_000_000n,
    script: fundingScriptOf(),
  };
  const factor =
    opener === 'node'
      ? obscuringFactor(our('payment'), their('payment'))
      : obscuringFactor(their('payment'), our('payment'));
  const remembered = new Map<string, CommitmentKeys>();
  const counterpartySecret = (index: bigint): Uint8Array =>
    generateFromSeed(secretOf('commitments'), index);

  /** Keys of one commitment (BOLT 3, "Key Derivation") and the tweaks that make the node's own. */
  function keysOf({ owner, number }: CommitmentSpec): CommitmentKeys {
    const name = `${owner} ${String(number)}`;
    const known = remembered.get(name) ?? deriveKeys(owner, number);
    remembered.set(name, known);
    return known;
  }

  function deriveKeys(owner: CommitmentSpec['owner'], number: bigint): CommitmentKeys {
    const index = FIRST_COMMITMENT_INDEX - number;
    const isHolder = owner === 'holder';
    const secret = isHolder
      ? keys.perCommitmentSecret(channelPath, index)
      : counterpartySecret(index);
    const point = nobleCurve.publicKey(secret);
    const [local, remote] = isHolder ? ([our, their] as const) : ([their, our] as const);
    const tweak = (side: typeof our, key: ChannelKey): KeyTweaks => ({
      add: commitmentTweak(point, side(key)),
    });
    const revocation = revocationTweaks(nobleCurve, remote('revocation'), secret);
    return {
      revocationKey: toHex(remote('revocation', revocation)),
      delayedKey: toHex(local('delayed_payment', tweak(local, 'delayed_payment'))),
      localHtlcKey: toHex(local('htlc', tweak(local, 'htlc'))),
      remoteHtlcKey: toHex(remote('htlc', tweak(remote, 'htlc'))),
      paymentKey: toHex(remote('payment')),
      ourTweaks: {
        delayed_payment: tweak(our, 'delayed_payment'),
        htlc: tweak(our, 'htlc'),
        revocation,
      },
    };
  }

  function outputsOf(spec: CommitmentSpec): readonly Omit<CommitmentOutput, 'txid' | 'vout'>[] {
    const { revocationKey, delayedKey, localHtlcKey, remoteHtlcKey, paymentKey } = keysOf(spec);
    const isHolder = spec.owner === 'holder';
    const [localSat, remoteSat] = isHolder
      ? [spec.nodeSat, spec.counterpartySat]
      : [spec.counterpartySat, spec.nodeSat];
    const htlcs = (spec.htlcs ?? []).map((htlc) => {
      const parts = {
        revocationHash160: hash160(fromHex(revocationKey)),
        remoteHtlcKey,
        localHtlcKey,
        paymentHash160: toHex(ripemd160(fromHex(htlc.paymentHash))),
        delayed: hasKeyedAnchors,
      };
      const isOffered = isHolder === (htlc.direction === 'outgoing');
      const script = isOffered
        ? buildChannelScript({ kind: 'offered_htlc', ...parts })
        : buildChannelScript({ kind: 'received_htlc', cltvExpiry: htlc.cltvExpiry, ...parts });
      return { kind: 'htlc' as const, sat: htlc.sat, script, htlc };
    });
    const toLocal = buildChannelScript({
      kind: 'to_local',
      revocationKey,
      toSelfDelay,
      delayedKey,
    });
    const toRemote = hasKeyedAnchors
      ? buildChannelScript({ kind: 'to_remote', paymentKey })
      : p2wpkh(paymentKey);
    const anchor = (fundingKey: Hex): Hex => buildChannelScript({ kind: 'anchor', fundingKey });
    const ownFundingKey = toHex(our('funding', spec.fundingTweak && { add: spec.fundingTweak }));
    const anchors = {
      static_remotekey: [],
      anchors: [
        { kind: 'own_anchor' as const, sat: 330n, script: anchor(ownFundingKey) },
        { kind: 'other_anchor' as const, sat: 330n, script: anchor(counterpartyFundingKey) },
      ],
      zero_fee_commitments: [{ kind: 'shared_anchor' as const, sat: 0n, script: P2A }],
    }[type];
    return [
      ...(localSat > 0n ? [{ kind: 'to_local' as const, sat: localSat, script: toLocal }] : []),
      ...(remoteSat > 0n ? [{ kind: 'to_remote' as const, sat: remoteSat, script: toRemote }] : []),
      ...htlcs,
      ...anchors,
    ].sort(byOutputOrder);
  }

  function commitment(spec: CommitmentSpec): Commitment {
    const fields = fieldsOfObscuredNumber(obscureNumber(spec.number, factor));
    const planned = outputsOf(spec);
    const made = spend({
      path: path('funding'),
      ...(spec.fundingTweak && { tweaks: { add: spec.fundingTweak } }),
      coin: spec.funding ?? { ...funding, script: fundingScriptOf(spec.fundingTweak) },
      ...fields,
      version,
      outputs: planned.map(({ sat, script }) => ({ sat, script: scriptPubKeyOf(script) })),
    });
    const outputs = planned.map((output, vout) => ({ ...output, txid: made.txid, vout }));
    return {
      ...made,
      spec,
      outputs,
      output(kind) {
        const found = outputs.find((output) => output.kind === kind);
        if (found === undefined) throw new Error(`commitment has no ${kind} output`);
        return found;
      },
      htlcOutputs: outputs.filter(({ kind }) => kind === 'htlc'),
    };
  }

  /** BOLT 3, "HTLC-Timeout and HTLC-Success Transactions". */
  function htlcTransaction(from: Commitment, coin: CommitmentOutput, to: Overrides = {}): Spend {
    const { revocationKey, delayedKey, ourTweaks } = keysOf(from.spec);
    const { htlc } = coin;
    if (htlc === undefined) throw new Error('output is no HTLC');
    const isHolder = from.spec.owner === 'holder';
    const isTimeout = isHolder === (htlc.direction === 'outgoing');
    const script = buildChannelScript({ kind: 'to_local', revocationKey, toSelfDelay, delayedKey });
    const fee = type === 'static_remotekey' ? 500n : 0n;
    return spend({
      path: path('htlc'),
      tweaks: ourTweaks.htlc,
      coin,
      sequence: hasKeyedAnchors ? 1 : 0,
      lockTime: isTimeout ? htlc.cltvExpiry : 0,
      version,
      // The owner's own signature covers everything; the other side's lets it add fees later.
      sighashType: isHolder || type === 'static_remotekey' ? 0x01 : 0x83,
      outputs: [{ sat: coin.sat - fee, script: p2wsh(script) }],
      ...to,
    });
  }

  const announcement = (network: BitcoinNetwork): Announcement => {
    const nodeIds = [toHex(keys.publicKey('m/0')), toHex(nobleCurve.publicKey(secretOf('node')))];
    const fundingKeys = [toHex(our('funding')), counterpartyFundingKey];
    const shortChannelId = '0b16210000010001';
    const signedPart = joinHex(
      '0000',
      CHAIN_HASHES[network],
      shortChannelId,
      ...nodeIds.sort(),
      ...fundingKeys.sort(),
    );
    const message = joinHex('0100', '11'.repeat(4 * 64), signedPart);
    const digest = toHex(sha256(sha256(fromHex(signedPart))));
    return {
      message,
      signedPart,
      job: {
        id: freshJobId(),
        derivationPath: path('funding'),
        message: digest,
        isRaw: true,
        transaction: message,
      },
    };
  };

  return {
    channelPath,
    funding,
    obscuringFactor: factor,
    counterpartyFundingKey,
    counterpartySecret,
    fundingScript: fundingScriptOf,
    commitment,
    mutualClose: (to) => spend({ path: path('funding'), coin: funding, ...to }),
    splice: (to) => spend({ path: path('funding'), coin: funding, ...to }),
    htlcTransaction,
    anchorSpend: (from, to) =>
      spend({ path: path('funding'), coin: from.output('own_anchor'), ...to }),
    toLocalSweep: (from, to) =>
      spend({
        path: path('delayed_payment'),
        tweaks: keysOf(from.spec).ourTweaks.delayed_payment,
        coin: from.output('to_local'),
        sequence: toSelfDelay,
        psbt: true,
        ...to,
      }),
    toRemoteClaim: (from, to) =>
      spend({
        path: path('payment'),
        coin: from.output('to_remote'),
        sequence: hasKeyedAnchors ? 1 : 0,
        psbt: true,
        ...to,
      }),
    htlcClaim: (from, coin, to) =>
      spend({
        path: path('htlc'),
        tweaks: keysOf(from.spec).ourTweaks.htlc,
        coin,
        sequence: hasKeyedAnchors ? 1 : 0,
        lockTime: coin.htlc?.cltvExpiry ?? 0,
        ...to,
      }),
    justice: (from, coin, to) =>
      spend({
        path: path('revocation'),
        tweaks: keysOf(from.spec).ourTweaks.revocation,
        coin,
        ...to,
      }),
    announcement,
  };
}

interface CommitmentKeys {
  readonly revocationKey: Hex;
  readonly delayedKey: Hex;
  readonly localHtlcKey: Hex;
  readonly remoteHtlcKey: Hex;
  readonly paymentKey: Hex;
  readonly ourTweaks: Readonly<Record<'delayed_payment' | 'htlc' | 'revocation', KeyTweaks>>;
}

/** Pay-to-anchor (BIP433). */
const P2A = joinHex('51024e73');

/** Genesis block hashes as BOLT 0 and BOLT 7 write them. */
const CHAIN_HASHES: Readonly<Record<BitcoinNetwork, string>> = {
  MAINNET: '6fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000',
  TESTNET: '43497fd7f826957108f4a30fd9cec3aeba79972084e90ead01ea330900000000',
  REGTEST: '06226e46111a0b59caaf126043eb5bbf28c34f3a5e332a1fc7b2b73cf188910f',
  SIGNET: 'f61eee3b63a380a477a063af32b2bbc97c9ff9f01f2c4225e973988108000000',
};

/** P2A and P2WPKH are their own script; every other script of a channel is behind its hash. */
function scriptPubKeyOf(script: Hex): Hex {
  return script === P2A || script.startsWith('0014') ? script : p2wsh(script);
}

/** BIP69 and, for equal HTLCs, expiry (BOLT 3, "Transaction Output Ordering"). */
function byOutputOrder(
  left: Output & { readonly htlc?: TestHtlc },
  right: Output & { readonly htlc?: TestHtlc },
): number {
  if (left.sat !== right.sat) return left.sat < right.sat ? -1 : 1;
  const [leftScript, rightScript] = [scriptPubKeyOf(left.script), scriptPubKeyOf(right.script)];
  if (leftScript !== rightScript) return leftScript < rightScript ? -1 : 1;
  return (left.htlc?.cltvExpiry ?? 0) - (right.htlc?.cltvExpiry ?? 0);
}
