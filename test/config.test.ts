import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';

import { describe, expect, test } from '@jest/globals';
import { Command } from 'commander';

import type { Secret } from '../src/base/secret.ts';
import { utf8Text } from '../src/base/bytes.ts';
import { toHex } from '../src/base/hex.ts';
import {
  addConfigFlags,
  type Config,
  describeProblem,
  type Environment,
  loadConfig,
  type LoadedConfig,
  readConfigFlags,
} from '../src/config.ts';
import type { WebhookSettings } from '../src/config/callbacks.ts';
import { renderEnvExample } from './support/render-env-example.ts';

const SEED = '5e'.repeat(64);
const FULL: Readonly<Environment> = {
  LIGHTSPARK_WEBHOOK_SECRET: 'webhook-key',
  LIGHTSPARK_API_TOKEN_CLIENT_ID: 'token-id',
  LIGHTSPARK_API_TOKEN_CLIENT_SECRET: 'token-key',
};

interface Given {
  readonly flags?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

function read(
  env: Environment,
  { flags = {}, files = {} }: Given = {},
): ReturnType<typeof loadConfig> {
  return loadConfig({
    env,
    flags: new Map(Object.entries(flags)),
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error(`ENOENT: ${path}`);
      return text;
    },
  });
}

function loaded(env: Environment, given?: Given): LoadedConfig {
  const result = read(env, given);
  if (!result.ok) throw new Error(result.error.map(describeProblem).join('\n'));
  return result.value;
}

function problems(env: Environment, given?: Given): readonly string[] {
  const result = read(env, given);
  return result.ok ? [] : result.error.map(describeProblem);
}

function notices(env: Environment, given?: Given): readonly string[] {
  return loaded(env, given).notices.map(({ message }) => message);
}

function world(config: Config): Extract<Config['lightspark'], { on: true }> {
  if (!config.lightspark.on) throw new Error(config.lightspark.why);
  return config.lightspark;
}

function textOf(secret: Secret | undefined): string | undefined {
  return secret?.reveal((bytes) => utf8Text(bytes));
}

describe('defaults', () => {
  test('an empty environment starts a daemon on loopback with its world off', () => {
    const { config } = loaded({});
    expect(config).toMatchObject({
      dataDir: './data',
      policyDir: './policies',
      keysDir: 'data/keys',
      logLevel: 'info',
      webhook: { host: '127.0.0.1', port: 8080 },
      api: {
        host: '127.0.0.1',
        port: 9000,
        allowedHosts: ['localhost', '127.0.0.1', '[::1]'],
        auth: 'loopback',
        tokenFile: 'data/api-token',
        callersFile: 'data/api-callers.json',
        rateLimit: { perSecond: 1000, burst: 10_000 },
      },
      lightspark: { on: false, why: 'set `LIGHTSPARK_WEBHOOK_SECRET`' },
    });
  });

  test('the copied example means the same as an empty environment', () => {
    const env: Environment = {};
    for (const line of readFileSync('.env.example', 'utf8').split('\n')) {
      const [, name, value] = /^([A-Z0-9_]+)=(.*)$/.exec(line) ?? [];
      if (name !== undefined) env[name] = value;
    }
    expect(Object.keys(env).length).toBeGreaterThan(20);
    expect(loaded(env)).toEqual(loaded({}));
  });

  test('keys and token follow the data directory', () => {
    const { config } = loaded({ DATA_DIR: '/var/lib/countersign' });
    expect(config.keysDir).toBe('/var/lib/countersign/keys');
    expect(config.api.tokenFile).toBe('/var/lib/countersign/api-token');
    expect(config.api.callersFile).toBe('/var/lib/countersign/api-callers.json');
  });

  test('a minimal world pins MAINNET, enforces and allows thirty days of migration', () => {
    expect(world(loaded({ ...FULL }).config)).toMatchObject({
      network: 'MAINNET',
      mode: 'enforce',
      migrationWindow: 30 * 86_400_000,
      nodeIds: [],
      masterSeed: undefined,
      graphqlUrl: 'https://api.lightspark.com/graphql/server/2023-09-13',
      respondDirectly: false,
    });
  });

  test('the configuration is frozen at every level', () => {
    const { config } = loaded({ ...FULL });
    const frozen = [config, config.api, config.webhook, config.api.allowedHosts, config.lightspark];
    for (const level of frozen) expect(Object.isFrozen(level)).toBe(true);
  });
});

