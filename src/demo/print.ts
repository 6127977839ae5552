/** The demo's table, printed row by row so that its reader sees how far things are. */
import process from 'node:process';

import type { DemoResult } from './world.ts';

const WIDTHS = { event: 54, outcome: 11, because: 41, sent: 34 } as const;

export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printHead(): void {
  printCells('EVENT', 'OUTCOME', 'RULE OR REASON', 'SENT', 'MS');
}

export function printRow(title: string, result: DemoResult): void {
  const { outcome, because, sent, milliseconds, differences } = result;
  printCells(title, outcome, because, sent, milliseconds.toFixed(1));
  printDifferences(differences);
}

export function printDifferences(differences: readonly string[]): void {
  for (const difference of differences) printLine(`  ✗ ${difference}`);
}

function printCells(...[event, outcome, because, sent, time]: readonly string[]): void {
  const cells = [
    event?.padEnd(WIDTHS.event),
    outcome?.padEnd(WIDTHS.outcome),
    because?.padEnd(WIDTHS.because),
    sent?.padEnd(WIDTHS.sent),
    time?.padStart(7),
  ];
  printLine(cells.join(' '));
}
