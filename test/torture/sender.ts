/**
 * A sender as Lightspark is one: it delivers at least once, again and again until it is acknowledged,
 * sometimes twice at a time and sometimes long after. And somebody who would like to be one.
 */
import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { isJsonObject, type JsonObject, parseJson, stringifyJson } from '../../src/base/json.ts';
import type { Ask, Asks, Fate } from './asks.ts';
import type { Lives, Mode } from './lives.ts';
import type { Chance } from './random.ts';
import type { Sightings } from './sightings.ts';
import type { Mutation } from './statements.ts';
import type { Tallies } from './tally.ts';

export interface SenderOptions {
  readonly mode: Mode;
  readonly webhookSecret: string;
}

export interface SenderDeps {
  readonly lives: Pick<Lives, 'origins'>;
  readonly asks: Asks;
  readonly chance: Chance;
  readonly sightings: Sightings;
  readonly tallies: Tallies;
  readonly inspect: (mutation: Mutation) => void;
  /** Told of every ask before it is sent for the first time. */
  readonly onAsk: (ask: Ask) => void;
}

export interface Sender {
  /** Resolves when the ask has ended as it must. */
  readonly perform: (ask: Ask) => Promise<void>;
  /** Everything that was sent under its true name. */
  readonly sent: () => readonly Ask[];
  /** Ids of what was acknowledged. */
  readonly acknowledged: () => ReadonlySet<string>;
  /** No more mischief from now on. */
  readonly calmDown: () => void;
  /** Gives up whatever is under way. */
  readonly leave: () => void;
}

interface Told {
  readonly status: number;
  readonly body: JsonObject;
}

/** Milliseconds. */
const PATIENCE = 9_500;
const PAUSE = 40;
const ANSWER_PATIENCE = 2_500;

export function createSender(options: SenderOptions, deps: SenderDeps): Sender {
  const { mode, webhookSecret } = options;
  const { lives, asks, chance, sightings, tallies, inspect, onAsk } = deps;
  const sent: Ask[] = [];
  const acknowledged = new Set<string>();
  let calm = false;
  let gone = false;

  /** Delivers until there is an answer that means something. */
  async function deliver(body: string, signature = sign(body)): Promise<Told> {
    for (;;) {
      if (gone) throw new Error('the sender is gone');
      const { webhook } = await lives.origins();
      const told = await post(webhook, body, signature);
      if (told !== undefined && !isBusy(told)) return told;
      tallies.other.count(
        told === undefined ? 'deliveries broken off' : 'deliveries asked to wait',
      );
      await sleep(PAUSE);
    }
  }

  async function post(origin: string, body: string, signature: string): Promise<Told | undefined> {
    try {
      const response = await fetch(`${origin}/webhooks/lightspark`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'lightspark-signature': signature },
        body,
        signal: AbortSignal.timeout(PATIENCE),
      });
      const parsed = parseJson(await response.text());
      const isObject = parsed.ok && isJsonObject(parsed.value);
      return { status: response.status, body: isObject ? parsed.value : {} };
    } catch {
      return undefined;
    }
  }

  function sign(body: string): string {
    return createHmac('sha256', webhookSecret).update(body).digest('hex');
  }

  function expect(what: string, is: number, wanted: readonly number[]): void {
    if (wanted.includes(is)) return;
    const sentence = `${what} was answered ${String(is)}, not ${wanted.join(' or ')}`;
    tallies.violate('wrong answers', sentence);
  }

  async function perform(ask: Ask): Promise<void> {
    begin(ask);
    if (mischievous(0.05, 'sent twice at once')) await Promise.all([send(ask), send(ask)]);
    else await send(ask);
    for (const trick of tricks) await trick(ask);
    if (ask.fate !== 'answered' && ask.fate !== 'declined') return;
    while (!gone) {
      await sightings.arrival(ask.questions, ANSWER_PATIENCE);
      if (ask.questions.every(sightings.hasArrived)) return;
      tallies.other.count('redelivered for want of an answer');
      await send(ask);
    }
  }

  function begin(ask: Ask): void {
    tallies.events.count(ask.fate);
    sent.push(ask);
    onAsk(ask);
  }

  async function send(ask: Ask): Promise<void> {
    const told = await deliver(bodyOf(ask));
    expect(describe(ask), told.status, STATUSES[mode][ask.fate]);
    acknowledged.add(ask.id);
    if (mode === 'inline' && told.status === 200) {
      const mutation = { operation: ask.operation, variables: told.body };
      inspect(mutation);
      sightings.saw(mutation, true);
      tallies.other.count('answers in responses');
    }
  }

  const tricks: readonly ((ask: Ask) => Promise<void>)[] = [
    async (ask) => {
      if (mischievous(0.08, 'sent again')) await send(ask);
    },
    async (ask) => {
      if (!mischievous(0.05, 'sent again, written otherwise')) return;
      const told = await deliver(otherwise(ask));
      expect(`${describe(ask)}, again`, told.status, STATUSES[mode][ask.fate]);
    },
    async (ask) => {
      if (!mischievous(0.05, 'same id, other data')) return;
      const told = await deliver(bodyOf({ ...ask, entity: `${ask.entity}-other` }));
      // What could not be read has no data to differ in: it is known by its bytes.
      expect(`another request as ${describe(ask)}`, told.status, [409]);
    },
    async (ask) => {
      if (!mischievous(0.05, 'forged')) return;
      const body = bodyOf(asks.again(ask));
      const told = await deliver(body, sign(`${body} `));
      expect('a forged request', told.status, [401]);
    },
    async (ask) => {
      if (!REPEATABLE.has(ask.fate) || !mischievous(0.05, 'same question, other id')) return;
      const again = asks.again(ask);
      begin(again);
      await send(again);
    },
  ];

  function mischievous(probability: number, name: string): boolean {
    if (calm || !chance.happens(probability)) return false;
    tallies.mischief.count(name);
    return true;
  }

  return Object.freeze({
    perform,
    sent: () => sent,
    acknowledged: () => acknowledged,
    calmDown(): void {
      calm = true;
    },
    leave(): void {
      gone = true;
    },
  });
}

