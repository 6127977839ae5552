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
  /** What had to be read, because it was not as this ledger would have written it. */
  const read = new Map<string, WrittenDocument>();
  const knowledge = new Map<string, WrittenDocument>();
  const changes = new Map<string, WrittenDocument>();

  function table<Content extends JsonObject>(
    name: Kind,
    { stored, afterRestore }: DocumentKind<Content>,
  ): Table<Content> {
    const keyOf = (id: string) => documentKey(space, name, id);

    function before(key: string): WrittenDocument | undefined {
      const document = state.get(key);
      if (document === undefined || isCurrent(document)) return document;
      const known = read.get(key);
      if (known !== undefined) return known;
      const { generation: writtenIn, content } = stored.parse(document);
      const current = writtenIn < generation ? afterRestore(content) : content;
      const reread = new WrittenDocument(generation, current);
      read.set(key, reread);
      return reread;
    }
    const known = (key: string) => contentOf(knowledge.get(key) ?? before(key));
    const signed = (key: string) =>
      contentOf(changes.get(key) ?? knowledge.get(key) ?? before(key));

    function contentOf(document: WrittenDocument | undefined): Content | undefined {
      // SAFETY: the beginning of its key says its kind, and a table of that kind wrote or read it.
      // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
      return document?.content as Content | undefined;
    }

    function change(id: string, update: Update<Content>): void {
      const key = keyOf(id);
      const current = signed(key);
      const content = update(current);
      if (content === undefined || content === current) return;
      changes.set(key, new WrittenDocument(generation, content));
    }

    function learn(id: string, update: Update<Content>): void {
      const key = keyOf(id);
      const current = known(key);
      const content = update(current);
      if (content !== undefined && content !== current) {
        knowledge.set(key, new WrittenDocument(generation, content));
      }
      if (changes.has(key)) change(id, update);
    }

    return { get: (id) => signed(keyOf(id)), change, learn };
  }

  function isCurrent(document: JsonObject): document is WrittenDocument {
    return document instanceof WrittenDocument && document.generation === generation;
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
