/**
 * Whether a payment to an unknown P2WSH funds a channel.
 *
 * The script of a funding output hides the counterparty's key until the first commitment spends it,
 * and wallets sign before or after that (BOLT 2: v1 establishment before, interactive transactions
 * after). Until then a payment is a candidate if a channel was begun here within the hour and no
 * other transaction was taken for its funding.
 */
import type { Hex } from '../../../base/hex.ts';
import type { Reason } from '../../../core/outcome.ts';
import type { ClassifiedTransaction } from '../classified.ts';
import { type FundingShelf, unknownWallet, type WalletRecord } from '../state.ts';
import type { Ledger } from './ledger.ts';

const HOUR = 3_600_000n;
const DAY = 24n * HOUR;
/** How long an output is remembered: retransmissions within this time get the same answer. */
const KEPT = 7n * DAY;
const MAX_FRESH = 64;
const MAX_ON_SHELF = 64;

type FundingOutput = FundingShelf['outputs'][number];
type NewOutput = Pick<FundingOutput, 'outpoint' | 'sat' | 'script'>;

/** All shelves there are: transaction ids by their first byte. */
export const SHELVES: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
);

/** The shelf on which outputs of a transaction are kept. */
export function shelfOf(txid: Hex): string {
  return txid.slice(0, 2);
}

/** Remembers that a channel has just begun, so that a payment may be its funding. */
export function channelBegan({ wallet }: Ledger, channelPath: string, now: bigint): void {
  wallet.change('', (current) => {
    const fresh = freshAt(current, now).filter((entry) => entry.channelPath !== channelPath);
    const began = [...fresh, { channelPath, at: now }].slice(-MAX_FRESH);
    return { ...(current ?? unknownWallet), fresh: began };
  });
}

/**
 * The one output of a wallet's payment that funds a channel or may do so, remembered as such;
 * `undefined` where none or several could be meant, or no channel waits for it.
 */
export function fundingOutputOf(
  ledger: Ledger,
  { txid, outputs }: ClassifiedTransaction,
  now: bigint,
): NewOutput | undefined {
  const [output, ...others] = outputs.filter(
    ({ type, ownPath }) => type === 'p2wsh' && ownPath === undefined,
  );
  if (output === undefined || others.length > 0) return undefined;
  const found = {
    outpoint: `${txid}:${String(output.index)}`,
    sat: output.sat,
    script: output.script,
  };
  const known = onShelf(ledger, found.outpoint);
  if (known !== undefined) return isSame(known, found) ? found : undefined;

  const fresh = freshAt(ledger.wallet.get(''), now);
  const taken =
    fresh.find(({ fundedBy }) => fundedBy === txid) ??
    fresh.find(({ fundedBy }) => fundedBy === undefined);
  if (taken === undefined) return undefined;
  ledger.wallet.change('', (current) => ({
    ...(current ?? unknownWallet),
    fresh: fresh.map((entry) => (entry === taken ? { ...entry, fundedBy: txid } : entry)),
  }));
  putOnShelf(ledger, { ...found, at: now }, now);
  return found;
}

/**
 * Remembers that a commitment of a channel spends an output. A candidate that it does not match was
 * something else, or the commitment is not valid.
 */
export function fundingSpent(
  ledger: Ledger,
  spent: NewOutput & { readonly channelPath: string },
  now: bigint,
): readonly Reason[] {
  const known = onShelf(ledger, spent.outpoint);
  if (known === undefined) {
    putOnShelf(ledger, { ...spent, at: now }, now);
    return [];
  }
  if (!isSame(known, spent)) {
    const message = `commitment of \`${spent.channelPath}\` does not spend output \`${spent.outpoint}\` as it was signed; check the node`;
    return [{ code: 'funding_contradiction', message }];
  }
  if (known.channelPath === undefined) putOnShelf(ledger, { ...known, ...spent }, now);
  return [];
}

/** Payments taken for funding that no commitment has spent within a day. */
export function unmatchedFundings({ fundings }: Ledger, now: bigint): readonly Reason[] {
  return SHELVES.flatMap((shelf) => fundings.get(shelf)?.outputs ?? [])
    .filter(
      ({ channelPath, at }) => channelPath === undefined && now - at >= DAY && now - at < KEPT,
    )
    .map(({ outpoint, sat }) => ({
      code: 'funding_unmatched',
      message: `output \`${outpoint}\` of ${String(sat)} sat was signed as the funding of a channel, and no commitment spends it; check where it went`,
    }));
}

function freshAt(wallet: WalletRecord | undefined, now: bigint): WalletRecord['fresh'] {
  return wallet?.fresh.filter(({ at }) => now - at < HOUR) ?? [];
}

function isSame(known: FundingOutput, found: NewOutput): boolean {
  return known.sat === found.sat && known.script === found.script;
}

function onShelf({ fundings }: Ledger, outpoint: string): FundingOutput | undefined {
  return fundings
    .get(shelfOfOutpoint(outpoint))
    ?.outputs.find((output) => output.outpoint === outpoint);
}

function putOnShelf({ fundings }: Ledger, added: FundingOutput, now: bigint): void {
  fundings.change(shelfOfOutpoint(added.outpoint), (current) => {
    const kept = (current?.outputs ?? []).filter(
      ({ outpoint, at }) => outpoint !== added.outpoint && now - at < KEPT,
    );
    return { outputs: [...kept, added].slice(-MAX_ON_SHELF) };
  });
}

function shelfOfOutpoint(outpoint: string): string {
  return outpoint.slice(0, 2);
}
