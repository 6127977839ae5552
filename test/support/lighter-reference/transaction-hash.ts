/** What is signed of a transaction, from its `tx_info` as anybody may read it. */
import { type Hex, toHex } from '../../../src/base/hex.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../../src/base/json.ts';
import { hash } from './poseidon2.ts';
import * as f from './quintic-extension.ts';

/** At the head of the hash, beside it, or behind it. */
const ELSEWHERE = ['ExpiredAt', 'Nonce', 'Sig', 'L2TxAttributes'];
const ATTRIBUTE_ELEMENTS = 8;

/** 40 bytes. For types whose fields are integers, in the order in which they are hashed. */
export function transactionHash(chainId: bigint, txType: bigint, txInfo: string): Hex {
  const fields = fieldsOf(txInfo);
  const own = Object.keys(fields).filter((name) => !ELSEWHERE.includes(name));
  const head = [chainId, txType, integerIn(fields, 'Nonce'), integerIn(fields, 'ExpiredAt')];
  const plain = hash([...head, ...own.map((name) => integerIn(fields, name))], 5);
  const attributes = fields['L2TxAttributes'];
  if (!isJsonObject(attributes)) return toHex(f.toBytes(plain));
  const pairs = Object.keys(attributes)
    .sort((left, right) => Number(left) - Number(right))
    .flatMap((type) => [BigInt(type), integerIn(attributes, type)]);
  const padding = new Array<bigint>(ATTRIBUTE_ELEMENTS - pairs.length).fill(0n);
  return toHex(f.toBytes(hash([...plain, ...hash([...pairs, ...padding], 5)], 5)));
}

export function fieldsOf(txInfo: string): JsonObject {
  const parsed = parseJson(txInfo);
  if (!parsed.ok || !isJsonObject(parsed.value)) throw new Error('`tx_info` is an object');
  return parsed.value;
}

export function integerIn(fields: JsonObject, name: string): bigint {
  const value = fields[name];
  if (typeof value !== 'bigint') throw new Error(`\`${name}\` is an integer`);
  return value;
}
