/** Requests as webhooks: sent until they are accepted, and answered by callbacks that every attempt repeats. */
import { setTimeout as sleep } from 'node:timers/promises';

import { Webhook } from 'standardwebhooks';

import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  stringifyJson,
} from '../../../src/base/json.ts';
import type { Lives } from '../../torture/lives.ts';
import type { Tallies } from '../../torture/tally.ts';
import type { CallbackReceiver, ReceivedCallback } from '../callback-receiver.ts';
import { objectIn } from '../object-json.ts';
import type { Asked, Asks } from './asks.ts';
import type { Ledger } from './ledger.ts';

export interface Events {
  /** Whether it was accepted; what was not may be sent again. */
  readonly send: (asked: Asked) => Promise<boolean>;
  /** Waits until all that was accepted is answered. */
  readonly settle: () => Promise<void>;
}

export interface EventDeps {
  readonly lives: Pick<Lives, 'origins'>;
  readonly asks: Asks;
  readonly ledger: Ledger;
  readonly receiver: CallbackReceiver;
  readonly tallies: Tallies;
}

/** Milliseconds. */
const PATIENCE = 10_000;
const SETTLING = 30_000;
const PAUSE = 50;

export function createEvents(
  secrets: { readonly webhook: string; readonly callback: string },
  { lives, asks, ledger, receiver, tallies }: EventDeps,
): Events {
  const sender = new Webhook(secrets.webhook);
  const verifier = new Webhook(secrets.callback);
  const sent = new Map<string, Asked>();
  const accepted = new Set<string>();
  const answers = new Map<string, string>();
  const endings = new Map<string, string>();

  async function send(asked: Asked): Promise<boolean> {
    const { id = '' } = asked;
    sent.set(id, asked);
    const { webhook } = await lives.origins();
    const status = await post(`${webhook}/webhooks/lighter`, id, bodyOf(asked)).catch(() => 0);
    if (status === 204) accepted.add(id);
    else if (status !== 0 && status !== 503) {
      tallies.violate('troubles', `event \`${id}\` was answered ${String(status)}`);
    }
    return status === 204;
  }

  async function post(url: string, id: string, body: string): Promise<number> {
    const at = new Date();
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': sender.sign(id, at, body),
      },
      body,
      signal: AbortSignal.timeout(PATIENCE),
    });
    await response.arrayBuffer();
    return response.status;
  }

  receiver.answer((response) => {
    const callback = receiver.received.at(-1);
    response.writeHead(204).end();
    if (callback !== undefined) hear(callback);
  });

  function hear({ headers, text }: ReceivedCallback): void {
    const id = String(headers['webhook-id']);
    try {
      verifier.verify(text, {
        'webhook-id': id,
        'webhook-timestamp': String(headers['webhook-timestamp']),
        'webhook-signature': String(headers['webhook-signature']),
      });
    } catch {
      tallies.violate('wrong answers', `callback \`${id}\` is not signed`);
      return;
    }
    const before = answers.get(id);
    if (before !== undefined) {
      tallies.events.count('called back again');
      if (before !== text) tallies.violate('second effects', `callback \`${id}\` changed`);
      return;
    }
    answers.set(id, text);
    const [event = '', ending = ''] = id.split(':');
    if (endings.has(event)) tallies.violate('second effects', `event \`${event}\` ended twice`);
    endings.set(event, ending);
    tallies.events.count(`event ${ending}`);
    const asked = sent.get(event);
    if (asked === undefined) tallies.violate('wrong answers', `nobody sent event \`${event}\``);
    else if (ending === 'completed') asks.saw(asked.slot, ledger.take(asked, resultIn(text)).nonce);
  }

  async function settle(): Promise<void> {
    const deadline = performance.now() + SETTLING;
    const open = (): readonly string[] => [...accepted].filter((id) => !endings.has(id));
    while (open().length > 0 && performance.now() < deadline) await sleep(PAUSE);
    for (const id of open()) tallies.violate('losses', `event \`${id}\` was never answered`);
  }

  return Object.freeze({ send, settle });
}

function bodyOf({ id = '', path, body }: Asked): string {
  return stringifyJson({
    event_type: 'LIGHTER_SIGNING',
    event_id: id,
    timestamp: '2026-01-01T00:00:00Z',
    entity_id: 'account:123',
    data: { sub_event_type: path.slice(1).toUpperCase(), ...body },
  });
}

/** Of the one thing that an event asks for. */
function resultIn(text: string): JsonObject {
  const { data } = objectIn(text);
  const results = data !== undefined && isJsonObject(data) ? data['results'] : undefined;
  const [result] = results !== undefined && isJsonArray(results) ? results : [];
  return result !== undefined && isJsonObject(result) ? result : {};
}
