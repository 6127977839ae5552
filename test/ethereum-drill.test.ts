/**
 * The double-sign drill: two clients hold the same keys and ask for conflicting duties at the same
 * time. Whatever happens to the daemon, one of them wins each duty, and nothing that left it is slashable.
 */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, describe, expect, jest, test } from '@jest/globals';

import { createDutyReader } from '../signers/bls12381/index.ts';
import type { JsonObject } from '../src/base/json.ts';
import { verifiesByNoble } from './support/bls-signatures.ts';
import { attestation, block } from './support/duties.ts';
import {
  type Chain,
  type EthereumHome,
  ethereumHome,
  forkInfo,
  historyOf,
} from './support/ethereum-daemon.ts';
import { createSlashingJudge, type SlashingJudge } from './support/slashing-judge.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { createValidatorClient, type SigningReply } from './support/validator-client.ts';
import { interopKey } from './support/validator-files.ts';

jest.setTimeout(120_000);

const root = temporaryDirectory();
const homes: EthereumHome[] = [];
const CONNECTIONS = 16;
const KEYS = [0, 2, 4, 6];
const pubkeys = KEYS.map((index) => interopKey(index).pubkey);
const HOUR = 3_600_000;
/** With slots of an hour, a daemon that is started again was never idle. */
const SLOW: Chain = { slotMilliseconds: HOUR, ageMilliseconds: 100_000 * HOUR };
/** Of the clock on that chain. */
const SLOW_EPOCH = 100_000n / 8n;

async function newHome(name: string, chain: Chain): Promise<EthereumHome> {
  const home = await ethereumHome(join(root, name), chain);
  homes.push(home);
  return home;
}

afterAll(async () => {
  await Promise.all(homes.map((home) => home.close()));
});

/** One thing that both clients want signed, each in its own version. */
interface Contest {
  readonly pubkey: string;
  readonly bodies: readonly [JsonObject, JsonObject];
}

const SLOTS_PER_EPOCH = 8n;
const vote = (target: bigint, head: bigint): JsonObject =>
  attestation(target, { head, slot: SLOTS_PER_EPOCH * target, fork_info: forkInfo });
const proposal = (slot: bigint, body: bigint): JsonObject =>
  block(slot, { body, fork_info: forkInfo });

/** Votes and blocks of `count` epochs and slots from `first` on, for every key. */
function contests(first: bigint, count: number): readonly Contest[] {
  return Array.from({ length: count }, (_, index) => first + BigInt(index)).flatMap((number) =>
    pubkeys.flatMap((pubkey): readonly Contest[] => [
      { pubkey, bodies: [vote(number, 1n), vote(number, 2n)] },
      { pubkey, bodies: [proposal(number, 1n), proposal(number, 2n)] },
    ]),
  );
}

interface Fought extends Contest {
  readonly replies: readonly [SigningReply, SigningReply];
}

