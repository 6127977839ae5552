/**
 * The GraphQL documents that answer remote signing events (Lightspark API, `2023-09-13`).
 *
 * All eight have one shape: `input` takes the variables under their own names, and the result is one
 * entity, or a list of them, of which the id is asked back.
 */

export const MUTATIONS = {
  UpdateNodeSharedSecret: mutation('UpdateNodeSharedSecret', 'node', {
    node_id: 'ID!',
    shared_secret: 'Hash32!',
  }),
  UpdateChannelPerCommitmentPoint: mutation('UpdateChannelPerCommitmentPoint', 'channel', {
    channel_id: 'ID!',
    per_commitment_point: 'PublicKey!',
    per_commitment_point_index: 'Long!',
  }),
  ReleaseChannelPerCommitmentSecret: mutation('ReleaseChannelPerCommitmentSecret', 'channel', {
    channel_id: 'ID!',
    per_commitment_secret: 'Hash32!',
    per_commitment_index: 'Long!',
  }),
  SignInvoice: mutation('SignInvoice', 'invoice', {
    invoice_id: 'ID!',
    signature: 'Signature!',
    recovery_id: 'Int!',
  }),
  SignMessages: mutation('SignMessages', 'signed_payloads', {
    signatures: '[IdAndSignature!]!',
  }),
  DeclineToSignMessages: mutation('DeclineToSignMessages', 'declined_payloads', {
    payload_ids: '[ID!]!',
  }),
  SetInvoicePaymentHash: mutation('SetInvoicePaymentHash', 'invoice', {
    invoice_id: 'ID!',
    payment_hash: 'Hash32!',
    // Optional in some published clients; a stricter variable suits either declaration.
    preimage_nonce: 'Hash32!',
  }),
  ReleasePaymentPreimage: mutation('ReleasePaymentPreimage', 'invoice', {
    invoice_id: 'ID!',
    payment_preimage: 'Hash32!',
  }),
} as const;

export type MutationName = keyof typeof MUTATIONS;

function mutation(
  operation: string,
  entity: string,
  types: Readonly<Record<string, string>>,
): string {
  const variables = Object.entries(types).map(([name, type]) => `$${name}: ${type}`);
  const input = Object.keys(types).map((name) => `${name}: $${name}`);
  const output = `${operation}Output`;
  return `mutation ${operation}(${variables.join(', ')}) {
  ${snakeCase(operation)}(input: { ${input.join(', ')} }) {
    ...${output}Fragment
  }
}

fragment ${output}Fragment on ${output} {
  __typename
  ${snakeCase(output)}_${entity}: ${entity} {
    id
  }
}
`;
}

function snakeCase(name: string): string {
  return name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase();
}
