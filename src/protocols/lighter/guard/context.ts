/** What a judgement knows besides request and state. */
import type { Reason } from '../../../core/outcome.ts';
import type { JudgeContext } from '../../../core/protocol.ts';
import type { FactValues } from '../facts/order-facts.ts';
import { clockDoubt } from '../nonces/clock.ts';
import type { Stream } from '../nonces/stream.ts';
import type { LighterPart } from '../request.ts';

export type GuardContext = JudgeContext;

export function doubtOfClock(
  { seenAt }: Stream,
  { now, clockStep }: GuardContext,
): readonly Reason[] {
  const step = clockStep === undefined ? {} : { step: BigInt(Math.trunc(clockStep)) };
  const doubt = clockDoubt({ now: BigInt(now), seenAt, ...step });
  return doubt === undefined ? [] : [doubt];
}

/** What every action has in common. */
export function requestFacts(
  { client }: LighterPart,
  { caller }: Pick<GuardContext, 'caller'>,
): FactValues {
  const { chainId, account, apiKey, keyId } = client;
  return {
    caller,
    key: keyId,
    network: NETWORKS.get(chainId) ?? `chain-${String(chainId)}`,
    chain_id: chainId,
    account,
    is_sub_account: account >= FIRST_SUB_ACCOUNT,
    api_key: apiKey,
  };
}

/** Where Lighter runs. Several test networks share a number, and so can replay each other. */
const NETWORKS: ReadonlyMap<bigint, string> = new Map([
  [304n, 'mainnet'],
  [300n, 'testnet'],
  [466_324n, 'robinhood'],
]);

/** Pools are numbered among sub-accounts. */
const FIRST_SUB_ACCOUNT = 2n ** 47n;
