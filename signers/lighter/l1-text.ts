/**
 * The texts that the L1 wallet of an account signs (EIP-191, `personal_sign`) beside the API key.
 *
 * Integers are 64 bits, `0x` and 16 hex digits. The text of a key registration names no chain, so that it
 * is valid on every one; no text contains `ExpiredAt` or attributes.
 */
const WARNING = 'Only sign this message for a trusted client!';

/** A title, a blank line, a line per entry, and the warning. */
export function l1Text(title: string, lines: Readonly<Record<string, string>>): string {
  const written = Object.entries(lines).map(([label, value]) => `${label}: ${value}`);
  return [title, '', ...written, WARNING].join('\n');
}

/** An integer as the texts show it. */
export function word(value: bigint): string {
  return `0x${BigInt.asUintN(64, value).toString(16).padStart(16, '0')}`;
}

/** An account, and the route of the asset there. */
export function place(account: bigint, route: bigint): string {
  return `${word(account)} (route ${word(route)})`;
}
