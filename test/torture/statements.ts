/** What a mutation states: an answer, once seen, can never be taken back or changed. */
import {
  canonicalJson,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from '../../src/base/json.ts';
import { questionOf } from './asks.ts';

export interface Mutation {
  readonly operation: string;
  readonly variables: JsonObject;
}

export interface Statement {
  readonly question: string;
  readonly answer: string;
}

/**
 * The variables that say what is being answered; the others are the answer. A shared secret does not
 * say whose key it was made of, so it stands for itself.
 */
const SUBJECTS: Readonly<Record<string, readonly string[]>> = {
  UpdateChannelPerCommitmentPoint: ['channel_id', 'per_commitment_point_index'],
  ReleaseChannelPerCommitmentSecret: ['channel_id', 'per_commitment_index'],
  UpdateNodeSharedSecret: ['node_id', 'shared_secret'],
  SignInvoice: ['invoice_id'],
  SetInvoicePaymentHash: ['invoice_id'],
  ReleasePaymentPreimage: ['invoice_id'],
};

const SECRETS = ['per_commitment_secret', 'payment_preimage', 'shared_secret'] as const;

/** A batch makes one statement per payload; a decline contradicts a signature. */
export function statementsOf({ operation, variables }: Mutation): readonly Statement[] {
  switch (operation) {
    case 'SignMessages':
      return listIn(variables, 'signatures').map((item) => ({
        question: `payload ${isJsonObject(item) ? textOf(item['id']) : ''}`,
        answer: canonicalJson(item),
      }));
    case 'DeclineToSignMessages':
      return listIn(variables, 'payload_ids').map((id) => ({
        question: `payload ${textOf(id)}`,
        answer: 'declined',
      }));
    default: {
      const subject = (SUBJECTS[operation] ?? []).map((name) => variables[name] ?? null);
      return [{ question: questionOf(operation, subject), answer: canonicalJson(variables) }];
    }
  }
}

/** Values that may stand in an answer and nowhere else. */
export function secretsIn({ variables }: Mutation): readonly string[] {
  return SECRETS.map((name) => textOf(variables[name])).filter((secret) => secret !== '');
}

function listIn(variables: JsonObject, name: string): readonly JsonValue[] {
  const value = variables[name];
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
