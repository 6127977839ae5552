import { describe, expect, test } from '@jest/globals';

import { createDutyReader, NETWORKS } from '../../../signers/bls12381/index.ts';
import { fromHex, type Hex } from '../../../src/base/hex.ts';
import type { JsonObject } from '../../../src/base/json.ts';
import type { Job } from '../../../src/core/protocol.ts';
import { slashingLane } from '../../../src/core/slashing.ts';
import { createEthereum } from '../../../src/protocols/ethereum/index.ts';
import { operations } from '../../../src/protocols/ethereum/operations.ts';
import { readSettings, settingsKey } from '../../../src/protocols/ethereum/settings.ts';
import { attestation, EPOCH, randao, registration } from '../../support/duties.ts';
import { hex } from '../../support/hex.ts';

const PUBKEY = hex('ab'.repeat(48));
const SIGNATURE = hex('cd'.repeat(96));
const asked: (readonly [Hex, Uint8Array])[] = [];

const room = createEthereum({
  network: NETWORKS.mainnet,
  readDuty: createDutyReader(NETWORKS.mainnet),
  hasKey: () => true,
  allowsRawRoot: () => false,
  signRoot: (pubkey, root) => {
    asked.push([pubkey, root]);
    return Promise.resolve(fromHex(SIGNATURE));
  },
});

function open({ type = null, ...body }: JsonObject, timestamp = '2026-01-01T00:00:00Z'): Job {
  const job = room.open({
    source: 'ethereum',
    id: 'event-1',
    eventType: 'BLS_SIGNING',
    entityId: '',
    timestamp,
    callbackUrl: 'https://client.example/done',
    data: { sub_event_type: type, identifier: PUBKEY, ...body },
  });
  if (!job.ok) throw new Error(job.error.reason.message);
  return job.value;
}

describe('the room', () => {
  test('takes the lane of slashing protection for what can be slashed, and none for the rest', () => {
    expect(open(attestation(EPOCH)).lanes).toEqual([slashingLane(PUBKEY)]);
    expect(open(randao(EPOCH)).lanes).toEqual([]);
  });

  test('reads what was ordered only of duties that earn', () => {
    expect(open(registration(PUBKEY)).reads).toEqual([settingsKey(PUBKEY)]);
    expect(open(attestation(EPOCH)).reads).toEqual([]);
  });

  test('signs the root that was decided, with the key that was asked', async () => {
    const [part] = open(attestation(EPOCH)).parts;
    const root = 'ef'.repeat(32);
    expect(await part?.sign({ root })).toEqual({ signature: `0x${SIGNATURE}` });
    expect(asked.at(-1)).toEqual([PUBKEY, fromHex(hex(root))]);
    await expect(part?.sign({ root: 'ef' })).rejects.toThrow();
  });

  test('says in callbacks what was signed, what was refused, and what was too late', () => {
    const job = open(attestation(EPOCH));
    const answer = { signature: `0x${SIGNATURE}` };
    expect(job.deliver([{ id: 'event-1', answer }])).toEqual({
      world: 'ethereum',
      kind: 'callback',
      url: 'https://client.example/done',
      eventId: 'event-1',
      ending: 'completed',
      body: {
        type: 'signing.completed',
        timestamp: '2026-01-01T00:00:00Z',
        data: {
          event_id: 'event-1',
          sub_event_type: 'ATTESTATION',
          results: [{ id: 'event-1', status: 'signed', ...answer }],
        },
      },
    });
    const reason = { code: 'slashing.double_vote', message: 'no' };
    expect(job.fail([{ id: 'event-1', reason, rules: [] }])).toMatchObject({
      ...{ ending: 'failed', body: { type: 'signing.failed' } },
    });
    expect(job.decline([{ id: 'event-1', reason, rules: [] }])).toMatchObject({
      ending: 'declined',
      body: {
        type: 'signing.declined',
        data: {
          payload_ids: ['event-1'],
          results: [{ id: 'event-1', status: 'declined', reason: { ...reason, rules: [] } }],
        },
      },
    });
  });

  test('knows an answer to be of use for a slot, and for ever where nobody knows when it was asked', () => {
    expect(open(attestation(EPOCH)).usefulUntil([])).toBe(Date.parse('2026-01-01T00:00:12Z'));
    expect(open(attestation(EPOCH), '').usefulUntil([])).toBe(Infinity);
  });
});

describe('an order about a key', () => {
  const state = new Map<string, JsonObject>();
  const context = { now: 0, generation: 1n, caller: 'operator', entropy: () => new Uint8Array(64) };
  function operate(name: string, args: JsonObject): string {
    const operation = operations[name];
    const plan = operation?.plan(args);
    if (operation === undefined || plan === undefined) throw new Error('no such operation');
    if (!plan.ok) return plan.error.message;
    expect(plan.value).toEqual({ lanes: [`key/${PUBKEY}`], reads: [settingsKey(PUBKEY)] });
    const applied = operation.apply(args, state, context);
    if (!applied.ok) return applied.error.message;
    for (const [key, document] of applied.value.changes) state.set(key, document);
    return applied.value.message;
  }
  const pubkey = `0x${PUBKEY}`;

  test('sets and clears each setting without touching the other', () => {
    operate('set_fee_recipient', { pubkey, ethaddress: `0x${'AB'.repeat(20)}` });
    expect(operate('set_gas_limit', { pubkey, gas_limit: 36_000_000n })).toBe(
      `set the gas limit of \`${pubkey}\``,
    );
    expect(readSettings(PUBKEY, state)).toEqual({
      feeRecipient: 'ab'.repeat(20),
      gasLimit: 36_000_000n,
    });
    operate('clear_fee_recipient', { pubkey });
    expect(readSettings(PUBKEY, state)).toEqual({ gasLimit: 36_000_000n });
    operate('clear_gas_limit', { pubkey });
    expect(readSettings(PUBKEY, state)).toEqual({});
  });

  test.each([
    ['set_fee_recipient', { ethaddress: `0x${'00'.repeat(20)}` }, /zero address/],
    ['set_fee_recipient', { ethaddress: null }, /^`ethaddress` must be an execution address/],
    ['set_fee_recipient', { ethaddress: 'ab'.repeat(20) }, /^`ethaddress` must be/],
    ['set_gas_limit', { gas_limit: 0n }, /^`gas_limit` must be an integer from 1 to 92233/],
    ['set_gas_limit', { gas_limit: 2n ** 63n }, /^`gas_limit` must be an integer/],
    ['set_gas_limit', { gas_limit: 'much' }, /^`gas_limit` must be an integer/],
    ['clear_gas_limit', { pubkey: '0x00' }, /^`pubkey` must be a public key/],
    ['clear_gas_limit', { pubkey: null }, /^`pubkey` must be a public key/],
  ])('%s is refused for %p', (name, args, message) => {
    expect(operate(name, { pubkey, ...args })).toMatch(message);
  });
});
