/** The built daemon, killed between the promise to its sender and the callback. */
import { join } from 'node:path';

import { afterEach, describe, expect, jest, test } from '@jest/globals';

import { status } from '../support/callback-receiver.ts';
import { until } from '../support/daemon-home.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { openWebhookRig, resultsOf, type WebhookRig } from '../support/webhook-rig.ts';
import {
  batchOf,
  ethereumWorld,
  eventOf,
  idOf,
  lighterWorld,
  type WebhookWorld,
} from '../support/webhook-worlds.ts';

jest.setTimeout(120_000);

const root = temporaryDirectory();
const worlds: readonly WebhookWorld[] = [lighterWorld(), await ethereumWorld()];
const rigs: WebhookRig[] = [];

afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig[Symbol.asyncDispose]();
});

describe.each(worlds.map((world) => [world.name, world] as const))(
  'a daemon of %s that is killed',
  (name, world) => {
    test('answers after its restart what it accepted before, in the same bytes', async () => {
      const rig = await openWebhookRig(join(root, name), [world]);
      rigs.push(rig);
      const { receiver, callbacks } = rig;
      let daemon = await rig.start();
      await world.bringKey(daemon);

      // While the callback is under way, neither taken nor refused.
      receiver.answer(() => undefined);
      const first = world.permitted();
      const sent = await world.deliver(daemon, eventOf(world, batchOf({ only: first })));
      expect(sent.status).toBe(204);
      const [before] = await callbacks(1);
      daemon.send('SIGKILL');
      await daemon.ended;
      receiver.answer(status(204));
      daemon = await rig.start();
      const [, after] = await callbacks(2);
      if (before === undefined || after === undefined) throw new Error('no callback');
      expect(after.text).toBe(before.text);
      expect(after.headers['webhook-id']).toBe(before.headers['webhook-id']);
      expect(world.holds(first, resultsOf(world.open(after))[0] ?? {})).toBe(true);

      // As soon as its sender heard 2xx.
      receiver.forget();
      const second = world.permitted();
      const accepted = await world.deliver(daemon, eventOf(world, second));
      daemon.send('SIGKILL');
      await daemon.ended;
      expect(accepted.status).toBe(204);
      daemon = await rig.listen();
      await callbacks(1);
      // One that left before the end may leave again, but never another one.
      expect(new Set(receiver.received.map(({ text }) => text)).size).toBe(1);
      const [result = {}] = receiver.received.flatMap((one) => resultsOf(world.open(one)));
      expect(world.holds(second, result)).toBe(true);

      // Before its keys are there: its sender may be asked to send it again.
      daemon.send('SIGKILL');
      await daemon.ended;
      daemon = await rig.listen();
      receiver.forget();
      const third = world.permitted();
      const early = eventOf(world, third);
      await until(async () => (await world.deliver(daemon, early)).status === 204);
      await until(() => receiver.received.some(({ text }) => text.includes(idOf(early))));
      const answer = receiver.received.find(({ text }) => text.includes(idOf(early)));
      expect(world.holds(third, resultsOf(world.open(answer ?? after))[0] ?? {})).toBe(true);
    });
  },
);
