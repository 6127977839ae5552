/** What every world lets policy know: one entry per room. */
import type { Vocabulary } from '../policy/facts.ts';
import { actions as ethereumActions } from './ethereum/facts.ts';
import { actions as lighterActions } from './lighter/facts.ts';
import { actions as lightsparkActions } from './lightspark/facts.ts';

export const vocabulary: Vocabulary = {
  lightspark: lightsparkActions,
  lighter: lighterActions,
  ethereum: ethereumActions,
};
