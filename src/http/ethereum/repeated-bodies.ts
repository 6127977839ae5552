/**
 * Bodies that many keys are asked to sign: validators of one client vote alike, so thousands of requests
 * have the same body within seconds. What is the same text is parsed once.
 */
import { utf8Text } from '../../base/bytes.ts';
import { type JsonError, type JsonValue, parseJson } from '../../base/json.ts';
import { createRecentlyUsed } from '../../base/recently-used.ts';
import type { Result } from '../../base/result.ts';

/** Slots have a few different votes, of about a kilobyte each. */
const CAPACITY = 64;
const LARGEST = 8_192;

/** The value for the same bytes is the same object, which nobody may change. */
export function createRepeatedBodies(): (bytes: Uint8Array) => Result<JsonValue, JsonError> {
  const known = createRecentlyUsed<Result<JsonValue, JsonError>>(CAPACITY, () => undefined);

  return (bytes) => {
    const text = bytes.length > LARGEST ? undefined : utf8Text(bytes);
    if (text === undefined) return parseJson(bytes);
    const found = known.get(text);
    if (found !== undefined) return found;
    const parsed = parseJson(text);
    if (parsed.ok) known.set(text, parsed);
    return parsed;
  };
}
