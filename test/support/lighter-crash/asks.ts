/** What traders ask for: orders and cancels that contend for the nonces of a few key slots. */
import type { JsonObject } from '../../../src/base/json.ts';
import type { Chance } from '../../torture/random.ts';

export const CHAIN = 304n;
export const ACCOUNT = 123n;
/** Where every mode meets every other. */
export const MIXED_SLOT = 5n;
/** Where nonces are counted, and sometimes jumped over by name. */
export const COUNTED_SLOT = 6n;
/** Where rows are set aside, and nothing is signed but on nonces that are named. */
export const QUIET_SLOT = 7n;
/** Of every slot, as the exchange would say it. */
export const FIRST_NONCE = 1_000n;

export interface Asked {
  readonly slot: bigint;
  readonly path: '/sign_create_order' | '/sign_cancel_order';
  readonly body: JsonObject;
  /** The header `Idempotency-Key`, or the id of the event. */
  readonly id?: string;
  /** By REST, or as an event, whose answer is called back. */
  readonly way: 'call' | 'event';
  /** Asked once more under one of these names, it must get the same bytes. */
  readonly sameAs: readonly string[];
  readonly isCancel: boolean;
}

export interface Asks {
  /** Mostly one; sometimes many that are to be asked at once. */
  readonly next: () => readonly Asked[];
  /** A nonce that was given away: others will try to have it, too. */
  readonly saw: (slot: bigint, nonce: bigint) => void;
}

/** How many nonces that were given away lately are remembered to be tried again. */
const REMEMBERED = 40;
const CONTESTANTS = 4;
const BURST = 40;
/** Milliseconds by which a contested nonce may lie ahead of the clock that skip mode counts by. */
const AHEAD = 2_000;

export function createAsks(chance: Chance, now: () => number): Asks {
  const recent = new Map<bigint, bigint[]>([
    [MIXED_SLOT, []],
    [COUNTED_SLOT, []],
    [QUIET_SLOT, []],
  ]);
  const contests: Asked[] = [];
  let made = 0n;

  function order(slot: bigint, fields: JsonObject, index: bigint, isNamed: boolean): Asked {
    const body = {
      ...slotOf(slot),
      market_index: 0n,
      client_order_index: index,
      base_amount: 1_000n,
      price: 50_000n + index,
      is_ask: index % 2n,
      order_type: 0n,
      time_in_force: 1n,
      order_expiry: -1n,
      ...fields,
    };
    return finish({ slot, path: '/sign_create_order', body, isCancel: false }, isNamed);
  }

  function cancel(slot: bigint, fields: JsonObject, isNamed: boolean): Asked {
    const body = { ...slotOf(slot), market_index: 0n, order_index: nextIndex(), ...fields };
    return finish({ slot, path: '/sign_cancel_order', body, isCancel: true }, isNamed);
  }

  /**
   * The id is new; a nonce of one's own makes any order one that may be repeated. Of many cancels on one
   * nonce only some are remembered, so that of these only an id says which is meant.
   */
  function finish(asked: Omit<Asked, 'sameAs' | 'id' | 'way'>, isNamed: boolean): Asked {
    const id = isNamed ? `id-${String(nextIndex())}` : undefined;
    const { nonce, client_order_index: index } = asked.body;
    const explicit =
      typeof nonce === 'bigint' && !asked.isCancel
        ? [[asked.slot, nonce, index].map(String).join('/')]
        : [];
    const sameAs = [...(id === undefined ? [] : [id]), ...explicit];
    const way = isNamed && chance.happens(0.3) ? 'event' : 'call';
    return { ...asked, sameAs, way, ...(id === undefined ? {} : { id }) };
  }

  function nextIndex(): bigint {
    made += 1n;
    return made;
  }

  function inMode(slot: bigint, mode: 'skip' | 'strict'): Asked {
    const isNamed = chance.happens(0.5);
    const fields = { nonce_mode: mode };
    return chance.happens(0.15)
      ? cancel(slot, fields, isNamed)
      : order(slot, fields, nextIndex(), isNamed);
  }

  /** Several orders for one nonce, of which one may win. */
  function contest(): void {
    const slot = chance.oneOf([MIXED_SLOT, COUNTED_SLOT]);
    const nonce =
      slot === MIXED_SLOT
        ? BigInt(now() + chance.below(AHEAD))
        : (recentOf(slot).at(-1) ?? FIRST_NONCE) + 1n + BigInt(chance.below(4));
    const fields = { nonce, ...(slot === MIXED_SLOT && chance.happens(0.5) && { skip_nonce: 1n }) };
    for (let one = 0; one < CONTESTANTS; one += 1) {
      contests.push(order(slot, fields, nextIndex(), chance.happens(0.3)));
    }
    contests.splice(0, contests.length - REMEMBERED);
  }

  function contestant(): Asked {
    if (contests.length === 0 || chance.happens(0.1)) contest();
    const [one] = chance.shuffled(contests);
    if (one === undefined) throw new Error('a contest has contestants');
    return one;
  }

  /** On a nonce that something else has got already. */
  function latecomer(): Asked {
    const slot = chance.oneOf([MIXED_SLOT, COUNTED_SLOT, QUIET_SLOT]);
    const [nonce] = chance.shuffled(recentOf(slot));
    if (nonce === undefined) return inMode(COUNTED_SLOT, 'strict');
    const fields = { nonce, ...(slot === COUNTED_SLOT ? {} : { skip_nonce: 1n }) };
    return chance.happens(0.3)
      ? cancel(slot, fields, chance.happens(0.5))
      : order(slot, fields, nextIndex(), chance.happens(0.5));
  }

  function recentOf(slot: bigint): bigint[] {
    return recent.get(slot) ?? [];
  }

  return Object.freeze({
    next(): readonly Asked[] {
      const roll = chance.unit();
      if (roll < 0.03) return Array.from({ length: BURST }, () => inMode(MIXED_SLOT, 'skip'));
      if (roll < 0.3) return [inMode(MIXED_SLOT, 'skip')];
      if (roll < 0.4) return [inMode(MIXED_SLOT, 'strict')];
      if (roll < 0.6) return [inMode(COUNTED_SLOT, 'strict')];
      return [roll < 0.85 ? contestant() : latecomer()];
    },
    saw(slot: bigint, nonce: bigint): void {
      const nonces = recentOf(slot);
      nonces.push(nonce);
      nonces.splice(0, nonces.length - REMEMBERED);
    },
  });
}

export function slotOf(slot: bigint): JsonObject {
  return { chain_id: CHAIN, account_index: ACCOUNT, api_key_index: slot };
}
