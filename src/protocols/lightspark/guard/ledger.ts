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
  const layers: Layers = {
    ...{ space, state, generation },
    read: new Map(),
    knowledge: new Map(),
    changes: new Map(),
  };
  const { knowledge, changes } = layers;
  return Object.freeze({
    channels: new DocumentTable('channel', KINDS.channel, layers),
    fundings: new DocumentTable('fundings', KINDS.fundings, layers),
    wallet: new DocumentTable('wallet', KINDS.wallet, layers),
    payloads: new DocumentTable('payload', KINDS.payload, layers),
    invoices: new DocumentTable('invoice', KINDS.invoice, layers),
    nonces: new DocumentTable('nonce', KINDS.nonce, layers),
    node: new DocumentTable('node', KINDS.node, layers),
    revealed: new DocumentTable('revealed', KINDS.revealed, layers),
    written: () => ({ changes, knowledge }),
  });
}

/** The documents of all tables, by their keys in the room's state. */
interface Layers {
  readonly space: SpaceName;
  readonly state: StateView;
  readonly generation: bigint;
  /** Those of `state` that were not as this ledger would have written them. */
  readonly read: Map<string, WrittenDocument>;
  readonly knowledge: Map<string, WrittenDocument>;
  readonly changes: Map<string, WrittenDocument>;
}

/** A class, because every judgement has one for each kind, and uses few of them. */
class DocumentTable<Content extends JsonObject> implements Table<Content> {
  readonly #name: Kind;
  readonly #kind: DocumentKind<Content>;
  readonly #layers: Layers;

  constructor(name: Kind, kind: DocumentKind<Content>, layers: Layers) {
    this.#name = name;
    this.#kind = kind;
    this.#layers = layers;
  }

  get(id: string): Content | undefined {
    return this.#signed(this.#keyOf(id));
  }

  change(id: string, update: Update<Content>): void {
    const key = this.#keyOf(id);
    const current = this.#signed(key);
    const content = update(current);
    if (content === undefined || content === current) return;
    this.#layers.changes.set(key, this.#written(content));
  }

  learn(id: string, update: Update<Content>): void {
    const { knowledge, changes } = this.#layers;
    const key = this.#keyOf(id);
    const current = this.#contentOf(knowledge.get(key) ?? this.#before(key));
    const content = update(current);
    if (content !== undefined && content !== current) knowledge.set(key, this.#written(content));
    if (changes.has(key)) this.change(id, update);
  }

  #signed(key: string): Content | undefined {
    const { knowledge, changes } = this.#layers;
    return this.#contentOf(changes.get(key) ?? knowledge.get(key) ?? this.#before(key));
  }

  #before(key: string): WrittenDocument | undefined {
    const { state, generation, read } = this.#layers;
    const document = state.get(key);
    if (document === undefined) return undefined;
    if (document instanceof WrittenDocument && document.generation === generation) return document;
    const known = read.get(key);
    if (known !== undefined) return known;
    const { generation: writtenIn, content } = this.#kind.stored.parse(document);
    const current = writtenIn < generation ? this.#kind.afterRestore(content) : content;
    const written = this.#written(current);
    read.set(key, written);
    return written;
  }

  #contentOf(document: WrittenDocument | undefined): Content | undefined {
    // SAFETY: the beginning of its key says its kind, and a table of that kind wrote or read it.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
    return document?.content as Content | undefined;
  }

  #written(content: Content): WrittenDocument {
    return new WrittenDocument(this.#layers.generation, content);
  }

  #keyOf(id: string): string {
    return documentKey(this.#layers.space, this.#name, id);
  }
}
