/**
 * The part of Lightspark's GraphQL schema that answers remote signing events, for the stand-in.
 *
 * Names and shapes follow the published client libraries; scalars refuse what is not exactly the
 * form they name.
 */
import {
  buildSchema,
  type DocumentNode,
  type ExecutionResult,
  execute,
  GraphQLError,
  GraphQLScalarType,
  type GraphQLSchema,
  parse,
  validate,
} from 'graphql';

const DEFINITION = /* GraphQL */ `
  scalar Hash32
  scalar Long
  scalar PublicKey
  scalar Signature

  type LightsparkNodeWithRemoteSigning {
    id: ID!
  }
  type Channel {
    id: ID!
  }
  type Invoice {
    id: ID!
  }
  type SignablePayload {
    id: ID!
  }

  input UpdateNodeSharedSecretInput {
    node_id: ID!
    shared_secret: Hash32!
  }
  type UpdateNodeSharedSecretOutput {
    node: LightsparkNodeWithRemoteSigning!
  }

  input UpdateChannelPerCommitmentPointInput {
    channel_id: ID!
    per_commitment_point: PublicKey!
    per_commitment_point_index: Long!
  }
  type UpdateChannelPerCommitmentPointOutput {
    channel: Channel!
  }

  input ReleaseChannelPerCommitmentSecretInput {
    channel_id: ID!
    per_commitment_secret: Hash32!
    per_commitment_index: Long!
  }
  type ReleaseChannelPerCommitmentSecretOutput {
    channel: Channel!
  }

  input SignInvoiceInput {
    invoice_id: ID!
    signature: Signature!
    recovery_id: Int!
  }
  type SignInvoiceOutput {
    invoice: Invoice!
  }

  input IdAndSignature {
    id: ID!
    signature: Signature!
  }
  input SignMessagesInput {
    signatures: [IdAndSignature!]!
  }
  type SignMessagesOutput {
    signed_payloads: [SignablePayload!]!
  }

  input DeclineToSignMessagesInput {
    payload_ids: [ID!]!
  }
  type DeclineToSignMessagesOutput {
    declined_payloads: [SignablePayload!]!
  }

  input SetInvoicePaymentHashInput {
    invoice_id: ID!
    payment_hash: Hash32!
    preimage_nonce: Hash32
  }
  type SetInvoicePaymentHashOutput {
    invoice: Invoice!
  }

  input ReleasePaymentPreimageInput {
    invoice_id: ID!
    payment_preimage: Hash32!
  }
  type ReleasePaymentPreimageOutput {
    invoice: Invoice!
  }

  type Query {
    current_account: ID
  }

  type Mutation {
    update_node_shared_secret(input: UpdateNodeSharedSecretInput!): UpdateNodeSharedSecretOutput
    update_channel_per_commitment_point(
      input: UpdateChannelPerCommitmentPointInput!
    ): UpdateChannelPerCommitmentPointOutput
    release_channel_per_commitment_secret(
      input: ReleaseChannelPerCommitmentSecretInput!
    ): ReleaseChannelPerCommitmentSecretOutput
    sign_invoice(input: SignInvoiceInput!): SignInvoiceOutput
    sign_messages(input: SignMessagesInput!): SignMessagesOutput
    decline_to_sign_messages(input: DeclineToSignMessagesInput!): DeclineToSignMessagesOutput
    set_invoice_payment_hash(input: SetInvoicePaymentHashInput!): SetInvoicePaymentHashOutput
    release_payment_preimage(input: ReleasePaymentPreimageInput!): ReleasePaymentPreimageOutput
  }
`;

const SCALARS: Readonly<Record<string, (value: unknown) => boolean>> = {
  Hash32: (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value),
  Long: (value) => Number.isSafeInteger(value),
  PublicKey: (value) => typeof value === 'string' && /^0[23][0-9a-f]{64}$/.test(value),
  Signature: (value) => typeof value === 'string' && /^[0-9a-f]{128}$/.test(value),
};

/** Echoes the ids of what was answered, as the endpoint does. */
const RESOLVERS = {
  update_node_shared_secret: ({ input }: Input<'node_id'>) => ({ node: { id: input.node_id } }),
  update_channel_per_commitment_point: ({ input }: Input<'channel_id'>) => ({
    channel: { id: input.channel_id },
  }),
  release_channel_per_commitment_secret: ({ input }: Input<'channel_id'>) => ({
    channel: { id: input.channel_id },
  }),
  sign_invoice: ({ input }: Input<'invoice_id'>) => ({ invoice: { id: input.invoice_id } }),
  sign_messages: ({ input }: { readonly input: { readonly signatures: readonly unknown[] } }) => ({
    signed_payloads: input.signatures,
  }),
  decline_to_sign_messages: ({
    input,
  }: {
    readonly input: { readonly payload_ids: readonly string[] };
  }) => ({ declined_payloads: input.payload_ids.map((id) => ({ id })) }),
  set_invoice_payment_hash: ({ input }: Input<'invoice_id'>) => ({
    invoice: { id: input.invoice_id },
  }),
  release_payment_preimage: ({ input }: Input<'invoice_id'>) => ({
    invoice: { id: input.invoice_id },
  }),
};

interface Input<Id extends string> {
  readonly input: Readonly<Record<Id, string>>;
}

export type ExecuteMutation = (
  document: string,
  variables: Readonly<Record<string, unknown>>,
  operation: string | undefined,
) => Promise<ExecutionResult>;

/** Parses, validates and executes; documents that passed once are remembered. */
export function remoteSigningExecutor(): ExecuteMutation {
  const schema = remoteSigningSchema();
  const valid = new Map<string, DocumentNode>();
  return async (text, variableValues, operationName) => {
    let document = valid.get(text);
    if (document === undefined) {
      document = parsed(text);
      if (document === undefined) return { errors: [new GraphQLError('not a GraphQL document')] };
      const errors = validate(schema, document);
      if (errors.length > 0) return { errors };
      if (valid.size < 100) valid.set(text, document);
    }
    return execute({ schema, document, rootValue: RESOLVERS, variableValues, operationName });
  };
}

function parsed(text: string): DocumentNode | undefined {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

/** Scalars check the form of every variable. */
function remoteSigningSchema(): GraphQLSchema {
  const schema = buildSchema(DEFINITION);
  for (const [name, fits] of Object.entries(SCALARS)) {
    const scalar = schema.getType(name);
    if (!(scalar instanceof GraphQLScalarType)) throw new Error(`schema lacks scalar ${name}`);
    scalar.parseValue = (value: unknown) => {
      if (!fits(value)) throw new GraphQLError(`not a ${name}`);
      return value;
    };
  }
  return schema;
}
