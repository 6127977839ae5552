/** Why something about keys and clients is not done, sorted by whose turn it is. */
import { err, type Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';
import type { LighterRefusal, LighterRefusalKind } from '../../protocols/lighter/ports.ts';

export function refuse(
  kind: LighterRefusalKind,
  code: string,
  message: string,
): Result<never, LighterRefusal> {
  return err({ kind, reason: { code, message } });
}

/** Sorts the reasons of the key store, the client book and the exchange by their codes. */
export function refusalOf(reason: Reason): LighterRefusal {
  return { kind: KINDS.get(reason.code) ?? 'unavailable', reason };
}

const KINDS: ReadonlyMap<string, LighterRefusalKind> = new Map([
  ['keys.occupied', 'conflict'],
  ['keys.duplicate', 'conflict'],
  ['keys.frozen', 'conflict'],
  ['keys.unknown', 'unknown'],
  ['lighter.no_client', 'unknown'],
  ['lighter.ambiguous_client', 'invalid'],
  ['lighter.url', 'invalid'],
  ['lighter.api_host', 'forbidden'],
  ['lighter.chain_id', 'invalid'],
  ['lighter.private-key', 'invalid'],
  ['lighter.seed', 'invalid'],
  ['wallet.private-key', 'invalid'],
  ['exchange.account_unknown', 'exchange'],
  ['exchange.refused', 'exchange'],
  ['exchange.garbled', 'exchange'],
  ['exchange.unreachable', 'exchange'],
]);
