import { describe, expect, test } from '@jest/globals';
import { type DocumentNode, parse, print, visit } from 'graphql';

import { fromHex } from '../../../src/base/hex.ts';
import { remoteSigningExecutor } from '../../../src/demo/remote-signing-schema.ts';
import { MUTATIONS } from '../../../src/protocols/lightspark/mutations.ts';
import { lightsparkVectors } from '../../support/lightspark-vectors.ts';
import { officialAnswer } from '../../support/official-handler.ts';

const { cases, seed } = lightsparkVectors.webhook_end_to_end;
const paymentHashRequest = JSON.stringify({
  event_type: 'REMOTE_SIGNING',
  event_id: '018fe6a04fc206a80000958402d37f4f',
  timestamp: '2024-06-05T04:20:16.962141+00:00',
  entity_id: 'node_with_server_signing:1',
  data: {
    sub_event_type: 'REQUEST_INVOICE_PAYMENT_HASH',
    bitcoin_network: 'REGTEST',
    invoice_id: 'Invoice:1',
  },
});

/** One text per meaning: the order of input fields is not part of it. */
function meaning(document: string): string {
  const sorted: DocumentNode = visit(parse(document), {
    ObjectValue: (node) => ({
      ...node,
      fields: node.fields.toSorted((one, other) => (one.name.value < other.name.value ? -1 : 1)),
    }),
  });
  return print(sorted);
}

describe('mutations', () => {
  test.each([
    ...cases.map((example) => [example.body, example.should_sign] as const),
    [paymentHashRequest, true] as const,
  ])('mean what the published documents mean', (body, shouldSign) => {
    const official = officialAnswer(body, fromHex(seed), shouldSign);
    if (official === undefined) return;
    const [operation = ''] = /(?<=mutation )\w+/.exec(official.document) ?? [];
    const ours = new Map(Object.entries(MUTATIONS)).get(operation) ?? '';
    expect(meaning(ours)).toBe(meaning(official.document));
  });

  test('are eight, and valid against the schema of the stand-in', async () => {
    const execute = remoteSigningExecutor();
    const answers = Object.entries(MUTATIONS).map(([operation, document]) =>
      execute(document, {}, operation),
    );
    expect(answers).toHaveLength(8);
    for (const { errors } of await Promise.all(answers)) {
      // Without variables a valid document fails only for their absence.
      expect(errors?.every(({ message }) => message.includes('was not provided'))).toBe(true);
    }
  });
});