test('.env.example lists every variable with its comment and default, and nothing else', () => {
  expect(readFileSync('.env.example', 'utf8')).toBe(renderEnvExample());
});

describe('names', () => {
  test.each([['LIGHTSPARK_WEBHOOK_SIGNING_KEY'], ['RK_WEBHOOK_SECRET'], ['WEBHOOK_SECRET']])(
    '%s is the webhook secret',
    (alias) => {
      const { LIGHTSPARK_WEBHOOK_SECRET: secret, ...rest } = FULL;
      const { webhookSecrets } = world(loaded({ ...rest, [alias]: secret }).config);
      expect(webhookSecrets.map(textOf)).toEqual(['webhook-key']);
    },
  );

  test.each([['RK_MASTER_SEED_HEX'], ['MASTER_SEED_HEX']])('%s is the master seed', (alias) => {
    const { masterSeed } = world(loaded({ ...FULL, [alias]: SEED.toUpperCase() }).config);
    expect(masterSeed?.reveal(toHex)).toBe(SEED);
  });

  test('API_CLIENT_ID, API_CLIENT_SECRET, API_ENDPOINT and RESPOND_DIRECTLY are understood', () => {
    const settings = world(
      loaded({
        WEBHOOK_SECRET: 'webhook-key',
        API_CLIENT_ID: 'token-id',
        API_CLIENT_SECRET: 'token-key',
        API_ENDPOINT: 'https://example.org/graphql',
        RESPOND_DIRECTLY: 'true',
      }).config,
    );
    expect(settings.credentials?.clientId).toBe('token-id');
    expect(textOf(settings.credentials?.clientSecret)).toBe('token-key');
    expect(settings.graphqlUrl).toBe('https://example.org/graphql');
    expect(settings.respondDirectly).toBe(true);
  });

  test('two names that contradict each other are refused, both named', () => {
    expect(problems({ WEBHOOK_SECRET: 'one', RK_WEBHOOK_SECRET: 'other' })).toEqual([
      '`RK_WEBHOOK_SECRET` contradicts `WEBHOOK_SECRET`; keep one of them',
    ]);
  });

  test('two names that agree are accepted', () => {
    expect(problems({ ...FULL, WEBHOOK_SECRET: 'webhook-key' })).toEqual([]);
  });

  test.each([['VALIDATION_ENABLED'], ['L1_WALLET_ENABLED']])(
    '%s is named as superseded',
    (name) => {
      expect(notices({ [name]: 'true' })).toEqual([
        expect.stringMatching(`^\`${name}\` is superseded`),
      ]);
    },
  );

  test('a name that looks like one of ours but is none is told', () => {
    expect(notices({ LIGHTER_WEBHOOK_SECRETS: 'x', ETH_NET: 'y' })).toEqual([
      '`LIGHTER_WEBHOOK_SECRETS` is not a setting of this daemon; see `.env.example`',
      '`ETH_NET` is not a setting of this daemon; see `.env.example`',
    ]);
  });

  test('a database is a PostgreSQL URL, and its password is a secret', () => {
    const { config } = loaded({ DATABASE_URL: 'postgres://user:canary@db/countersign' });
    expect(config.databaseUrl).toBeDefined();
    expect(JSON.stringify(config)).not.toContain('canary');
    for (const socket of [
      'postgres://user@/db?host=/var/run/postgresql',
      'postgres://user:secret@/db?host=%2Fvar%2Frun%2Fpostgresql',
      'postgres://user@%2Fvar%2Frun%2Fpostgresql/db',
      'postgresql:///db?host=/var/run/postgresql&user=user',
    ]) {
      expect(loaded({ DATABASE_URL: socket }).config.databaseUrl?.reveal(utf8Text)).toBe(socket);
    }
    expect(problems({ DATABASE_URL: 'mysql://db' })).toEqual([
      '`DATABASE_URL` must be a URL such as `postgres://user@host/database`',
    ]);
  });

  test.each([
    ['45s', 45_000],
    ['10m', 600_000],
    ['12h', 43_200_000],
    ['0d', 0],
  ])('a length of time %s is %d milliseconds', (text, milliseconds) => {
    const { config } = loaded({ ...FULL, LIGHTSPARK_MIGRATION_WINDOW: text });
    expect(world(config).migrationWindow).toBe(milliseconds);
  });

  test.each([
    ['50', { perSecond: 50, burst: 50 }],
    ['50:400', { perSecond: 50, burst: 400 }],
    ['0', undefined],
  ])('a rate limit %s is %j', (text, rateLimit) => {
    expect(loaded({ API_RATE_LIMIT: text }).config.api.rateLimit).toEqual(rateLimit);
  });

  test('lists are comma-separated, blanks and empty items do not count', () => {
    const settings = world(
      loaded({ ...FULL, LIGHTSPARK_WEBHOOK_SECRET: 'new, old ,', LIGHTSPARK_NODE_IDS: 'a,, b' })
        .config,
    );
    expect(settings.webhookSecrets.map(textOf)).toEqual(['new', 'old']);
    expect(settings.nodeIds).toEqual(['a', 'b']);
  });

  test.each([['http://127.0.0.1:4000/graphql'], ['http://[::1]:4000/'], ['http://localhost/']])(
    'answers may be sent unencrypted to %s',
    (url) => {
      expect(problems({ ...FULL, LIGHTSPARK_GRAPHQL_URL: url })).toEqual([]);
    },
  );

  test('a choice may be written in capitals or not', () => {
    const { config } = loaded({ LOG_LEVEL: 'DEBUG', LIGHTSPARK_NETWORK: 'regtest' });
    expect(config.logLevel).toBe('debug');
    expect(config.lightspark.network).toBe('REGTEST');
  });

  test('keystores that others may read are refused unless they are allowed', () => {
    expect(loaded({}).config.ethereum.exposed).toBe('refused');
    const allowed = loaded({ ETH_EXPOSED_KEYSTORES: 'allowed' });
    expect(allowed.config.ethereum.exposed).toBe('allowed');
    expect(problems({ ETH_EXPOSED_KEYSTORES: 'true' })).toHaveLength(1);
  });

  test('all problems are told at once', () => {
    const told = problems({ PORT: 'x', LOG_LEVEL: 'x', DATABASE_URL: 'x', WEBHOOK_SECRET: ',' });
    expect(told).toHaveLength(4);
  });

  test('both listeners on one port are refused', () => {
    expect(problems({ PORT: '9000' })).toEqual([
      '`PORT` equals `API_PORT`; give each listener its own port',
    ]);
    expect(problems({ PORT: '0', API_PORT: '0' })).toEqual([]);
  });

  test('a test seed that equals the master seed is refused', () => {
    const env = { LIGHTSPARK_MASTER_SEED_HEX: SEED, LIGHTSPARK_TEST_SEED_HEX: SEED };
    expect(problems(env)).toEqual([
      '`LIGHTSPARK_TEST_SEED_HEX` equals the master seed; make another seed that guards nothing',
    ]);
  });
});

