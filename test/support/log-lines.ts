/** Where a log under test writes to; each line is parsed as it comes. */
export interface LogLines {
  readonly destination: { readonly write: (line: string) => void };
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  readonly text: () => string;
}

export function captureLog(): LogLines {
  const lines: Record<string, unknown>[] = [];
  return {
    destination: {
      write(line) {
        // SAFETY: the log writes one JSON object per line.
        // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
        lines.push(JSON.parse(line) as Record<string, unknown>);
      },
    },
    lines,
    text: () => JSON.stringify(lines),
  };
}
