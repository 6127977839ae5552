/**
 * The state as one judgement sees and rewrites it.
 *
 * Items of a batch are judged in order on one ledger, so later ones see the effects of earlier ones.
 * Every document has two layers: `change` is an effect of signing, `learn` is known whatever the
 * verdict, and therefore reaches both.
 */
import type { JsonObject, JsonValue } from '../../../base/json.ts';
import type { JudgeContext, Judgement, StateView } from '../../../core/protocol.ts';
import { type DocumentKind, KINDS } from '../state.ts';

/** Which seed a request is for; their states never meet. */
export type SpaceName = 'main' | 'test';

/** Documents of one kind; `id` is empty where there is only one. */
export interface Table<Content> {
  readonly get: (id: string) => Content | undefined;
  /** Takes effect if the request is signed. */
  readonly change: (id: string, update: Update<Content>) => void;
  /** Takes effect whatever the verdict. */
  readonly learn: (id: string, update: Update<Content>) => void;
}

/** Returning what it was given leaves the document alone. */
type Update<Content> = (current: Content | undefined) => Content | undefined;

export interface Ledger {
  readonly channels: Table<ContentOf<'channel'>>;
  readonly fundings: Table<ContentOf<'fundings'>>;
  readonly wallet: Table<ContentOf<'wallet'>>;
  readonly payloads: Table<ContentOf<'payload'>>;
  readonly invoices: Table<ContentOf<'invoice'>>;
  readonly nonces: Table<ContentOf<'nonce'>>;
  readonly node: Table<ContentOf<'node'>>;
  readonly revealed: Table<ContentOf<'revealed'>>;
  readonly written: () => Pick<Judgement, 'changes' | 'knowledge'>;
}

type Kind = keyof typeof KINDS;
type ContentOf<Name extends Kind> =
  (typeof KINDS)[Name] extends DocumentKind<infer Content> ? Content : never;

/**
 * A document as a ledger wrote it. A store that has not put it away yet may hand the very same one back,
 * which needs no reading then.
 */
class WrittenDocument {
  readonly [name: string]: JsonValue;
  readonly generation: bigint;
  readonly content: JsonObject;

  constructor(generation: bigint, content: JsonObject) {
    this.generation = generation;
    this.content = content;
  }
}

/** Key of a document in the room's state. */
export function documentKey(space: SpaceName, kind: Kind, id: string): string {
  return id === '' ? `${space}/${kind}` : `${space}/${kind}/${id}`;
}

export function openLedger(
  space: SpaceName,
  state: StateView,
  { generation }: JudgeContext,
): Ledger {
  const changes = new Map<string, JsonObject>();
  const knowledge = new Map<string, JsonObject>();

  function table<Content extends JsonObject>(
    name: Kind,
    { stored, afterRestore }: DocumentKind<Content>,
  ): Table<Content> {
    const before = new Map<string, Content>();
    const known = new Map<string, Content>();
    const signed = new Map<string, Content>();
    const keyOf = (id: string) => documentKey(space, name, id);

    function read(id: string): Content | undefined {
      const document = state.get(keyOf(id));
      if (document === undefined || before.has(id)) return before.get(id);
      const { generation: writtenIn, content } =
        document instanceof WrittenDocument ? ownOf(document) : stored.parse(document);
      before.set(id, writtenIn < generation ? afterRestore(content) : content);
      return before.get(id);
    }
    function ownOf({ generation: writtenIn, content }: WrittenDocument) {
      // SAFETY: the beginning of its key says its kind, and a table of that kind wrote it.
      // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
      return { generation: writtenIn, content: content as Content };
    }
    const readKnown = (id: string) => known.get(id) ?? read(id);
    const readSigned = (id: string) => signed.get(id) ?? readKnown(id);

    function change(id: string, update: Update<Content>): void {
      const current = readSigned(id);
      const content = update(current);
      if (content === undefined || content === current) return;
      signed.set(id, content);
      changes.set(keyOf(id), new WrittenDocument(generation, content));
    }

    function learn(id: string, update: Update<Content>): void {
      const current = readKnown(id);
      const content = update(current);
      if (content !== undefined && content !== current) {
        known.set(id, content);
        knowledge.set(keyOf(id), new WrittenDocument(generation, content));
      }
      if (signed.has(id)) change(id, update);
    }

    return Object.freeze({ get: readSigned, change, learn });
  }

  return Object.freeze({
    channels: table('channel', KINDS.channel),
    fundings: table('fundings', KINDS.fundings),
    wallet: table('wallet', KINDS.wallet),
    payloads: table('payload', KINDS.payload),
    invoices: table('invoice', KINDS.invoice),
    nonces: table('nonce', KINDS.nonce),
    node: table('node', KINDS.node),
    revealed: table('revealed', KINDS.revealed),
    written: () => ({ changes, knowledge }),
  });
}