describe('a world without its secrets is off', () => {
  test('it says which are missing', () => {
    const { config } = loaded({ LIGHTSPARK_WEBHOOK_SECRET: 'x', API_CLIENT_ID: 'y' });
    expect(config.lightspark).toMatchObject({
      on: false,
      why: 'set `LIGHTSPARK_API_TOKEN_CLIENT_ID` and `LIGHTSPARK_API_TOKEN_CLIENT_SECRET`',
    });
  });

  test.each([
    ['observing', { LIGHTSPARK_MODE: 'observe' }],
    ['responding directly', { LIGHTSPARK_RESPOND_DIRECTLY: 'true' }],
  ])('%s needs no API token', (_name, env) => {
    const { config } = loaded({ LIGHTSPARK_WEBHOOK_SECRET: 'x', ...env });
    expect(world(config).credentials).toBeUndefined();
  });
});

describe('secrets', () => {
  const canaries = { webhook: 'canary-webhook', token: 'canary-token', seed: SEED };
  const env = (): Environment => ({
    WEBHOOK_SECRET: canaries.webhook,
    LIGHTSPARK_API_TOKEN_CLIENT_ID: 'id',
    API_CLIENT_SECRET: canaries.token,
    RK_MASTER_SEED_HEX: canaries.seed,
    LIGHTSPARK_TEST_SEED_HEX: '7e'.repeat(32),
    HOME: '/home/operator',
  });

  test('are deleted from the environment, also when the start is refused', () => {
    const good = env();
    loaded(good);
    expect(good).toEqual({ LIGHTSPARK_API_TOKEN_CLIENT_ID: 'id', HOME: '/home/operator' });
    const bad = { ...env(), PORT: 'x' };
    problems(bad);
    expect(bad).toEqual({
      LIGHTSPARK_API_TOKEN_CLIENT_ID: 'id',
      HOME: '/home/operator',
      PORT: 'x',
    });
  });

  test('are never printed by the configuration', () => {
    const { config } = loaded(env());
    const printed = `${inspect(config, { depth: 9 })}${JSON.stringify(config)}`;
    for (const canary of Object.values(canaries)) expect(printed).not.toContain(canary);
  });

  test('are never quoted by a problem', () => {
    const told = problems({
      LIGHTSPARK_MASTER_SEED_HEX: `${SEED}5`,
      RK_WEBHOOK_SECRET: canaries.webhook,
      WEBHOOK_SECRET: canaries.token,
    }).join('\n');
    for (const canary of Object.values(canaries)) expect(told).not.toContain(canary);
  });

  test('are read from the file that NAME_FILE names, without its last newline', () => {
    const settings = world(
      loaded(
        { ...FULL, LIGHTSPARK_MASTER_SEED_HEX_FILE: '/run/secrets/seed' },
        { files: { '/run/secrets/seed': `${SEED}\n` } },
      ).config,
    );
    expect(settings.masterSeed?.reveal(toHex)).toBe(SEED);
  });

  test('a NAME_FILE that cannot be read or is empty is refused', () => {
    const files = { '/empty': '\n' };
    expect(problems({ LIGHTSPARK_MASTER_SEED_HEX_FILE: '/absent' }, { files })).toEqual([
      '`LIGHTSPARK_MASTER_SEED_HEX_FILE` names a file that cannot be read; check its path and mode',
    ]);
    expect(problems({ LIGHTSPARK_MASTER_SEED_HEX_FILE: '/empty' }, { files })).toEqual([
      '`LIGHTSPARK_MASTER_SEED_HEX_FILE` names an empty file; write the secret into it',
    ]);
  });

  test('a NAME_FILE that contradicts NAME is refused', () => {
    expect(
      problems(
        { LIGHTSPARK_WEBHOOK_SECRET: 'a', LIGHTSPARK_WEBHOOK_SECRET_FILE: '/f' },
        { files: { '/f': 'b' } },
      ),
    ).toEqual([
      '`LIGHTSPARK_WEBHOOK_SECRET` contradicts `LIGHTSPARK_WEBHOOK_SECRET_FILE`; keep one of them',
    ]);
  });
});