/** Both clients ask for everything, `CONNECTIONS` at a time each, and never give up. */
async function fight(origin: string, all: readonly Contest[]): Promise<readonly Fought[]> {
  const run = async (side: 0 | 1): Promise<readonly SigningReply[]> => {
    const client = createValidatorClient(origin, CONNECTIONS);
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

function witnessAll(judge: SlashingJudge, fought: readonly Fought[]): void {
  for (const { pubkey, bodies, replies } of fought) {
    for (const side of [0, 1] as const) {
      const { signature } = replies[side];
      if (signature !== undefined) judge.witness(pubkey, bodies[side], signature);
    }
  }
}

/** How each contest ended, and how often. */
function endings(fought: readonly Fought[]): Readonly<Record<string, number>> {
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

describe('two clients with the same keys', () => {
  test('never get two signatures that conflict, and one of them wins each duty', async () => {
    const home = await newHome('live', SLOW);
    const daemon = await home.startValidators();
    expect((await daemon.importKeys(KEYS, historyOf(pubkeys))).status).toBe(200);
    const all = contests(1n, 125);
    const fought = await fight(daemon.origins.api, all);
    expect(endings(fought)).toEqual({ '200 412': all.length });
    const judge = createSlashingJudge(home.network);
    witnessAll(judge, fought);
    expect(judge.offences()).toEqual([]);
    expect(judge.count()).toBe(all.length);
    expectThirdOpinion(home, fought.slice(0, 2));
    await daemon.stop();
  });

  test('nor where the daemon is killed again and again, and comes back uncleanly', async () => {
    const home = await newHome('killed', SLOW);
    let daemon = await home.startValidators();
    await daemon.importKeys(KEYS, historyOf(pubkeys, SLOW_EPOCH));
    const all = contests(1n, 75);
    const over = fight(daemon.origins.api, all);
    let kills = 0;
    for (; kills < 4; kills += 1) {
      const pause = sleep(150 + 700 * Math.random(), 'pause');
      if ((await Promise.race([over, pause])) !== 'pause') break;
      daemon.send('SIGKILL');
      await daemon.ended;
      daemon = await home.startValidators();
    }
    const fought = await over;
    expect(kills).toBeGreaterThan(0);
    expect(endings(fought)).toEqual({ '200 412': all.length });
    const judge = createSlashingJudge(home.network);
    witnessAll(judge, fought);
    expect(judge.offences()).toEqual([]);
    await daemon.stop();
  });

  test('nor where an older database is restored, whose duties resume by themselves', async () => {
    const slotMilliseconds = 400;
    const chain = { slotMilliseconds, ageMilliseconds: 10_000 * slotMilliseconds };
    const home = await newHome('restored', chain);
    const judge = createSlashingJudge(home.network);
    const { genesisTime = 0n } = home.network;
    const slotNow = (): bigint =>
      BigInt(Math.floor((Date.now() - Number(genesisTime) * 1000) / slotMilliseconds));
    const duties = (): readonly Contest[] => {
      const slot = slotNow();
      return pubkeys.flatMap((pubkey): readonly Contest[] => [
        { pubkey, bodies: [proposal(slot, 1n), proposal(slot, 2n)] },
        { pubkey, bodies: [voteNow(slot, 1n), voteNow(slot, 2n)] },
      ]);
    };
    const voteNow = (slot: bigint, head: bigint): JsonObject =>
      attestation(slot / SLOTS_PER_EPOCH, { head, slot, fork_info: forkInfo });
    const round = async (origin: string): Promise<number> => {
      const fought = await fight(origin, duties());
      witnessAll(judge, fought);
      expect(Object.keys(endings(fought)).filter((ending) => ending === '200 200')).toEqual([]);
      return fought.filter(({ replies }) => replies.some(({ status }) => status === 200)).length;
    };
    /** Until every key has signed a block and a vote. */
    const untilAll = async (origin: string): Promise<void> => {
      const deadline = Date.now() + 30_000;
      for (let best = 0; best < 2 * pubkeys.length;) {
        best = Math.max(best, await round(origin));
        expect(Date.now()).toBeLessThan(deadline);
        await sleep(slotMilliseconds / 2);
      }
    };

    const first = await home.startValidators();
    await first.importKeys(KEYS);
    await untilAll(first.origins.api);
    await first.stop();
    const backup = join(home.directory, 'backup');
    cpSync(home.dataDir, backup, { recursive: true });

    const second = await home.startValidators();
    await untilAll(second.origins.api);
    const lost = duties();
    witnessAll(judge, await fight(second.origins.api, lost));
    await sleep(1_100);
    second.send('SIGKILL');
    await second.ended;
    rmSync(home.dataDir, { recursive: true });
    cpSync(backup, home.dataDir, { recursive: true });

    const third = await home.startValidators();
    expect(third.output()).toContain('store.restored');
    // What was signed and is not in this database any more, in the other version and in the same.
    const again = await fight(third.origins.api, lost);
    expect(Object.keys(endings(again))).toEqual(['412 412']);
    await untilAll(third.origins.api);
    expect(judge.offences()).toEqual([]);
    await third.stop();
  });
});

/** A few signatures by a library that shares nothing with the one that signs. */
function expectThirdOpinion({ network }: EthereumHome, fought: readonly Fought[]): void {
  const readDuty = createDutyReader(network);
  for (const { pubkey, bodies, replies } of fought) {
    const side = replies[0].status === 200 ? 0 : 1;
    const body = bodies[side];
    const duty = readDuty(body['type'], body);
    if (!duty.ok) throw new Error(duty.error.message);
    const { signature } = replies[side];
    expect(verifiesByNoble(pubkey, duty.value.signingRoot, signature)).toBe(true);
  }
}
