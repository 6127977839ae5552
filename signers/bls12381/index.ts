/** The door of the scheme of Ethereum validators: signing roots, networks, the way to a key. Native signatures are an adapter's. */
export { DOMAIN_TYPES, type DomainName } from './domain.ts';
export type { Slashable } from './duty-form.ts';
export { createDutyReader, type Duty, type ReadDuty } from './duty-reader.ts';
export { DUTY_TYPES, type DutyMessage, type DutyType } from './duty-table.ts';
export { deriveKey, signingKeyPath } from './key-derivation.ts';
export { FORK_NAMES, forkOfVersion, type Network, type NetworkName, NETWORKS } from './network.ts';
export { readNetwork } from './network-config.ts';
