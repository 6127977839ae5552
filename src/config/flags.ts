/** The same variables as flags: `DATA_DIR` is `--data-dir`. A flag wins over the environment. */
import { type Command, Option } from 'commander';

import type { Flags } from './read.ts';
import { SECTIONS } from './variables.ts';

interface FlagOption {
  readonly name: string;
  readonly option: Option;
}

/** Adds a flag for every variable, grouped as in `.env.example`. */
export function addConfigFlags(command: Command): void {
  for (const { option } of flagOptions()) command.addOption(option);
}

/** What was given on the command line. */
export function readConfigFlags(command: Command): Flags {
  const given = command.opts<Readonly<Record<string, unknown>>>();
  const flags = new Map<string, string>();
  for (const { name, option } of flagOptions()) {
    const text = given[option.attributeName()];
    if (typeof text === 'string') flags.set(name, text);
  }
  return flags;
}

function flagOptions(): readonly FlagOption[] {
  return SECTIONS.flatMap(({ title, variables }) =>
    Object.entries(variables).flatMap(([name, { about, fallback = '', flags = [] }]) => {
      const own = `--${name.toLowerCase().replaceAll('_', '-')}`;
      const described = fallback === '' ? about : `${about} (default: ${fallback})`;
      return [
        { name, option: new Option(`${own} <value>`, described).helpGroup(`${title}:`) },
        ...flags.map((flag) => ({
          name,
          option: new Option(`${flag} <value>`, `The same as ${own}`).helpGroup(`${title}:`),
        })),
      ];
    }),
  );
}
