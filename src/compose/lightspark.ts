/** The Lightspark world from its configuration: room, source, transport. */
import { join } from 'node:path';

import {
  createLightningKeys,
  type Curve,
  type LightningKeys,
} from '../../signers/lightning/index.ts';
import { createImportedPreimages } from '../adapters/keys/imported-preimages.ts';
import type { OpenKeyRing } from '../adapters/keys/key-ring.ts';
import { createGraphqlTransport } from '../adapters/transport/graphql.ts';
import { systemClock } from '../adapters/system.ts';
import type { Config, LightsparkSettings } from '../config.ts';
import { createDispatch } from '../core/dispatch.ts';
import type { Reason } from '../core/outcome.ts';
import type { Receipt, Store } from '../core/ports.ts';
import { hexHmacScheme } from '../core/verify.ts';
import type { WebhookPath } from '../http/webhook.ts';
import { createLightspark, SIGNATURE_HEADER } from '../protocols/lightspark/index.ts';
import { VERSION } from '../version.ts';
import { KEY_IDS } from './key-kinds.ts';
import { isOwnDatabase } from './own-database.ts';
import type { ClosableTransport, World } from './world.ts';

const NAME = 'lightspark';

/** The first is ours; the others are where published servers listen, so that a URL can be kept. */
const PATHS: readonly WebhookPath[] = [
  '/webhooks/lightspark',
  '/webhook',
  '/lightspark-webhook',
  '/ln/webhooks',
].map((path) => ({ path, source: NAME }));

/** Milliseconds; the sender gives up after about ten seconds. */
const PATIENCE = 9_000;

export interface LightsparkParts {
  readonly keys: OpenKeyRing;
  readonly curve: Curve;
  readonly store: Store;
  readonly alarm: (reason: Reason) => void;
}

/** Where imported preimages lie. */
export function preimagesDirectory({ keysDir }: Config): string {
  return join(keysDir, 'preimages');
}

export async function composeLightspark(config: Config, parts: LightsparkParts): Promise<World> {
  const { lightspark } = config;
  const off = (why: string): World => ({ on: false, name: NAME, why, paths: PATHS });
  if (!lightspark.on) return off(lightspark.why);
  const keys = openSeed(KEY_IDS.main, parts);
  if (keys === undefined) {
    return off(
      `no key \`${KEY_IDS.main}\`; import one with \`countersign keys import\` or set \`LIGHTSPARK_MASTER_SEED_HEX\``,
    );
  }
  if (!(await isOwnDatabase(NAME, keys, parts.store))) {
    return off(
      'the database is of another seed; give each seed a `DATA_DIR` or `DATABASE_URL` of its own',
    );
  }
  const testKeys = openSeed(KEY_IDS.test, parts);
  const preimages = createImportedPreimages(
    { directory: preimagesDirectory(config) },
    { alarm: parts.alarm },
  );

  const protocol = createLightspark(
    {
      network: lightspark.network,
      nodeIds: lightspark.nodeIds,
      mode: lightspark.mode,
      migrationWindow: lightspark.migrationWindow,
      takenOverAt: parts.store.createdAt,
      keyIds: KEY_IDS,
    },
    {
      keys,
      ...(testKeys === undefined ? {} : { testKeys }),
      sealedPreimage: preimages.read,
    },
  );
  return {
    on: true,
    name: NAME,
    protocol,
    sources: [
      {
        name: NAME,
        verify: hexHmacScheme(SIGNATURE_HEADER, lightspark.webhookSecrets),
        dispatch: createDispatch([protocol]),
        acknowledge: lightspark.respondDirectly ? 'inline' : 'accepted',
        patience: PATIENCE,
      },
    ],
    desks: [],
    transport: createTransport(lightspark),
    paths: PATHS,
    sections: [],
    routes: () => [],
  };
}

function openSeed(id: string, { keys, curve }: LightsparkParts): LightningKeys | undefined {
  const seed = keys.secret(id);
  return seed === undefined ? undefined : createLightningKeys(seed, curve);
}

function createTransport({ graphqlUrl: url, credentials }: LightsparkSettings): ClosableTransport {
  if (credentials === undefined) return SILENT;
  const userAgent = `countersign/${VERSION}`;
  return createGraphqlTransport({ url, credentials, userAgent }, { clock: systemClock });
}

/** Where answers leave in the HTTP response there may be no credentials; what needs them is kept. */
const SILENT: ClosableTransport = Object.freeze({
  route: () => 'graphql:none',
  send: (): Promise<Receipt> =>
    Promise.resolve({
      kind: 'unauthorized',
      reason: {
        code: 'graphql.no_credentials',
        message:
          'a mutation waits for `LIGHTSPARK_API_TOKEN_CLIENT_ID` and its secret; set them and restart',
      },
    }),
  close: () => Promise.resolve(),
});
