/** The counts of a run, as tables for a terminal. */
import { renderTable } from '../../src/cli/table.ts';
import type { Tallies, Tally } from './tally.ts';

/** Ends with the two numbers that must be nothing. */
export function renderReport(tallies: Tallies): string {
  const losses = tallies.violations.filter((sentence) => /lost|never arrived/.test(sentence));
  const second = tallies.violations.filter((sentence) => /two different|twice/.test(sentence));
  return [
    table('killed at', tallies.kills),
    table('endpoint failed with', tallies.failures),
    table('events by fate', tallies.events),
    table('mischief of senders', tallies.mischief),
    table('beside that', tallies.other),
    `losses ${String(losses.length)}, second effects ${String(second.length)}, all violations ${String(tallies.violations.length)}`,
  ].join('\n\n');
}

function table(title: string, tally: Tally): string {
  const rows = tally.entries().map(([name, count]) => [name, String(count)]);
  return renderTable(
    [{ title }, { title: 'times', align: 'right' }],
    [...rows, ['all', String(tally.total())]],
  );
}
