/**
 * The double-sign drill: two clients hold the same keys and ask for conflicting duties at the same
 * time. Whatever happens to the daemon, one of them wins each duty, and nothing that left it is slashable.
 */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, describe, expect, jest, test } from '@jest/globals';

import { createDutyReader } from '../signers/bls12381/index.ts';
import { verifiesByNoble } from './support/bls-signatures.ts';
import {
  type Contest,
  contests,
  contestsNow,
  endings,
  fight,
  type Fought,
  witnessAll,
} from './support/double-signing.ts';
import {
  type Chain,
  type EthereumHome,
  ethereumHome,
  historyOf,
} from './support/ethereum-daemon.ts';
import { createSlashingJudge } from './support/slashing-judge.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { interopKey } from './support/validator-files.ts';

jest.setTimeout(120_000);

const root = temporaryDirectory();
const homes: EthereumHome[] = [];
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

const bothAt = (origin: string): readonly [string, string] => [origin, origin];

describe('two clients with the same keys', () => {
  test('never get two signatures that conflict, and one of them wins each duty', async () => {
    const home = await newHome('live', SLOW);
    const daemon = await home.startValidators();
    expect((await daemon.importKeys(KEYS, historyOf(pubkeys))).status).toBe(200);
    const all = contests(pubkeys, 1n, 125);
    const fought = await fight(bothAt(daemon.origins.api), all);
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
    const all = contests(pubkeys, 1n, 75);
    const over = fight(bothAt(daemon.origins.api), all);
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
    const duties = (): readonly Contest[] => contestsNow(pubkeys, home.network, chain);
    const round = async (origin: string): Promise<number> => {
      const fought = await fight(bothAt(origin), duties());
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
    witnessAll(judge, await fight(bothAt(second.origins.api), lost));
    await sleep(1_100);
    second.send('SIGKILL');
    await second.ended;
    rmSync(home.dataDir, { recursive: true });
    cpSync(backup, home.dataDir, { recursive: true });

    const third = await home.startValidators();
    expect(third.output()).toContain('store.restored');
    // What was signed and is not in this database any more, in the other version and in the same.
    const again = await fight(bothAt(third.origins.api), lost);
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
