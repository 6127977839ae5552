/** A built daemon of the worlds that are called back, and the receiver of its callbacks. */
import { isJsonArray, isJsonObject, type JsonObject } from '../../src/base/json.ts';
import {
  type CallbackReceiver,
  type ReceivedCallback,
  startCallbackReceiver,
} from './callback-receiver.ts';
import { type Home, makeHome, type RunningDaemon, until } from './daemon-home.ts';
import type { WebhookWorld } from './webhook-worlds.ts';

/** Where callbacks go that name no other place. */
export const CALLBACK_PATH = '/callbacks?from=us';

export interface WebhookRig extends AsyncDisposable {
  readonly receiver: CallbackReceiver;
  /** Starts the daemon and waits until it listens; its keys may come later. */
  readonly listen: (changes?: Readonly<Record<string, string>>) => Promise<RunningDaemon>;
  /** Starts the daemon and waits until it has its keys. */
  readonly start: WebhookRig['listen'];
  /** The first callbacks since the receiver forgot, once there are so many. */
  readonly callbacks: (count: number) => Promise<readonly ReceivedCallback[]>;
}

export async function openWebhookRig(
  directory: string,
  worlds: readonly WebhookWorld[],
): Promise<WebhookRig> {
  const receiver = await startCallbackReceiver();
  const home: Home = await makeHome(directory, {
    seedHex: '5a'.repeat(32),
    testSeedHex: 'a5'.repeat(32),
    webhookSecret: 'lightspark-secret-of-the-callback-tests',
    clientSecret: 'client-secret-of-the-callback-tests',
  });
  const url = `http://127.0.0.1:${String(receiver.port)}${CALLBACK_PATH}`;
  const environment = {
    ...Object.fromEntries(worlds.flatMap((world) => Object.entries(world.environment))),
    LIGHTER_CALLBACK_URL: url,
    BLS_CALLBACK_URL: url,
    CALLBACK_ALLOW_PRIVATE: 'true',
  };
  const listen: WebhookRig['listen'] = (changes = {}) => home.start({ ...environment, ...changes });
  return {
    receiver,
    listen,
    async start(changes) {
      const daemon = await listen(changes);
      await until(async () => (await daemon.get('/healthcheck')).status === 200);
      return daemon;
    },
    async callbacks(count) {
      await until(() => receiver.received.length >= count);
      return receiver.received.slice(0, count);
    },
    async [Symbol.asyncDispose]() {
      await home.close();
      await receiver[Symbol.asyncDispose]();
    },
  };
}

/** What a callback says of each thing that was asked. */
export function resultsOf({ data }: JsonObject): readonly JsonObject[] {
  const results = isJsonObject(data) ? data['results'] : undefined;
  return isJsonArray(results) ? results.filter((result) => isJsonObject(result)) : [];
}
