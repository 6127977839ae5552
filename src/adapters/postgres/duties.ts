/** Duties as the functions of 0002-slashing.sql take them, and the verdicts that come back. */
import type { Hex } from '../../base/hex.ts';
import { refusedBy, ruleNamed } from '../../core/slashing-rules.ts';
import type { SlashableDuty, SlashingVerdict } from '../../core/slashing.ts';
import type { Parameter, Query, Row } from './pg-driver.ts';

export interface Question {
  readonly duty: SlashableDuty;
  readonly genesisRoot: Hex;
}

/** Of one kind and one chain. */
type Questions = readonly [Question, ...Question[]];

const RECORD = {
  block: 'SELECT to_jsonb(record_blocks($1, $2, $3, $4))::text AS verdicts',
  attestation: 'SELECT to_jsonb(record_attestations($1, $2, $3, $4, $5))::text AS verdicts',
} as const;

const JUDGE = {
  block: `SELECT jsonb_agg(verdict ORDER BY n)::text AS verdicts FROM judge_blocks($1, $2, $3, $4)`,
  attestation: `SELECT jsonb_agg(verdict ORDER BY n)::text AS verdicts
    FROM judge_attestations($1, $2, $3, $4, $5)`,
} as const;

/** What recording this duty would say now. */
export async function judgeDuty(query: Query, question: Question): Promise<SlashingVerdict> {
  const [verdict] = await ask(query, JUDGE, [question]);
  if (verdict === undefined) throw new Error('the database gave no verdict on a duty');
  return verdict;
}

/** Records what is allowed, in the order asked: each duty is judged by those before it, too. */
export async function recordDuties(
  query: Query,
  questions: readonly Question[],
): Promise<readonly SlashingVerdict[]> {
  const verdicts = new Map<Question, SlashingVerdict>();
  await Promise.all(
    callsFor(questions).map(async (call) => {
      const told = await ask(query, RECORD, call);
      for (const [index, verdict] of told.entries()) {
        const question = call[index];
        if (question !== undefined) verdicts.set(question, verdict);
      }
    }),
  );
  return questions.flatMap((question) => verdicts.get(question) ?? []);
}

async function ask(
  query: Query,
  functions: Readonly<Record<SlashableDuty['kind'], string>>,
  questions: Questions,
): Promise<readonly SlashingVerdict[]> {
  const [{ duty, genesisRoot }] = questions;
  const columns = columnsOf(questions.map((question) => question.duty));
  const [row = {}] = await query(functions[duty.kind], ...columns, genesisRoot);
  const codes = readCodes(row);
  return questions.map((question, index) => toVerdict(codes[index], question.duty));
}

/**
 * Calls that name each key once. Blocks and attestations of a key know nothing of each other, so only
 * the order within a kind is kept.
 */
function callsFor(questions: readonly Question[]): readonly Questions[] {
  const calls: [Question, ...Question[]][] = [];
  for (const kind of ['block', 'attestation'] as const) {
    let call: [Question, ...Question[]] | undefined;
    const keys = new Set<Hex>();
    for (const question of questions) {
      if (question.duty.kind !== kind) continue;
      const { key } = question.duty;
      if (call === undefined || keys.has(key) || call[0].genesisRoot !== question.genesisRoot) {
        keys.clear();
        calls.push((call = [question]));
      } else call.push(question);
      keys.add(key);
    }
  }
  return calls;
}

function columnsOf(duties: readonly SlashableDuty[]): readonly Parameter[] {
  const keys = duties.map(({ key }) => key);
  const roots = duties.map(({ root }) => `\\x${root}`);
  const slots = duties.flatMap((duty) => (duty.kind === 'block' ? [duty.slot] : []));
  if (slots.length > 0) return [keys, slots, roots];
  const votes = duties.flatMap((duty) => (duty.kind === 'attestation' ? [duty] : []));
  return [keys, votes.map(({ source }) => source), votes.map(({ target }) => target), roots];
}

function readCodes(row: Row): readonly unknown[] {
  const verdicts: unknown = JSON.parse(String(row['verdicts']));
  return Array.isArray(verdicts) ? verdicts : [];
}

function toVerdict(code: unknown, duty: SlashableDuty): SlashingVerdict {
  if (code === 'recorded') return { kind: 'allowed', isRepeat: false };
  if (code === 'repeated') return { kind: 'allowed', isRepeat: true };
  const rule = ruleNamed(code);
  if (rule === undefined) throw new Error('the database gave no verdict on a duty');
  return refusedBy(rule, duty);
}
