/**
 * Environment and flags → one typed, frozen configuration.
 *
 * The environment is handed in, so that nothing else reads it; secrets become `Secret` at once and
 * are deleted from it. Nothing is opened or resolved here except files that hold a secret.
 */
import { timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';

import { err, ok, type Result } from './base/result.ts';
import type { Secret } from './base/secret.ts';
import { callbacksOf, type CallbackSettings } from './config/callbacks.ts';
import { ethereumOf, type EthereumConfig } from './config/ethereum.ts';
import { checkExposure } from './config/exposure.ts';
import { lighterOf, type LighterConfig } from './config/lighter.ts';
import { type Inputs, type Notice, type Problem, readVariables } from './config/read.ts';
import { tlsContradictions, tlsOf, type TlsSettings } from './config/tls.ts';
import type { Values } from './config/variables.ts';

export { addConfigFlags, readConfigFlags } from './config/flags.ts';
export type { CallbackSettings, WebhookSettings } from './config/callbacks.ts';
export type { EthereumConfig } from './config/ethereum.ts';
export type { LighterConfig } from './config/lighter.ts';
export type { TlsSettings } from './config/tls.ts';
export type { Environment, Problem } from './config/read.ts';

export interface Config {
  readonly dataDir: string;
  /** Unset: SQLite in `dataDir`. */
  readonly databaseUrl: Secret | undefined;
  readonly trustStandbys: boolean;
  /** Milliseconds for which finished requests are kept; absent: for ever. */
  readonly historyKept: number | undefined;
  readonly policyDir: string;
  readonly keysDir: string;
  readonly keysPasswordFile: string | undefined;
  readonly stateMarker: string | undefined;
  readonly logLevel: Values['LOG_LEVEL'];
  readonly webhook: { readonly host: string; readonly port: number };
  readonly api: ApiConfig;
  readonly lightspark: LightsparkConfig;
  readonly lighter: LighterConfig;
  readonly ethereum: EthereumConfig;
  readonly callbacks: CallbackSettings;
}

interface ApiConfig {
  readonly host: string;
  readonly port: number;
  readonly socket: string | undefined;
  readonly allowedHosts: readonly string[];
  /** `required`: every route but the health ones asks for a token, on loopback too. */
  readonly auth: Values['API_AUTH'];
  /** A token of the operator's besides the one in the file. */
  readonly authToken: Secret | undefined;
  /** Networks from which Ethereum duties are signed without a token (CIDR). */
  readonly allowedClients: readonly string[];
  readonly allowInsecure: boolean;
  readonly tls: TlsSettings | undefined;
  readonly tokenFile: string;
  /** Callers that the operator named, with the hashes of their tokens. */
  readonly callersFile: string;
  /** Of requests to sign, for each caller; `undefined`: no limit. */
  readonly rateLimit: Values['API_RATE_LIMIT'];
}

/** A world without its secrets is off, and says why. Whether it has a key is known once keys are open. */
type LightsparkConfig = LightsparkSeeds &
  ({ readonly on: false; readonly why: string } | ({ readonly on: true } & LightsparkSettings));

/** What the commands of an operator need, also while the world is off. */
interface LightsparkSeeds {
  /** From the environment; unset where the seed is an encrypted file. */
  readonly masterSeed: Secret | undefined;
  readonly testSeed: Secret | undefined;
  readonly network: Values['LIGHTSPARK_NETWORK'];
}

export interface LightsparkSettings {
  /** All active signing keys of the webhook, in the order configured. */
  readonly webhookSecrets: readonly Secret[];
  /** Empty: the first node seen is the one. */
  readonly nodeIds: readonly string[];
  readonly mode: Values['LIGHTSPARK_MODE'];
  /** Milliseconds after the creation of the database. */
  readonly migrationWindow: number;
  readonly graphqlUrl: string;
  /** Always set, unless nothing is sent: when observing or responding directly. */
  readonly credentials: { readonly clientId: string; readonly clientSecret: Secret } | undefined;
  readonly respondDirectly: boolean;
}

export interface LoadedConfig {
  readonly config: Config;
  readonly notices: readonly Notice[];
}

/** Reads and checks everything; a failure names every problem with its remedy, never a value. */
export function loadConfig(inputs: Inputs): Result<LoadedConfig, readonly Problem[]> {
  const read = readVariables(inputs);
  if (!read.ok) return read;
  const { values, notices } = read.value;
  const exposure = checkExposure({
    host: values.API_HOST,
    isAuthRequired: isAuthRequired(values),
    allowsNetworks: values.API_ALLOWED_CLIENTS.length > 0,
    allowInsecure: values.ALLOW_INSECURE_API,
    isEncrypted: tlsOf(values) !== undefined,
  });
  const problems = [
    ...exposure.problems,
    ...contradictionsIn(values),
    ...tlsContradictions(values),
  ];
  if (problems.length > 0) return err(problems);
  return ok({ config: assemble(values), notices: [...notices, ...exposure.notices] });
}

/** One line per problem, for the terminal. */
export function describeProblem({ name, message }: Problem): string {
  return `\`${name}\` ${message}`;
}

/** Known certificates and a token on the command line are meant to keep all others out. */
function isAuthRequired(values: Values): boolean {
  return (
    values.API_AUTH === 'required' ||
    values.API_AUTH_TOKEN !== undefined ||
    values.API_TLS_KNOWN_CLIENTS_FILE !== undefined
  );
}

function assemble(values: Values): Config {
  return Object.freeze({
    dataDir: values.DATA_DIR,
    databaseUrl: values.DATABASE_URL,
    trustStandbys: values.DATABASE_TRUST_STANDBYS,
    historyKept: values.HISTORY_KEPT,
    policyDir: values.POLICY_DIR,
    keysDir: values.KEYS_DIR ?? join(values.DATA_DIR, 'keys'),
    keysPasswordFile: values.KEYS_PASSWORD_FILE,
    stateMarker: values.STATE_MARKER,
    logLevel: values.LOG_LEVEL,
    webhook: Object.freeze({ host: values.HOST, port: values.PORT }),
    api: Object.freeze({
      host: values.API_HOST,
      port: values.API_PORT,
      socket: values.API_SOCKET,
      allowedHosts: Object.freeze(values.API_ALLOWED_HOSTS),
      auth: isAuthRequired(values) ? 'required' : 'loopback',
      authToken: values.API_AUTH_TOKEN,
      allowedClients: Object.freeze(values.API_ALLOWED_CLIENTS),
      allowInsecure: values.ALLOW_INSECURE_API,
      tls: tlsOf(values),
      tokenFile: values.API_TOKEN_FILE ?? join(values.DATA_DIR, 'api-token'),
      callersFile: join(values.DATA_DIR, 'api-callers.json'),
      rateLimit: values.API_RATE_LIMIT && Object.freeze(values.API_RATE_LIMIT),
    }),
    lightspark: Object.freeze(lightsparkOf(values)),
    lighter: Object.freeze(lighterOf(values)),
    ethereum: Object.freeze(ethereumOf(values)),
    callbacks: Object.freeze(callbacksOf(values)),
  });
}

function lightsparkOf(values: Values): LightsparkConfig {
  const {
    LIGHTSPARK_WEBHOOK_SECRET: webhookSecrets,
    LIGHTSPARK_API_TOKEN_CLIENT_ID: clientId,
    LIGHTSPARK_API_TOKEN_CLIENT_SECRET: clientSecret,
  } = values;
  const credentials =
    clientId === undefined || clientSecret === undefined
      ? undefined
      : Object.freeze({ clientId, clientSecret });
  const sends = values.LIGHTSPARK_MODE === 'enforce' && !values.LIGHTSPARK_RESPOND_DIRECTLY;
  const seeds: LightsparkSeeds = {
    masterSeed: values.LIGHTSPARK_MASTER_SEED_HEX,
    testSeed: values.LIGHTSPARK_TEST_SEED_HEX,
    network: values.LIGHTSPARK_NETWORK,
  };
  if (webhookSecrets === undefined) {
    return { ...seeds, on: false, why: 'set `LIGHTSPARK_WEBHOOK_SECRET`' };
  }
  if (sends && credentials === undefined) {
    const why = 'set `LIGHTSPARK_API_TOKEN_CLIENT_ID` and `LIGHTSPARK_API_TOKEN_CLIENT_SECRET`';
    return { ...seeds, on: false, why };
  }
  return {
    ...seeds,
    on: true,
    webhookSecrets: Object.freeze(webhookSecrets),
    nodeIds: Object.freeze(values.LIGHTSPARK_NODE_IDS),
    mode: values.LIGHTSPARK_MODE,
    migrationWindow: values.LIGHTSPARK_MIGRATION_WINDOW,
    graphqlUrl: values.LIGHTSPARK_GRAPHQL_URL,
    credentials,
    respondDirectly: values.LIGHTSPARK_RESPOND_DIRECTLY,
  };
}

function contradictionsIn(values: Values): readonly Problem[] {
  const problems: Problem[] = [];
  if (values.PORT === values.API_PORT && values.PORT !== 0) {
    problems.push({ name: 'PORT', message: 'equals `API_PORT`; give each listener its own port' });
  }
  const { LIGHTSPARK_MASTER_SEED_HEX: seed, LIGHTSPARK_TEST_SEED_HEX: testSeed } = values;
  if (seed !== undefined && testSeed !== undefined && isSame(seed, testSeed)) {
    problems.push({
      name: 'LIGHTSPARK_TEST_SEED_HEX',
      message: 'equals the master seed; make another seed that guards nothing',
    });
  }
  return problems;
}

function isSame(left: Secret, right: Secret): boolean {
  return left.reveal((a) => right.reveal((b) => a.length === b.length && timingSafeEqual(a, b)));
}
