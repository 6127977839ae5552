/** What callers of the api can have in scope, by world: what is decided by policy, and what is not. */
import { KEY_ACTIONS } from '../http/lighter/key-routes.ts';
import { vocabulary } from '../protocols/index.ts';

const BESIDE_POLICY: Readonly<Record<string, readonly string[]>> = { lighter: KEY_ACTIONS };

export const callerActions: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(vocabulary).map(([world, actions]) => [
    world,
    [...Object.keys(actions), ...(BESIDE_POLICY[world] ?? [])],
  ]),
);
