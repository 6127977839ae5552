/** The door of the signer for Ethereum validators: signing roots, networks, keys, signatures. */
export { type BlsProblem, type BlsSigner, loadBlsSigner, type SignedRoot } from './bls.ts';
export { DOMAIN_TYPES, type DomainName } from './domain.ts';
export type { Slashable } from './duty-form.ts';
export type { DutyProblem, DutyProblemCode } from './duty-problem.ts';
export { createDutyReader, type Duty, type DutyOf, type ReadDuty } from './duty-reader.ts';
export { DUTY_TYPES, type DutyMessage, type DutyType } from './duty-table.ts';
export type { ForkInfo } from './fork-info.ts';
export { deriveKey, type KeyDerivationProblem, signingKeyPath } from './key-derivation.ts';
export {
  type Fork,
  type ForkName,
  forkOfVersion,
  type Network,
  type NetworkName,
  NETWORKS,
} from './network.ts';
export { type NetworkProblem, readNetwork } from './network-config.ts';