describe('the api beyond loopback', () => {
  test('refuses to start without authentication and names the remedies', () => {
    const [told, ...others] = problems({ API_HOST: '0.0.0.0' });
    expect(others).toEqual([]);
    for (const remedy of [
      'API_AUTH=required',
      'API_HOST=127.0.0.1',
      'API_SOCKET',
      'ALLOW_INSECURE_API=true',
    ]) {
      expect(told).toContain(remedy);
    }
  });

  test.each([['::'], ['10.0.0.5'], ['signer.internal'], ['127.0.0.1.example.org']])(
    'counts %s as beyond loopback',
    (host) => {
      expect(problems({ API_HOST: host })).toHaveLength(1);
    },
  );

  test.each([['localhost'], ['127.0.0.53'], ['::1'], ['[::1]']])(
    'counts %s as loopback',
    (host) => {
      expect(problems({ API_HOST: host })).toEqual([]);
    },
  );

  test('starts with API_AUTH=required, and warns that the token travels unencrypted', () => {
    expect(notices({ API_HOST: '0.0.0.0', API_AUTH: 'required' })).toEqual([
      expect.stringContaining('unencrypted'),
    ]);
  });

  test('starts with ALLOW_INSECURE_API=true, loudly', () => {
    const { notices: told } = loaded({ API_HOST: '0.0.0.0', ALLOW_INSECURE_API: 'true' });
    expect(told).toEqual([
      { level: 'warn', message: expect.stringContaining('`ALLOW_INSECURE_API` is set') },
      { level: 'warn', message: expect.stringContaining('unencrypted') },
    ]);
  });

  test.each([
    [{ API_ALLOWED_CLIENTS: '10.0.0.0/8' }],
    [{ API_AUTH_TOKEN: 'x'.repeat(32) }],
    [
      {
        API_TLS_CERT_FILE: 'cert.pem',
        API_TLS_KEY_FILE: 'key.pem',
        API_TLS_KNOWN_CLIENTS_FILE: 'known',
      },
    ],
  ])('starts with %o', (settings) => {
    expect(problems({ API_HOST: '0.0.0.0', ...settings })).toEqual([]);
  });

  test('is not warned of where it is encrypted', () => {
    const tls = { API_TLS_CERT_FILE: 'cert.pem', API_TLS_KEY_FILE: 'key.pem' };
    expect(notices({ API_HOST: '0.0.0.0', API_AUTH: 'required', ...tls })).toEqual([]);
  });

  test.each([
    [{ API_TLS_CERT_FILE: 'cert.pem' }, '`API_TLS_KEY_FILE` is missing'],
    [{ API_TLS_KEY_FILE: 'key.pem' }, '`API_TLS_CERT_FILE` is missing'],
    [{ API_TLS_KNOWN_CLIENTS_FILE: 'known' }, '`API_TLS_KNOWN_CLIENTS_FILE` needs'],
    [{ API_ALLOWED_CLIENTS: '10.0.0.0' }, '`API_ALLOWED_CLIENTS` must be networks'],
    [{ API_AUTH_TOKEN: 'mysecrettoken' }, '`API_AUTH_TOKEN` must be 32 to 512'],
  ])('%o is told to be wrong', (settings, message) => {
    expect(problems(settings)).toEqual([expect.stringContaining(message)]);
  });

  test('does not concern the webhook listener', () => {
    expect(problems({ HOST: '0.0.0.0' })).toEqual([]);
  });
});

