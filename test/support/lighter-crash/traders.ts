/** Traders who ask without pause, whatever becomes of the daemon, and ask again what got no answer. */
import { setTimeout as sleep } from 'node:timers/promises';

import { type JsonObject, stringifyJson } from '../../../src/base/json.ts';
import type { Lives } from '../../torture/lives.ts';
import type { Chance } from '../../torture/random.ts';
import type { Tallies } from '../../torture/tally.ts';
import { objectIn } from '../object-json.ts';
import type { Asked, Asks } from './asks.ts';
import type { Events } from './events.ts';
import type { Ledger } from './ledger.ts';

export interface Traders {
  /** Resolves when they were told to stop and have. */
  readonly trade: () => Promise<void>;
  readonly stop: () => void;
  /** Asks once more whatever may be asked twice and is without an answer, and some that has one. */
  readonly askAgain: () => Promise<void>;
}

export interface TraderDeps {
  readonly lives: Pick<Lives, 'origins'>;
  readonly asks: Asks;
  readonly ledger: Ledger;
  readonly events: Events;
  readonly chance: Chance;
  readonly tallies: Tallies;
}

const TRADERS = 12;
/** Milliseconds between the requests of one trader, at most. */
const PAUSE = 20;
const PATIENCE = 10_000;
/** What a request on a taken nonce is told, and one that comes while the daemon begins or ends. */
const USUAL_REFUSALS = new Set([409, 503]);

export function createTraders({
  lives,
  asks,
  ledger,
  events,
  chance,
  tallies,
}: TraderDeps): Traders {
  const unanswered: Asked[] = [];
  const answered: Asked[] = [];
  let over = false;

  async function trade(): Promise<void> {
    await Promise.all(
      Array.from({ length: TRADERS }, async () => {
        while (!over) {
          await Promise.all(next().map(ask));
          await sleep(chance.below(PAUSE));
        }
      }),
    );
  }

  function next(): readonly Asked[] {
    const lost = chance.happens(0.5) ? unanswered.shift() : undefined;
    if (lost !== undefined) return [lost];
    const known = chance.happens(0.1) ? answered[chance.below(answered.length)] : undefined;
    return known === undefined ? asks.next() : [known];
  }

  /** Only what is the same request again may be repeated. */
  function remember(where: Asked[], asked: Asked): void {
    if (asked.sameAs.length > 0) where.push(asked);
  }

  async function ask(asked: Asked): Promise<void> {
    if (asked.way === 'event') {
      remember((await events.send(asked)) ? answered : unanswered, asked);
      return;
    }
    const { api } = await lives.origins();
    const told = await post(`${api}${asked.path}`, asked).catch(() => undefined);
    if (told === undefined) {
      tallies.events.count('without an answer');
      remember(unanswered, asked);
      return;
    }
    const { status, job, json } = told;
    if (status !== 200) {
      const { code } = json;
      tallies.events.count(`refused: ${typeof code === 'string' ? code : String(status)}`);
      if (!USUAL_REFUSALS.has(status)) {
        tallies.violate('troubles', `${String(status)}: ${stringifyJson(json)}`);
      }
      if (status === 503) remember(unanswered, asked);
      return;
    }
    tallies.events.count('signed');
    const { nonce } = ledger.take(asked, json, job);
    if (!('nonce' in asked.body)) asks.saw(asked.slot, nonce);
    remember(answered, asked);
  }

  async function askAgain(): Promise<void> {
    const some = chance.shuffled(answered).slice(0, unanswered.length);
    await Promise.all([...unanswered.splice(0), ...some].map(ask));
    if (unanswered.length > 0) {
      const count = String(unanswered.length);
      tallies.violate('losses', `${count} requests got no answer though nothing failed any more`);
    }
  }

  return Object.freeze({
    trade,
    stop(): void {
      over = true;
    },
    askAgain,
  });
}

interface Told {
  readonly status: number;
  readonly job: string;
  readonly json: JsonObject;
}

async function post(url: string, { body, id }: Asked): Promise<Told> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(id === undefined ? {} : { 'idempotency-key': id }),
    },
    body: stringifyJson(body),
    signal: AbortSignal.timeout(PATIENCE),
  });
  return {
    status: response.status,
    job: response.headers.get('countersign-job') ?? '',
    json: objectIn(await response.text()),
  };
}
