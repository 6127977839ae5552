/** The room of Lighter: API keys that sign for their slots, one nonce at a time. */
import { defineProtocol, type Protocol } from '../../core/protocol.ts';
import { decline, deliver, fail, usefulUntil } from './deliver.ts';
import { EVENT_TYPE, parseLighter } from './events.ts';
import type { ReadingDeps } from './events/sub-event.ts';
import { actions } from './facts.ts';
import { createGuard, type GuardDeps } from './guard.ts';
import { readSignerInputs } from './inputs.ts';
import { createOperations } from './operations.ts';
import type { LighterPart, LighterRequest } from './request.ts';
import { type LighterAnswer, sign, type SignDeps } from './sign.ts';

export { type LighterEndpoint, lighterEndpoints, type SigningEndpoint } from './endpoints.ts';
export type { PreparedRequest } from './events.ts';
export { nonceOwner } from './operations.ts';
export { createKernelSigner, type LighterSigner } from './sign.ts';

export type LighterDeps = SignDeps & ReadingDeps & GuardDeps;

export function createLighter(deps: LighterDeps): Protocol {
  const guard = createGuard(deps);
  return defineProtocol<LighterRequest, LighterPart, LighterAnswer>({
    name: 'lighter',
    eventType: EVENT_TYPE,
    refusal: 'loud',
    actions,
    operations: createOperations(deps.clients),
    observes: false,
    parse: (envelope) => parseLighter(envelope, deps),
    parts: ({ parts }) => parts.map((part) => ({ id: part.id, part })),
    keyIds,
    lanes: guard.lanes,
    reads: guard.reads,
    judge: guard.judge,
    sign: (part, inputs) => sign(part, readSignerInputs(inputs), deps),
    answers: () => (deps.signer.repeatable ? 'repeatable' : 'stored'),
    deliver,
    decline,
    usefulUntil: (_request, inputs) => usefulUntil(inputs.map(readSignerInputs)),
    fail,
  });
}

/** The API key, and the wallet where it countersigns. */
function keyIds(part: LighterPart): readonly string[] {
  const wallet = part.kind === 'transaction' ? part.wallet : undefined;
  return wallet === undefined ? [part.client.keyId] : [part.client.keyId, wallet];
}
