/**
 * The room of Lightspark remote signing: one seed that signs, and perhaps another that answers the
 * dashboard's test events in a state of its own.
 */
import { WebhookEventType, WEBHOOKS_SIGNATURE_HEADER } from '@lightsparkdev/lightspark-sdk';

import type { Hex } from '../../base/hex.ts';
import { err, ok, type Result } from '../../base/result.ts';
import {
  defineProtocol,
  type Envelope,
  type NotOurs,
  type Protocol,
  type SignedPart,
} from '../../core/protocol.ts';
import type { BitcoinNetwork, LightningKeys } from '../../../signers/lightning/index.ts';
import { answerKind, decline, deliver } from './deliver.ts';
import { type LightsparkRequest, parse } from './events.ts';
import { actions } from './facts.ts';
import { createGuard, type Guard, type GuardedRequest } from './guard.ts';
import { foreignNode } from './guard/node-pin.ts';
import { readSignerInputs } from './inputs.ts';
import { operations } from './operations.ts';
import { type LightsparkAnswer, sign } from './sign.ts';

/** Carries the hex HMAC-SHA256 of the raw body. */
export const SIGNATURE_HEADER = WEBHOOKS_SIGNATURE_HEADER;

export interface LightsparkOptions {
  /** The network of the node; events of another one are not for its seed. */
  readonly network: BitcoinNetwork;
  /** Nodes that the seed signs for; empty: the first one seen. */
  readonly nodeIds: readonly string[];
  /** `observe`: another signer answers; everything is decided and recorded, nothing is sent. */
  readonly mode: 'enforce' | 'observe';
  /** Milliseconds after `takenOverAt` in which open invoices of the signer before are expected. */
  readonly migrationWindow: number;
  /** Epoch milliseconds. */
  readonly takenOverAt: number;
  /** Names of the two seeds in the key ring. */
  readonly keyIds: { readonly main: string; readonly test: string };
}

export interface LightsparkDeps {
  readonly keys: LightningKeys;
  /** Of the test seed, if there is one. */
  readonly testKeys?: LightningKeys;
  /** What the operator imported for an invoice, sealed by `keys`. */
  readonly sealedPreimage: (invoiceId: string) => Hex | undefined;
}

/** A seed with the state of its channels. */
interface Space {
  readonly keyId: string;
  readonly keys: LightningKeys;
  readonly guard: Guard;
}

/** A request, and the seed it is for. */
interface Addressed {
  readonly request: LightsparkRequest;
  readonly space: Space;
  readonly guarded: GuardedRequest;
}

export function createLightspark(options: LightsparkOptions, deps: LightsparkDeps): Protocol {
  const { sealedPreimage } = deps;
  const main = createSpace('main', deps.keys);
  const test = deps.testKeys && createSpace('test', deps.testKeys);

  function createSpace(space: 'main' | 'test', keys: LightningKeys): Space {
    const keyId = options.keyIds[space];
    const guard = createGuard(
      {
        space,
        keyId,
        nodeIds: options.nodeIds,
        mode: options.mode,
        migrationSince: options.takenOverAt,
        migrationWindowMs: options.migrationWindow,
      },
      { keys, isPreimageImported: (invoiceId) => sealedPreimage(invoiceId) !== undefined },
    );
    return { keyId, keys, guard };
  }

  /** Keys are the same on every network, so an event of another network could spend real money. */
  function address(envelope: Envelope): Result<Addressed, NotOurs> {
    const parsed = parse(envelope);
    if (!parsed.ok) return parsed;
    const request = parsed.value;
    if (request.network !== options.network) {
      return test === undefined
        ? notOurs('network', otherNetwork(request.network, options.network))
        : ok(addressed(request, test));
    }
    const foreign = foreignNode(request, options.nodeIds);
    if (foreign !== undefined) return err({ kind: 'ignored', reason: foreign });
    return ok(addressed(request, main));
  }

  return defineProtocol<Addressed, Addressed, LightsparkAnswer>({
    name: 'lightspark',
    eventType: WebhookEventType.REMOTE_SIGNING,
    refusal: 'careful',
    actions,
    operations,
    observes: options.mode === 'observe',
    parse: address,
    parts: (part) => [{ id: part.request.eventId, part }],
    keyIds: ({ space }) => [space.keyId],
    lanes: ({ guarded }) => guarded.lanes,
    reads: ({ guarded }) => guarded.reads,
    judge: ({ guarded }, state, context) => guarded.judge(state, context),
    sign: ({ space }, inputs) =>
      Promise.resolve(sign(readSignerInputs(inputs), { keys: space.keys, sealedPreimage })),
    answers: ({ request }) => answerKind(request),
    deliver: ({ request }, signed) => deliver(request, whole(signed)),
    decline: ({ request }) => decline(request),
  });
}

function addressed(request: LightsparkRequest, space: Space): Addressed {
  return { request, space, guarded: space.guard.open(request) };
}

/** A request is decided and signed as a whole, batches too; before that a batch has no signatures. */
function whole(signed: readonly SignedPart<LightsparkAnswer>[]): LightsparkAnswer {
  return signed[0]?.answer ?? { signatures: [] };
}

function otherNetwork(network: BitcoinNetwork, configured: BitcoinNetwork): string {
  return `event of \`${network}\` while \`LIGHTSPARK_NETWORK\` is \`${configured}\`; set \`LIGHTSPARK_TEST_SEED_HEX\` to answer test events`;
}

function notOurs(code: string, message: string): Result<never, NotOurs> {
  return err({ kind: 'ignored', reason: { code, message } });
}
