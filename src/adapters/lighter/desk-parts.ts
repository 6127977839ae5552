/** What the desk of keys and clients is made of. */
import type { LighterKernel } from '../../../signers/lighter/index.ts';
import type { Hex } from '../../base/hex.ts';
import type { HostPort } from '../../base/host-port.ts';
import type { Secret } from '../../base/secret.ts';
import type { Reason } from '../../core/outcome.ts';
import type { Clock } from '../../core/ports.ts';
import type { SignChange } from './change-signer.ts';
import type { ClientBook } from './client-book.ts';
import type { LighterExchange } from './exchange.ts';
import type { LighterKeyStore } from './key-store.ts';
import type { Registrations } from './registrations.ts';
import type { Slot } from './slot.ts';

export interface DeskOptions {
  /** `LIGHTER_API_HOSTS`. */
  readonly hosts: readonly HostPort[];
  /** Whether private keys may be given away; those who may not get one are told its id. */
  readonly acceptRawKeys: boolean;
}

export interface DeskParts {
  readonly keys: LighterKeyStore;
  readonly book: ClientBook;
  readonly registrations: Registrations;
  readonly exchange: LighterExchange;
  readonly signChange: SignChange;
  readonly kernel: LighterKernel;
  /** Bytes of the operating system's generator. */
  readonly randomSecret: (length: number) => Secret;
  /** A fresh identifier. */
  readonly id: () => string;
  readonly clock: Pick<Clock, 'now'>;
  readonly alarm: (reason: Reason) => void;
  /** A registered key has its slot. */
  readonly onActivated: (slot: Slot, publicKey: Hex) => void;
}
