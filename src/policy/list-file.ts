/** List files: one entry per line, `#` starts a comment; held as sets, so that size costs nothing. */
import { err, ok, type Result } from '../base/result.ts';
import { isInt64 } from './int64.ts';
import { fileProblem, problemAt, type PolicyProblem, type PolicySource } from './problem.ts';

/** Entries of which at least one is not an integer. */
export class TextList {
  readonly texts: ReadonlySet<string>;

  constructor(texts: ReadonlySet<string>) {
    this.texts = texts;
  }
}

/** Entries that are all integers in canonical form, to be found by value or as written. */
export class IntegerList extends TextList {
  readonly integers: ReadonlySet<bigint>;

  constructor(texts: ReadonlySet<string>) {
    super(texts);
    this.integers = new Set([...texts].map(BigInt));
  }
}

const MAX_LIST_ENTRIES = 100_000;

/** Reads a list file; an empty list is an integer list, since it holds no text. */
export function readListFile(source: PolicySource): Result<TextList, PolicyProblem> {
  const texts = new Set<string>();
  let start = 0;
  for (const line of source.text.split('\n')) {
    const entry = line.replace(/(?:^|\s)#[^]*$/, '').trim();
    if (/\s/.test(entry)) {
      // Two entries on one line would match nothing, and a forbid would silently not apply.
      const place = { source, start, end: start + line.length };
      return err(problemAt(place, 'policy.list', 'a list file has one entry per line'));
    }
    if (entry !== '') texts.add(entry);
    start += line.length + 1;
  }
  if (texts.size > MAX_LIST_ENTRIES) {
    const message = `the list has more than ${String(MAX_LIST_ENTRIES)} entries; split it`;
    return err(fileProblem(source.file, 'policy.list', message));
  }
  return ok([...texts].every(isInteger) ? new IntegerList(texts) : new TextList(texts));
}

function isInteger(text: string): boolean {
  return /^(?:0|-?[1-9]\d{0,18})$/.test(text) && isInt64(BigInt(text));
}
