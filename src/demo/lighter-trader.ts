/**
 * A trader with a throw-away account: knows what it means to have signed, and compares every byte of
 * what comes back with that before the exchange gets it.
 */
import { randomBytes } from 'node:crypto';

import { base64 } from '@scure/base';

import {
  formatAddress,
  recoverPersonalSigner,
  signPersonalMessage,
  walletAddress,
} from '../../signers/ethereum-wallet/index.ts';
import {
  createLighterKernel,
  ENTROPY_SIZE,
  formatTxInfo,
  hashTransaction,
  type SigningRequest,
  type TransactionName,
  type Transactions,
} from '../../signers/lighter/index.ts';
import { fromHex, type Hex, toHex } from '../base/hex.ts';
import { isJsonObject, type JsonObject, parseJson } from '../base/json.ts';
import { Secret } from '../base/secret.ts';
import { hexIn, textIn } from './json-fields.ts';
import type { LighterStandIn } from './lighter-stand-in.ts';

/** Fields that the daemon chooses. */
type Chosen = 'Nonce' | 'ExpiredAt' | 'L2TxAttributes';

/** A transaction as its trader means it. */
export type Meant = {
  readonly [Name in TransactionName]: {
    readonly name: Name;
    readonly fields: Omit<Transactions[Name], Chosen>;
  };
}[TransactionName];

export interface LighterTrader {
  readonly account: bigint;
  readonly apiKey: bigint;
  readonly chainId: bigint;
  /** As `create_client` takes it. */
  readonly privateKey: string;
  readonly publicKey: Hex;
  /** Address of the wallet that owns the account. */
  readonly owner: string;
  /** As `register_api_key` takes it. */
  readonly walletKey: string;
  /** Whether a reply or result is the signature that was meant; an exchange that is given then takes it. */
  readonly check: (
    meant: Meant,
    told: JsonObject,
    exchange?: LighterStandIn,
  ) => Promise<readonly string[]>;
  /** The same for a registration, whose key is the reply's own. */
  readonly checkRegistration: (
    told: JsonObject,
    exchange: LighterStandIn,
  ) => Promise<readonly string[]>;
  readonly countersign: (text: string) => string;
  /** Whether this is the public key of that private key. */
  readonly isPair: (privateKey: Hex, publicKey: Hex) => boolean;
}

const ACCOUNT = 7_001n;
const API_KEY = 5n;
const MAINNET = 304n;

export function createLighterTrader(): LighterTrader {
  const kernel = createLighterKernel();
  const privateKey = kernel.derivePrivateKey(new Secret(randomBytes(ENTROPY_SIZE)));
  const publicKey = toHex(kernel.publicKey(privateKey));
  const wallet = new Secret(randomBytes(32));
  const owner = walletAddress(wallet);
  const revealed = (secret: Secret): string => secret.reveal((bytes) => `0x${toHex(bytes)}`);

  /** Hash, bytes and signature, each made or verified anew. */
  function compare(request: SigningRequest, told: JsonObject, key: Hex): readonly string[] {
    const hash = hashTransaction(kernel, request);
    const info = textIn(told, 'tx_info');
    const signature = signatureIn(info);
    const isValid = signature.length === 80 && kernel.verify(signature, hash, fromHex(key));
    return [
      ...(textIn(told, 'tx_hash') === toHex(hash) ? [] : ['`tx_hash` is of another transaction']),
      ...(isValid ? [] : ['the signature does not hold for the key']),
      ...(info === formatTxInfo(request, signature) ? [] : ['`tx_info` is another transaction']),
    ];
  }

  return Object.freeze({
    account: ACCOUNT,
    apiKey: API_KEY,
    chainId: MAINNET,
    privateKey: revealed(privateKey),
    publicKey,
    owner: formatAddress(owner),
    walletKey: revealed(wallet),
    async check({ name, fields }: Meant, told: JsonObject, exchange?: LighterStandIn) {
      const { nonce, expired_at: expiredAt } = told;
      if (typeof nonce !== 'bigint' || typeof expiredAt !== 'bigint') return ['no transaction'];
      const transaction = {
        ...fields,
        Nonce: nonce,
        ExpiredAt: expiredAt,
        L2TxAttributes: { SkipNonce: 1n },
      };
      // SAFETY: `Meant` ties the fields to the name, and these three are what it lacks.
      const request = { name, chainId: MAINNET, transaction } as SigningRequest;
      const differences = compare(request, told, publicKey);
      if (differences.length > 0 || exchange === undefined) return differences;
      return send(exchange, told);
    },
    async checkRegistration(told: JsonObject, exchange: LighterStandIn) {
      const { nonce, expired_at: expiredAt, api_key_index: apiKey } = told;
      if (
        typeof nonce !== 'bigint' ||
        typeof expiredAt !== 'bigint' ||
        typeof apiKey !== 'bigint'
      ) {
        return ['no registration'];
      }
      const key = hexIn(told, 'new_public_key');
      const l1Sig = textIn(objectOf(textIn(told, 'tx_info')), 'L1Sig');
      const request: SigningRequest<'ChangePubKey'> = {
        name: 'ChangePubKey',
        chainId: MAINNET,
        transaction: {
          AccountIndex: ACCOUNT,
          ApiKeyIndex: apiKey,
          PubKey: fromHex(key),
          L1Sig: l1Sig,
          Nonce: nonce,
          ExpiredAt: expiredAt,
          L2TxAttributes: {},
        },
      };
      const signer = recoverPersonalSigner(
        textIn(told, 'message_to_sign'),
        hexIn({ l1Sig }, 'l1Sig'),
      );
      const differences = [
        ...compare(request, told, key),
        ...(signer === owner ? [] : ['the wallet did not countersign']),
      ];
      return differences.length > 0 ? differences : send(exchange, told);
    },
    countersign: (text: string) => `0x${signPersonalMessage(wallet, text)}`,
    isPair: (secret: Hex, key: Hex) =>
      secret.length === 80 && toHex(kernel.publicKey(new Secret(fromHex(secret)))) === key,
  });
}

async function send({ url }: LighterStandIn, told: JsonObject): Promise<readonly string[]> {
  const type = told['tx_type'];
  const response = await fetch(`${url}/api/v1/sendTx`, {
    method: 'POST',
    body: new URLSearchParams({
      tx_type: typeof type === 'bigint' ? String(type) : '',
      tx_info: textIn(told, 'tx_info'),
    }),
  });
  return response.ok ? [] : [`the exchange refused it: ${await response.text()}`];
}

function signatureIn(txInfo: string): Uint8Array {
  try {
    return base64.decode(textIn(objectOf(txInfo), 'Sig'));
  } catch {
    return new Uint8Array();
  }
}

function objectOf(text: string): JsonObject {
  const json = parseJson(text);
  return json.ok && isJsonObject(json.value) ? json.value : {};
}
