/** What slot it is, where the genesis time of the network is known. */
import type { Network, Slashable } from '../../../signers/bls12381/index.ts';
import { unreachable } from '../../base/unreachable.ts';

/** Slot and epoch of a moment; `undefined` for chains that begin anew each time. */
export interface ChainTime {
  readonly slot: bigint;
  readonly epoch: bigint;
}

export function chainTime(
  { genesisTime, millisecondsPerSlot, preset }: Network,
  now: number,
): ChainTime | undefined {
  if (genesisTime === undefined) return undefined;
  const sinceGenesis = Math.max(0, now - Number(genesisTime) * 1000);
  const slot = BigInt(Math.floor(sinceGenesis / millisecondsPerSlot));
  return { slot, epoch: slot / preset.SLOTS_PER_EPOCH };
}

/** A clock may be a little late, so the next slot and the next epoch have perhaps begun. */
const AHEAD = 1n;
/** Proofs of selection and preferences of proposers are signed up to two epochs ahead. */
const EPOCHS_AHEAD = 2n;

/** When a duty is due. */
export interface DutyTime {
  readonly type: string;
  readonly slashable: Slashable | undefined;
  readonly slot: bigint | undefined;
  readonly epoch: bigint | undefined;
}

/**
 * Whether a duty lies further in the future than any honest client asks. One signature there would
 * raise what the key has signed so far that it could sign nothing until then.
 */
export function isFarFuture({ type, slashable, slot, epoch }: DutyTime, time: ChainTime): boolean {
  switch (slashable?.kind) {
    case 'block':
      return slashable.slot > time.slot + AHEAD;
    case 'attestation':
      return slashable.target > time.epoch + AHEAD || (slot ?? 0n) > time.slot + AHEAD;
    case undefined:
      // An exit may be signed for an epoch to come.
      return type !== 'VOLUNTARY_EXIT' && epoch !== undefined && epoch > time.epoch + EPOCHS_AHEAD;
    default:
      return unreachable(slashable);
  }
}
