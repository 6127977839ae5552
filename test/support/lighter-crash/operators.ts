/** What is told of nonces meanwhile: how transactions ended, and rows that are set aside and given back. */
import { setTimeout as sleep } from 'node:timers/promises';

import { type JsonObject, stringifyJson } from '../../../src/base/json.ts';
import type { Chance } from '../../torture/random.ts';
import type { Tallies } from '../../torture/tally.ts';
import { type Asks, MIXED_SLOT, QUIET_SLOT } from './asks.ts';
import type { Ledger } from './ledger.ts';
import { integerIn } from '../lighter-reference/transaction-hash.ts';

export interface Told {
  readonly status: number;
  readonly json: JsonObject;
}

export interface Operators {
  /** Resolves when they were told to stop and have. */
  readonly work: () => Promise<void>;
  readonly stop: () => void;
}

export interface OperatorDeps {
  readonly asks: Asks;
  readonly ledger: Ledger;
  readonly chance: Chance;
  readonly tallies: Tallies;
  /** Rejects where there is no answer. */
  readonly tell: (slot: bigint, operation: string, body: JsonObject) => Promise<Told>;
}

const OPERATORS = 2;
/** Milliseconds between two words of one, at most. */
const PAUSE = 25;
const MOST_RESERVED = 3;
/** Of the transactions that were signed last. */
const REMEMBERED = 60;
const ENDINGS = ['rejected', 'rejected', 'rejected', 'failed', 'accepted'] as const;
/** What time or others have changed meanwhile, and a daemon that begins or ends. */
const USUAL = new Set([200, 409, 503]);

export function createOperators({ asks, ledger, chance, tallies, tell }: OperatorDeps): Operators {
  let over = false;

  async function work(): Promise<void> {
    await Promise.all(
      Array.from({ length: OPERATORS }, async () => {
        while (!over) {
          await chance.oneOf([acknowledge, acknowledge, reserve, rollBack])();
          await sleep(chance.below(PAUSE));
        }
      }),
    );
  }

  /** Says of a transaction how it ended; what is rejected is never sent to the exchange. */
  async function acknowledge(): Promise<void> {
    const [seen] = chance.shuffled(ledger.all().slice(-REMEMBERED));
    if (seen === undefined) return;
    const status = chance.oneOf(ENDINGS);
    // The word may be taken though its answer is lost.
    if (status === 'rejected') ledger.reject(seen);
    const body = { nonce: seen.nonce, status, tx_hash: seen.txHash };
    await order(seen.asked.slot, 'acknowledge', body);
  }

  /** Sets a row aside, and gives its end back or lets others name what is in it. */
  async function reserve(): Promise<void> {
    const count = BigInt(1 + chance.below(MOST_RESERVED));
    const slot = chance.oneOf([MIXED_SLOT, QUIET_SLOT]);
    const row = await order(slot, 'reserve', { count });
    if (row === undefined) return;
    const [from, to] = [integerIn(row, 'from'), integerIn(row, 'to')];
    if (to - from !== count - 1n) tallies.violate('wrong answers', 'a row of another length');
    if (chance.happens(0.5)) await order(slot, 'rollback', { nonce: to });
    else for (let nonce = from; nonce <= to; nonce += 1n) asks.saw(slot, nonce);
  }

  /** Wants back what was signed, which is never given. */
  async function rollBack(): Promise<void> {
    const seen = ledger.all().at(-1);
    if (seen === undefined) return;
    const { nonce, asked } = seen;
    const done = await order(asked.slot, 'rollback', { nonce });
    if (done === undefined) return;
    tallies.violate('second effects', `nonce \`${String(nonce)}\` was rolled back, though signed`);
  }

  async function order(
    slot: bigint,
    operation: string,
    body: JsonObject,
  ): Promise<JsonObject | undefined> {
    const told = await tell(slot, operation, body).catch(() => undefined);
    if (told === undefined) return undefined;
    const { status, json } = told;
    tallies.events.count(`${operation}: ${String(status)}`);
    if (!USUAL.has(status)) {
      tallies.violate('troubles', `${operation}: ${String(status)}: ${stringifyJson(json)}`);
    }
    return status === 200 ? json : undefined;
  }

  return Object.freeze({
    work,
    stop(): void {
      over = true;
    },
  });
}
