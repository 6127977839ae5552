/** What is wrong in a policy, said with its place, so that an editor can jump there. */

/** A text as the operator wrote it; `file` is its path relative to the policy folder. */
export interface PolicySource {
  readonly file: string;
  readonly text: string;
}

/** A stretch of a source, as offsets in UTF-16 units; `end` is exclusive. */
export interface Place {
  readonly source: PolicySource;
  readonly start: number;
  readonly end: number;
}

export type ProblemCode =
  /** The file cannot be used as a policy document at all. */
  | 'policy.file'
  | 'policy.yaml'
  /** A field is missing, unknown or of the wrong kind. */
  | 'policy.field'
  | 'policy.unsupported'
  | 'policy.duplicate'
  /** `on` names a world or an action that does not exist. */
  | 'policy.scope'
  | 'policy.list'
  /** The condition does not parse, leaves the condition language, or has the wrong types. */
  | 'policy.condition'
  | 'policy.unknown-fact'
  | 'policy.unguarded-fact'
  | 'policy.claimed-only'
  /** Activation was refused although the policy is well-formed. */
  | 'policy.not-admitted';

export interface PolicyProblem {
  readonly code: ProblemCode;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  readonly message: string;
  /** The line in question and a caret line under it; empty where a file as a whole is meant. */
  readonly excerpt: string;
}

export function problemAt(place: Place, code: ProblemCode, message: string): PolicyProblem {
  const { file, text } = place.source;
  const lineStart = text.lastIndexOf('\n', place.start - 1) + 1;
  const line = text.slice(0, lineStart).split('\n').length;
  const written = text.slice(lineStart, lineEnd(text, lineStart));
  const column = place.start - lineStart;
  return { code, file, line, column: column + 1, message, excerpt: excerptOf() };

  function excerptOf(): string {
    const number = String(line);
    // Tabs are repeated, so that the caret stands under its text at any tab width.
    const indent = written.slice(0, column).replace(/[^\t]/g, ' ');
    const length = Math.min(place.end, lineStart + written.length) - place.start;
    const caret = '^'.repeat(Math.max(1, length));
    return `${number} | ${written}\n${' '.repeat(number.length)} | ${indent}${caret}`;
  }
}

/** A problem of a whole file or folder. */
export function fileProblem(file: string, code: ProblemCode, message: string): PolicyProblem {
  return { code, file, line: 1, column: 1, message, excerpt: '' };
}

/** `file:line:column: message`, and below it the excerpt with a caret. */
export function formatProblem(problem: PolicyProblem): string {
  const { file, line, column, message, excerpt } = problem;
  const head = `${file}:${String(line)}:${String(column)}: ${message}`;
  return excerpt === '' ? head : `${head}\n${excerpt.replace(/^/gm, '    ')}`;
}

function lineEnd(text: string, from: number): number {
  const end = text.slice(from).search(/\r?\n/);
  return end === -1 ? text.length : from + end;
}
