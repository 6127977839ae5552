/** sign — a BLS signature of the root that was decided; the same bytes each time. */
import { fromHex, type Hex, isHexOf, toHex } from '../../base/hex.ts';
import type { JsonObject } from '../../base/json.ts';
import type { EthereumPart } from './request.ts';

/** As every client of the Remote Signing API expects it. */
export interface EthereumAnswer extends JsonObject {
  /** 96 bytes, with `0x`. */
  readonly signature: string;
}

/** Signs 32-byte roots; resolves to 96 bytes. */
export type SignRoot = (pubkey: Hex, root: Uint8Array) => Promise<Uint8Array>;

export async function sign(
  { pubkey }: EthereumPart,
  { root }: JsonObject,
  signRoot: SignRoot,
): Promise<EthereumAnswer> {
  if (typeof root !== 'string' || !isHexOf(32, root)) throw new Error('a decision has no root');
  const signature = await signRoot(pubkey, fromHex(root));
  return { signature: `0x${toHex(signature)}` };
}
