/** A desk of Lighter keys over an exchange that stands in, with a pipeline that signs what it is asked. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';

import {
  isWalletKey,
  signPersonalMessage,
  walletAddress,
} from '../../signers/ethereum-wallet/index.ts';
import { createLighterKernel, signTransaction } from '../../signers/lighter/index.ts';
import type { ChangeOfKey, SignChange } from '../../src/adapters/lighter/change-signer.ts';
import { type ClientBook, createClientBook } from '../../src/adapters/lighter/client-book.ts';
import { createLighterDesk, type OpenLighterDesk } from '../../src/adapters/lighter/desk.ts';
import { createLighterExchange } from '../../src/adapters/lighter/exchange.ts';
import type { LighterKeyStore } from '../../src/adapters/lighter/key-store.ts';
import { createMemoryKeyStore } from './memory-key-store.ts';
import {
  createRegistrations,
  type Registrations,
} from '../../src/adapters/lighter/registrations.ts';
import { slotKeyId } from '../../src/adapters/lighter/slot.ts';
import { fromHex, type Hex, isHex } from '../../src/base/hex.ts';
import { readHostPort } from '../../src/base/host-port.ts';
import { err, ok, type Result } from '../../src/base/result.ts';
import { Secret } from '../../src/base/secret.ts';
import type { Reason } from '../../src/core/outcome.ts';
import type { LighterRefusal } from '../../src/protocols/lighter/ports.ts';

export const kernel = createLighterKernel();

export interface DeskRig extends AsyncDisposable {
  readonly desk: OpenLighterDesk;
  readonly book: ClientBook;
  readonly keys: LighterKeyStore;
  readonly registrations: Registrations;
  /** Every change of key that the pipeline was asked for. */
  readonly asked: readonly ChangeOfKey[];
  readonly alarms: readonly Reason[];
  /** Ids of slots and public keys, in the order in which they came into use. */
  readonly activated: readonly (readonly [string, Hex])[];
  /** Ten minutes before the transactions expire. */
  readonly clock: { now: () => number };
  /** The pipeline refuses from now on, or no longer. */
  readonly forbid: (refusal: LighterRefusal | undefined) => void;
  /** Another process on the same files, with the same keys. */
  readonly restart: () => Promise<DeskRig>;
}

export interface DeskRigOptions {
  readonly root: string;
  /** Hosts of the exchange, each as in `LIGHTER_API_HOSTS`. */
  readonly hosts: readonly string[];
  readonly acceptRawKeys?: boolean;
  readonly keys?: LighterKeyStore;
  readonly directory?: string;
}

export async function openDesk(options: DeskRigOptions): Promise<DeskRig> {
  const { root, acceptRawKeys = true } = options;
  const directory = options.directory ?? mkdtempSync(join(root, 'desk-'));
  const keys =
    options.keys ?? createMemoryKeyStore({ publicKey: kernel.publicKey, walletAddress: addressOf });
  const hosts = options.hosts.flatMap((text) => readHostPort(text) ?? []);
  const book = value(createClientBook({ file: join(directory, 'clients.json') }, { keys }));
  const registrations = value(createRegistrations({ file: join(directory, 'registrations.json') }));
  const exchange = createLighterExchange({ hosts, userAgent: 'countersign/test', timeout: 2_000 });
  const asked: ChangeOfKey[] = [];
  const alarms: Reason[] = [];
  const activated: (readonly [string, Hex])[] = [];
  const clock = { now: () => 1_767_225_600_000 };
  let refusal: LighterRefusal | undefined;
  let ids = registrations.all().length;

  const desk = await createLighterDesk(
    { hosts, acceptRawKeys },
    {
      keys,
      book,
      registrations,
      exchange,
      kernel,
      signChange: (change) => {
        asked.push(change);
        return refusal === undefined
          ? signWith(keys, wallet)(change)
          : Promise.resolve(err(refusal));
      },
      randomSecret: (length) => new Secret(Uint8Array.from(randomBytes(length))),
      id: () => `registration-${String((ids += 1))}`,
      clock,
      alarm: (reason) => alarms.push(reason),
      onActivated: (slot, publicKey) => activated.push([slotKeyId(slot), publicKey]),
    },
  );
  const wallet = (): Secret => WALLET();
  return {
    desk,
    book,
    keys,
    registrations,
    asked,
    alarms,
    activated,
    clock,
    forbid(next) {
      refusal = next;
    },
    restart: () => openDesk({ ...options, keys, directory }),
    [Symbol.asyncDispose]: () => exchange.close(),
  };
}

/** The key of the only wallet that tests keep. */
export const WALLET = (): Secret => new Secret(new Uint8Array(32).fill(0x11));
export const WALLET_ADDRESS = walletAddress(WALLET());

/** What the room does with a change of key that policy permits. */
function signWith(keys: LighterKeyStore, wallet: () => Secret): SignChange {
  return ({ slot, publicKey, nonce, countersigned }) => {
    const held = keys.apiKeys().find((key) => key.publicKey === publicKey);
    const secret = held === undefined ? undefined : keys.apiKey(held.keyId);
    if (secret === undefined) throw new Error('the new key is not kept before it signs');
    const change = (L1Sig: string) =>
      value(
        signTransaction(
          kernel,
          {
            name: 'ChangePubKey',
            chainId: slot.chainId,
            transaction: {
              AccountIndex: slot.account,
              ApiKeyIndex: slot.apiKey,
              PubKey: fromHex(publicKey),
              L1Sig,
              ExpiredAt: 1_767_226_199_000n,
              Nonce: nonce,
              L2TxAttributes: {},
            },
          },
          secret,
          Uint8Array.from(randomBytes(64)),
        ),
      );
    const messageToSign = change('').messageToSign ?? '';
    const l1Signature = countersignatureOf(messageToSign);
    const signed = change(l1Signature === undefined ? '' : `0x${l1Signature}`);
    return Promise.resolve(
      ok({
        txType: BigInt(signed.txType),
        txInfo: signed.txInfo,
        txHash: signed.txHash,
        messageToSign,
        nonce,
        expiredAt: 1_767_226_199_000n,
        ...(l1Signature === undefined ? {} : { l1Signature }),
      }),
    );

    function countersignatureOf(text: string): Hex | undefined {
      if (countersigned.by === 'owner') return countersigned.signature;
      return countersigned.by === 'wallet' ? signPersonalMessage(wallet(), text) : undefined;
    }
  };
}

export function addressOf(key: Secret): Result<Hex, Reason> {
  if (isWalletKey(key)) return ok(walletAddress(key));
  return err({ code: 'wallet.private-key', message: 'not a wallet key' });
}

export function apiKeySecret(text: string): Secret {
  if (!isHex(text)) throw new Error('not hex');
  return new Secret(fromHex(text));
}

export function value<T>(result: Result<T, { readonly message: string } | LighterRefusal>): T {
  if (result.ok) return result.value;
  throw new Error('message' in result.error ? result.error.message : result.error.reason.message);
}
