/**
 * The library's clients. It keeps one key for each slot of an account, and replaces it without a word
 * when another is named, even under the hands of those who sign with the first; it forgets none. So
 * whoever signs here shares a slot only with those who have the same key.
 */
import type { Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';

export interface ClientSlots {
  /** Runs `work` while the slot has that tenant, whom `install` puts there where it has another. */
  readonly use: <Out>(
    slot: string,
    tenant: string,
    steps: {
      readonly install: () => Promise<Result<void, Reason>>;
      readonly work: () => Promise<Result<Out, Reason>>;
    },
  ) => Promise<Result<Out, Reason>>;
}

/** The time in which a slot has one key, on one chain. */
interface Tenancy {
  readonly tenant: string;
  readonly installed: Promise<Result<void, Reason>>;
  /** Those who sign. */
  readonly works: Set<Promise<unknown>>;
}

export function createClientSlots(): ClientSlots {
  /** The last tenancy of each slot; nobody joins an earlier one. */
  const tenancies = new Map<string, Tenancy>();

  function begin(
    slot: string,
    tenant: string,
    install: () => Promise<Result<void, Reason>>,
  ): Tenancy {
    const before = [...(tenancies.get(slot)?.works ?? [])];
    const installed = Promise.allSettled(before).then(install);
    const tenancy: Tenancy = { tenant, installed, works: new Set() };
    tenancies.set(slot, tenancy);
    const forget = (): void => {
      if (tenancies.get(slot) === tenancy) tenancies.delete(slot);
    };
    installed.then((made) => {
      if (!made.ok) forget();
    }, forget);
    return tenancy;
  }

  return Object.freeze({
    async use(slot, tenant, { install, work }) {
      const last = tenancies.get(slot);
      const tenancy = last?.tenant === tenant ? last : begin(slot, tenant, install);
      const working = tenancy.installed.then((made) => (made.ok ? work() : made));
      tenancy.works.add(working);
      try {
        return await working;
      } finally {
        tenancy.works.delete(working);
      }
    },
  } satisfies ClientSlots);
}
