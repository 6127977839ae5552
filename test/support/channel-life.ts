/**
 * The honest life of one channel as a signer sees it (BOLT 2, BOLT 5): what each step asks for, in
 * the orders in which requests may arrive.
 *
 * A life is driven by steps; a step that makes no sense now does nothing. Requests that do not wait
 * for each other are queued per kind and delivered in any order: `deliver` takes one, and what
 * depends on another is only asked once that was delivered. Only two liberties are not taken, since
 * no node takes them: while our first commitment stands, the counterparty's count stays below eight,
 * and the first point is not asked for again after our first commitment is revoked.
 */
import { sha256 } from '@noble/hashes/sha2.js';

import { FIRST_COMMITMENT_INDEX as FIRST } from '../../signers/lightning/index.ts';
import { p2wsh } from '../../signers/lightning/output-script.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { toHex } from '../../src/base/hex.ts';
import type { SigningJob } from '../../src/protocols/lightspark/events.ts';
import {
  type ChannelType,
  type Commitment,
  createTestChannel,
  type TestChannel,
  type TestHtlc,
} from './channel-transactions.ts';
import type { Asked, GuardedSigner } from './guarded-signer.ts';
import { type Coin, foreignScript, freshJobId, spend, type Spend, walletCoin } from './spend.ts';

export const STEPS = [
  'add_htlc',
  'settle_htlc',
  'drain',
  'refill',
  'sign_theirs',
  'they_revoke',
  'revoke_ours',
  'deliver',
  'reconnect',
  'ask_point',
  'splice',
  'lock_splice',
  'announce',
] as const;
export const ENDINGS = ['force_close', 'they_force_close', 'breach', 'mutual_close'] as const;
export type Step = (typeof STEPS)[number] | (typeof ENDINGS)[number];

export interface LifeOptions {
  readonly signer: GuardedSigner;
  readonly channelPath: string;
  readonly type: ChannelType;
  readonly opener: 'node' | 'counterparty';
  /** What came of every request, as it is asked. */
  readonly onAsked: (asked: Asked, what: string) => void;
}

export interface ChannelLife {
  readonly channel: TestChannel;
  /** `dice`, any number, decides whatever a step leaves open. */
  readonly step: (step: Step, dice: number) => void;
  /** Delivers everything that is queued. */
  readonly flush: () => void;
  /** Number of our own commitment in force; those before it are revoked. */
  readonly ownNumber: () => bigint;
  /** Number of the counterparty's latest commitment. */
  readonly theirNumber: () => bigint;
  readonly isOpen: () => boolean;
  /** Our own commitment of any number, with one HTLC more than there is. */
  readonly ownCommitment: (number: bigint) => Commitment;
  readonly htlcJobs: (commitment: Commitment) => readonly SigningJob[];
  readonly sign: (...jobs: readonly SigningJob[]) => Asked;
  readonly release: (number: bigint) => Asked;
}

const CAPACITY = 1_000_000n;
const WALLET = "m/84'/2'/0'/0/1";
const LANES = ['sign', 'release', 'point', 'reveal'] as const;
type Lane = (typeof LANES)[number];

