/** Poseidon2 as in the paper: full and partial rounds with the matrices written out. */
import { readFileSync } from 'node:fs';

import { mod, power } from './goldilocks.ts';

const file = new URL('../../vectors/lighter-poseidon2-constants.json', import.meta.url);
// SAFETY: the file is pinned in this repository.
// eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
const constants = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly external: readonly (readonly string[])[];
  readonly internal: readonly string[];
  readonly diagonal: readonly string[];
};

const WIDTH = 12;
const RATE = 8;
const indices = Array.from({ length: WIDTH }, (_, index) => index);

const M4 = [
  [2n, 3n, 1n, 1n],
  [1n, 2n, 3n, 1n],
  [1n, 1n, 2n, 3n],
  [3n, 1n, 1n, 2n],
];

/** circ(2 M4, M4, M4). */
const externalMatrix = indices.map((row) =>
  indices.map((column) => {
    const weight = row >> 2 === column >> 2 ? 2n : 1n;
    return weight * (M4[row % 4]?.[column % 4] ?? 0n);
  }),
);

/** Ones, plus the diagonal. */
const internalMatrix = indices.map((row) =>
  indices.map((column) => (row === column ? BigInt(constants.diagonal[row] ?? 0) : 0n) + 1n),
);

type State = readonly bigint[];

function apply(matrix: readonly (readonly bigint[])[], state: State): State {
  return matrix.map((row) =>
    mod(row.reduce((sum, factor, column) => sum + factor * (state[column] ?? 0n), 0n)),
  );
}

function fullRounds(state: State, from: number): State {
  return constants.external.slice(from, from + 4).reduce(
    (current, round) =>
      apply(
        externalMatrix,
        current.map((x, index) => power(x + BigInt(round[index] ?? 0), 7n)),
      ),
    state,
  );
}

function partialRounds(state: State): State {
  return constants.internal.reduce(
    ([first = 0n, ...others], constant) =>
      apply(internalMatrix, [power(first + BigInt(constant), 7n), ...others]),
    state,
  );
}

export function permute(state: State): State {
  return fullRounds(partialRounds(fullRounds(apply(externalMatrix, state), 0)), 4);
}

/** The first `length` elements of the sponge: inputs overwrite, nothing is padded. */
export function hash(inputs: readonly bigint[], length: number): readonly bigint[] {
  let state: State = indices.map(() => 0n);
  for (let read = 0; read < inputs.length; read += RATE) {
    const block = inputs.slice(read, read + RATE).map((input) => mod(BigInt.asUintN(64, input)));
    state = permute([...block, ...state.slice(block.length)]);
  }
  return state.slice(0, length);
}
