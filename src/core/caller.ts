/**
 * Who calls the api, and what each may ask for.
 *
 * Scopes only add up: a caller may do what one of its scopes allows by itself, never what two of them
 * would allow together. No scope that can be written down grows when the product does: a new
 * capability is a scope of its own, and actions are always named one by one.
 */
import type { Result } from '../base/result.ts';
import { unreachable } from '../base/unreachable.ts';
import type { Reason } from './outcome.ts';

/** What one request to sign is about. */
export interface SigningTask {
  readonly world: string;
  /** The key's name in its world, in the one spelling that the world's routes use. */
  readonly key: string;
  readonly action: string;
  /** It only takes risk away, and so no rate holds it up. */
  readonly isRelief?: boolean;
}

/** What one request needs. */
export type Need =
  | { readonly may: 'admin' }
  | { readonly may: 'metrics' }
  | ({ readonly may: 'sign' } & SigningTask);

/** What a caller can be given. */
export type GrantableScope =
  /** Sees jobs, and changes policy, keys and state. */
  | { readonly may: 'admin' }
  | { readonly may: 'metrics' }
  | {
      readonly may: 'sign';
      readonly world: string;
      /** `all`: also keys that come later. */
      readonly keys: 'all' | readonly string[];
      readonly actions: readonly string[];
    };

/** For callers that the daemon itself trusts, and never written down. */
export type Scope =
  | GrantableScope
  | { readonly may: 'sign-anything' }
  | { readonly may: 'sign-all-of'; readonly world: string };

/** Someone whose token is known. */
export interface KnownCaller {
  readonly name: string;
  readonly scopes: readonly Scope[];
}

export interface Caller extends KnownCaller {
  /** How it proved who it is: `loopback`, `socket` and `address` only by where it called from. */
  readonly via: 'token' | 'certificate' | 'loopback' | 'socket' | 'address';
}

/** Who holds a token; the reason says why nobody does, and may be told to the caller. */
export type Identify = (token: string) => Result<KnownCaller, Reason>;

/** The holder of `API_TOKEN_FILE`; a new capability is added here on purpose or not at all. */
export const OPERATOR: KnownCaller = {
  name: 'operator',
  scopes: [{ may: 'admin' }, { may: 'metrics' }, { may: 'sign-anything' }],
};

const RESERVED: ReadonlySet<string> = new Set<string>([OPERATOR.name, 'loopback', 'socket']);

/** Whether a caller may be named so; names stand in records, logs and policy. */
export function isCallerName(text: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,62}$/.test(text) && !RESERVED.has(text);
}

export function isAllowed(scopes: readonly Scope[], need: Need): boolean {
  return scopes.some((scope) => covers(scope, need));
}

function covers(scope: Scope, need: Need): boolean {
  switch (scope.may) {
    case 'admin':
    case 'metrics':
      return need.may === scope.may;
    case 'sign-anything':
      return need.may === 'sign';
    case 'sign-all-of':
      return need.may === 'sign' && need.world === scope.world;
    case 'sign':
      return (
        need.may === 'sign' &&
        need.world === scope.world &&
        (scope.keys === 'all' || scope.keys.includes(need.key)) &&
        scope.actions.includes(need.action)
      );
    default:
      return unreachable(scope);
  }
}

/** The scope that a need asks for, as one phrase. */
export function describeNeed(need: Need): string {
  switch (need.may) {
    case 'admin':
    case 'metrics':
      return `\`${need.may}\``;
    case 'sign':
      return `\`sign\` for \`${need.world}.${need.action}\` with key \`${need.key}\``;
    default:
      return unreachable(need);
  }
}
