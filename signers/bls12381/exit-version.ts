/** The fork version in the domain of voluntary exits (EIP-7044). */
import type { Hex } from '../../src/base/hex.ts';
import { type ForkInfo, versionAt } from './fork-info.ts';
import { FORK_NAMES, forkOfVersion, forkVersion, type Network } from './network.ts';

/**
 * From deneb on, exits keep the version of capella for ever, whatever their epoch; consensus-specs
 * decide by the fork of the chain. Web3Signer decides by the fork at the exit's epoch, so some clients
 * expect the version in force at that epoch where it lies before deneb. Both are given, the standard's
 * first: a client that names its root gets that one, and no third can be signed.
 */
export function exitVersions(network: Network, forkInfo: ForkInfo, epoch: bigint): readonly Hex[] {
  const inForce = versionAt(forkInfo, epoch);
  const capella = forkVersion(network, 'CAPELLA');
  if (capella === undefined) return [inForce];
  return isDenebOrLater(network, forkInfo) ? [capella, inForce] : [inForce, capella];
}

function isDenebOrLater(network: Network, { fork }: ForkInfo): boolean {
  const current = forkOfVersion(network, fork.current_version);
  return current !== undefined && FORK_NAMES.indexOf(current.name) >= FORK_NAMES.indexOf('DENEB');
}
