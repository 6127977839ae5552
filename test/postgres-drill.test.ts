/**
 * The double-sign drill on PostgreSQL: two daemons share a database, each asked by a client that holds
 * the same keys. Whatever happens to daemons and server, one client wins each duty, and nothing that
 * left a daemon is slashable.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';

import { describeWithPostgres } from './adapters/postgres/postgres-under-test.ts';
import {
  type Contest,
  contests,
  contestsNow,
  endings,
  fight,
  witnessAll,
} from './support/double-signing.ts';
import {
  type Chain,
  type EthereumHome,
  ethereumHome,
  historyOf,
  type ValidatorDaemon,
} from './support/ethereum-daemon.ts';
import { createSlashingJudge } from './support/slashing-judge.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { interopKey } from './support/validator-files.ts';

jest.setTimeout(120_000);

const root = temporaryDirectory();
const KEYS = [0, 2, 4, 6];
const pubkeys = KEYS.map((index) => interopKey(index).pubkey);
const HOUR = 3_600_000;
/** With slots of an hour, a daemon that is started again was never idle. */
const SLOW: Chain = { slotMilliseconds: HOUR, ageMilliseconds: 100_000 * HOUR };
/** Of the clock on that chain. */
const SLOW_EPOCH = 100_000n / 8n;

type Pair<T> = readonly [T, T];

describeWithPostgres((server) => {
  let run = 0;
  let url: string;
  const homes: EthereumHome[] = [];
  beforeEach(async () => {
    url = await server().createDatabase();
    run += 1;
  });
  afterEach(async () => {
    await Promise.all(homes.splice(0).map((home) => home.close()));
  });

  async function newHomes(chain: Chain): Promise<Pair<EthereumHome>> {
    const directory = join(root, String(run));
    const settings = { DATABASE_URL: url, ETH_SIGN_WORKERS: '1' };
    const first = await ethereumHome(join(directory, 'first'), chain, settings);
    homes.push(first);
    // Of one chain, with one genesis.
    const ETH_NETWORK = join(directory, 'first', 'network.yaml');
    const second = await ethereumHome(join(directory, 'second'), chain, {
      ...settings,
      ETH_NETWORK,
    });
    homes.push(second);
    return [first, second];
  }
  /** One after another: the first that is there makes the tables. */
  async function startBoth([one, other]: Pair<EthereumHome>): Promise<
    [ValidatorDaemon, ValidatorDaemon]
  > {
    return [await one.startValidators(), await other.startValidators()];
  }
  const originsOf = ([one, other]: Pair<ValidatorDaemon>): Pair<string> => [
    one.origins.api,
    other.origins.api,
  ];

  test('each duty has one winner, though daemons are killed and the server stops uncleanly', async () => {
    const pair = await newHomes(SLOW);
    const daemons = await startBoth(pair);
    for (const daemon of daemons) {
      expect((await daemon.importKeys(KEYS, historyOf(pubkeys, SLOW_EPOCH))).status).toBe(200);
    }
    const all = contests(pubkeys, 1n, 200);
    const over = fight(originsOf(daemons), all);
    const pause = (): Promise<unknown> =>
      Promise.race([over, sleep(200 + 600 * Math.random(), 'pause')]);
    let kills = 0;
    async function killAndStart(side: 0 | 1): Promise<void> {
      daemons[side].send('SIGKILL');
      await daemons[side].ended;
      kills += 1;
      daemons[side] = await pair[side].startValidators();
    }
    for (const side of [0, 1, 0, 1] as const) {
      if ((await pause()) !== 'pause') break;
      await killAndStart(side);
      if (kills !== 2) continue;
      await server().stop('immediate');
      await server().start();
    }
    const fought = await over;
    expect(kills).toBeGreaterThanOrEqual(2);
    expect(endings(fought)).toEqual({ '200 412': all.length });
    const judge = createSlashingJudge(pair[0].network);
    witnessAll(judge, fought);
    expect(judge.offences()).toEqual([]);
    expect(judge.count()).toBe(all.length);
  });

  test('an older database is noticed by both, and their duties resume by themselves', async () => {
    const slotMilliseconds = 400;
    const chain = { slotMilliseconds, ageMilliseconds: 10_000 * slotMilliseconds };
    const pair = await newHomes(chain);
    const judge = createSlashingJudge(pair[0].network);
    const duties = (): readonly Contest[] => contestsNow(pubkeys, pair[0].network, chain);
    /** Until every key has signed a block and a vote. */
    async function untilAllSign(origins: Pair<string>): Promise<void> {
      const deadline = Date.now() + 30_000;
      const signing = new Set<string>();
      while (signing.size < 2 * pubkeys.length) {
        const fought = await fight(origins, duties());
        witnessAll(judge, fought);
        expect(Object.keys(endings(fought))).not.toContain('200 200');
        for (const { pubkey, bodies, replies } of fought) {
          const { type } = bodies[0];
          const isSigned = replies.some(({ status }) => status === 200);
          if (isSigned && typeof type === 'string') signing.add(`${type} ${pubkey}`);
        }
        expect(Date.now()).toBeLessThan(deadline);
        await sleep(slotMilliseconds / 2);
      }
    }

    const before = await startBoth(pair);
    for (const daemon of before) await daemon.importKeys(KEYS);
    await untilAllSign(originsOf(before));
    const restore = await server().backup();
    await untilAllSign(originsOf(before));
    const lost = duties();
    witnessAll(judge, await fight(originsOf(before), lost));
    // The markers follow within a second.
    await sleep(1_100);
    for (const daemon of before) {
      daemon.send('SIGKILL');
      await daemon.ended;
    }
    await restore();

    const after = await startBoth(pair);
    for (const daemon of after) expect(daemon.output()).toContain('store.restored');
    // What was signed and is not in this database any more, in the other version and in the same.
    const again = await fight(originsOf(after), lost);
    expect(Object.keys(endings(again))).toEqual(['412 412']);
    await untilAllSign(originsOf(after));
    expect(judge.offences()).toEqual([]);
    await Promise.all(after.map((daemon) => daemon.stop()));
  });
});
