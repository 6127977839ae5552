/**
 * The scripts of a Lightning channel (BOLT 3, "Commitment Transaction Outputs"), built from their
 * parts and recognised back into them. Scripts are hex, so that a template reads as the standard
 * writes it. `local` is the owner of the commitment that carries the output, `remote` the other side.
 */
import { type Hex, isHex } from '../../src/base/hex.ts';
import { unreachable } from '../../src/base/unreachable.ts';
import { joinHex } from './output-script.ts';

interface HtlcParts {
  /** HASH160 of the revocation public key. */
  readonly revocationHash160: Hex;
  readonly remoteHtlcKey: Hex;
  readonly localHtlcKey: Hex;
  /** RIPEMD160 of the payment hash, which is itself a SHA-256. */
  readonly paymentHash160: Hex;
  /** Whether the output is encumbered by one block of relative delay (`option_anchors`). */
  readonly delayed: boolean;
}

/** A spent output's script, taken apart. Keys are compressed. */
export type ChannelScript =
  /** P2WPKH program, or the P2PKH script that stands for it in BIP143. */
  | { readonly kind: 'key_hash'; readonly hash160: Hex }
  /** 2-of-2, keys in ascending order. */
  | { readonly kind: 'funding'; readonly keys: readonly [Hex, Hex] }
  | {
      readonly kind: 'to_local';
      readonly revocationKey: Hex;
      /** Blocks. */
      readonly toSelfDelay: number;
      readonly delayedKey: Hex;
    }
  /** The `to_remote` output of `option_anchors`. */
  | { readonly kind: 'to_remote'; readonly paymentKey: Hex }
  | { readonly kind: 'anchor'; readonly fundingKey: Hex }
  | ({ readonly kind: 'offered_htlc' } & HtlcParts)
  | ({ readonly kind: 'received_htlc'; readonly cltvExpiry: number } & HtlcParts);

const KEY = '(0[23][0-9a-f]{64})';
const HASH160 = '([0-9a-f]{40})';
/** A minimal push of a positive number of at most five bytes. */
const NUMBER = '(5[1-9a-f]|60|01..|02.{4}|03.{6}|04.{8}|05.{10})';
const HTLC_HEAD = `76a914${HASH160}8763ac6721${KEY}7c820120`;
const ONE_BLOCK = '(51b275)?';

const KEY_HASH = new RegExp(`^(?:0014${HASH160}|76a914${HASH160}88ac)$`);
const FUNDING = new RegExp(`^5221${KEY}21${KEY}52ae$`);
const TO_LOCAL = new RegExp(`^6321${KEY}67${NUMBER}b27521${KEY}68ac$`);
const TO_REMOTE = new RegExp(`^21${KEY}ad51b2$`);
const ANCHOR = new RegExp(`^21${KEY}ac736460b268$`);
const OFFERED_HTLC = new RegExp(
  `^${HTLC_HEAD}876475527c21${KEY}52ae67a914${HASH160}88ac68${ONE_BLOCK}68$`,
);
const RECEIVED_HTLC = new RegExp(
  `^${HTLC_HEAD}8763a914${HASH160}88527c21${KEY}52ae6775${NUMBER}b175ac68${ONE_BLOCK}68$`,
);

/** Longest script that can match: a received HTLC with a five-byte expiry. */
const MAX_SCRIPT_HEX = 2 * 160;

/** `undefined` for anything that is not exactly one of the scripts above. */
export function parseChannelScript(script: Hex): ChannelScript | undefined {
  if (script.length > MAX_SCRIPT_HEX) return undefined;
  return (
    parseKeyHash(script) ??
    parseFunding(script) ??
    parseToLocal(script) ??
    parseToRemote(script) ??
    parseAnchor(script) ??
    parseOfferedHtlc(script) ??
    parseReceivedHtlc(script)
  );
}

/** The script of a set of parts; `parseChannelScript` is its inverse. */
export function buildChannelScript(parts: ChannelScript): Hex {
  switch (parts.kind) {
    case 'key_hash':
      return joinHex('0014', parts.hash160);
    case 'funding':
      return joinHex('5221', parts.keys[0], '21', parts.keys[1], '52ae');
    case 'to_local': {
      const delay = numberPush(parts.toSelfDelay);
      return joinHex('6321', parts.revocationKey, '67', delay, 'b27521', parts.delayedKey, '68ac');
    }
    case 'to_remote':
      return joinHex('21', parts.paymentKey, 'ad51b2');
    case 'anchor':
      return joinHex('21', parts.fundingKey, 'ac736460b268');
    case 'offered_htlc':
      return joinHex(
        htlcHead(parts),
        `876475527c21${parts.localHtlcKey}52ae67a914${parts.paymentHash160}88ac68`,
        htlcTail(parts),
      );
    case 'received_htlc':
      return joinHex(
        htlcHead(parts),
        `8763a914${parts.paymentHash160}88527c21${parts.localHtlcKey}52ae67`,
        `75${numberPush(parts.cltvExpiry)}b175ac68`,
        htlcTail(parts),
      );
    default:
      return unreachable(parts);
  }
}

