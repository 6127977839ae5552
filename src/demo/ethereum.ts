/** The Ethereum world of the demo: a local chain, one validator, and a receiver of callbacks. */
import { randomBytes } from 'node:crypto';

import { base64 } from '@scure/base';

import { NETWORKS } from '../../signers/bls12381/index.ts';
import { toHex } from '../base/hex.ts';
import { Secret } from '../base/secret.ts';
import { startCallbackReceiver } from './callback-receiver.ts';
import { createDuties } from './duties.ts';
import { createEthereumScenes } from './ethereum-scenes.ts';
import { reviewCallbacks, stepOf } from './scene.ts';
import { createThrowawayValidator } from './throwaway-validator.ts';
import type { DemoWorld } from './world.ts';

const POLICY = `version: 1
rules:
  - id: demo-validators-stay
    on: ethereum.voluntary_exit
    effect: forbid
`;

export async function createEthereumDemo(): Promise<DemoWorld> {
  const validator = await createThrowawayValidator();
  const [webhookKey, callbackKey] = [randomBytes(32), randomBytes(32)];
  const receiver = await startCallbackReceiver(new Secret(callbackKey));
  const [{ version: forkVersion }] = NETWORKS.minimal.forks;
  const duties = createDuties({ forkVersion, genesisValidatorsRoot: toHex(randomBytes(32)) });
  const scenes = createEthereumScenes(validator, duties, receiver.url.href);
  const deps = { webhookKey: new Secret(webhookKey), receiver };
  return Object.freeze({
    name: 'ethereum',
    environment: {
      ETH_NETWORK: 'minimal',
      BLS_WEBHOOK_SECRET: `whsec_${base64.encode(webhookKey)}`,
      BLS_CALLBACK_SECRET: `whsec_${base64.encode(callbackKey)}`,
      CALLBACK_ALLOWED_HOSTS: receiver.url.host,
      CALLBACK_ALLOW_PRIVATE: 'true',
    },
    policy: POLICY,
    steps: scenes.map((scene) => stepOf(scene, deps)),
    review: () => reviewCallbacks(receiver, scenes),
    close: receiver.close,
  });
}
