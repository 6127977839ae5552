/** The golden vectors, in the types of the product. */
import { readFileSync } from 'node:fs';

import { base64 } from '@scure/base';

import type {
  AttributeName,
  Order,
  SigningRequest,
  TransactionName,
} from '../../signers/lighter/index.ts';
import type { Hex } from '../../src/base/hex.ts';
import { isJsonObject, parseJson } from '../../src/base/json.ts';

type Integer = number | string;

export interface KeyVector {
  readonly privateKey: Hex;
  readonly publicKey: Hex;
}

export interface TransactionVector {
  readonly source: string;
  readonly key: number;
  readonly chainId: number;
  readonly tx: TransactionName;
  readonly txType: number;
  readonly note?: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly txHash: Hex;
  readonly txInfo: string;
  readonly sig: Hex;
  readonly k?: Hex;
  readonly messageToSign?: string;
}

interface Vectors {
  readonly keys: readonly KeyVector[];
  readonly primitives: {
    readonly poseidon2: readonly {
      readonly input: readonly string[];
      readonly out5: readonly string[];
      readonly out4: readonly string[];
    }[];
    readonly permutation: { readonly input: readonly string[]; readonly output: readonly string[] };
    readonly publicKeys: readonly (KeyVector & { readonly scalar: string })[];
    readonly schnorrFixedK: readonly (KeyVector & {
      readonly k: Hex;
      readonly message: Hex;
      readonly sig: Hex;
    })[];
  };
  readonly seedKeys: readonly (KeyVector & { readonly seedHex: Hex })[];
  readonly transactions: readonly TransactionVector[];
  readonly mustReject: readonly {
    readonly publicKey: Hex;
    readonly txHash: Hex;
    readonly sig: Hex;
    readonly why: string;
  }[];
  readonly authTokens: readonly {
    readonly key: number;
    readonly deadline: number;
    readonly accountIndex: Integer;
    readonly apiKeyIndex: number;
    readonly messageHash: Hex;
    readonly token: string;
  }[];
  readonly legacyNpmWasm: readonly {
    readonly key: number;
    readonly chainId: number;
    readonly tx: TransactionName;
    readonly note: string;
    readonly txHash: Hex;
    readonly txInfo: string;
    readonly sig: Hex;
  }[];
  readonly validationErrors: readonly {
    readonly name: string;
    readonly fn: string;
    readonly error: string | null;
  }[];
}

const file = new URL('../vectors/lighter.json', import.meta.url);
// SAFETY: the file is pinned in this repository.
// eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
export const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors;

/** The key of that number. */
export function keyVector(index: number): KeyVector {
  const key = vectors.keys[index];
  if (key === undefined) throw new Error('vector names a key that the file lacks');
  return key;
}

const attributeNames: readonly AttributeName[] = [
  'IntegratorAccountIndex',
  'IntegratorTakerFee',
  'IntegratorMakerFee',
  'SkipNonce',
  'CancelAllMarketIndex',
  'SelfTradeBehavior',
  'SelfTradeEquality',
  'OrderVersion',
];

/** The request that a vector describes. */
export function requestOf({ tx, chainId, input }: TransactionVector): SigningRequest {
  return requestWith(tx, chainId, input);
}

/** The request that was signed, from `tx_info`. */
export function requestOfTxInfo(
  tx: TransactionName,
  chainId: number,
  txInfo: string,
): SigningRequest {
  const parsed = parseJson(txInfo);
  if (!parsed.ok || !isJsonObject(parsed.value)) throw new Error('tx_info is an object');
  return requestWith(tx, chainId, parsed.value);
}

function requestWith(
  name: TransactionName,
  chainId: number,
  input: Readonly<Record<string, unknown>>,
): SigningRequest {
  const { L2TxAttributes, ...fields } = input;
  const attributes = Object.entries(L2TxAttributes ?? {}).map(([type, value]) => [
    attributeNames[Number(type) - 1],
    BigInt(String(value)),
  ]);
  const transaction = {
    ...mapValues(fields, valueOf),
    L2TxAttributes: Object.fromEntries(attributes) as unknown,
  };
  // SAFETY: vectors and `tx_info` have the fields of the transaction that they name.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  return { name, chainId: BigInt(chainId), transaction } as unknown as SigningRequest;
}

function valueOf(value: unknown, field: string): unknown {
  switch (field) {
    case 'L1Sig':
      return value;
    case 'PubKey':
      return base64.decode(String(value));
    // SAFETY: bytes as numbers, and orders, in the vectors of those names.
    case 'Memo':
      // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
      return Uint8Array.from(value as readonly unknown[], Number);
    case 'Orders':
      // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
      return (value as readonly Order[]).map((order) => mapValues(order, BigInt));
    case 'Sig':
      return undefined;
    default:
      return BigInt(String(value));
  }
}

function mapValues<In, Out>(
  object: Readonly<Record<string, In>>,
  map: (value: In, key: string) => Out,
): Readonly<Record<string, Out>> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));
}