/** Funding script of two keys in any order (BOLT 3, "Funding Transaction Output"). */
export function fundingScript(oneKey: Hex, otherKey: Hex): Hex {
  const keys = oneKey < otherKey ? ([oneKey, otherKey] as const) : ([otherKey, oneKey] as const);
  return buildChannelScript({ kind: 'funding', keys });
}

function parseKeyHash(script: Hex): ChannelScript | undefined {
  const [program, scriptCode] = capture(KEY_HASH, script);
  const hash160 = program ?? scriptCode;
  return hash160 && { kind: 'key_hash', hash160 };
}

function parseFunding(script: Hex): ChannelScript | undefined {
  const [first, second] = capture(FUNDING, script);
  if (!first || !second || first >= second) return undefined;
  return { kind: 'funding', keys: [first, second] };
}

function parseToLocal(script: Hex): ChannelScript | undefined {
  const [revocationKey, delay, delayedKey] = capture(TO_LOCAL, script);
  const toSelfDelay = pushedNumber(delay);
  if (!revocationKey || toSelfDelay === undefined || !delayedKey) return undefined;
  return { kind: 'to_local', revocationKey, toSelfDelay, delayedKey };
}

function parseToRemote(script: Hex): ChannelScript | undefined {
  const [paymentKey] = capture(TO_REMOTE, script);
  return paymentKey && { kind: 'to_remote', paymentKey };
}

function parseAnchor(script: Hex): ChannelScript | undefined {
  const [fundingKey] = capture(ANCHOR, script);
  return fundingKey && { kind: 'anchor', fundingKey };
}

function parseOfferedHtlc(script: Hex): ChannelScript | undefined {
  const [revocationHash160, remoteHtlcKey, localHtlcKey, paymentHash160, oneBlock] = capture(
    OFFERED_HTLC,
    script,
  );
  if (!revocationHash160 || !remoteHtlcKey || !localHtlcKey || !paymentHash160) return undefined;
  return {
    kind: 'offered_htlc',
    revocationHash160,
    remoteHtlcKey,
    localHtlcKey,
    paymentHash160,
    delayed: oneBlock !== undefined,
  };
}

function parseReceivedHtlc(script: Hex): ChannelScript | undefined {
  const [revocationHash160, remoteHtlcKey, paymentHash160, localHtlcKey, expiry, oneBlock] =
    capture(RECEIVED_HTLC, script);
  const cltvExpiry = pushedNumber(expiry);
  if (!revocationHash160 || !remoteHtlcKey || !localHtlcKey || !paymentHash160) return undefined;
  if (cltvExpiry === undefined) return undefined;
  return {
    kind: 'received_htlc',
    revocationHash160,
    remoteHtlcKey,
    localHtlcKey,
    paymentHash160,
    cltvExpiry,
    delayed: oneBlock !== undefined,
  };
}

function htlcHead(parts: HtlcParts): string {
  return `76a914${parts.revocationHash160}8763ac6721${parts.remoteHtlcKey}7c820120`;
}

function htlcTail(parts: HtlcParts): string {
  return parts.delayed ? '51b27568' : '68';
}

/** The groups of a template that matches the script; none where it does not. */
function capture(template: RegExp, script: Hex): readonly (Hex | undefined)[] {
  return (template.exec(script) ?? []).slice(1).map((group: string | undefined) => {
    if (group !== undefined && !isHex(group)) throw new Error('script template cuts a byte');
    return group;
  });
}

/** Script push of a positive number in minimal form: `OP_1` to `OP_16`, else little-endian bytes. */
function numberPush(value: number): string {
  if (!Number.isSafeInteger(value) || value < 1 || value >= 2 ** 39) {
    throw new RangeError('script number must be a positive integer of at most five bytes');
  }
  if (value <= 16) return (0x50 + value).toString(16);
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.push(rest % 256);
  // The top bit is the sign: a positive number that would set it takes one more byte.
  if ((bytes.at(-1) ?? 0) >= 0x80) bytes.push(0);
  return [bytes.length, ...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Inverse of `numberPush`; `undefined` for a number that is zero, negative or not minimal. */
function pushedNumber(push: Hex | undefined): number | undefined {
  if (push === undefined) return undefined;
  const opcode = Number.parseInt(push.slice(0, 2), 16);
  if (opcode > 0x50) return opcode - 0x50;
  const bytes = push.slice(2).match(/../g) ?? [];
  const value = bytes.reduceRight((sum, byte) => sum * 256 + Number.parseInt(byte, 16), 0);
  if (value < 1 || value >= 2 ** 39) return undefined;
  return numberPush(value) === push ? value : undefined;
}
