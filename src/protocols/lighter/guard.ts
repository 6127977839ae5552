/**
 * guard — what our records say about a request, and the nonce it gets.
 *
 * Pure: request and state give facts, violations, doubts and state changes; the core commits them
 * with the verdict. So a nonce is taken, durably, before a signature on it exists.
 */
import { unreachable } from '../../base/unreachable.ts';
import type { Judgement, StateView } from '../../core/protocol.ts';
import type { LighterKernel } from '../../../signers/lighter/index.ts';
import { judgeAuthToken } from './guard/auth-token.ts';
import type { GuardContext } from './guard/context.ts';
import { judgeTransaction, type SignerTraits } from './guard/judge-transaction.ts';
import { blockKey } from './nonces/signed-nonces.ts';
import { streamKey } from './nonces/stream.ts';
import type { LighterPart } from './request.ts';

export interface Guard {
  readonly lanes: (part: LighterPart) => readonly string[];
  readonly reads: (part: LighterPart) => readonly string[];
  readonly judge: (part: LighterPart, state: StateView, context: GuardContext) => Judgement;
}

export interface GuardDeps {
  /** Hashes. */
  readonly kernel: LighterKernel;
  readonly signer: SignerTraits;
  /** Whether an L1 wallet is kept here, by its id in the key ring. */
  readonly hasWallet: (keyId: string) => boolean;
}

export function createGuard(deps: GuardDeps): Guard {
  return Object.freeze({
    // Only who takes nonces has to wait for others.
    lanes: (part) => (part.kind === 'transaction' ? [streamKey(part.client)] : []),
    reads(part) {
      const stream = streamKey(part.client);
      if (part.kind === 'auth-token' || part.nonce.mode !== 'explicit') return [stream];
      return [stream, blockKey(part.client, part.nonce.nonce)];
    },
    judge(part, state, context) {
      switch (part.kind) {
        case 'transaction':
          return judgeTransaction(part, { ...deps, state, context });
        case 'auth-token':
          return judgeAuthToken(part, state, context);
        default:
          return unreachable(part);
      }
    },
  } satisfies Guard);
}
