/** Plain text in columns. */

export interface Column {
  readonly title: string;
  readonly align?: 'right';
}

/** Titles in capitals, two blanks between columns, nothing at the ends of lines. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const titles = columns.map((column) => column.title.toUpperCase());
  const lines = [
    titles,
    ...rows.map((row) => columns.map((_, index) => printable(row[index] ?? ''))),
  ];
  const widths = columns.map((_, index) =>
    Math.max(...lines.map((line) => widthOf(line[index] ?? ''))),
  );
  return lines
    .map((line) =>
      line
        .map((cell, index) => {
          const gap = ' '.repeat((widths[index] ?? 0) - widthOf(cell));
          return columns[index]?.align === 'right' ? `${gap}${cell}` : `${cell}${gap}`;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** One line for each name and value, the values in one column. */
export function renderPairs(pairs: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...pairs.map(([name]) => widthOf(name)));
  return pairs
    .map(([name, value]) => `${name}${' '.repeat(width - widthOf(name))}  ${printable(value)}`)
    .join('\n');
}

/** A cell may hold the word of a stranger: control and direction codes would command the terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, '\ufffd');
}

function widthOf(text: string): number {
  return Array.from(text).length;
}
