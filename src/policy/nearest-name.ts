/** Suggestions for a mistyped name. */

/** ``; did you mean `x`?`` for the nearest of `names`, or nothing where none is near. */
export function didYouMean(written: string, names: Iterable<string>): string {
  const name = nearestName(written, names);
  return name === undefined ? '' : `; did you mean \`${name}\`?`;
}

/** The name with the smallest edit distance, if at most a third of what was written differs. */
function nearestName(written: string, names: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let distance = Math.min(written.length, 1 + Math.max(1, Math.floor(written.length / 3)));
  for (const name of names) {
    const candidate = editDistance(written, name);
    if (candidate < distance) [nearest, distance] = [name, candidate];
  }
  return nearest;
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function editDistance(left: string, right: string): number {
  let before: readonly number[] = [];
  let above: readonly number[] = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const equal = left[i - 1] === right[j - 1];
      const swapped = left[i - 2] === right[j - 1] && left[i - 1] === right[j - 2];
      row.push(
        Math.min(
          at(above, j) + 1,
          at(row, j - 1) + 1,
          at(above, j - 1) + (equal ? 0 : 1),
          swapped ? at(before, j - 2) + 1 : Infinity,
        ),
      );
    }
    [before, above] = [above, row];
  }
  return at(above, right.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
