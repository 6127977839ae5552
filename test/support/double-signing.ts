/** Two clients that hold the same keys, and ask for duties of which only one may be signed. */
import type { Network } from '../../signers/bls12381/index.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { attestation, block } from './duties.ts';
import { type Chain, forkInfo } from './ethereum-daemon.ts';
import type { SlashingJudge } from './slashing-judge.ts';
import { createValidatorClient, type SigningReply } from './validator-client.ts';

/** Requests of each client under way at once. */
const CONNECTIONS = 16;
const SLOTS_PER_EPOCH = 8n;

/** One thing that both clients want signed, each in its own version. */
export interface Contest {
  readonly pubkey: string;
  readonly bodies: readonly [JsonObject, JsonObject];
}

/** Votes and blocks of `count` epochs and slots from `first` on, for every key. */
export function contests(
  pubkeys: readonly string[],
  first: bigint,
  count: number,
): readonly Contest[] {
  return Array.from({ length: count }, (_, index) => first + BigInt(index)).flatMap((number) =>
    pubkeys.flatMap((pubkey) => [
      voting(pubkey, { target: number, slot: SLOTS_PER_EPOCH * number }),
      proposing(pubkey, number),
    ]),
  );
}

/** What is to be signed at this moment, for every key. */
export function contestsNow(
  pubkeys: readonly string[],
  { genesisTime = 0n }: Network,
  { slotMilliseconds }: Chain,
): readonly Contest[] {
  const age = Date.now() - Number(genesisTime) * 1000;
  const slot = BigInt(Math.floor(age / slotMilliseconds));
  const target = slot / SLOTS_PER_EPOCH;
  return pubkeys.flatMap((pubkey) => [proposing(pubkey, slot), voting(pubkey, { target, slot })]);
}

function voting(
  pubkey: string,
  { target, slot }: { readonly target: bigint; readonly slot: bigint },
): Contest {
  const vote = (head: bigint): JsonObject =>
    attestation(target, { head, slot, fork_info: forkInfo });
  return { pubkey, bodies: [vote(1n), vote(2n)] };
}

function proposing(pubkey: string, slot: bigint): Contest {
  const proposal = (body: bigint): JsonObject => block(slot, { body, fork_info: forkInfo });
  return { pubkey, bodies: [proposal(1n), proposal(2n)] };
}

export interface Fought extends Contest {
  readonly replies: readonly [SigningReply, SigningReply];
}

/** Each client asks its daemon for everything, `CONNECTIONS` at a time, and never gives up. */
export async function fight(
  origins: readonly [string, string],
  all: readonly Contest[],
): Promise<readonly Fought[]> {
  const run = async (side: 0 | 1): Promise<readonly SigningReply[]> => {
    const client = createValidatorClient(origins[side], CONNECTIONS);
    const replies: SigningReply[] = [];
    const waiting = all.entries();
    const worker = async (): Promise<void> => {
      for (const [index, { pubkey, bodies }] of waiting) {
        replies[index] = await client.settle(pubkey, bodies[side]);
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, worker));
    await client.close();
    return replies;
  };
  const [first, second] = await Promise.all([run(0), run(1)]);
  return all.map((contest, index) => {
    const [one, other] = [first[index], second[index]];
    if (one === undefined || other === undefined) throw new Error('a request has no reply');
    return { ...contest, replies: [one, other] };
  });
}

export function witnessAll(judge: SlashingJudge, fought: readonly Fought[]): void {
  for (const { pubkey, bodies, replies } of fought) {
    for (const side of [0, 1] as const) {
      const { signature } = replies[side];
      if (signature !== undefined) judge.witness(pubkey, bodies[side], signature);
    }
  }
}

/** How each contest ended, and how often. */
export function endings(fought: readonly Fought[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { replies } of fought) {
    const ending = replies
      .map(({ status }) => status)
      .sort((one, other) => one - other)
      .join(' ');
    counts[ending] = (counts[ending] ?? 0) + 1;
  }
  return counts;
}
