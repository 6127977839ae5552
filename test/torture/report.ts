/** The counts of a run, as tables for a terminal. */
import { renderTable } from '../../src/cli/table.ts';
import { type Tallies, type Tally, WRONGS } from './tally.ts';

/** Ends with the numbers that must be 0. */
export function renderReport(tallies: Tallies): string {
  const wrongs = WRONGS.map((wrong) => {
    const found = tallies.violations.filter((violation) => violation.wrong === wrong);
    return `${wrong} ${String(found.length)}`;
  });
  return [
    table('killed at', tallies.kills),
    table('endpoint failed with', tallies.failures),
    table('events by fate', tallies.events),
    table('mischief of senders', tallies.mischief),
    table('beside that', tallies.other),
    wrongs.join(', '),
  ].join('\n\n');
}

function table(title: string, tally: Tally): string {
  const rows = tally.entries().map(([name, count]) => [name, String(count)]);
  return renderTable(
    [{ title }, { title: 'times', align: 'right' }],
    [...rows, ['all', String(tally.total())]],
  );
}
