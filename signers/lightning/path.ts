/**
 * Derivation paths as Lightspark writes them, read strictly, and what each of them is for.
 *
 * The official library also takes an empty text, a missing `m/`, `+1` and `01`. Two spellings of one
 * key would be two keys to a policy or a ratchet, so we accept one spelling (and `h` for `'`) and
 * work with the canonical text only.
 */
import { err, ok, type Result } from '../../src/base/result.ts';

/** Keys of a channel, in the order of their index under `m/3/C`. */
export const CHANNEL_KEYS = [
  'funding',
  'revocation',
  'payment',
  'delayed_payment',
  'htlc',
] as const;
export type ChannelKey = (typeof CHANNEL_KEYS)[number];

/** What Lightspark's key map uses a path for. */
export type PathUse =
  /** `m`: known to Lightspark as extended public key; never signs. */
  | { readonly kind: 'master' }
  /** `m/0`: node identity, for ECDH and invoices. */
  | { readonly kind: 'identity' }
  /** `m/1/n`: destination of closed channels. */
  | { readonly kind: 'destination'; readonly index: number }
  /** `m/3/C`: seed of the per-commitment secrets of a channel. */
  | { readonly kind: 'channel'; readonly channelPath: string }
  /** `m/3/C/0` to `m/3/C/4`. */
  | { readonly kind: 'channel_key'; readonly channelPath: string; readonly key: ChannelKey }
  /** `m/4'`: base of the payment preimages. */
  | { readonly kind: 'preimage_base' }
  /** `m/5`: signs API operations, not this flow's messages. */
  | { readonly kind: 'operation' }
  /** `m/84'/c'/a'/x/i` (BIP84): the on-chain wallet; coin 0 main, 1 test, 2 regtest. */
  | {
      readonly kind: 'l1_wallet';
      readonly coin: number;
      readonly account: number;
      /** 0 receiving, 1 change. */
      readonly chain: number;
      readonly index: number;
    }
  | { readonly kind: 'unknown' };

export interface KeyPath {
  /** The one spelling of this path: `m`, decimal indices without leading zeros, `'` for hardened. */
  readonly text: string;
  readonly use: PathUse;
}

export interface PathError {
  readonly code: 'path';
  readonly message: string;
}

/** BIP32 serialises the depth in one byte, and an index in 31 bits beside the hardened bit. */
const STRICT_PATH = /^m(?:\/(?:0|[1-9][0-9]{0,9})['h]?){0,255}$/;
const MAX_INDEX = 2 ** 31 - 1;

export function parsePath(text: string): Result<KeyPath, PathError> {
  const indices = text.match(/[0-9]+/g) ?? [];
  if (!STRICT_PATH.test(text) || indices.some((index) => Number(index) > MAX_INDEX)) {
    const message =
      "derivation path must be `m` and indices below 2^31, hardened ones marked `'` or `h`: `m/3/7/0`";
    return err({ code: 'path', message });
  }
  const canonical = text.replaceAll('h', "'");
  return ok({ text: canonical, use: useOf(canonical) });
}

/** Canonical path of a channel's key. */
export function channelKeyPath(channelPath: string, key: ChannelKey): string {
  return `${channelPath}/${String(CHANNEL_KEYS.indexOf(key))}`;
}

function useOf(path: string): PathUse {
  switch (path) {
    case 'm':
      return { kind: 'master' };
    case 'm/0':
      return { kind: 'identity' };
    case "m/4'":
      return { kind: 'preimage_base' };
    case 'm/5':
      return { kind: 'operation' };
    default:
      return channelUse(path) ?? walletUse(path) ?? { kind: 'unknown' };
  }
}

function channelUse(path: string): PathUse | undefined {
  const [, channelPath, index] = /^(m\/3\/[0-9]+)(?:\/([0-4]))?$/.exec(path) ?? [];
  if (channelPath === undefined) return undefined;
  if (index === undefined) return { kind: 'channel', channelPath };
  const key = CHANNEL_KEYS[Number(index)];
  return key && { kind: 'channel_key', channelPath, key };
}

function walletUse(path: string): PathUse | undefined {
  const destination = /^m\/1\/([0-9]+)$/.exec(path);
  if (destination !== null) return { kind: 'destination', index: Number(destination[1]) };
  const wallet = /^m\/84'\/([0-2])'\/([0-9]+)'\/([01])\/([0-9]+)$/.exec(path);
  if (wallet === null) return undefined;
  const [coin = NaN, account = NaN, chain = NaN, index = NaN] = wallet.slice(1).map(Number);
  return { kind: 'l1_wallet', coin, account, chain, index };
}
