/** Named places at which a fault test may stop the process; in production nobody listens. */

export const KILL_POINTS = [
  'claim.before-commit',
  'claim.after-commit',
  'decide.before-commit',
  'decide.after-commit',
  'sign.before',
  'sign.after',
  'sign.before-commit',
  'sign.after-commit',
  'deliver.before-send',
  'deliver.after-send',
  'deliver.before-commit',
  'deliver.after-commit',
  'answer.before',
  'answer.after',
  'writer.before-begin',
  'writer.before-commit',
  'writer.after-commit',
  'marker.before-write',
  'marker.before-rename',
  'marker.after-rename',
] as const;
export type KillPoint = (typeof KILL_POINTS)[number];

/** Called whenever execution passes `point`; it returns, or the process is gone. */
export type Probe = (point: KillPoint) => void;
