/** What a benchmark found: rows of contenders side by side, and the budgets they are held to. */
import { median, ratios, type Rounds } from './measure.ts';

/** `/s` is better when it is higher, as are ratios; all others when they are lower. */
export type Unit = '/s' | '×' | 'µs' | 'ms' | 'MiB';

export interface Cell {
  readonly contender: string;
  readonly rounds: Rounds;
}

export interface Row {
  readonly what: string;
  readonly unit: Unit;
  /** The first one is what the others are compared with. */
  readonly cells: readonly Cell[];
}

/** A promise of the design; the median of the rounds is held to it. */
export interface Budget {
  readonly what: string;
  readonly unit: Unit;
  readonly must: 'at least' | 'at most';
  readonly limit: number;
  readonly rounds: Rounds;
}

export interface Report {
  readonly subject: string;
  /** One sentence: what is measured and how. */
  readonly about: string;
  readonly rows: readonly Row[];
  readonly budgets: readonly Budget[];
}

export function isMet({ must, limit, rounds }: Budget): boolean {
  return must === 'at least' ? median(rounds) >= limit : median(rounds) <= limit;
}

/** Everything, for other programs; rates and times are plain numbers in the unit of their row. */
export function asJson(machine: string, reports: readonly Report[]): string {
  const summary = (unit: Unit, rounds: Rounds) => ({
    unit,
    median: median(rounds),
    best: best(unit, rounds),
    rounds,
  });
  const written = reports.map((report) => ({
    ...report,
    rows: report.rows.map(({ what, unit, cells }) => ({
      what,
      cells: cells.map(({ contender, rounds }) => ({ contender, ...summary(unit, rounds) })),
    })),
    budgets: report.budgets.map((budget) => ({
      ...budget,
      ...summary(budget.unit, budget.rounds),
      met: isMet(budget),
    })),
  }));
  return JSON.stringify({ machine, reports: written }, undefined, 2);
}

/** One subject for a terminal. */
export function asText({ subject, about, rows, budgets }: Report): string {
  const contenders = [
    ...new Set(rows.flatMap(({ cells }) => cells.map(({ contender }) => contender))),
  ];
  const lines = rows.map((row) => [row.what, ...contenders.map((name) => cellText(row, name))]);
  const head = ['', ...contenders];
  const budgetLines = budgets.map(
    (budget) => `  ${isMet(budget) ? '✓' : '✗'} ${budgetText(budget)}`,
  );
  return [
    `${subject}: ${about}`,
    ...columns(contenders.length < 2 ? lines : [head, ...lines]).map((line) => `  ${line}`),
    ...budgetLines,
  ].join('\n');
}

/** The budgets of all subjects as one Markdown table, as the README shows it. */
export function asMarkdown(machine: string, reports: readonly Report[]): string {
  const lines = reports.flatMap(({ subject, budgets }) =>
    budgets.map((budget) => {
      const { must, limit, unit, rounds } = budget;
      const mark = isMet(budget) ? 'yes' : 'no';
      const reached = quantity(median(rounds), unit);
      return `| ${subject} | ${budget.what} | ${reached} | ${must} ${quantity(limit, unit)} | ${mark} |`;
    }),
  );
  return [
    '| subject | figure | measured | budget | met |',
    '|---|---|---|---|---|',
    ...lines,
    '',
    `Measured with \`npm run bench\` on ${machine}; medians of interleaved rounds.`,
  ].join('\n');
}

function budgetText(budget: Budget): string {
  const { what, must, limit, unit, rounds } = budget;
  const spread = `${quantity(median(rounds), unit)}, best ${quantity(best(unit, rounds), unit)}`;
  return `${what}: ${spread}; must be ${must} ${quantity(limit, unit)}`;
}

/** Empty where the row says nothing of the contender. */
function cellText({ unit, cells }: Row, name: string): string {
  const { rounds } = cells.find(({ contender }) => contender === name) ?? {};
  if (rounds === undefined) return '';
  const text = `${quantity(median(rounds), unit)} (${quantity(best(unit, rounds), unit)})`;
  const [first] = cells;
  if (first === undefined || first.rounds === rounds) return text;
  return `${text} ${quantity(median(ratios(rounds, first.rounds)), '×')}`;
}

function best(unit: Unit, rounds: Rounds): number {
  return unit === '/s' || unit === '×' ? Math.max(...rounds) : Math.min(...rounds);
}

function quantity(value: number, unit: Unit): string {
  const text = value >= 100 ? value.toFixed(0) : value.toPrecision(3);
  return unit === '×' ? `${unit}${text}` : `${text} ${unit}`;
}

/** Pads cells so that columns are aligned. */
function columns(lines: readonly (readonly string[])[]): readonly string[] {
  const count = Math.max(0, ...lines.map((line) => line.length));
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