/** Asking the same again changes nothing. */
const REPEATABLE: ReadonlySet<Fate> = new Set<Fate>(['answered', 'declined', 'withheld']);

const ACCEPTED = [204];
/** What a sender may hear of an event, by what must become of it. */
const STATUSES: Readonly<Record<Mode, Readonly<Record<Fate, readonly number[]>>>> = {
  accepted: {
    answered: ACCEPTED,
    declined: ACCEPTED,
    refused: ACCEPTED,
    either: ACCEPTED,
    withheld: ACCEPTED,
    ignored: ACCEPTED,
    malformed: [400],
  },
  inline: {
    answered: [200],
    declined: ACCEPTED,
    refused: ACCEPTED,
    either: [200, 204],
    withheld: [503],
    ignored: ACCEPTED,
    malformed: [400],
  },
};

/** Asked to come again, for no reason of the request's own. */
function isBusy({ status, body }: Told): boolean {
  return status === 503 && body['code'] === 'busy';
}

function describe({ id, type, data }: Ask): string {
  const name = data['sub_event_type'];
  return `${id} (${typeof name === 'string' ? name : type})`;
}

function bodyOf(ask: Ask): string {
  return stringifyJson({
    event_type: ask.type,
    event_id: ask.id,
    timestamp: new Date().toISOString(),
    entity_id: ask.entity,
    data: ask.data,
  });
}

/** Another text of the same request: order, blanks and timestamp do not count. */
function otherwise(ask: Ask): string {
  const text = stringifyJson({
    data: ask.data,
    entity_id: ask.entity,
    api_version: '2023-09-13',
    event_id: ask.id,
    event_type: ask.type,
    timestamp: '2026-01-01T00:00:00.000000+00:00',
  });
  return `\n ${text}\n`;
}
