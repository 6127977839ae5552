/**
 * Asks the pipeline for the transaction that gives a slot to a new key. The request goes the way of
 * every other one: policy, nonces and the record decide about it.
 */
import { z } from 'zod';

import { type Hex, isHexOf } from '../../base/hex.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../base/json.ts';
import { ok, type Result } from '../../base/result.ts';
import type { Ask, Told } from '../../core/desk.ts';
import type { Reason } from '../../core/outcome.ts';
import type { LighterRefusal, LighterRefusalKind } from '../../protocols/lighter/ports.ts';
import { refuse } from './refusal.ts';
import type { Slot } from './slot.ts';

/** How the L1 wallet takes part: kept here, signed elsewhere, or not yet. */
export type Countersigned =
  | { readonly by: 'wallet'; readonly address: Hex }
  | { readonly by: 'owner'; readonly signature: Hex }
  | { readonly by: 'nobody' };

export interface ChangeOfKey {
  readonly slot: Slot;
  /** The new key, which signs. */
  readonly publicKey: Hex;
  readonly nonce: bigint;
  readonly caller: string;
  readonly countersigned: Countersigned;
}

/** A signed ChangePubKey transaction. */
export interface SignedChange {
  readonly txType: bigint;
  readonly txInfo: string;
  readonly txHash: Hex;
  readonly messageToSign: string;
  readonly nonce: bigint;
  /** Milliseconds since 1970. */
  readonly expiredAt: bigint;
  /** 65 bytes of the L1 wallet; absent where it has yet to sign. */
  readonly l1Signature?: Hex;
}

export type SignChange = (change: ChangeOfKey) => Promise<Result<SignedChange, LighterRefusal>>;

export interface ChangeSignerOptions {
  /** The desk's name of calls about this world. */
  readonly source: string;
}

const answer = z.object({
  tx_type: z.bigint(),
  tx_info: z.string(),
  tx_hash: hexOf(40),
  message_to_sign: z.string(),
  nonce: z.bigint(),
  expired_at: z.bigint(),
});
const countersignedInfo = z.object({ L1Sig: z.string() });

export function createChangeSigner(
  { source }: ChangeSignerOptions,
  { ask }: { readonly ask: (ask: Ask) => Promise<Told> },
): SignChange {
  return async ({ slot, publicKey, nonce, caller, countersigned }) => {
    const { chainId, account, apiKey } = slot;
    const told = await ask({
      source,
      caller,
      eventType: 'LIGHTER_SIGNING',
      entityId: `account:${String(account)}/${String(apiKey)}`,
      data: {
        sub_event_type: 'REGISTER_API_KEY',
        chain_id: chainId,
        account_index: account,
        api_key_index: apiKey,
        new_pubkey: publicKey,
        nonce,
        ...wordsOf(countersigned),
      },
    });
    return resultOf(told);
  };
}

function wordsOf(countersigned: Countersigned): JsonObject {
  switch (countersigned.by) {
    case 'wallet':
      return { wallet: `wallet/${countersigned.address}` };
    case 'owner':
      return { l1_signature: `0x${countersigned.signature}` };
    case 'nobody':
      return {};
  }
}

function resultOf(told: Told): Result<SignedChange, LighterRefusal> {
  switch (told.kind) {
    case 'malformed':
    case 'ignored':
      return { ok: false, error: { kind: 'invalid', reason: told.reason } };
    case 'conflict':
      return { ok: false, error: { kind: 'conflict', reason: told.reason } };
    case 'unavailable':
      return { ok: false, error: { kind: 'unavailable', reason: told.reason } };
    case 'decided':
      return endingOf(told);
  }
}

function endingOf(told: Extract<Told, { kind: 'decided' }>): Result<SignedChange, LighterRefusal> {
  const [ending] = told.parts;
  if (ending === undefined) return refuse('unavailable', 'lighter.unsigned', 'nothing was signed');
  if (ending.outcome !== 'signed') {
    const { outcome, reason } = ending;
    return {
      ok: false,
      error: { kind: outcome === 'declined' ? kindOf(reason) : 'unavailable', reason },
    };
  }
  const read = answer.parse(ending.answer);
  const l1Signature = l1SignatureIn(read.tx_info);
  return ok({
    txType: read.tx_type,
    txInfo: read.tx_info,
    txHash: read.tx_hash,
    messageToSign: read.message_to_sign,
    nonce: read.nonce,
    expiredAt: read.expired_at,
    ...(l1Signature === undefined ? {} : { l1Signature }),
  });
}

/** Nonces conflict, clocks mend, and what the room says of the request is the caller's to mend; policy forbids. */
function kindOf({ code }: Reason): LighterRefusalKind {
  if (code.startsWith('lighter.nonce')) return 'conflict';
  if (code.startsWith('lighter.clock')) return 'unavailable';
  return code.startsWith('lighter.') ? 'invalid' : 'forbidden';
}

/** Read from what the exchange would get, so that nothing else can be taken for it. */
function l1SignatureIn(txInfo: string): Hex | undefined {
  const json = parseJson(txInfo);
  if (!json.ok || !isJsonObject(json.value)) throw new Error('the signed transaction is not JSON');
  const digits = countersignedInfo.parse(json.value).L1Sig.replace(/^0x/, '').toLowerCase();
  return isHexOf(65, digits) ? digits : undefined;
}

function hexOf(length: number): z.ZodType<Hex> {
  return z.custom<Hex>((value) => typeof value === 'string' && isHexOf(length, value));
}
