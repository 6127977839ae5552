/** Interchange documents for tests. */
import type { InterchangeDocument } from '../../../src/adapters/interchange/import.ts';
import { utf8 } from '../../../src/base/bytes.ts';

/** A document of this content, in chunks of so many bytes. */
export function aDocument(content: object | string, chunk = 7): InterchangeDocument {
  const bytes = utf8(typeof content === 'string' ? content : JSON.stringify(content));
  return {
    async *read() {
      for (let at = 0; at < bytes.length; at += chunk) {
        await Promise.resolve();
        yield bytes.subarray(at, at + chunk);
      }
    },
  };
}
