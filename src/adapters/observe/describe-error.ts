/** What may be told of a thrown error: libraries put requests, headers and rows into theirs. */
import { types } from 'node:util';

export interface ErrorDescription {
  readonly name: string;
  readonly code?: string;
  /** The message, cut short, with everything that could be key material blotted out. */
  readonly message: string;
  /** Where it was thrown, without the message that a stack begins with. */
  readonly at: readonly string[];
  readonly cause?: ErrorDescription;
}

const MESSAGE_LIMIT = 300;
const FRAMES = 8;
const CAUSES = 3;

/** Runs of hex, base58 or base64 that are long enough to matter; words and paths have no digits. */
const KEY_LIKE = /(?=[A-Za-z+_=-]*[0-9])[0-9A-Za-z+_=-]{20,}/g;

export function describeError(error: unknown, causes = CAUSES): ErrorDescription {
  if (!(error instanceof Error || types.isNativeError(error)))
    return { name: typeof error, message: 'not an error', at: [] };
  const code: unknown = 'code' in error ? error.code : undefined;
  return {
    name: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    message: error.message.replace(KEY_LIKE, '[…]').slice(0, MESSAGE_LIMIT),
    at: framesOf(error),
    ...(error.cause === undefined || causes === 0
      ? {}
      : { cause: describeError(error.cause, causes - 1) }),
  };
}

function framesOf(error: Error): readonly string[] {
  const lines = error.stack?.split('\n') ?? [];
  return lines
    .map((line) => line.trim())
    .filter((line) => /^at \S.*:[0-9]+:[0-9]+\)?$/.test(line))
    .slice(0, FRAMES);
}
