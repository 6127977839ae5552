/** The Lighter world from its configuration: room, keys, exchange, signer, routes. */
import process from 'node:process';

import type { OpenKeyRing } from '../adapters/keys/key-ring.ts';
import { latestExpiry } from '../adapters/lighter-native/expiry.ts';
import { LIBRARY_FOLDERS } from '../adapters/lighter-native/locate-library.ts';
import { createNativeSigner } from '../adapters/lighter-native/native-signer.ts';
import type { Log } from '../adapters/observe/log.ts';
import { systemClock, systemRandom } from '../adapters/system.ts';
import { ok, type Result } from '../base/result.ts';
import type { Config, LighterConfig } from '../config.ts';
import type { Desk } from '../core/desk.ts';
import { createDispatch } from '../core/dispatch.ts';
import type { Reason } from '../core/outcome.ts';
import { nonceRoutes } from '../http/lighter/nonce-routes.ts';
import { lighterRoutes } from '../http/lighter/routes.ts';
import { lighterSection } from '../http/lighter/section.ts';
import type { WebhookPath } from '../http/webhook.ts';
import {
  createKernelSigner,
  createLighter,
  lighterEndpoints,
  type LighterSigner,
} from '../protocols/lighter/index.ts';
import { composeCallbacks } from './callbacks.ts';
import { lighterKernel } from './key-kinds.ts';
import { composeLighterKeys } from './lighter-keys.ts';
import type { World } from './world.ts';

const NAME = 'lighter';
/** The desk's name of calls on the api. */
const API_SOURCE = 'lighter-api';
const PATHS: readonly WebhookPath[] = [{ path: '/webhooks/lighter', source: NAME }];
const SECRET_FIELDS = ['private_key', 'eth_private_key', 'seed'];
/** Milliseconds. */
const PATIENCE = 9_000;

export interface LighterParts {
  readonly ring: OpenKeyRing;
  /** Called only by requests, so the desk may be made later. */
  readonly ask: Desk['ask'];
  readonly alarm: (reason: Reason) => void;
  readonly log: Pick<Log, 'say' | 'failure'>;
}

export async function composeLighter(
  { dataDir, lighter, callbacks }: Config,
  { ring, ask, alarm, log }: LighterParts,
): Promise<Result<World, Reason>> {
  const { acceptRawKeys, apiHosts: hosts } = lighter;
  const signer = await chooseSigner(lighter);
  if (!signer.ok) return signer;
  const keys = await composeLighterKeys(
    { dataDir, hosts, acceptRawKeys, source: API_SOURCE },
    { ring, ask, alarm, log },
  );
  if (!keys.ok) return keys;
  const { clients, desk: keyDesk, exchange, secret, hasWallet, countersign, close } = keys.value;
  const reading = { clients, defaults: { nonceMode: lighter.nonceMode } };
  const protocol = createLighter({
    ...reading,
    kernel: lighterKernel(),
    signer: signer.value,
    secret,
    hasWallet,
    countersign,
  });
  const answering = composeCallbacks(
    {
      name: NAME,
      patience: PATIENCE,
      webhook: lighter.webhook,
      callbacks,
      secretFields: SECRET_FIELDS,
    },
    { protocol, log },
  );
  if (!answering.ok) return answering;
  const endpoints = lighterEndpoints(reading);
  const { sources, transport } = answering.value;
  return ok({
    on: true,
    name: NAME,
    protocol,
    sources,
    desks: [{ name: API_SOURCE, dispatch: createDispatch([protocol]) }],
    transport: {
      ...transport,
      close: async () => {
        await Promise.all([transport.close(), close()]);
      },
    },
    paths: PATHS,
    sections: [lighterSection(endpoints)],
    routes: ({ access, desk, operator }) => [
      ...lighterRoutes({
        access,
        core: desk,
        keys: keyDesk,
        source: API_SOURCE,
        world: NAME,
        acceptRawKeys,
        endpoints,
      }),
      ...nonceRoutes({ access, operator, clients, exchange, world: NAME }),
    ],
  });
}

/** Our own kernel, or Lighter's library once it has proven itself against it. */
async function chooseSigner({
  backend,
  native,
}: LighterConfig): Promise<Result<LighterSigner, Reason>> {
  const kernel = lighterKernel();
  if (backend === 'kernel') return ok(createKernelSigner(kernel));
  const { library: path, sha256, abi } = native;
  const { platform, arch } = process;
  const opened = await createNativeSigner(
    {
      place: { platform, arch, folders: LIBRARY_FOLDERS, ...(path === undefined ? {} : { path }) },
      pin: {
        ...(sha256 === undefined ? {} : { sha256 }),
        ...(abi === undefined ? {} : { abi }),
      },
    },
    { kernel, clock: systemClock, random: systemRandom },
  );
  if (!opened.ok) return opened;
  const { sign, objectionTo } = opened.value;
  // The library dates transactions by its own clock; what was decided is the latest it may take.
  const lifetime = latestExpiry(0n);
  return ok({
    lifetime,
    repeatable: false,
    objectionTo,
    sign: (request, key) => sign(request, key),
  });
}
