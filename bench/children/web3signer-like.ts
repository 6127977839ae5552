/**
 * What the baseline is: a signer that asks its database as Web3Signer does (eleven round trips for an
 * attestation, under an advisory lock) and signs before it checks. Its tables are Web3Signer's, too.
 *
 * Told to, it does only the checks, without HTTP and signatures.
 */
import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import process from 'node:process';
import { Worker } from 'node:worker_threads';

import pg from 'pg';

import { createDutyReader, NETWORKS } from '../../signers/bls12381/index.ts';
import type { Checks } from '../ethereum/baseline.ts';
import type { Validator } from '../ethereum/validators.ts';
import { required } from './environment.ts';
import type { Task } from './blst-thread.ts';

const TABLES = `
  CREATE TABLE validators (id serial PRIMARY KEY, public_key bytea UNIQUE NOT NULL, enabled bool NOT NULL DEFAULT true);
  CREATE TABLE signed_attestations (
    id bigserial PRIMARY KEY, validator_id int NOT NULL, source_epoch numeric(20) NOT NULL,
    target_epoch numeric(20) NOT NULL, signing_root bytea, UNIQUE (validator_id, target_epoch));
  CREATE INDEX ON signed_attestations (validator_id, source_epoch);
  CREATE TABLE low_watermarks (
    validator_id int UNIQUE NOT NULL, slot numeric(20), source_epoch numeric(20), target_epoch numeric(20));
  CREATE TABLE metadata (
    id int PRIMARY KEY, genesis_validators_root bytea, high_watermark_epoch numeric(20), high_watermark_slot numeric(20));
  INSERT INTO metadata VALUES (1, NULL, NULL, NULL);
`;

const CONNECTIONS = 16;

interface Vote {
  readonly source: bigint;
  readonly target: bigint;
  readonly root: Uint8Array;
}

const pool = new pg.Pool({ connectionString: required('DATABASE_URL'), max: CONNECTIONS });
const readDuty = createDutyReader(NETWORKS.mainnet);
// SAFETY: ethereum/baseline.ts wrote it.
// eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
const validators = JSON.parse(readFileSync(required('VALIDATORS'), 'utf8')) as readonly Validator[];
const secrets = new Map<string, Uint8Array>(
  validators.map(({ pubkey, secret }) => [pubkey, bytesOf(secret)]),
);
const rows = new Map<string, number>();
const threads = Array.from({ length: 2 }, startThread);

await pool.query(TABLES);
const { rows: added } = await pool.query<{ id: number; key: string }>(
  `INSERT INTO validators (public_key) SELECT decode(key, 'hex') FROM unnest($1::text[]) AS key
    RETURNING id, encode(public_key, 'hex') AS key`,
  [validators.map(({ pubkey }) => pubkey)],
);
for (const { id, key } of added) rows.set(key, id);
await pool.query(
  `INSERT INTO low_watermarks (validator_id, source_epoch, target_epoch) SELECT id, 0, 0 FROM validators`,
);

const server = createServer((request, response) => {
  void answer(request).then(
    (signature) => {
      const text = JSON.stringify({ signature });
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-length': text.length })
        .end(text);
    },
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});
server.listen(Number(required('PORT')), '127.0.0.1', () => process.send?.('ready'));

let target = 1_000_000n;
process.on('message', (message) => {
  if (typeof message !== 'string' || message === 'usage') return;
  // SAFETY: ethereum/baseline.ts holds the other end.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  void checkAlone(JSON.parse(message) as Checks).then((took) => process.send?.(took));
});
process.once('SIGTERM', () => {
  void pool.end().then(() => process.exit());
});

async function answer(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  // SAFETY: duty-client.ts asks only for votes, of which all else is checked below.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>;
  const duty = readDuty(body['type'], body);
  if (!duty.ok || duty.value.slashable?.kind !== 'attestation') throw new Error('no attestation');
  const pubkey = request.url?.slice(-96) ?? '';
  const secret = secrets.get(pubkey);
  const validator = rows.get(pubkey);
  if (secret === undefined || validator === undefined) throw new Error('no such key');
  const root = bytesOf(duty.value.signingRoot);
  const signature = await sign([secret, root]);
  await check(validator, { ...duty.value.slashable, root });
  return signature;
}

/** Eleven round trips; throws where the vote is refused. */
async function check(validator: number, { source, target, root }: Vote): Promise<void> {
  const client = await pool.connect();
  const some = async (text: string, ...values: unknown[]): Promise<boolean> =>
    ((await client.query({ text, values, name: text.slice(0, 63) })).rowCount ?? 0) > 0;
  try {
    await client.query('BEGIN');
    await some('SELECT pg_advisory_xact_lock(1, $1)', validator);
    const isEnabled = await some('SELECT 1 FROM validators WHERE id = $1 AND enabled', validator);
    const isTooHigh = await some(
      'SELECT 1 FROM metadata WHERE id = 1 AND high_watermark_epoch <= $1',
      target,
    );
    const isTooLow = await some(
      `SELECT 1 FROM low_watermarks WHERE validator_id = $1
        AND (source_epoch > $2 OR target_epoch >= $3)`,
      ...[validator, source, target],
    );
    const isDouble = await some(
      `SELECT /* double */ 1 FROM signed_attestations WHERE validator_id = $1 AND target_epoch = $2
        AND signing_root IS DISTINCT FROM $3`,
      ...[validator, target, root],
    );
    const isSurrounded = await some(
      `SELECT /* surrounded */ 1 FROM signed_attestations WHERE validator_id = $1
        AND source_epoch < $2 AND target_epoch > $3 LIMIT 1`,
      ...[validator, source, target],
    );
    const surrounds = await some(
      `SELECT /* surrounds */ 1 FROM signed_attestations WHERE validator_id = $1
        AND source_epoch > $2 AND target_epoch < $3 LIMIT 1`,
      ...[validator, source, target],
    );
    const isKnown = await some(
      `SELECT /* known */ 1 FROM signed_attestations WHERE validator_id = $1 AND target_epoch = $2`,
      ...[validator, target],
    );
    if (!isEnabled || isTooHigh || isTooLow || isDouble || isSurrounded || surrounds) {
      throw new Error('refused');
    }
    if (!isKnown) {
      await some(
        `INSERT INTO signed_attestations (validator_id, source_epoch, target_epoch, signing_root)
          VALUES ($1, $2, $3, $4)`,
        ...[validator, source, target, root],
      );
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

/** Resolves to the milliseconds that it took. */
async function checkAlone({ connections, count }: Checks): Promise<number> {
  const ids = [...rows.values()];
  const root = new Uint8Array(32);
  let next = 0;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (next < count) {
        const turn = next++;
        const epoch = target + BigInt(Math.floor(turn / ids.length));
        await check(ids[turn % ids.length] ?? 0, { source: epoch - 1n, target: epoch, root });
      }
    }),
  );
  const took = performance.now() - start;
  target += BigInt(Math.ceil(count / ids.length));
  return took;
}

interface Thread {
  readonly worker: Worker;
  readonly waiting: ((signature: string) => void)[];
}

function startThread(): Thread {
  const worker = new Worker(new URL('./blst-thread.js', import.meta.url));
  const waiting: Thread['waiting'] = [];
  worker.on('message', ([signature = '']: readonly string[]) => waiting.shift()?.(signature));
  return { worker, waiting };
}

function sign(task: Task): Promise<string> {
  const [thread] = [...threads].sort((a, b) => a.waiting.length - b.waiting.length);
  return new Promise((resolve) => {
    thread?.waiting.push(resolve);
    thread?.worker.postMessage([task]);
  });
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}
