/** What is to be said of a token before it is signed: only its deadline can be wrong. */
import { toHex } from '../../../base/hex.ts';
import type { Judgement, StateView } from '../../../core/protocol.ts';
import type { SignerInputs } from '../inputs.ts';
import { openStream, streamKey } from '../nonces/stream.ts';
import type { AuthTokenPart } from '../request.ts';
import { doubtOfClock, type GuardContext, requestFacts } from './context.ts';
import { deadlineOf } from './deadline.ts';

export function judgeAuthToken(
  part: AuthTokenPart,
  state: StateView,
  context: GuardContext,
): Judgement {
  const now = BigInt(context.now);
  const { stream } = openStream(state.get(streamKey(part.client)), context);
  const chosen = deadlineOf(part, now);
  const deadline = chosen.ok ? chosen.value : (part.deadline ?? 0n);
  const inputs = {
    kind: 'auth-token',
    deadline,
    entropy: toHex(context.entropy()),
  } as const satisfies SignerInputs;
  return {
    findings: [
      {
        id: part.id,
        action: 'auth_token',
        facts: {
          ...requestFacts(part, context),
          deadline,
          lifetime_s: deadline - now / 1000n,
        },
        violations: chosen.ok ? [] : [chosen.error],
        doubts: doubtOfClock(stream, context),
      },
    ],
    changes: new Map(),
    knowledge: new Map(),
    inputs,
    alarms: [],
  };
}
