/** The same variables as flags: `DATA_DIR` is `--data-dir`. A flag wins over the environment. */
import { type Command, Option } from 'commander';

import type { Flags, Problem } from './read.ts';
import { REFUSED_FLAGS } from './unsupported.ts';
import { SECTIONS } from './variables.ts';

interface FlagOption {
  readonly name: string;
  readonly option: Option;
}

/** Adds a flag for every variable, grouped as in `.env.example`. */
export function addConfigFlags(command: Command): void {
  for (const { option } of flagOptions()) command.addOption(option);
  for (const flag of Object.keys(REFUSED_FLAGS)) {
    command.addOption(new Option(`${flag} [value]`).hideHelp());
  }
}

/** What was given on the command line, and which of it this version cannot honour. */
export function readConfigFlags(command: Command): {
  readonly flags: Flags;
  readonly problems: readonly Problem[];
} {
  const given = command.opts<Readonly<Record<string, unknown>>>();
  const flags = new Map<string, string>();
  for (const { name, option } of flagOptions()) {
    const text = given[option.attributeName()];
    if (typeof text === 'string') flags.set(name, text);
  }
  const problems = Object.entries(REFUSED_FLAGS)
    .filter(([flag]) => given[new Option(flag).attributeName()] !== undefined)
    .map(([name, message]) => ({ name, message }));
  return { flags, problems };
}

function flagOptions(): readonly FlagOption[] {
  return SECTIONS.flatMap(({ title, variables }) =>
    Object.entries(variables).map(([name, { about, fallback = '' }]) => {
      const flag = `--${name.toLowerCase().replaceAll('_', '-')} <value>`;
      const described = fallback === '' ? about : `${about} (default: ${fallback})`;
      return { name, option: new Option(flag, described).helpGroup(`${title}:`) };
    }),
  );
}
