/** sign — a BLS signature of the root that was decided; the same bytes each time. */
import { z } from 'zod';

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

const root = z.custom<Hex>((value) => typeof value === 'string' && isHexOf(32, value));
const inputsSchema = z.object({ root });

export async function sign(
  { pubkey }: EthereumPart,
  inputs: JsonObject,
  signRoot: SignRoot,
): Promise<EthereumAnswer> {
  const signature = await signRoot(pubkey, fromHex(inputsSchema.parse(inputs).root));
  return { signature: `0x${toHex(signature)}` };
}
