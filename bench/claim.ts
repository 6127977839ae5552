/** claim: requests made durable, beside what the disk and the driver give at best. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { openForWriting } from '../src/adapters/store/sqlite-driver.ts';
import { openSqliteStore } from '../src/adapters/store/sqlite-store.ts';
import { systemClock } from '../src/adapters/system.ts';
import { toHex } from '../src/base/hex.ts';
import { claim } from '../src/core/claim.ts';
import type { NewJob, Store } from '../src/core/ports.ts';
import { type Contender, type Effort, race, ratios, wallClock } from './measure.ts';
import type { Report } from './report.ts';
import { withScratch } from './scratch.ts';

/** As large as a webhook that asks for one signature. */
const BODY = randomBytes(1_500);
/** Larger than a write-ahead log may grow: once it was written, no commit has to extend the file. */
const FULL_LOG = new Uint8Array(20 * 2 ** 20);

export function benchClaim(effort: Effort): Promise<Report> {
  return withScratch(async (directory) => {
    const raw = openForWriting(join(directory, 'raw.sqlite'));
    const { store } = await openSqliteStore({
      directory: join(directory, 'data'),
      clock: systemClock,
    });
    try {
      raw.exec('CREATE TABLE claims (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT');
      const insert = raw.prepare('INSERT INTO claims (body) VALUES (?)');
      insert.run(FULL_LOG);
      await claim(store, { ...newJob(), body: FULL_LOG });
      const commits: Contender = {
        name: 'raw commits',
        run(operations) {
          for (let count = 0; count < operations; count += 1) insert.run(BODY);
        },
      };
      const contenders = [commits, ...[1, 32, 256].map((atOnce) => claims(store, atOnce))];
      const [single = [], one = [], some = [], many = []] = await race(
        contenders,
        effort,
        wallClock,
      );
      const cells = [single, one, some, many].map((rounds, index) => ({
        contender: contenders[index]?.name ?? '',
        rounds,
      }));
      return {
        subject: 'claim',
        about: 'fsynced rows on one disk, each a commit of its own or grouped with its neighbours',
        rows: [{ what: 'rows', unit: '/s', cells }],
        budgets: [
          { what: 'one at a time / raw', ...atLeast(0.7), rounds: ratios(one, single) },
          { what: '32 at once / raw', ...atLeast(10), rounds: ratios(some, single) },
          { what: '256 at once / raw', ...atLeast(10), rounds: ratios(many, single) },
        ],
      };
    } finally {
      raw.close();
      await store.close();
    }
  });
}

function atLeast(limit: number) {
  return { unit: '×', must: 'at least', limit } as const;
}

/** Claims of new requests, `atOnce` of them under way at any time. */
function claims(store: Store, atOnce: number): Contender {
  return {
    name: atOnce === 1 ? 'claims' : `${String(atOnce)} at once`,
    async run(operations) {
      let left = operations;
      const claimer = async (): Promise<void> => {
        while (left > 0) {
          left -= 1;
          await claim(store, newJob());
        }
      };
      await Promise.all(Array.from({ length: Math.min(atOnce, operations) }, claimer));
    },
  };
}

function newJob(): NewJob {
  const id = toHex(randomBytes(16));
  return {
    job: id,
    source: 'lightspark',
    id,
    digest: toHex(randomBytes(32)),
    eventType: 'REMOTE_SIGNING',
    entityId: 'Channel:018fe6a0-4fa7-69e3-0000-e19c868ed6ed',
    body: BODY,
    caller: 'lightspark/0',
    receivedAt: Date.now(),
    stage: 'claim',
  };
}
