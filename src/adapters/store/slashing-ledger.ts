/** Slashing protection inside a transaction: its own records are laid over what is committed. */
import type { Hex } from '../../base/hex.ts';
import { isOrderly, joinHistories, lowestOf, NO_HISTORY } from '../../core/signing-history.ts';
import type {
  SignedAttestation,
  SignedBlock,
  SlashableDuty,
  SlashingLedger,
  SlashingVerdict,
  Watermarks,
} from '../../core/slashing.ts';
import { judgeDuty, type Records, type Standing } from '../../core/slashing-rules.ts';
import {
  higher,
  lower,
  type SlashingTables,
  toProtectedKey,
  type Validator,
  type Vote,
  watermarks,
} from './slashing-tables.ts';
import * as write from './slashing-writes.ts';

/** The ledger's work without the waiting: every function of the port, synchronous. */
export type Ledger = {
  readonly [Name in keyof SlashingLedger]: (
    ...values: Parameters<SlashingLedger[Name]>
  ) => Awaited<ReturnType<SlashingLedger[Name]>>;
};

/** What a transaction changed of what is remembered from duty to duty. */
export interface LedgerChanges {
  /** With their rows, where they had one. */
  readonly keys: ReadonlyMap<Hex, bigint | undefined>;
  /** The newest vote of keys that voted, by their row. */
  readonly votes: ReadonlyMap<bigint, Vote>;
  readonly hasSettings: () => boolean;
}

export interface OpenLedger {
  readonly ledger: Ledger;
  readonly changes: LedgerChanges;
}

