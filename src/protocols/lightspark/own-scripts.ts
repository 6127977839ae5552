/**
 * Which output scripts are our own: keys of the on-chain wallet, of closed channels' destinations,
 * and of a channel's payment key. Only what we derive ourselves counts, never what a sender says.
 */
import { type Hex, toHex } from '../../base/hex.ts';
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
  /** Path of the P2WPKH script near the indices in use; derives keys once and remembers them. */
  readonly walletPath: (script: Hex, highest: HighestIndices) => string | undefined;
  /** Scripts of a path that the sender names as its destination; none unless it is a wallet's. */
  readonly destination: (path: string) => ReadonlyMap<Hex, string>;
  /** Scripts that pay a channel's payment key: P2WPKH, and the delayed one of `option_anchors`. */
  readonly payment: (channelPath: string) => ReadonlyMap<Hex, string>;
}

/** Unused indices that wallets look ahead by (BIP44, "Address gap limit"). */
const GAP = 20;
const MAX_INDEX = 2 ** 31 - 1;
/** Scripts remembered; senders that jump about cost time, not memory. */
const MAX_REMEMBERED = 10_000;

/** Coin types of Lightspark's on-chain wallet; that of regtest is its own. */
const COINS: Readonly<Record<BitcoinNetwork, number>> = {
  MAINNET: 0,
  TESTNET: 1,
  SIGNET: 1,
  REGTEST: 2,
};

/** Place of a wallet path in its chain; `undefined` for every other path. */
export function walletPlaceOf(
  path: string,
): { readonly chain: WalletChain; readonly index: number } | undefined {
  const parsed = parsePath(path);
  if (!parsed.ok) return undefined;
  const { use } = parsed.value;
  if (use.kind === 'destination') return { chain: 'destination', index: use.index };
  if (use.kind !== 'l1_wallet' || use.account !== 0) return undefined;
  return { chain: use.chain === 0 ? 'l1_receiving' : 'l1_change', index: use.index };
}

export function createOwnScripts(keys: LightningKeys, network: BitcoinNetwork): OwnScripts {
  const scripts = new Map<Hex, string>();
  const scanned = new Set<string>();
  const scannedAt = new Map<WalletChain, number>();

  const scriptOf = (path: string): Hex => p2wpkh(toHex(keys.publicKey(path)));

  function scan(chain: WalletChain, highest: number): void {
    if (scannedAt.get(chain) === highest) return;
    scannedAt.set(chain, highest);
    const from = Math.max(0, highest - GAP);
    const to = Math.min(MAX_INDEX, highest + GAP);
    for (let index = from; index <= to; index += 1) {
      const path = pathOf(chain, index, network);
      if (scanned.has(path)) continue;
      if (scanned.size >= MAX_REMEMBERED) {
        scanned.clear();
        scripts.clear();
        scannedAt.clear();
      }
      scanned.add(path);
      scripts.set(scriptOf(path), path);
    }
  }

  return Object.freeze({
    walletPath(script, highest) {
      for (const chain of WALLET_CHAINS) scan(chain, highest[chain] ?? -1);
      return scripts.get(script);
    },
    destination(path) {
      const parsed = parsePath(path);
      if (!parsed.ok || walletPlaceOf(path) === undefined) return new Map();
      return new Map([[scriptOf(parsed.value.text), parsed.value.text]]);
    },
    payment(channelPath) {
      const path = channelKeyPath(channelPath, 'payment');
      const paymentKey = toHex(keys.publicKey(path));
      return new Map([
        [p2wpkh(paymentKey), path],
        [p2wsh(buildChannelScript({ kind: 'to_remote', paymentKey })), path],
      ]);
    },
  } satisfies OwnScripts);
}

function pathOf(chain: WalletChain, index: number, network: BitcoinNetwork): string {
  if (chain === 'destination') return `m/1/${String(index)}`;
  const branch = chain === 'l1_receiving' ? '0' : '1';
  return `m/84'/${String(COINS[network])}'/0'/${branch}/${String(index)}`;
}
