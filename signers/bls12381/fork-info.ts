/** The fork that a request is for, as the client sees it. */
import type { Hex } from '../../src/base/hex.ts';
import { bytes32, version } from './containers/primitive.ts';
import { unhashed } from './ssz/composite.ts';
import { uint64 } from './ssz/numbers.ts';
import type { ValueOf } from './ssz/ssz-type.ts';

/** `fork_info` of a request. Some clients give the current epoch for that of the fork. */
export const ForkInfo = unhashed({
  fork: unhashed({ previous_version: version, current_version: version, epoch: uint64 }),
  genesis_validators_root: bytes32,
});
export type ForkInfo = ValueOf<typeof ForkInfo>;

/** `get_domain` of consensus-specs: the version in force at an epoch, as far as the request knows. */
export function versionAt({ fork }: ForkInfo, epoch: bigint): Hex {
  return epoch < fork.epoch ? fork.previous_version : fork.current_version;
}
