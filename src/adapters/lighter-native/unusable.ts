import { err, type Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';

/** Why there is no library to sign with. The first words are what clients of older services look for. */
export function unusable(why: string): Result<never, Reason> {
  const message = `Signer not initialized: ${why}, or set \`LIGHTER_BACKEND=kernel\``;
  return err({ code: 'lighter.native_not_initialized', message });
}
