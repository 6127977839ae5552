/** The room of Ethereum validators: duties, each signed once, by keys that never slash themselves. */
import type { ReadDuty } from '../../../signers/bls12381/index.ts';
import { defineProtocol, type Protocol } from '../../core/protocol.ts';
import { hasEarnings } from './duty-facts.ts';
import { decline, deliver, fail, usefulUntil } from './deliver.ts';
import { EVENT_TYPE, parseEthereum } from './events.ts';
import { actions } from './facts.ts';
import { createGuard, type GuardDeps } from './guard.ts';
import { operations } from './operations.ts';
import type { EthereumPart, EthereumRequest } from './request.ts';
import { readOnce } from './read-once.ts';
import { settingsKey } from './settings.ts';
import { type EthereumAnswer, sign, type SignRoot } from './sign.ts';

export const WORLD = 'ethereum';

export interface EthereumDeps extends GuardDeps {
  readonly readDuty: ReadDuty;
  readonly signRoot: SignRoot;
}

export function createEthereum(deps: EthereumDeps): Protocol {
  const readDuty = readOnce(deps.readDuty);
  return defineProtocol<EthereumRequest, EthereumPart, EthereumAnswer>({
    name: WORLD,
    eventType: EVENT_TYPE,
    refusal: 'loud',
    actions,
    operations,
    observes: false,
    parse: (envelope) => parseEthereum(envelope, readDuty),
    parts: ({ parts }) => parts.map((part) => ({ id: part.id, part })),
    keyIds: ({ pubkey }) => [`ethereum/${pubkey}`],
    // What cannot be slashed waits for nobody.
    lanes: ({ pubkey, duty }) => (duty.slashable === undefined ? [] : [`key/${pubkey}`]),
    reads,
    judge: createGuard(deps),
    sign: (part, inputs) => sign(part, inputs, deps.signRoot),
    answers: () => 'repeatable',
    deliver,
    decline,
    usefulUntil,
    fail,
  });
}

function reads({ pubkey, duty }: EthereumPart): readonly string[] {
  if (duty.type === 'RAW_ROOT' || !hasEarnings(duty.type)) return [];
  return [settingsKey(pubkey)];
}

export { EVENT_TYPE, MAX_PARTS, readIdentifier, subEventOf } from './events.ts';
export { signingAction } from './action.ts';
export { chainTime } from './chain-clock.ts';
export { isDomainName, rawRootDomain } from './raw-root.ts';
export { readSettings, settingsKey } from './settings.ts';
export { FORK_NAMES } from '../../../signers/bls12381/index.ts';