describe('flags', () => {
  function parse(...argv: readonly string[]): ReturnType<typeof readConfigFlags> {
    const command = new Command().exitOverride();
    addConfigFlags(command);
    command.parse(argv, { from: 'user' });
    return readConfigFlags(command);
  }

  test('every variable has one, and it wins over the environment', () => {
    const flags = parse('--host', '0.0.0.0', '--data-dir=/tmp/x', '--api-port', '1');
    const { config } = loaded({ HOST: '127.0.0.1' }, { flags: Object.fromEntries(flags) });
    expect(config).toMatchObject({
      webhook: { host: '0.0.0.0' },
      dataDir: '/tmp/x',
      api: { port: 1 },
    });
  });

  test('a secret on the command line works, with a warning that does not repeat it', () => {
    const flags = parse('--lightspark-webhook-secret', 'canary');
    expect(notices({}, { flags: Object.fromEntries(flags) })).toEqual([
      '`LIGHTSPARK_WEBHOOK_SECRET` was given on the command line, where other users can read it; use `LIGHTSPARK_WEBHOOK_SECRET_FILE`',
    ]);
  });

  test.each([
    ['--tls-cert', 'API_TLS_CERT_FILE', 'cert.pem'],
    ['--tls-key', 'API_TLS_KEY_FILE', 'key.pem'],
    ['--auth-token', 'API_AUTH_TOKEN', 'x'.repeat(32)],
    ['--keystores-path', 'ETH_KEYSTORES_DIR', 'keystores'],
    ['--workers', 'ETH_SIGN_WORKERS', '4'],
  ])('%s is understood as %s', (flag, name, value) => {
    expect([...parse(flag, value)]).toEqual([[name, value]]);
  });

  test('the help lists each flag with its meaning and default', () => {
    const command = new Command('countersign').configureHelp({ helpWidth: 100 });
    addConfigFlags(command);
    const help = command.helpInformation();
    expect(help).toContain('Lightspark:');
    expect(help).toMatch(/--api-port <value> +Port of the api listener \(default: 9000\)/);
    expect(help).toMatch(/--tls-cert <value> +The same as --api-tls-cert-file/);
  });
});

describe.each(['LIGHTER', 'BLS'] as const)('the webhook of %s', (world) => {
  const [webhook, callback] = ['a', 'b'].map((char) => `whsec_${char.repeat(32)}`);
  const settingsOf = (env: Environment): WebhookSettings => {
    const { config } = loaded(env);
    return world === 'LIGHTER' ? config.lighter.webhook : config.ethereum.webhook;
  };

  test('is off without a word where nothing of it is set', () => {
    expect(settingsOf({})).toEqual({ on: false });
  });

  test.each<[Environment, string]>([
    [{ [`${world}_WEBHOOK_SECRET`]: webhook }, `${world}_CALLBACK_SECRET`],
    [{ [`${world}_CALLBACK_SECRET`]: callback }, `${world}_WEBHOOK_SECRET`],
    [{ [`${world}_CALLBACK_URL`]: 'https://one.example' }, `${world}_WEBHOOK_SECRET`],
    [
      { [`${world}_WEBHOOK_SECRET`]: webhook, [`${world}_CALLBACK_SECRET`]: callback },
      `${world}_CALLBACK_URL`,
    ],
  ])('says what is missing where it is set by half: %#', (env, missing) => {
    expect(settingsOf(env)).toEqual({ on: false, why: expect.stringContaining(missing) });
  });
});
