/** Keys, clients and the exchange of the Lighter world, from the key ring and a folder for their notes. */
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';

import {
  isWalletKey,
  signPersonalMessage,
  walletAddress,
} from '../../signers/ethereum-wallet/index.ts';
import type { OpenKeyRing } from '../adapters/keys/key-ring.ts';
import { createChangeSigner } from '../adapters/lighter/change-signer.ts';
import { createClientBook } from '../adapters/lighter/client-book.ts';
import { createLighterDesk } from '../adapters/lighter/desk.ts';
import { createLighterExchange, type LighterExchange } from '../adapters/lighter/exchange.ts';
import { createRingKeyStore } from '../adapters/lighter/key-store.ts';
import { FOLLOW_UP_TIMES } from '../adapters/lighter/follow-up.ts';
import { createRegistrations } from '../adapters/lighter/registrations.ts';
import { slotKeyId } from '../adapters/lighter/slot.ts';
import type { Log } from '../adapters/observe/log.ts';
import { systemClock } from '../adapters/system.ts';
import { startUpkeep } from '../adapters/upkeep.ts';
import type { Hex } from '../base/hex.ts';
import type { HostPort } from '../base/host-port.ts';
import { err, ok, type Result } from '../base/result.ts';
import { Secret } from '../base/secret.ts';
import type { Desk } from '../core/desk.ts';
import type { Reason } from '../core/outcome.ts';
import type { LighterDesk } from '../protocols/lighter/ports.ts';
import type { LighterClients } from '../protocols/lighter/clients.ts';
import { VERSION } from '../version.ts';
import { ETHEREUM_WALLET, LIGHTER_API_KEY, lighterKernel } from './key-kinds.ts';

export interface LighterKeysOptions {
  readonly dataDir: string;
  /** `LIGHTER_API_HOSTS`. */
  readonly hosts: readonly HostPort[];
  readonly acceptRawKeys: boolean;
  /** The desk's name of calls about this world. */
  readonly source: string;
}

export interface LighterKeysParts {
  readonly ring: OpenKeyRing;
  /** Called only by requests, so the desk may be made later. */
  readonly ask: Desk['ask'];
  readonly alarm: (reason: Reason) => void;
  readonly log: Pick<Log, 'say' | 'failure'>;
}

export interface LighterKeys {
  readonly clients: LighterClients;
  readonly desk: LighterDesk;
  readonly exchange: LighterExchange;
  /** An API key, and never a wallet. */
  readonly secret: (keyId: string) => Secret | undefined;
  readonly hasWallet: (walletId: string) => boolean;
  /** The EIP-191 signature of a text by a wallet, and never by an API key. */
  readonly countersign: (walletId: string, text: string) => Promise<Hex>;
  /** Where clients are remembered. */
  readonly close: () => Promise<void>;
}

export async function composeLighterKeys(
  { dataDir, hosts, acceptRawKeys, source }: LighterKeysOptions,
  { ring, ask, alarm, log }: LighterKeysParts,
): Promise<Result<LighterKeys, Reason>> {
  const keys = createRingKeyStore(
    { apiKeyKind: LIGHTER_API_KEY, walletKind: ETHEREUM_WALLET, walletAddress: addressOf },
    ring,
  );
  const book = createClientBook({ file: lighterNotes(dataDir) }, { keys });
  if (!book.ok) return book;
  const registrations = createRegistrations({ file: join(dataDir, 'lighter-registrations.json') });
  if (!registrations.ok) return registrations;
  const exchange = createLighterExchange({ hosts, userAgent: `countersign/${VERSION}` });
  const desk = await createLighterDesk(
    { hosts, acceptRawKeys },
    {
      keys,
      book: book.value,
      registrations: registrations.value,
      exchange,
      signChange: createChangeSigner({ source }, { ask }),
      kernel: lighterKernel(),
      randomSecret: (length) => new Secret(Uint8Array.from(randomBytes(length))),
      id: randomUUID,
      clock: systemClock,
      alarm,
      onActivated(slot, publicKey) {
        log.say('info', 'registered key in use', { key: slotKeyId(slot), public_key: publicKey });
      },
    },
  );
  const stopFollowUp = startUpkeep(FOLLOW_UP_TIMES, desk.followUp, {
    clock: systemClock,
    onFailure: (error) => {
      log.failure('following registered keys up failed', error);
    },
  });
  return ok(
    Object.freeze({
      clients: book.value,
      desk,
      exchange,
      secret: (keyId: string) => ring.secretOfKind(LIGHTER_API_KEY, keyId),
      hasWallet: (walletId: string) => ring.secretOfKind(ETHEREUM_WALLET, walletId) !== undefined,
      countersign: (walletId: string, text: string) => {
        const key = ring.secretOfKind(ETHEREUM_WALLET, walletId);
        if (key === undefined) throw new Error(`there is no wallet \`${walletId}\``);
        return Promise.resolve(signPersonalMessage(key, text));
      },
      close: async () => {
        const stopped = stopFollowUp();
        await exchange.close();
        await stopped;
      },
    }),
  );
}

/** Where what is known of clients beside their keys is kept. */
export function lighterNotes(dataDir: string): string {
  return join(dataDir, 'lighter-clients.json');
}

function addressOf(key: Secret): Result<Hex, Reason> {
  if (key.length === 32 && isWalletKey(key)) return ok(walletAddress(key));
  return err({
    code: 'wallet.private-key',
    message: 'the wallet key is not 32 bytes from 1 to the group order; give another',
  });
}
