/** The built daemon between those who send webhooks and those who receive its callbacks. */
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';

import { isJsonArray, isJsonObject } from '../../src/base/json.ts';
import type { CallbackReceiver } from '../support/callback-receiver.ts';
import { type RunningDaemon, until } from '../support/daemon-home.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import {
  CALLBACK_PATH,
  openWebhookRig,
  resultsOf,
  type WebhookRig,
} from '../support/webhook-rig.ts';
import {
  batchOf,
  ethereumWorld,
  eventOf,
  idOf,
  lighterWorld,
  newWebhookSecret,
  type WebhookWorld,
} from '../support/webhook-worlds.ts';

jest.setTimeout(120_000);

const root = temporaryDirectory();
const worlds: readonly WebhookWorld[] = [lighterWorld(), await ethereumWorld()];
let rig: WebhookRig;
let receiver: CallbackReceiver;
let daemon: RunningDaemon;

beforeAll(async () => {
  rig = await openWebhookRig(join(root, 'home'), worlds);
  ({ receiver } = rig);
  daemon = await rig.start();
  for (const world of worlds) await world.bringKey(daemon);
});

afterEach(() => {
  receiver.forget();
});

afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

/** Long enough for a callback that must not come. */
async function silence(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(receiver.received).toEqual([]);
}

describe.each(worlds.map((world) => [world.name, world] as const))('%s', (_, world) => {
  test('what is signed comes back in one signed callback', async () => {
    const data = world.permitted();
    const event = eventOf(world, data);
    expect(await world.deliver(daemon, event)).toMatchObject({ status: 204 });
    const [callback] = await rig.callbacks(1);
    if (callback === undefined) throw new Error('no callback');
    expect(callback.path).toBe(CALLBACK_PATH);
    expect(callback.headers['webhook-id']).toBe(`${idOf(event)}:completed`);
    const body = world.open(callback);
    expect(body).toMatchObject({
      type: 'signing.completed',
      timestamp: event['timestamp'],
      data: { event_id: event['event_id'], sub_event_type: data['sub_event_type'] },
    });
    const [result = {}, ...more] = resultsOf(body);
    expect(more).toEqual([]);
    expect(result).toMatchObject({ id: event['event_id'], status: 'signed' });
    expect(world.holds(data, result)).toBe(true);
  });

  test('what is refused goes to `/decline_to_sign`, with the reason', async () => {
    const event = eventOf(world, world.refused());
    expect(await world.deliver(daemon, event)).toMatchObject({ status: 204 });
    const [callback] = await rig.callbacks(1);
    if (callback === undefined) throw new Error('no callback');
    expect(callback.path).toBe('/callbacks/decline_to_sign?from=us');
    expect(callback.headers['webhook-id']).toBe(`${idOf(event)}:declined`);
    expect(world.open(callback)).toMatchObject({
      type: 'signing.declined',
      data: {
        payload_ids: [event['event_id']],
        results: [{ status: 'declined', reason: { code: world.refusal, rules: [] } }],
      },
    });
  });

  test('a batch with both makes two callbacks', async () => {
    const [first, second] = [world.permitted(), world.permitted()];
    const event = eventOf(world, batchOf({ first, no: world.refused(), second }));
    expect(await world.deliver(daemon, event)).toMatchObject({ status: 204 });
    await rig.callbacks(2);
    const bodies = receiver.received.map(
      (callback) => [callback.path, world.open(callback)] as const,
    );
    const declined = bodies.find(([path]) => path.includes('decline_to_sign'))?.[1];
    const completed = bodies.find(([path]) => path === CALLBACK_PATH)?.[1];
    expect(declined).toMatchObject({ data: { payload_ids: ['no'] } });
    const [one = {}, other = {}, ...more] = resultsOf(completed ?? {});
    expect([one['id'], other['id'], more]).toEqual(['first', 'second', []]);
    expect(world.holds(first, one)).toBe(true);
    expect(world.holds(second, other)).toBe(true);
  });

  test('the same event again at once is not answered twice', async () => {
    const event = eventOf(world, world.permitted());
    const first = await world.deliver(daemon, event);
    await rig.callbacks(1);
    await until(async () => (await daemon.outcomeOf(first.job))['stage'] === 'deliver');
    receiver.forget();
    expect(await world.deliver(daemon, event)).toMatchObject({ job: first.job });
    await silence();
  });

  test.each([
    [
      'a host that nobody allowed',
      'https://elsewhere.example/callbacks',
      'callback.forbidden_host',
    ],
    ['the address of cloud metadata', 'http://169.254.169.254/latest', 'callback.forbidden_host'],
    ['no web address', 'file:///etc/passwd', 'callback.forbidden_url'],
  ])('an event that names %s is refused, and nothing is signed', async (_case, url, code) => {
    const event = eventOf(world, world.permitted(), { callback_url: url });
    const { status: answer, job } = await world.deliver(daemon, event);
    expect(answer).toBe(400);
    expect(await daemon.outcomeOf(job)).toMatchObject({
      outcome: 'malformed',
      reason: { code },
      decisions: [],
      outbox: [],
    });
    await silence();
  });

  test('an event that names the allowed host is answered there', async () => {
    const url = `http://127.0.0.1:${String(receiver.port)}/elsewhere`;
    await world.deliver(daemon, eventOf(world, world.permitted(), { callback_url: url }));
    await rig.callbacks(1);
    expect(receiver.received[0]?.path).toBe('/elsewhere');
  });

  test('an event with a signature of another secret is not even recorded', async () => {
    const event = eventOf(world, world.permitted());
    const forged = await world.deliver(daemon, event, { signedWith: newWebhookSecret() });
    expect(forged).toEqual({ status: 401, job: '' });
    await silence();
  });

  test('a receiver that is down for a while gets the same bytes later', async () => {
    receiver.answer((response, request) => {
      if (receiver.received.length < 3) request.socket.destroy();
      else response.writeHead(204).end();
    });
    const data = world.permitted();
    const { job } = await world.deliver(daemon, eventOf(world, data));
    await rig.callbacks(3);
    expect(new Set(receiver.received.map(({ text }) => text)).size).toBe(1);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    const [last] = receiver.received.slice(-1).map((callback) => world.open(callback));
    expect(world.holds(data, resultsOf(last ?? {})[0] ?? {})).toBe(true);
    await until(async () => {
      const shown = await daemon.outcomeOf(job);
      const [row] = isJsonArray(shown['outbox']) ? shown['outbox'] : [];
      return isJsonObject(row) && row['state'] === 'delivered';
    });
  });
});

describe('with `CALLBACK_DECLINE_MODE=same`', () => {
  test('refusals go to the URL itself', async () => {
    await daemon.stop();
    daemon = await rig.start({ CALLBACK_DECLINE_MODE: 'same' });
    for (const world of worlds) {
      await world.deliver(daemon, eventOf(world, world.refused()));
      const [callback] = await rig.callbacks(1);
      expect(callback?.path).toBe(CALLBACK_PATH);
      expect(callback && world.open(callback)).toMatchObject({ type: 'signing.declined' });
      receiver.forget();
    }
  });
});