export interface LedgerDeps {
  readonly committed: SlashingTables;
  readonly add: (...writes: readonly write.SlashingWrite[]) => void;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** A key as this transaction has made it, and the records that it added or replaced. */
interface Own {
  validator: Validator | undefined;
  readonly blocks: Map<bigint, SignedBlock>;
  readonly attestations: Map<string, SignedAttestation>;
}

export function openLedger({ committed, add, now }: LedgerDeps): OpenLedger {
  const owns = new Map<Hex, Own>();
  let settings: Standing['settings'] | undefined;
  let isActive = false;
  const keys = new Map<Hex, bigint | undefined>();
  const votes = new Map<bigint, Vote>();
  let hasSettings = false;

  const ledger = Object.freeze({
    record(duty, genesisRoot) {
      const own = ownOf(duty.key);
      const { validator } = own;
      const standing = {
        settings: (settings ??= committed.settings()),
        key: validator && toProtectedKey(validator),
      };
      const verdict = judgeDuty(duty, genesisRoot, standing, recordsOf(own, committed));
      if (verdict.kind === 'refused' || verdict.isRepeat || validator === undefined) return verdict;
      if (settings.genesisRoot === undefined) pin(genesisRoot);
      addRecord(duty, own, validator);
      if (!isActive) add(['noteActivity', now()]);
      isActive = true;
      return verdict;
    },

    begin(key, marks) {
      const own = ownOf(key);
      if (own.validator?.beganAt === undefined) raise(own, key, marks);
    },

    raise(key, marks) {
      raise(ownOf(key), key, marks);
    },

    setEnabled(key, isEnabled) {
      const own = ownOf(key);
      const validator = own.validator ?? newValidator(key);
      if (own.validator?.isEnabled !== isEnabled) put(own, { ...validator, isEnabled });
    },

    merge(key, history) {
      const own = ownOf(key);
      const validator = own.validator ?? newValidator(key);
      const before = joinHistories(
        validator.id === undefined ? NO_HISTORY : committed.history(validator.id),
        { blocks: [...own.blocks.values()], attestations: [...own.attestations.values()] },
      );
      const after = joinHistories(before, history);
      const known = new Set<SignedBlock | SignedAttestation>([
        ...before.blocks,
        ...before.attestations,
      ]);
      const isEmpty = history.blocks.length + history.attestations.length === 0;
      put(own, {
        ...validator,
        ...(isEmpty ? {} : { beganAt: validator.beganAt ?? now() }),
        isOrderly: isOrderly(after.attestations),
        lowest: lower(validator.lowest, lowestOf(history)),
      });
      for (const block of after.blocks) {
        if (known.has(block)) continue;
        own.blocks.set(block.slot, block);
        add(write.writeBlock('mergeBlock', key, block));
      }
      for (const attestation of after.attestations) {
        if (known.has(attestation)) continue;
        own.attestations.set(dutyOf(attestation), attestation);
        add(write.writeAttestation('mergeAttestation', key, attestation));
      }
    },

    prune(key, kept) {
      const own = ownOf(key);
      const { validator } = own;
      if (validator?.id === undefined) return 0;
      if (own.blocks.size + own.attestations.size > 0) {
        throw new Error('records are pruned in a transaction that adds none for the key');
      }
      const newest = committed.newest(validator.id);
      const than = {
        slot: cutoff(newest.slot, kept.slots),
        target: cutoff(newest.target, kept.epochs),
      };
      const { count, highest } = committed.older(validator.id, than);
      if (count === 0) return 0;
      raise(own, key, highest);
      add(...write.prune(key, than));
      return count;
    },

    pinGenesis(root) {
      settings ??= committed.settings();
      const { genesisRoot = root } = settings;
      if (settings.genesisRoot === undefined) pin(root);
      return genesisRoot === root;
    },

    setHighWatermark(mark) {
      settings = { ...(settings ?? committed.settings()), highWatermark: mark };
      add(write.putHighWatermark(mark));
      hasSettings = true;
    },
  } satisfies Ledger);

  return { ledger, changes: { keys, votes, hasSettings: () => hasSettings } };

  function ownOf(key: Hex): Own {
    const known = owns.get(key);
    if (known !== undefined) return known;
    const own = { validator: committed.validator(key), blocks: new Map(), attestations: new Map() };
    owns.set(key, own);
    return own;
  }

  function put(own: Own, validator: Validator): void {
    add(write.putValidator(validator));
    keys.set(validator.key, validator.id);
    own.validator = validator;
  }

  function pin(genesisRoot: Hex): void {
    add(['pinGenesis', genesisRoot]);
    settings = { ...settings, genesisRoot };
    hasSettings = true;
  }

  /** The first record of a kind sets that kind's low watermarks; later ones are never below them. */
  function addRecord(duty: SlashableDuty, own: Own, validator: Validator): void {
    const { key } = duty;
    switch (duty.kind) {
      case 'block': {
        const { slot, root } = duty;
        lowerTo(own, validator, watermarks(slot));
        own.blocks.set(slot, { slot, root });
        add(write.writeBlock('addBlock', key, { slot, root }));
        return;
      }
      case 'attestation': {
        const { source, target, root } = duty;
        lowerTo(own, validator, watermarks(undefined, source, target));
        own.attestations.set(dutyOf(duty), { source, target, root });
        add(write.writeAttestation('addAttestation', key, { source, target, root }));
        noteVote(validator, { source, target });
      }
    }
  }

  function noteVote({ id }: Validator, vote: Vote): void {
    if (id === undefined) return;
    const newest = votes.get(id) ?? committed.newestAttestation(id);
    votes.set(id, newest !== undefined && newest.target > vote.target ? newest : vote);
  }

  function lowerTo(own: Own, validator: Validator, marks: Watermarks): void {
    const { lowest } = validator;
    const isFirst =
      (marks.slot !== undefined && lowest.slot === undefined) ||
      (marks.target !== undefined && lowest.target === undefined);
    if (isFirst) put(own, { ...validator, lowest: lower(lowest, marks) });
  }

  /**
   * Whatever has a source below the floor ends up with its target below it too, so that an export
   * can leave it out and lose nothing.
   */
  function raise(own: Own, key: Hex, marks: Watermarks): void {
    const validator = own.validator ?? newValidator(key);
    let floor = higher(validator.floor, marks);
    const { source } = floor;
    if (source !== undefined) {
      for (const record of own.attestations.values()) {
        if (record.source < source) floor = higher(floor, { target: record.target });
      }
      if (validator.id !== undefined) {
        const target = committed.targetOfSourcesBelow(validator.id, source);
        floor = higher(floor, watermarks(undefined, undefined, target));
      }
    }
    put(own, { ...validator, floor, beganAt: validator.beganAt ?? now() });
  }
}

/** The verdict on a duty by what is committed. */
export function checkCommitted(
  committed: SlashingTables,
  duty: SlashableDuty,
  genesisRoot: Hex,
): SlashingVerdict {
  const validator = committed.validator(duty.key);
  const own: Own = { validator, blocks: new Map(), attestations: new Map() };
  const standing = { settings: committed.settings(), key: validator && toProtectedKey(validator) };
  return judgeDuty(duty, genesisRoot, standing, recordsOf(own, committed));
}

function recordsOf({ validator, blocks, attestations }: Own, tables: SlashingTables): Records {
  const committed = committedRecords(validator, tables);
  const some = (matches: (record: SignedAttestation) => boolean): boolean =>
    attestations.size > 0 && [...attestations.values()].some(matches);
  return {
    block: (slot) => blocks.get(slot) ?? committed.block(slot),
    attestations(target) {
      const others = committed.attestations(target);
      if (attestations.size === 0) return others;
      const own = [...attestations.values()].filter((record) => record.target === target);
      const replaced = new Set(own.map(({ source }) => source));
      return [...own, ...others.filter(({ source }) => !replaced.has(source))];
    },
    someSurrounds: (source, target) =>
      some((other) => other.source < source && other.target > target) ||
      committed.someSurrounds(source, target),
    someSurrounded: (source, target) =>
      some((other) => other.source > source && other.target < target) ||
      committed.someSurrounded(source, target),
  };
}

/**
 * A vote is mostly newer than all before it. One seek for the newest then says everything: of orderly
 * records it has the latest source as well.
 */
function committedRecords(validator: Validator | undefined, tables: SlashingTables): Records {
  const id = validator?.id;
  if (validator === undefined || id === undefined) return NO_RECORDS;
  let newest: ReturnType<SlashingTables['newestAttestation']>;
  let isAsked = false;
  const isNewer = (target: bigint): boolean => {
    if (!isAsked) newest = tables.newestAttestation(id);
    isAsked = true;
    return newest === undefined || newest.target < target;
  };
  return {
    block: (slot) => tables.block(id, slot),
    attestations: (target) => (isNewer(target) ? [] : tables.attestations(id, target)),
    someSurrounds: (source, target) =>
      !isNewer(target) && tables.someSurrounds(validator, source, target),
    someSurrounded: (source, target) =>
      isNewer(target) && validator.isOrderly
        ? newest !== undefined && newest.source > source
        : tables.someSurrounded(validator, source, target),
  };
}

const NO_RECORDS: Records = {
  block: () => undefined,
  attestations: () => [],
  someSurrounds: () => false,
  someSurrounded: () => false,
};

function dutyOf({ source, target }: Pick<SignedAttestation, 'source' | 'target'>): string {
  return `${String(source)}-${String(target)}`;
}

function newValidator(key: Hex): Validator {
  return { key, isEnabled: true, isOrderly: true, lowest: {}, floor: {} };
}

/** The lowest of the `kept` values that end with the newest one. */
function cutoff(newest: bigint | undefined, kept: bigint): bigint {
  return newest === undefined || newest < kept ? 0n : newest - kept + 1n;
}
