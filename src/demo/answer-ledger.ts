/** What was answered to which question, and whether anything was ever answered in two ways. */
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from '../base/json.ts';

/** One mutation that took effect. */
interface AppliedMutation {
  readonly operation: string;
  readonly variables: JsonObject;
}

export interface AnswerLedger {
  /** Repetitions included, in order. */
  readonly applied: readonly AppliedMutation[];
  /** Sentences about second answers that differ from the first one to the same question. */
  readonly contradictions: readonly string[];
  readonly apply: (mutation: AppliedMutation) => void;
  readonly forget: () => void;
}

/** The variables that say what is being answered; the others are the answer. */
const QUESTIONS: Readonly<Record<string, readonly string[]>> = {
  UpdateChannelPerCommitmentPoint: ['channel_id', 'per_commitment_point_index'],
  ReleaseChannelPerCommitmentSecret: ['channel_id', 'per_commitment_index'],
  SignInvoice: ['invoice_id'],
  SetInvoicePaymentHash: ['invoice_id'],
  ReleasePaymentPreimage: ['invoice_id'],
};

export function createAnswerLedger(): AnswerLedger {
  const applied: AppliedMutation[] = [];
  const contradictions: string[] = [];
  const answers = new Map<string, string>();
  return Object.freeze({
    applied,
    contradictions,
    apply(mutation: AppliedMutation): void {
      applied.push(mutation);
      for (const { question, answer } of statementsOf(mutation)) {
        const first = answers.get(question);
        if (first === undefined) answers.set(question, answer);
        else if (first !== answer) contradictions.push(`two different answers to ${question}`);
      }
    },
    forget(): void {
      applied.length = 0;
      contradictions.length = 0;
      answers.clear();
    },
  });
}

interface Statement {
  readonly question: string;
  readonly answer: string;
}

/** A batch makes one statement per payload; a decline contradicts a signature. */
function statementsOf({ operation, variables }: AppliedMutation): readonly Statement[] {
  const batch = variables['signatures'] ?? variables['payload_ids'];
  if (Array.isArray(batch)) {
    return (batch as readonly JsonValue[]).map((item) =>
      typeof item === 'string'
        ? { question: `payload ${item}`, answer: 'declined' }
        : { question: `payload ${idOf(item)}`, answer: canonicalJson(item) },
    );
  }
  const names = QUESTIONS[operation];
  if (names === undefined) return [];
  const subject = names.map((name) => canonicalJson(variables[name] ?? null)).join(' ');
  return [{ question: `${operation} ${subject}`, answer: canonicalJson(variables) }];
}

function idOf(item: JsonValue): string {
  const id = isJsonObject(item) ? item['id'] : undefined;
  return typeof id === 'string' ? id : '';
}
