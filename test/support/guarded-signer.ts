/**
 * A guard with the state it has written so far, as the core would run it under a policy that permits
 * everything: what is neither in violation nor in doubt counts as signed.
 *
 * Every judgement sees only the documents it asked for, may write only those it holds a lane of, says
 * exactly the facts it declared, and its state takes the way through JSON that the store takes.
 */
import {
  canonicalJson,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '../../src/base/json.ts';
import { Secret } from '../../src/base/secret.ts';
import { fromHex } from '../../src/base/hex.ts';
import type { Finding, Judgement, StateView } from '../../src/core/protocol.ts';
import { createFactCheck } from '../../src/policy/fact-check.ts';
import type {
  EventMap,
  LightsparkRequest,
  SubEvent,
} from '../../src/protocols/lightspark/events.ts';
import { actions } from '../../src/protocols/lightspark/facts.ts';
import { createGuard, type GuardOptions } from '../../src/protocols/lightspark/guard.ts';
import { operations } from '../../src/protocols/lightspark/operations.ts';
import { createLightningKeys, type LightningKeys } from '../../signers/lightning/index.ts';
import { chooseFastestCurve } from '../../src/compose/curve.ts';
import { hex } from './hex.ts';

const seed = hex('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');
const { curve } = await chooseFastestCurve();

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
  /** The operator's word on the next secret of a channel; the error's code where it is refused. */
  readonly rebaseline: (channel: string, index: JsonValue) => string;
}

const factChecks = new Map(
  Object.entries(actions).map(([action, spec]) => [action, createFactCheck(spec)]),
);

/** Of a request that only informs. */
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

  function stateOf(keysRead: readonly string[]): StateView {
    const found = keysRead.map((key) => [key, documents.get(key)] as const);
    return new Map(
      found.flatMap(([key, text]) => (text === undefined ? [] : [[key, objectOf(text)] as const])),
    );
  }

  return {
    keys,
    now: () => now,
    wait: (milliseconds) => (now += milliseconds),
    ask(name, payload, entityId = 'Channel:test') {
      events += 1;
      const request = requestOf(name, payload, `event-${String(events)}`, entityId);
      const { lanes, reads, judge } = guard.open(request);
      const judgement = judge(stateOf(reads), {
        now,
        generation,
        caller: 'lightspark/secret-1',
        entropy: () => new Uint8Array(64),
      });
      refuseUnasked(judgement, lanes);
      for (const finding of judgement.findings) refuseUndeclared(finding);
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
    lanes: (name, payload) => guard.open(requestOf(name, payload, 'event', 'Channel:test')).lanes,
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
    rebaseline(channel, index) {
      const args = { channel, index };
      const plan = operations['rebaseline']?.plan(args);
      if (plan?.ok !== true) return plan?.error.code ?? 'is no operation';
      const state = stateOf(plan.value.reads);
      const applied = operations['rebaseline']?.apply(args, state, {
        now,
        generation,
        caller: 'lightspark/secret-1',
        entropy: () => new Uint8Array(64),
      });
      if (applied?.ok !== true) return applied?.error.code ?? 'is no operation';
      put(applied.value.changes);
      return 'accepted';
    },
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

/** What policy may rely on: every declared fact is there with its type, and no other. */
function refuseUndeclared({ action, facts }: Finding): void {
  const checked = factChecks.get(action)?.(facts);
  if (checked?.ok !== true) throw new Error(`${action}: ${checked?.error ?? 'is no action'}`);
}

function codes(reasons: readonly { readonly code: string }[]): readonly string[] {
  return reasons.map(({ code }) => code);
}

function objectOf(text: string): JsonObject {
  const parsed = parseJson(text);
  if (!parsed.ok || !isJsonObject(parsed.value)) throw new Error('state is not a document');
  return parsed.value;
}
