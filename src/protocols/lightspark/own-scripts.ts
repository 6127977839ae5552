/**
 * Which output scripts are our own: keys of the on-chain wallet, of closed channels' destinations,
 * and of a channel's payment key. Only what we derive ourselves counts, never what a sender says.
 */
import { type Hex, toHex } from '../../base/hex.ts';
import { createRecentlyUsed } from '../../base/recently-used.ts';
import {
  type BitcoinNetwork,
  channelKeyPath,
  type LightningKeys,
  parsePath,
} from '../../../signers/lightning/index.ts';
import { p2wpkh, p2wsh } from '../../../signers/lightning/output-script.ts';
import { buildChannelScript } from '../../../signers/lightning/script.ts';

/** Chains of keys that the node's own wallets count through. */
export const WALLET_CHAINS = ['l1_receiving', 'l1_change', 'destination'] as const;
export type WalletChain = (typeof WALLET_CHAINS)[number];

/** Highest index seen in use, per chain; a chain without one was never seen. */
export type HighestIndices = Readonly<Partial<Record<WalletChain, number>>>;

export interface OwnScripts {
  /** Path of a wallet key near the indices in use whose P2WPKH script this is. */
  readonly walletPath: (script: Hex, highest: HighestIndices) => string | undefined;
  /** Scripts of a path that the sender names as its destination; none unless it is a wallet's. */
  readonly destination: (path: string) => ReadonlyMap<Hex, string>;
  /** Scripts that pay a channel's payment key: P2WPKH, and the delayed one of `option_anchors`. */
  readonly payment: (channelPath: string) => ReadonlyMap<Hex, string>;
}

export interface WalletPlace {
  readonly chain: WalletChain;
  readonly index: number;
}

/** Unused indices that wallets look ahead by (BIP44, "Address gap limit"). */
const GAP = 20;
const MAX_INDEX = 2 ** 31 - 1;
/** Windows remembered: a few states of every chain. */
const WINDOWS = 4 * WALLET_CHAINS.length;
/** Channels whose payment scripts are remembered. */
const CHANNELS = 1024;

/** Coin types of Lightspark's on-chain wallet; that of regtest is its own. */
const COINS: Readonly<Record<BitcoinNetwork, number>> = {
  MAINNET: 0,
  TESTNET: 1,
  SIGNET: 1,
  REGTEST: 2,
};

/** Place of a wallet path in its chain; `undefined` for every other path. */
export function walletPlaceOf(path: string): WalletPlace | undefined {
  const parsed = parsePath(path);
  if (!parsed.ok) return undefined;
  const { use } = parsed.value;
  if (use.kind === 'destination') return { chain: 'destination', index: use.index };
  if (use.kind !== 'l1_wallet' || use.account !== 0) return undefined;
  return { chain: use.chain === 0 ? 'l1_receiving' : 'l1_change', index: use.index };
}

export function createOwnScripts(keys: LightningKeys, network: BitcoinNetwork): OwnScripts {
  const windows = createRecentlyUsed<ReadonlyMap<Hex, string>>(WINDOWS, () => undefined);
  const payments = createRecentlyUsed<ReadonlyMap<Hex, string>>(CHANNELS, () => undefined);

  const scriptOf = (path: string): Hex => p2wpkh(toHex(keys.publicKey(path)));

  /** Scripts of the keys around the highest index in use; derived once while that stands. */
  function windowAround(chain: WalletChain, highest: number): ReadonlyMap<Hex, string> {
    const name = `${chain} ${String(highest)}`;
    const known = windows.get(name);
    if (known !== undefined) return known;
    const paths = new Map<Hex, string>();
    const last = Math.min(MAX_INDEX, highest + GAP);
    for (let index = Math.max(0, highest - GAP); index <= last; index += 1) {
      const path = pathOf({ chain, index }, network);
      paths.set(scriptOf(path), path);
    }
    windows.set(name, paths);
    return paths;
  }

  return Object.freeze({
    walletPath(script, highest) {
      for (const chain of WALLET_CHAINS) {
        const path = windowAround(chain, highest[chain] ?? -1).get(script);
        if (path !== undefined) return path;
      }
      return undefined;
    },
    destination(path) {
      const parsed = parsePath(path);
      if (!parsed.ok || walletPlaceOf(path) === undefined) return new Map();
      return new Map([[scriptOf(parsed.value.text), parsed.value.text]]);
    },
    payment(channelPath) {
      const known = payments.get(channelPath);
      if (known !== undefined) return known;
      const path = channelKeyPath(channelPath, 'payment');
      const paymentKey = toHex(keys.publicKey(path));
      const scripts = new Map([
        [p2wpkh(paymentKey), path],
        [p2wsh(buildChannelScript({ kind: 'to_remote', paymentKey })), path],
      ]);
      payments.set(channelPath, scripts);
      return scripts;
    },
  } satisfies OwnScripts);
}

function pathOf({ chain, index }: WalletPlace, network: BitcoinNetwork): string {
  if (chain === 'destination') return `m/1/${String(index)}`;
  const branch = chain === 'l1_receiving' ? '0' : '1';
  return `m/84'/${String(COINS[network])}'/0'/${branch}/${String(index)}`;
}
