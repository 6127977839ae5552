import { deflateSync } from 'node:zlib';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { type GraphqlStandIn, startGraphqlStandIn } from '../../src/demo/graphql-stand-in.ts';
import { MUTATIONS, type MutationName } from '../../src/protocols/lightspark/mutations.ts';

const CREDENTIALS = { clientId: 'id', clientSecret: 'secret' };
const HASH = 'ab'.repeat(32);

let standIn: GraphqlStandIn;
beforeAll(async () => {
  standIn = await startGraphqlStandIn(CREDENTIALS);
});
beforeEach(() => {
  standIn.forget();
  standIn.behave({ kind: 'serve' });
});
afterAll(() => standIn.close());

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function post(
  operationName: MutationName,
  variables: Readonly<Record<string, unknown>>,
  changes: {
    readonly path?: string;
    readonly body?: Uint8Array<ArrayBuffer>;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): Promise<Answer> {
  const response = await fetch(new URL(changes.path ?? standIn.url.pathname, standIn.url), {
    method: 'POST',
    body:
      changes.body ?? JSON.stringify({ query: MUTATIONS[operationName], variables, operationName }),
    headers: { authorization: `Basic ${btoa('id:secret')}`, ...changes.headers },
  });
  return { status: response.status, body: await response.json() };
}

const hash = (payment_hash = HASH) => ({
  invoice_id: 'Invoice:1',
  payment_hash,
  preimage_nonce: HASH,
});

describe('the GraphQL stand-in', () => {
  test('answers with the id of what was answered', async () => {
    expect(await post('SetInvoicePaymentHash', hash())).toEqual({
      status: 200,
      body: {
        data: {
          set_invoice_payment_hash: {
            __typename: 'SetInvoicePaymentHashOutput',
            set_invoice_payment_hash_output_invoice: { id: 'Invoice:1' },
          },
        },
      },
    });
    const signature = 'cd'.repeat(64);
    expect(await post('SignMessages', { signatures: [{ id: 'a', signature }] })).toMatchObject({
      body: { data: { sign_messages: { sign_messages_output_signed_payloads: [{ id: 'a' }] } } },
    });
    expect(await post('DeclineToSignMessages', { payload_ids: ['b', 'c'] })).toMatchObject({
      body: { data: { decline_to_sign_messages: {} } },
    });
    expect(standIn.applied.map(({ operation }) => operation)).toEqual([
      'SetInvoicePaymentHash',
      'SignMessages',
      'DeclineToSignMessages',
    ]);
    expect(standIn.complaints).toEqual([]);
  });

  test.each([
    ['a short hash', 'SetInvoicePaymentHash', hash('ab')],
    ['upper-case hex', 'SetInvoicePaymentHash', hash(HASH.toUpperCase())],
    [
      'a missing variable',
      'SetInvoicePaymentHash',
      { invoice_id: 'Invoice:1', payment_hash: HASH },
    ],
    [
      'an index that is a text',
      'UpdateChannelPerCommitmentPoint',
      {
        channel_id: 'Channel:1',
        per_commitment_point: '02' + HASH,
        per_commitment_point_index: '281474976710655',
      },
    ],
    [
      'a signature with a type byte',
      'SignMessages',
      { signatures: [{ id: 'a', signature: HASH }] },
    ],
  ] as const)('refuses %s and says so', async (_name, operation, variables) => {
    expect(await post(operation, variables)).toMatchObject({
      status: 200,
      body: { errors: [{}] },
    });
    expect(standIn.applied).toEqual([]);
    expect(standIn.complaints).toHaveLength(1);
  });

  test('refuses other credentials and other addresses', async () => {
    const headers = { authorization: `Basic ${btoa('id:other')}` };
    expect(await post('SetInvoicePaymentHash', hash(), { headers })).toMatchObject({ status: 401 });
    expect(await post('SetInvoicePaymentHash', hash(), { path: '/' })).toMatchObject({
      status: 404,
    });
    expect(standIn.received).toEqual([]);
  });

  test('reads a body compressed as the official client compresses it', async () => {
    const body = deflateSync(
      JSON.stringify({
        query: MUTATIONS.SetInvoicePaymentHash,
        variables: hash(),
        operationName: 'SetInvoicePaymentHash',
      }),
    );
    const headers = { 'content-encoding': 'deflate' };
    expect(await post('SetInvoicePaymentHash', hash(), { body, headers })).toMatchObject({
      status: 200,
    });
    expect(standIn.applied).toHaveLength(1);
  });

  test('notices an answer that contradicts an earlier one, and only such', async () => {
    const signed = { signatures: [{ id: 'a', signature: 'cd'.repeat(64) }] };
    await post('SetInvoicePaymentHash', hash());
    await post('SetInvoicePaymentHash', hash());
    await post('SignMessages', signed);
    await post('SignMessages', signed);
    expect(standIn.contradictions).toEqual([]);
    await post('SetInvoicePaymentHash', hash('cd'.repeat(32)));
    await post('DeclineToSignMessages', { payload_ids: ['a'] });
    expect(standIn.contradictions).toEqual([
      'two different answers to SetInvoicePaymentHash "Invoice:1"',
      'two different answers to payload a',
    ]);
  });

  test('fails as told, request by request', async () => {
    standIn.behave(({ operation }) =>
      operation === 'SignInvoice'
        ? { kind: 'status', status: 503, body: '{}' }
        : { kind: 'partial' },
    );
    const invoice = { invoice_id: 'Invoice:1', signature: 'cd'.repeat(64), recovery_id: 0 };
    expect(await post('SignInvoice', invoice)).toMatchObject({ status: 503 });
    expect(await post('SetInvoicePaymentHash', hash())).toMatchObject({
      body: { data: { set_invoice_payment_hash: {} }, errors: [{}] },
    });
    expect(standIn.applied).toHaveLength(1);
    expect(standIn.received).toHaveLength(2);
  });
});
