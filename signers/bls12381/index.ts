/** The door of the signer for Ethereum validators: signing roots, networks, keys, signatures. */
export { type BlsSigner, loadBlsSigner } from './bls.ts';
export { DOMAIN_TYPES, type DomainName } from './domain.ts';
export type { Slashable } from './duty-form.ts';
export { createDutyReader, type Duty, type ReadDuty } from './duty-reader.ts';
export { DUTY_TYPES, type DutyMessage, type DutyType } from './duty-table.ts';
export { deriveKey, signingKeyPath } from './key-derivation.ts';
export { forkOfVersion, type Network, type NetworkName, NETWORKS } from './network.ts';
export { readNetwork } from './network-config.ts';
