/** The Lighter world of the demo: its settings, an exchange, and a receiver of callbacks. */
import { randomBytes } from 'node:crypto';

import { base64 } from '@scure/base';

import { Secret } from '../base/secret.ts';
import { startCallbackReceiver } from './callback-receiver.ts';
import { createLighterScenes } from './lighter-scenes.ts';
import { startLighterStandIn } from './lighter-stand-in.ts';
import { createLighterTrader } from './lighter-trader.ts';
import { reviewCallbacks, stepOf } from './scene.ts';
import type { DemoWorld } from './world.ts';

const POLICY = `version: 1
rules:
  - id: demo-new-keys
    on: lighter.change_api_key
    effect: permit
    when: fact.caller == "operator" && fact.key_held
`;

export async function createLighterDemo(): Promise<DemoWorld> {
  const trader = createLighterTrader();
  const exchange = await startLighterStandIn();
  exchange.addAccount(trader.account, trader.owner);
  exchange.setKey(trader.account, trader.apiKey, trader.publicKey);
  const [webhookKey, callbackKey] = [randomBytes(32), randomBytes(32)];
  const receiver = await startCallbackReceiver(new Secret(callbackKey));
  const scenes = createLighterScenes(trader, exchange, BigInt(Date.now()));
  const deps = { webhookKey: new Secret(webhookKey), receiver };
  return Object.freeze({
    name: 'lighter',
    environment: {
      LIGHTER_API_HOSTS: exchange.host,
      LIGHTER_WEBHOOK_SECRET: `whsec_${base64.encode(webhookKey)}`,
      LIGHTER_CALLBACK_SECRET: `whsec_${base64.encode(callbackKey)}`,
      LIGHTER_CALLBACK_URL: receiver.url.href,
      CALLBACK_ALLOW_PRIVATE: 'true',
    },
    policy: POLICY,
    steps: scenes.map((scene) => stepOf(scene, deps)),
    review: () => reviewCallbacks(receiver, scenes),
    close: async () => {
      await Promise.all([exchange[Symbol.asyncDispose](), receiver.close()]);
    },
  });
}
