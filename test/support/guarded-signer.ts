/**
 * A guard with the state it has written so far, as the core would run it under a policy that permits
 * everything: what is neither in violation nor in doubt counts as signed.
 *
 * Every judgement sees only the documents it asked for, may write only those it holds a lane of, and
 * its state takes the way through JSON that the store takes.
 */
import { canonicalJson, isJsonObject, type JsonObject, parseJson } from '../../src/base/json.ts';
import { Secret } from '../../src/base/secret.ts';
import { fromHex } from '../../src/base/hex.ts';
import type { Finding, Judgement } from '../../src/core/protocol.ts';
import type {
  EventMap,
  LightsparkRequest,
  SubEvent,
} from '../../src/protocols/lightspark/events.ts';
import { createGuard, type GuardOptions } from '../../src/protocols/lightspark/guard.ts';
import {
  chooseCurve,
  createLightningKeys,
  type LightningKeys,
} from '../../signers/lightning/index.ts';
import { hex } from './hex.ts';

const seed = hex('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');
const { curve } = await chooseCurve();

/** Made once: they remember what they derived. */
const testKeys: LightningKeys = createLightningKeys(new Secret(fromHex(seed)), curve);

export interface GuardedSignerOptions extends Partial<GuardOptions> {
  readonly keys?: LightningKeys;
  readonly importedInvoices?: readonly string[];
}

export interface Snapshot {
  readonly documents: ReadonlyMap<string, string>;
}

export interface Asked extends Judgement {
  readonly signed: boolean;
  /** Codes of all findings, in order. */
  readonly violations: readonly string[];
  readonly doubts: readonly string[];
  readonly alarmed: readonly string[];
  /** The first, which is the only one of most requests. */
  readonly finding: Finding;
}

export interface GuardedSigner {
  readonly keys: LightningKeys;
  readonly now: () => number;
  readonly wait: (milliseconds: number) => void;
  /** Asks for one thing; `entityId` defaults to the channel or node of the test. */
  readonly ask: <Name extends SubEvent>(
    name: Name,
    payload: EventMap[Name],
    entityId?: string,
  ) => Asked;
  /** What must not be judged at the same time as this. */
  readonly lanes: <Name extends SubEvent>(name: Name, payload: EventMap[Name]) => readonly string[];
  readonly snapshot: () => Snapshot;
  /** Goes back to an older database, and knows it. */
  readonly restore: (older: Snapshot) => void;
  /** A new signer that knows nothing. */
  readonly forget: () => void;
  readonly document: (key: string) => JsonObject | undefined;
  readonly put: (changes: ReadonlyMap<string, JsonObject>) => void;
  readonly generation: () => bigint;
}

/** A judgement of one finding or none. */
const NO_FINDING: Finding = { id: '', action: '', facts: {}, violations: [], doubts: [] };

export function createGuardedSigner(options: GuardedSignerOptions = {}): GuardedSigner {
  const { keys = testKeys, importedInvoices = [], ...guardOptions } = options;
  const mode = options.mode ?? 'enforce';
  const guard = createGuard(
    {
      space: 'main',
      keyId: 'lightspark/main',
      nodeIds: [],
      mode,
      migrationSince: 0,
      migrationWindowMs: 0,
      ...guardOptions,
    },
    { keys, isPreimageImported: (invoiceId) => importedInvoices.includes(invoiceId) },
  );
  let documents = new Map<string, string>();
  let generation = 0n;
  let now = Date.UTC(2026, 0, 1);
  let events = 0;

  function put(changes: ReadonlyMap<string, JsonObject>): void {
    for (const [key, document] of changes) documents.set(key, canonicalJson(document));
  }

  return {
    keys,
    now: () => now,
    wait: (milliseconds) => (now += milliseconds),
    ask(name, payload, entityId = 'Channel:test') {
      events += 1;
      const request = requestOf(name, payload, `event-${String(events)}`, entityId);
      const reads = guard.reads(request);
      const state = new Map(
        reads.flatMap((key) => {
          const text = documents.get(key);
          return text === undefined ? [] : [[key, objectOf(text)] as const];
        }),
      );
      const judgement = guard.judge(request, state, { now, generation });
      refuseUnasked(judgement, guard.lanes(request));
      const violations = judgement.findings.flatMap((finding) => codes(finding.violations));
      const doubts = judgement.findings.flatMap((finding) => codes(finding.doubts));
      const signed = violations.length === 0 && doubts.length === 0;
      put(judgement.knowledge);
      if (signed || mode === 'observe') put(judgement.changes);
      now += 1000;
      return {
        ...judgement,
        signed,
        violations,
        doubts,
        alarmed: codes(judgement.alarms),
        finding: judgement.findings[0] ?? NO_FINDING,
      };
    },
    lanes: (name, payload) => guard.lanes(requestOf(name, payload, 'event', 'Channel:test')),
    snapshot: () => ({ documents: new Map(documents) }),
    restore(older) {
      documents = new Map(older.documents);
      generation += 1n;
    },
    forget() {
      documents = new Map();
    },
    document(key) {
      const text = documents.get(key);
      return text === undefined ? undefined : objectOf(text);
    },
    put,
    generation: () => generation,
  };
}

function requestOf<Name extends SubEvent>(
  name: Name,
  payload: EventMap[Name],
  eventId: string,
  entityId: string,
): LightsparkRequest {
  const common = { eventId, entityId, network: 'REGTEST', timestamp: '2026-01-01T00:00:00Z' };
  // SAFETY: `name` and `payload` come from one entry of the event map.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  return { name, payload, ...common } as LightsparkRequest;
}

/** Two judgements that could overlap must not write the same document. */
function refuseUnasked(judgement: Judgement, lanes: readonly string[]): void {
  const written = [...judgement.changes.keys(), ...judgement.knowledge.keys()];
  const unasked = written.find((key) => !lanes.includes(key) && !key.endsWith('/node'));
  if (unasked !== undefined) throw new Error(`\`${unasked}\` was written without its lane`);
}

function codes(reasons: readonly { readonly code: string }[]): readonly string[] {
  return reasons.map(({ code }) => code);
}

function objectOf(text: string): JsonObject {
  const parsed = parseJson(text);
  if (!parsed.ok || !isJsonObject(parsed.value)) throw new Error('state is not a document');
  return parsed.value;
}
