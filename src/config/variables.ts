/**
 * Every variable of the daemon, once: what `.env.example`, `--help` and the types are derived from.
 *
 * Names are a contract with other programs and are never renamed; an alias is a name that another
 * signer of the same world uses, so that its `.env` can be kept.
 */
import type { z } from 'zod';

import {
  choice,
  count,
  databaseUrl,
  duration,
  durationOrForever,
  endpoint,
  flag,
  host,
  hosts,
  list,
  networks,
  path,
  port,
  rate,
  seed,
  sha256Hex,
  socketPath,
  textSecret,
  textSecrets,
  token,
  userName,
  webUrl,
  webhookKeys,
} from './values.ts';

export interface Variable<Value = unknown> {
  /** One line for `.env.example` and `--help`. */
  readonly about: string;
  readonly schema: z.ZodType<Value, string>;
  /** What an unset variable means, written as its owner would; without it unset is `undefined`. */
  readonly fallback?: string;
  readonly aliases?: readonly string[];
  /** Flags by which other signers of the same world know it. */
  readonly flags?: readonly string[];
  /** Removed from the environment once read, and readable from the file that `NAME_FILE` names. */
  readonly secret?: true;
}

type Variables = Readonly<Record<string, Variable>>;

const daemon = {
  DATA_DIR: {
    about: 'Where the database lives; one daemon per directory',
    schema: path,
    fallback: './data',
  },
  DATABASE_URL: {
    about: 'postgres://… for several daemons on one database; unset: SQLite in DATA_DIR',
    schema: databaseUrl,
    secret: true,
  },
  HISTORY_KEPT: {
    about: 'How long finished requests are kept with their decisions, `1d` or more; or `forever`',
    schema: durationOrForever,
    fallback: '90d',
  },
  DATABASE_TRUST_STANDBYS: {
    about: 'Record duties although a failover to a standby could forget them',
    schema: flag,
    fallback: 'false',
  },
  POLICY_DIR: {
    about: 'Policy documents (*.yaml) that say what may be signed',
    schema: path,
    fallback: './policies',
  },
  KEYS_DIR: {
    about: 'Encrypted key files; unset: `keys` in DATA_DIR',
    schema: path,
  },
  KEYS_PASSWORD_FILE: {
    about: 'File with the password of the key files (mode 0600)',
    schema: path,
  },
  STATE_MARKER: {
    about: 'File on another device than DATA_DIR that tells when an older database was restored',
    schema: path,
  },
  LOG_LEVEL: {
    about: 'How much is logged: fatal, error, warn, info, debug, trace or silent',
    schema: choice(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    fallback: 'info',
  },
  HOST: {
    about: 'Address of the webhook listener, the only one that may face the internet',
    schema: host,
    fallback: '127.0.0.1',
  },
  PORT: {
    about: 'Port of the webhook listener',
    schema: port,
    fallback: '8080',
  },
  API_HOST: {
    about: 'Address of the private api listener (health, metrics, admin)',
    schema: host,
    fallback: '127.0.0.1',
  },
  API_PORT: {
    about: 'Port of the api listener',
    schema: port,
    fallback: '9000',
  },
  API_SOCKET: {
    about: 'Unix socket on which the api is served as well, for the owner of the process only',
    schema: socketPath,
  },
  API_ALLOWED_HOSTS: {
    about: 'Host names, comma-separated, by which the api may be addressed (Host header)',
    schema: list,
    fallback: 'localhost,127.0.0.1,[::1]',
  },
  API_AUTH: {
    about: 'Where callers of the api need a token: beyond loopback, or everywhere (required)',
    schema: choice(['loopback', 'required']),
    fallback: 'loopback',
  },
  API_TOKEN_FILE: {
    about:
      'File with the bearer token of the operator, made at first start; unset: `api-token` in DATA_DIR',
    schema: path,
  },
  API_AUTH_TOKEN: {
    about: "A token of the operator's besides the one in that file; with it every caller needs one",
    schema: token,
    flags: ['--auth-token'],
    secret: true,
  },
  API_RATE_LIMIT: {
    about:
      'Requests to sign that each caller may send per second, and how many at once; 0: no limit. Cancels and reduce-only orders of Lighter do not count',
    schema: rate,
    fallback: '1000:10000',
  },
  API_ALLOWED_CLIENTS: {
    about:
      'Networks (CIDR, comma-separated) from which Ethereum duties may be signed without a token',
    schema: networks,
    fallback: '',
  },
  API_TLS_CERT_FILE: {
    about: 'Certificate chain of the api listener (PEM); read again when it is replaced',
    schema: path,
    flags: ['--tls-cert'],
  },
  API_TLS_KEY_FILE: {
    about: 'Its private key (PEM, mode 0600)',
    schema: path,
    flags: ['--tls-key'],
  },
  API_TLS_PFX_FILE: {
    about: 'Both in one file instead (PKCS12, mode 0600)',
    schema: path,
  },
  API_TLS_PFX_PASSWORD: {
    about: 'Password of that file',
    schema: textSecret,
    secret: true,
  },
  API_TLS_KNOWN_CLIENTS_FILE: {
    about:
      'Clients that prove themselves by certificate: lines of common name and SHA-256 fingerprint',
    schema: path,
  },
  ALLOW_INSECURE_API: {
    about: 'Sign Ethereum duties for anybody who can connect to API_HOST; for closed networks only',
    schema: flag,
    fallback: 'false',
  },
} as const satisfies Variables;

const lightspark = {
  LIGHTSPARK_WEBHOOK_SECRET: {
    about: 'Signing key of the webhook; several, comma-separated, while one is being replaced',
    schema: textSecrets,
    aliases: ['LIGHTSPARK_WEBHOOK_SIGNING_KEY', 'RK_WEBHOOK_SECRET', 'WEBHOOK_SECRET'],
    secret: true,
  },
  LIGHTSPARK_MASTER_SEED_HEX: {
    about: 'Master seed of the node in hex, for development; better: an encrypted file in KEYS_DIR',
    schema: seed,
    aliases: ['RK_MASTER_SEED_HEX', 'MASTER_SEED_HEX'],
    secret: true,
  },
  LIGHTSPARK_NETWORK: {
    about:
      'Network of the node: MAINNET, TESTNET, REGTEST or SIGNET; events of others never touch its seed',
    schema: choice(['MAINNET', 'TESTNET', 'REGTEST', 'SIGNET']),
    fallback: 'MAINNET',
  },
  LIGHTSPARK_NODE_IDS: {
    about: 'Ids of the nodes to sign for, comma-separated; unset: the first one seen',
    schema: list,
    fallback: '',
  },
  LIGHTSPARK_TEST_SEED_HEX: {
    about: 'A second, worthless seed in hex that answers the test events of the dashboard',
    schema: seed,
    secret: true,
  },
  LIGHTSPARK_MODE: {
    about: 'enforce: decide and sign; observe: decide and record beside a signer that answers',
    schema: choice(['enforce', 'observe']),
    fallback: 'enforce',
  },
  LIGHTSPARK_MIGRATION_WINDOW: {
    about: 'How long after the first start invoices of a former signer may be paid out',
    schema: duration,
    fallback: '30d',
  },
  LIGHTSPARK_API_TOKEN_CLIENT_ID: {
    about: 'Id of the API token that answers are sent with',
    schema: userName,
    aliases: ['API_CLIENT_ID'],
  },
  LIGHTSPARK_API_TOKEN_CLIENT_SECRET: {
    about: 'Secret of that API token',
    schema: textSecret,
    aliases: ['API_CLIENT_SECRET'],
    secret: true,
  },
  LIGHTSPARK_GRAPHQL_URL: {
    about: 'Endpoint that answers are sent to',
    schema: endpoint,
    fallback: 'https://api.lightspark.com/graphql/server/2023-09-13',
    aliases: ['API_ENDPOINT'],
  },
  LIGHTSPARK_RESPOND_DIRECTLY: {
    about: 'Answer in the HTTP response instead, where the account is set up for it',
    schema: flag,
    fallback: 'false',
    aliases: ['RESPOND_DIRECTLY'],
  },
} as const satisfies Variables;

const lighter = {
  LIGHTER_WEBHOOK_SECRET: {
    about: 'Key of the webhook (Standard Webhooks, whsec_…); several while one is being replaced',
    schema: webhookKeys,
    secret: true,
  },
  LIGHTER_CALLBACK_URL: {
    about: 'Where answers to webhooks are sent unless an event names another URL',
    schema: webUrl,
  },
  LIGHTER_CALLBACK_SECRET: {
    about: 'Key that callbacks are signed with (whsec_…); several while one is being replaced',
    schema: webhookKeys,
    secret: true,
  },
  LIGHTER_API_HOSTS: {
    about: 'Hosts of the exchange that keys and nonces may be looked up at',
    schema: hosts,
    fallback:
      'mainnet.zklighter.elliot.ai,testnet.zklighter.elliot.ai,api.lighter.xyz,api-testnet.lighter.xyz',
  },
  LIGHTER_ACCEPT_RAW_KEYS: {
    about:
      'Accept private keys in the bodies of requests; unset: only while the api is on loopback',
    schema: flag,
  },
  LIGHTER_NONCE_MODE: {
    about: 'What a nonce of -1 means: skip (time in milliseconds) or strict (one after the last)',
    schema: choice(['skip', 'strict']),
    fallback: 'skip',
  },
  LIGHTER_BACKEND: {
    about: "What signs: our own kernel, or Lighter's official shared library (native)",
    schema: choice(['kernel', 'native']),
    fallback: 'kernel',
  },
  LIGHTER_NATIVE_LIBRARY: {
    about: 'The shared library; unset: looked for in `signers/`',
    schema: path,
  },
  LIGHTER_NATIVE_SHA256: {
    about: 'SHA-256 of a library that you built yourself',
    schema: sha256Hex,
  },
  LIGHTER_NATIVE_ABI: {
    about: 'Which functions that library has; the start lists the names',
    schema: path,
  },
} as const satisfies Variables;

const ethereum = {
  ETH_NETWORK: {
    about: 'mainnet, sepolia, hoodi, gnosis, chiado, minimal, or the file of another network',
    schema: path,
    fallback: 'mainnet',
  },
  ETH_KEYSTORES_DIR: {
    about: 'Validator keystores (EIP-2335) and key configuration files; unset: only imported keys',
    schema: path,
    flags: ['--keystores-path'],
  },
  ETH_KEYSTORES_PASSWORD_DIR: {
    about:
      'Their passwords: for `name.json` the file `name.txt`; or one file for all; unset: beside them',
    schema: path,
  },
  ETH_EXPOSED_KEYSTORES: {
    about:
      'Keystores, configuration files and passwords that group or others may read: refused or allowed',
    schema: choice(['refused', 'allowed']),
    fallback: 'refused',
  },
  ETH_SIGN_WORKERS: {
    about: 'Threads that sign; unset: one for each core',
    schema: count,
    flags: ['--workers'],
  },
  ETH_KEY_CACHE: {
    about: 'Keep decrypted keys in an encrypted cache, so that the next start takes seconds',
    schema: flag,
    fallback: 'false',
  },
  ETH_ALLOW_RAW_ROOT: {
    about: 'Domains, comma-separated, for which a bare signing root may be signed; better none',
    schema: list,
    fallback: '',
  },
  BLS_WEBHOOK_SECRET: {
    about: 'Key of the webhook (Standard Webhooks, whsec_…); several while one is being replaced',
    schema: webhookKeys,
    secret: true,
  },
  BLS_CALLBACK_URL: {
    about: 'Where answers to webhooks are sent unless an event names another URL',
    schema: webUrl,
  },
  BLS_CALLBACK_SECRET: {
    about: 'Key that callbacks are signed with (whsec_…); several while one is being replaced',
    schema: webhookKeys,
    secret: true,
  },
} as const satisfies Variables;

const callbacks = {
  CALLBACK_ALLOWED_HOSTS: {
    about: 'Hosts, comma-separated, that a request may name for its callback',
    schema: hosts,
    fallback: '',
  },
  CALLBACK_ALLOW_PRIVATE: {
    about: 'Send callbacks to private addresses and over http as well',
    schema: flag,
    fallback: 'false',
  },
  CALLBACK_DECLINE_MODE: {
    about:
      'Refusals go to the path with /decline_to_sign appended (path), or to the same URL (same)',
    schema: choice(['path', 'same']),
    fallback: 'path',
  },
} as const satisfies Variables;

export interface Section {
  readonly title: string;
  readonly variables: Variables;
}

/** The order of `.env.example` and of `--help`. */
export const SECTIONS: readonly Section[] = [
  { title: 'Daemon', variables: daemon },
  { title: 'Lightspark', variables: lightspark },
  { title: 'Lighter', variables: lighter },
  { title: 'Ethereum', variables: ethereum },
  { title: 'Callbacks', variables: callbacks },
];

const variables = { ...daemon, ...lightspark, ...lighter, ...ethereum, ...callbacks };
type Table = typeof variables;
export type VariableName = keyof Table;

/** Name → value, after every rule has been met. */
export type Values = {
  readonly [Name in VariableName]:
    | z.output<Table[Name]['schema']>
    | (Table[Name] extends { readonly fallback: string } ? never : undefined);
};

export const VARIABLES: Readonly<Record<VariableName, Variable>> = variables;