export function createChannelLife(options: LifeOptions): ChannelLife {
  const { signer, channelPath, type, opener, onAsked } = options;
  const { keys } = signer;
  const channel = createTestChannel({ keys, channelPath, type, opener, capacitySat: CAPACITY });
  const entityId = `Channel:${channelPath}`;
  const queues = new Map<Lane, (() => void)[]>(LANES.map((lane) => [lane, []]));

  let phase: 'new' | 'open' | 'closing' | 'closed' = 'new';
  let fundings: readonly Coin[] = [];
  let nodeSat = opener === 'node' ? 900_000n : 0n;
  let counterpartySat = opener === 'node' ? 0n : 900_000n;
  let htlcs: readonly TestHtlc[] = [];
  let htlcsMade = 0;
  let ownNumber = 0n;
  let theirNumber = 0n;
  let theirRevoked = 0n;
  let lastBatch: readonly SigningJob[] = [];
  let theirCommitments: readonly Commitment[] = [];

  // --- Requests ------------------------------------------------------------------------------

  function sign(...jobs: readonly SigningJob[]): Asked {
    return signer.ask('DERIVE_KEY_AND_SIGN', { jobs }, entityId);
  }
  const at = (number: bigint) => ({
    derivationPath: channelPath,
    index: FIRST - number,
    nodeId: 'node-1',
  });
  const release = (number: bigint): Asked =>
    signer.ask('RELEASE_PER_COMMITMENT_SECRET', at(number), entityId);

  function later(lane: Lane, what: string, ask: () => Asked): void {
    queues.get(lane)?.push(() => {
      onAsked(ask(), `${channelPath}: ${what}`);
    });
  }
  const signLater = (what: string, jobs: readonly SigningJob[]) => {
    later('sign', what, () => sign(...jobs));
  };
  const pointLater = (number: bigint) => {
    later('point', `point ${String(number)}`, () =>
      signer.ask('GET_PER_COMMITMENT_POINT', at(number), entityId),
    );
  };
  const releaseLater = (number: bigint) => {
    later('release', `release ${String(number)}`, () => release(number));
  };

  function deliver(lane: Lane): void {
    queues.get(lane)?.shift()?.();
  }
  function flushLane(lane: Lane): void {
    while ((queues.get(lane)?.length ?? 0) > 0) deliver(lane);
  }
  function flush(): void {
    for (const lane of LANES) flushLane(lane);
  }

  // --- Transactions ----------------------------------------------------------------------------

  const theirs = (number: bigint, funding: Coin): Commitment =>
    channel.commitment({
      owner: 'counterparty',
      number,
      nodeSat,
      counterpartySat,
      htlcs,
      funding,
    });
  const htlcJobs = (commitment: Commitment): readonly SigningJob[] =>
    commitment.htlcOutputs.map((output) => channel.htlcTransaction(commitment, output).job);

  /** Batches the jobs of one update: all together, or each commitment with its own, or all apart. */
  function signBatches(
    what: string,
    groups: readonly (readonly SigningJob[])[],
    dice: number,
  ): void {
    switch (dice % 3) {
      case 0:
        signLater(what, groups.flat());
        return;
      case 1:
        for (const group of groups) signLater(what, group);
        return;
      default:
        for (const job of groups.flat()) signLater(what, [job]);
    }
  }

  function signTheirs(number: bigint, dice: number): void {
    const commitments = fundings.map((funding) => theirs(number, funding));
    const groups = commitments.map((commitment) => [commitment.job, ...htlcJobs(commitment)]);
    theirCommitments = [...theirCommitments, ...commitments.slice(0, 1)].slice(-40);
    lastBatch = groups.flat();
    signBatches(`their commitment ${String(number)}`, groups, dice);
  }

  /** A wallet's payment to `script`, one job per input. */
  function walletPayment(script: Coin['script'], sat: bigint): readonly Spend[] {
    const coins = [walletCoin(keys, WALLET, sat), walletCoin(keys, WALLET, 50_000n)] as const;
    const outputs = [{ sat, script }];
    const shared = { path: WALLET, outputs } as const;
    return [
      spend({ ...shared, coin: coins[0], inputsAfter: [coins[1]] }),
      spend({ ...shared, coin: coins[1], inputsBefore: [coins[0]] }),
    ];
  }

  // --- Steps -------------------------------------------------------------------------------------

  /** BOLT 2, "Channel Establishment": the wallet signs before the first commitment, or after it. */
  function open(dice: number): void {
    pointLater(0n);
    pointLater(1n);
    flush();
    const script = channel.fundingScript();
    if (opener === 'counterparty') {
      fundings = [channel.funding];
      signTheirs(0n, dice);
    } else {
      const payment = walletPayment(p2wsh(script), CAPACITY);
      const [first] = payment;
      if (first === undefined) throw new Error('payment without inputs');
      fundings = [first.coin(0, script)];
      const pay = () => {
        signLater(
          'funding',
          payment.map(({ job }) => job),
        );
      };
      if (dice % 2 === 0) pay();
      signTheirs(0n, dice >> 1);
      if (dice % 2 === 1) pay();
    }
    flush();
    phase = 'open';
  }

  function addHtlc(dice: number): void {
    const sat = BigInt(20_000 + (dice % 20_000));
    const isOutgoing = dice % 2 === 0;
    if ((isOutgoing ? nodeSat : counterpartySat) < sat || htlcs.length >= 4) return;
    if (isOutgoing) nodeSat -= sat;
    else counterpartySat -= sat;
    htlcsMade += 1;
    htlcs = [
      ...htlcs,
      {
        direction: isOutgoing ? 'outgoing' : 'incoming',
        sat,
        paymentHash: toHex(sha256(utf8(`${channelPath} ${String(htlcsMade)}`))),
        cltvExpiry: 800_000 + htlcsMade,
      },
    ];
  }

  function settleHtlc(dice: number): void {
    const settled = htlcs[dice % Math.max(1, htlcs.length)];
    if (settled === undefined) return;
    htlcs = htlcs.filter((htlc) => htlc !== settled);
    const isFulfilled = dice % 3 !== 0;
    if ((settled.direction === 'outgoing') === isFulfilled) counterpartySat += settled.sat;
    else nodeSat += settled.sat;
  }

  function moveBalance(toNode: boolean): void {
    const total = nodeSat + counterpartySat;
    nodeSat = toNode ? total / 2n : 0n;
    counterpartySat = total - nodeSat;
  }

  function nextTheirs(dice: number): void {
    if (theirRevoked !== theirNumber) return;
    if (ownNumber === 0n && theirNumber >= 7n) return;
    theirNumber += 1n;
    signTheirs(theirNumber, dice);
  }

  function theyRevoke(): void {
    if (theirRevoked === theirNumber) return;
    flushLane('sign');
    const index = FIRST - theirRevoked;
    const secret = toHex(channel.counterpartySecret(index));
    later('reveal', `reveal ${String(theirRevoked)}`, () =>
      signer.ask('REVEAL_COUNTERPARTY_PER_COMMITMENT_SECRET', { index, secret }, entityId),
    );
    theirRevoked += 1n;
  }

  /** The counterparty signed our next commitment, so the one before it is revoked. */
  function revokeOurs(): void {
    flushLane('point');
    releaseLater(ownNumber);
    ownNumber += 1n;
    pointLater(ownNumber + 1n);
  }

  /**
   * BOLT 2, "Message Retransmission": the same again, under the same payload ids or under new ones;
   * or, where the counterparty never got the updates, the same number for another commitment.
   */
  function reconnect(dice: number): void {
    flushLane('sign');
    if (dice % 5 === 0 && theirRevoked < theirNumber) signTheirs(theirNumber, dice);
    const again =
      dice % 2 === 0 ? lastBatch : lastBatch.map((job) => ({ ...job, id: freshJobId() }));
    if (again.length > 0) signBatches('retransmission', [again], dice >> 1);
    if (ownNumber > 0n) releaseLater(ownNumber - 1n);
    pointLater(ownNumber);
    pointLater(ownNumber + 1n);
  }

  /** Commitments on the new output are signed before the transaction that makes it (BOLT 2, splicing). */
  function splice(dice: number): void {
    const [current] = fundings;
    if (current === undefined || fundings.length > 2) return;
    const script = channel.fundingScript();
    const wallet = walletCoin(keys, WALLET, 100_000n + BigInt(dice % 1000));
    const outputs = [{ sat: current.sat + 90_000n, script: p2wsh(script) }];
    const transaction = spend({
      path: `${channelPath}/0`,
      coin: current,
      inputsAfter: [wallet],
      outputs,
    });
    const contribution = spend({ path: WALLET, coin: wallet, inputsBefore: [current], outputs });
    flushLane('sign');
    // A second transaction for the same splice replaces the first by its fee; both stay possible.
    fundings = [...fundings, transaction.coin(0, script)];
    const commitment = theirs(theirNumber, transaction.coin(0, script));
    signBatches('splice', [[commitment.job, ...htlcJobs(commitment)]], dice);
    signLater('splice transaction', [transaction.job, contribution.job]);
  }

  function lockSplice(): void {
    const latest = fundings.at(-1);
    if (latest !== undefined) fundings = [latest];
  }

  // --- Endings -----------------------------------------------------------------------------------

  const ownCommitment = (number: bigint, extra: readonly TestHtlc[] = []): Commitment =>
    channel.commitment({
      owner: 'holder',
      number,
      nodeSat,
      counterpartySat,
      htlcs: [...htlcs, ...extra],
      ...(fundings[0] !== undefined && { funding: fundings[0] }),
    });

  const payOut = (coin: Coin) => ({
    outputs: [{ sat: coin.sat - 200n, script: foreignScript('cold storage') }],
  });

  function forceClose(dice: number): void {
    flushLane('sign');
    flushLane('point');
    const commitment = ownCommitment(ownNumber);
    const fees = type === 'anchors' && dice % 7 === 0 ? [walletCoin(keys, WALLET, 30_000n)] : [];
    const htlcTransactions = commitment.htlcOutputs.map(
      (output) => channel.htlcTransaction(commitment, output, { inputsAfter: fees }).job,
    );
    signBatches('force close', [[commitment.job], htlcTransactions], dice);
    if (dice % 5 === 0) signLater('force close again', [commitment.job, ...htlcJobs(commitment)]);
    if (type === 'anchors') {
      const anchor = commitment.output('own_anchor');
      const fee = walletCoin(keys, WALLET, 40_000n);
      const bump = channel.anchorSpend(commitment, { ...payOut(anchor), inputsAfter: [fee] });
      signLater('anchor', [bump.job]);
    }
    if (nodeSat > 0n) {
      const toLocal = commitment.output('to_local');
      signLater('sweep', [channel.toLocalSweep(commitment, payOut(toLocal)).job]);
      for (const output of commitment.htlcOutputs) {
        const second = channel.htlcTransaction(commitment, output).coin(0, toLocal.script);
        const from = { ...commitment, output: () => ({ ...toLocal, ...second }) };
        signLater('second-stage sweep', [channel.toLocalSweep(from, payOut(second)).job]);
      }
    }
    phase = 'closed';
  }

  function theyForceClose(dice: number): void {
    flushLane('sign');
    const commitment = theirCommitments.at(dice % 2 === 0 && theirRevoked < theirNumber ? -2 : -1);
    if (commitment === undefined) return;
    if (commitment.spec.nodeSat > 0n) {
      const output = commitment.output('to_remote');
      signLater('claim', [channel.toRemoteClaim(commitment, payOut(output)).job]);
    }
    for (const output of commitment.htlcOutputs) {
      signLater('HTLC claim', [channel.htlcClaim(commitment, output, payOut(output)).job]);
    }
    phase = 'closed';
  }

  function breach(dice: number): void {
    flush();
    const revoked = theirCommitments.filter(({ spec }) => spec.number < theirRevoked);
    const commitment = revoked[dice % Math.max(1, revoked.length)];
    const stolen = commitment?.outputs.filter(({ kind }) => kind === 'to_local' || kind === 'htlc');
    if (commitment === undefined || stolen === undefined || stolen.length === 0) return;
    signLater(
      'justice',
      stolen.map((output) => channel.justice(commitment, output, payOut(output)).job),
    );
    phase = 'closed';
  }

  /** Several rounds of fee negotiation; the counterparty may still force-close afterwards. */
  function mutualClose(dice: number): void {
    const [funding] = fundings;
    if (htlcs.length > 0 || funding === undefined) return;
    for (let round = 0n; round <= BigInt(dice % 4); round += 1n) {
      const outputs = [
        { sat: nodeSat, script: walletCoin(keys, 'm/1/0', 1n).script },
        { sat: counterpartySat - 100n * round, script: foreignScript('peer') },
      ].filter(({ sat }) => sat > 0n);
      signLater('mutual close', [spend({ path: `${channelPath}/0`, coin: funding, outputs }).job]);
    }
    phase = 'closing';
  }

  const acts: Readonly<Record<Step, (dice: number) => void>> = {
    add_htlc: addHtlc,
    settle_htlc: settleHtlc,
    drain: () => {
      moveBalance(false);
    },
    refill: () => {
      moveBalance(true);
    },
    sign_theirs: nextTheirs,
    they_revoke: theyRevoke,
    revoke_ours: revokeOurs,
    deliver: (dice) => {
      deliver(LANES[dice % LANES.length] ?? 'sign');
    },
    reconnect,
    ask_point: (dice) => {
      pointLater(ownNumber + BigInt(dice % 3));
    },
    splice,
    lock_splice: lockSplice,
    announce: () => {
      signLater('announcement', [channel.announcement('REGTEST').job]);
    },
    force_close: forceClose,
    they_force_close: theyForceClose,
    breach,
    mutual_close: mutualClose,
  };

  const isEnding = (step: Step) => ENDINGS.some((ending) => ending === step);

  return {
    channel,
    step(step, dice) {
      if (phase === 'new') open(dice);
      const isPossible =
        phase === 'open' || step === 'deliver' || (phase === 'closing' && isEnding(step));
      if (isPossible) acts[step](dice);
    },
    flush,
    ownNumber: () => ownNumber,
    theirNumber: () => theirNumber,
    isOpen: () => phase === 'open',
    ownCommitment: (number) =>
      ownCommitment(number, [
        {
          direction: 'outgoing',
          sat: 10_000n,
          paymentHash: toHex(sha256(utf8('x'))),
          cltvExpiry: 1,
        },
      ]),
    htlcJobs,
    sign,
    release,
  };
}
