/** The fields of a transaction that name its client. */
import type { LighterClient } from '../clients.ts';

export function owner({ account, apiKey }: LighterClient): {
  readonly AccountIndex: bigint;
  readonly ApiKeyIndex: bigint;
} {
  return { AccountIndex: account, ApiKeyIndex: apiKey };
}

export function sender({ account, apiKey }: LighterClient): {
  readonly FromAccountIndex: bigint;
  readonly ApiKeyIndex: bigint;
} {
  return { FromAccountIndex: account, ApiKeyIndex: apiKey };
}
