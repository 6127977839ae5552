/** No container engine is needed to see that the files say what they must. */
import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';

const service = z.looseObject({
  read_only: z.boolean(),
  user: z.string(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  env_file: z.string(),
  environment: z.record(z.string(), z.string()),
  ports: z.array(z.string()),
  volumes: z.array(z.string()),
  tmpfs: z.array(z.string()),
  stop_grace_period: z.string(),
  healthcheck: z.looseObject({ test: z.array(z.string()) }),
});
const composeFile = z.looseObject({
  services: z.looseObject({
    countersign: service,
    'countersign-a': service,
    'countersign-b': service,
    postgres: z.looseObject({ profiles: z.array(z.string()), volumes: z.array(z.string()) }),
  }),
  volumes: z.record(z.string(), z.null()),
});

const composed = composeFile.parse(
  parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }),
);
const dockerfile = readFileSync('Dockerfile', 'utf8');

describe('docker-compose.yml', () => {
  const { countersign: daemon, postgres, ...others } = composed.services;
  const pair = [others['countersign-a'], others['countersign-b']];

  test('runs the daemon as an ordinary user on a read-only root without privileges', () => {
    expect(daemon).toMatchObject({
      read_only: true,
      user: 'node',
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
  });

  test('publishes the webhook listener only, and that on loopback', () => {
    expect(daemon.ports).toEqual(['127.0.0.1:8080:8080']);
    expect(daemon.environment['API_HOST']).toBe('127.0.0.1');
  });

  test('keeps what must outlive the container in volumes, and policies read-only', () => {
    const mounted = new Map(
      daemon.volumes.map((volume) => {
        const [from = '', to = '', mode = 'rw'] = volume.split(':');
        return [to, { from, mode }];
      }),
    );
    for (const name of ['DATA_DIR', 'KEYS_DIR', 'POLICY_DIR', 'ETH_KEYSTORES_DIR']) {
      expect(mounted.has(daemon.environment[name] ?? '')).toBe(true);
    }
    expect(mounted.get('/policies')?.mode).toBe('ro');
    expect(mounted.get('/keystores')?.mode).toBe('ro');
    // A freeze is written into the key directory.
    expect(mounted.get('/keys')?.mode).toBe('rw');
    const named = [...mounted.values()].filter(({ from }) => !from.startsWith('.'));
    expect(named.every(({ from }) => from in composed.volumes)).toBe(true);
  });

  test('runs two daemons on one database where that profile is asked for', () => {
    expect(postgres.profiles).toEqual(['postgres']);
    for (const one of pair) {
      expect(one['profiles']).toEqual(['postgres']);
      expect(one.environment).toEqual({
        ...daemon.environment,
        DATABASE_URL: expect.stringMatching(/@postgres\/countersign$/),
      });
      expect(one.read_only).toBe(true);
    }
    const [a = [], b = []] = pair.map(({ volumes }) => volumes);
    // Each holds its own directory; policies and keys are the same.
    expect(a.filter((volume) => b.includes(volume))).toEqual([
      'keys:/keys',
      './policies:/policies:ro',
      './keystores:/keystores:ro',
    ]);
  });

  test('keeps the state marker apart from the database', () => {
    const marker = daemon.environment['STATE_MARKER'] ?? '';
    expect(marker.startsWith('/data')).toBe(false);
    expect(
      daemon.volumes.some((volume) => marker.startsWith(`${volume.split(':')[1] ?? ''}/`)),
    ).toBe(true);
  });

  test('asks the daemon itself whether it is ready', () => {
    expect(daemon.healthcheck.test.join(' ')).toContain('/healthcheck');
  });

  test('gives the daemon longer to stop than it may take', () => {
    expect(Number.parseInt(daemon.stop_grace_period, 10)).toBeGreaterThan(10);
  });
});

describe('Dockerfile', () => {
  test('ends on a slim Debian image with production packages only, as an ordinary user', () => {
    const [, ...stages] = dockerfile.split(/^FROM /m);
    const last = stages.at(-1) ?? '';
    expect(last).toMatch(/^node:[0-9]+-bookworm-slim\n/);
    expect(last).toMatch(/^USER node$/m);
    expect(last).not.toMatch(/npm/);
    expect(dockerfile).toMatch(/npm prune --omit=dev/);
  });

  test('runs no script of what it installs', () => {
    const [, build = ''] = dockerfile.split(/^FROM /m);
    expect(build).toMatch(/^COPY .*\.npmrc .*\nRUN npm ci/m);
  });

  test('starts the program that the package names', () => {
    expect(dockerfile).toContain('ENTRYPOINT ["node", "dist/src/main.js"]');
    expect(readFileSync('package.json', 'utf8')).toContain('"countersign": "dist/src/main.js"');
  });
});
