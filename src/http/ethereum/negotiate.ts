/** JSON or text, as clients of Web3Signer expect it. */
import type { IncomingMessage } from 'node:http';

/** Without an `Accept` header the answer is text; `*\/*` means JSON. */
export function acceptsJson({ headers }: IncomingMessage): boolean {
  return (headers.accept ?? '').split(',').some((range) => {
    const [type = ''] = range.split(';');
    return ['application/json', '*/*'].includes(type.trim().toLowerCase());
  });
}
