/** What `on` names: one action, or all actions of a world. */
import { err, ok, type Result } from '../base/result.ts';
import type { ActionSpec, Vocabulary } from './facts.ts';
import { didYouMean } from './nearest-name.ts';

export interface ScopedAction {
  /** `world.action` */
  readonly name: string;
  readonly spec: ActionSpec;
}

/** The actions that one entry of `on` names; the error says what to write instead. */
export function resolveScope(
  written: string,
  vocabulary: Vocabulary,
): Result<readonly ScopedAction[], string> {
  const [world = '', action, ...rest] = written.split('.');
  const actions = Object.hasOwn(vocabulary, world) ? vocabulary[world] : undefined;
  if (actions === undefined) {
    return err(`unknown world \`${world}\`${didYouMean(world, Object.keys(vocabulary))}`);
  }
  if (action === undefined) {
    return ok(Object.entries(actions).map(([name, spec]) => ({ name: `${world}.${name}`, spec })));
  }
  const spec = Object.hasOwn(actions, action) && rest.length === 0 ? actions[action] : undefined;
  if (spec !== undefined) return ok([{ name: written, spec }]);
  const hint =
    action === '*'
      ? `; write \`${world}\` for all of its actions`
      : didYouMean(action, Object.keys(actions));
  const called = [action, ...rest].join('.');
  return err(`world \`${world}\` has no action \`${called}\`${hint}`);
}
