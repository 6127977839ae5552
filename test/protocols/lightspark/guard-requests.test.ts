/** What the guard says of every request, whatever it asks for. */
import { describe, expect, test } from '@jest/globals';

import { toHex } from '../../../src/base/hex.ts';
import { foreignNode } from '../../../src/protocols/lightspark/guard/node-pin.ts';
import { readSignerInputs } from '../../../src/protocols/lightspark/inputs.ts';
import { FIRST_COMMITMENT_INDEX as FIRST } from '../../../signers/lightning/index.ts';
import { createTestChannel } from '../../support/channel-transactions.ts';
import { createGuardedSigner, type GuardedSigner } from '../../support/guarded-signer.ts';
import { hex } from '../../support/hex.ts';

const PATH = 'm/3/7';
const pointFor = (signer: GuardedSigner, nodeId?: string) =>
  signer.ask('GET_PER_COMMITMENT_POINT', {
    derivationPath: PATH,
    index: 5n,
    ...(nodeId !== undefined && { nodeId }),
  });

describe('requests without a memory', () => {
  test('pass their one input on to the signer', () => {
    const signer = createGuardedSigner();
    const peerPublicKey = toHex(signer.keys.publicKey('m/3/9/0'));
    const payreqHash = hex('33'.repeat(32));
    expect(signer.ask('ECDH', { peerPublicKey })).toMatchObject({
      finding: { action: 'ecdh', facts: { peer: peerPublicKey } },
      inputs: { kind: 'ecdh', peerPublicKey },
    });
    expect(signer.ask('SIGN_INVOICE', { invoiceId: 'A', payreqHash })).toMatchObject({
      finding: { action: 'sign_invoice', facts: { invoice: 'A' } },
      inputs: { kind: 'sign_invoice', payreqHash },
    });
  });

  test('name network, key, entity and whether they are a test', () => {
    const signer = createGuardedSigner();
    expect(pointFor(signer, 'node-1').finding.facts).toMatchObject({
      network: 'REGTEST',
      key: 'lightspark/main',
      test_event: false,
      entity: 'Channel:test',
      node: 'node-1',
    });
  });

  test('write inputs that can be read back after a restart', () => {
    const signer = createGuardedSigner();
    const { inputs } = pointFor(signer);
    expect(readSignerInputs(inputs)).toEqual({
      kind: 'per_commitment_point',
      channelPath: PATH,
      index: 5n,
    });
    expect(() => readSignerInputs({ kind: 'per_commitment_point', index: 5n })).toThrow();
  });
});

describe('the node pin', () => {
  test('is the first node seen; another one is in doubt, and the setting is named', () => {
    const signer = createGuardedSigner();
    expect(pointFor(signer, 'node-1').signed).toBe(true);
    expect(pointFor(signer, 'node-1').signed).toBe(true);
    const other = pointFor(signer, 'node-2');
    expect(other).toMatchObject({ violations: [], doubts: ['node_pin'], alarmed: ['node_pin'] });
    expect(other.finding.doubts[0]?.message).toContain('LIGHTSPARK_NODE_IDS');
  });

  test('is not asked of requests that name no node', () => {
    const signer = createGuardedSigner();
    pointFor(signer, 'node-1');
    expect(pointFor(signer).signed).toBe(true);
  });

  test('is set by a request that is itself withheld', () => {
    const signer = createGuardedSigner();
    signer.ask('GET_PER_COMMITMENT_POINT', { derivationPath: 'm/0', index: 5n, nodeId: 'node-1' });
    expect(pointFor(signer, 'node-2').doubts).toEqual(['node_pin']);
  });

  test('gives way to the nodes that the configuration names; others are not ours', () => {
    const signer = createGuardedSigner({ nodeIds: ['node-1', 'node-2'] });
    expect(pointFor(signer, 'node-1').signed).toBe(true);
    expect(pointFor(signer, 'node-2').signed).toBe(true);
    const request = {
      name: 'GET_PER_COMMITMENT_POINT',
      payload: { derivationPath: PATH, index: 5n, nodeId: 'node-3' },
      eventId: '1',
      entityId: 'Channel:1',
      network: 'MAINNET',
      timestamp: '',
    } as const;
    expect(foreignNode(request, ['node-1'])).toMatchObject({ code: 'node' });
    expect(foreignNode(request, ['node-3'])).toBeUndefined();
    expect(foreignNode(request, [])).toBeUndefined();
  });
});

describe('secrets of the counterparty', () => {
  const channel = createTestChannel({ keys: createGuardedSigner().keys, channelPath: PATH });
  const reveal = (
    signer: GuardedSigner,
    index: bigint,
    secret = channel.counterpartySecret(index),
  ) => signer.ask('REVEAL_COUNTERPARTY_PER_COMMITMENT_SECRET', { index, secret: toHex(secret) });

  test('are kept compactly and answered with nothing', () => {
    const signer = createGuardedSigner();
    for (let index = FIRST; index > FIRST - 100n; index -= 1n) {
      expect(reveal(signer, index)).toMatchObject({ findings: [], alarmed: [] });
    }
    const { content } = signer.document('main/revealed/Channel:test') ?? {};
    expect(JSON.stringify(content, (_, value: unknown) => String(value)).length).toBeLessThan(6000);
  });

  test('that contradict older ones raise an alarm, and the older ones are kept', () => {
    const signer = createGuardedSigner();
    for (let index = FIRST; index > FIRST - 4n; index -= 1n) reveal(signer, index);
    const before = signer.document('main/revealed/Channel:test');
    const other = reveal(signer, FIRST - 2n, channel.counterpartySecret(9n));
    expect(other).toMatchObject({ findings: [], alarmed: ['revealed_secret_inconsistent'] });
    expect(signer.document('main/revealed/Channel:test')).toEqual(before);
  });
});
