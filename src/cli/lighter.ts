/** `countersign lighter`: API keys in the form in which in-browser signers keep them. */
import { Command } from 'commander';

import { exportCommand } from './lighter-export.ts';
import { importCommand } from './lighter-import.ts';
import type { LighterDeps } from './lighter-parts.ts';

export type { LighterDeps } from './lighter-parts.ts';

export function lighterCommand(deps: LighterDeps): Command {
  return new Command('lighter')
    .description('exchange API keys of Lighter with in-browser signers')
    .addCommand(importCommand(deps))
    .addCommand(exportCommand(deps));
}
