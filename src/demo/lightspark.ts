/** The Lightspark world of the demo: its settings, its endpoint, and how its scenes are played. */
import { createHmac, randomBytes } from 'node:crypto';

import { toHex } from '../base/hex.ts';
import { stringifyJson } from '../base/json.ts';
import type { Acknowledged, Daemon } from './daemon.ts';
import { differing, type End, endOfJob, until } from './ending.ts';
import { type GraphqlStandIn, startGraphqlStandIn } from './graphql-stand-in.ts';
import { createScenes, type DemoEvent, type Scene } from './lightspark-scenes.ts';
import { createOfficialSigner } from './official-signer.ts';
import type { DemoStep, DemoWorld } from './world.ts';

const POLICY = `version: 1
rules:
  - id: demo-no-large-payments
    on: lightspark.l1_spend
    effect: forbid
    when: fact.amount_sat > 10000000
`;

export async function createLightsparkDemo(): Promise<DemoWorld> {
  const [seed, testSeed] = [randomBytes(64), randomBytes(32)];
  const credentials = { clientId: 'demo', clientSecret: toHex(randomBytes(32)) };
  const webhookSecret = toHex(randomBytes(32));
  const endpoint = await startGraphqlStandIn(credentials);
  const scenes = createScenes(createOfficialSigner(seed), createOfficialSigner(testSeed));
  return Object.freeze({
    name: 'lightspark',
    environment: {
      LIGHTSPARK_WEBHOOK_SECRET: webhookSecret,
      LIGHTSPARK_MASTER_SEED_HEX: toHex(seed),
      LIGHTSPARK_TEST_SEED_HEX: toHex(testSeed),
      LIGHTSPARK_API_TOKEN_CLIENT_ID: credentials.clientId,
      LIGHTSPARK_API_TOKEN_CLIENT_SECRET: credentials.clientSecret,
      LIGHTSPARK_GRAPHQL_URL: endpoint.url.href,
    },
    policy: POLICY,
    steps: scenes.map((scene) => stepOf(scene, webhookSecret, endpoint)),
    review: () => reviewOf(endpoint, scenes),
    close: endpoint.close,
  });
}

/** What no single step can see. */
function reviewOf(endpoint: GraphqlStandIn, scenes: readonly Scene[]): readonly string[] {
  const expected = scenes.filter(({ sent }) => sent !== undefined).length;
  const { length } = endpoint.applied;
  return [
    ...(length === expected
      ? []
      : [`${String(length)} mutations were sent instead of ${String(expected)}`]),
    ...endpoint.contradictions,
    ...endpoint.complaints.map((complaint) => `the endpoint complained: ${complaint}`),
  ];
}

function stepOf(scene: Scene, secret: string, endpoint: GraphqlStandIn): DemoStep {
  return {
    title: scene.title,
    async run(daemon) {
      const before = endpoint.applied.length;
      const { body, headers } = deliveryOf(scene, secret);

      const startedAt = performance.now();
      const acknowledged = await daemon.post('/webhooks/lightspark', body, headers);
      if (scene.sent !== undefined) await until(() => endpoint.applied.length > before);
      const milliseconds = performance.now() - startedAt;

      const ended = await endOf(daemon, acknowledged);
      const mutation = endpoint.applied[before];
      const sent = mutation?.operation ?? '';
      return {
        ...ended,
        sent,
        milliseconds,
        differences: [
          ...differing('HTTP status', statusOf(acknowledged.status), String(scene.status ?? '2xx')),
          ...differing('outcome', ended.outcome, scene.outcome),
          ...differing('cause', ended.because, scene.because ?? ended.because),
          ...differing('mutation', sent, scene.sent ?? ''),
          ...(mutation && scene.check ? scene.check(mutation.variables) : []),
        ],
      };
    },
  };
}

function deliveryOf(
  { event, signed = (signature) => signature }: Scene,
  secret: string,
): { readonly body: string; readonly headers: Readonly<Record<string, string>> } {
  const made = event();
  const body = typeof made === 'string' ? made : bodyOf(made);
  const signature = signed(createHmac('sha256', secret).update(body).digest('hex'));
  return {
    body,
    headers: {
      'content-type': 'application/json',
      ...(signature !== undefined && { 'lightspark-signature': signature }),
    },
  };
}

function bodyOf({ id, type, entity, data }: DemoEvent): string {
  return stringifyJson({
    event_type: type,
    event_id: id,
    timestamp: new Date().toISOString(),
    entity_id: entity,
    data,
  });
}

/** How the job ended; what was not claimed has no job, and a conflict shows the job it conflicts with. */
async function endOf(daemon: Daemon, { status, job }: Acknowledged): Promise<End> {
  if (status === 409) return { outcome: 'conflict', because: '' };
  if (job === undefined) return { outcome: status === 401 ? 'unverified' : 'lost', because: '' };
  return endOfJob(daemon, job);
}

function statusOf(status: number): string {
  return status >= 200 && status < 300 ? '2xx' : String(status);
}
