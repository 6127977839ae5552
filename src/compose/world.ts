/** One world, ready to be served, or the reason why it is off. */
import type { Source } from '../core/pipeline.ts';
import type { Transport } from '../core/ports.ts';
import type { Message, Protocol } from '../core/protocol.ts';
import type { WebhookPath } from '../http/webhook.ts';

export type World = ServedWorld | WorldOff;

export interface ServedWorld {
  readonly on: true;
  readonly name: string;
  readonly protocol: Protocol;
  readonly source: Source;
  /** The kind of message its answers are. */
  readonly speaks: Message['kind'];
  readonly transport: ClosableTransport;
  readonly paths: readonly WebhookPath[];
}

export interface WorldOff {
  readonly on: false;
  readonly name: string;
  readonly why: string;
  /** Still answered, so that a sender hears why nothing happens. */
  readonly paths: readonly WebhookPath[];
}

export interface ClosableTransport extends Transport {
  /** Breaks off what is under way. */
  readonly close: () => Promise<void>;
}

/** One transport for all worlds: each message goes where the world that says it is answered. */
export function routeMessages(worlds: readonly ServedWorld[]): Transport {
  const byKind = new Map<Message['kind'], Transport>(
    worlds.map(({ speaks, transport }) => [speaks, transport]),
  );
  const of = (message: Message): Transport => {
    const transport = byKind.get(message.kind);
    if (transport === undefined) throw new Error(`no world speaks ${message.kind}`);
    return transport;
  };
  return Object.freeze({
    route: (message: Message) => of(message).route(message),
    send: (message: Message) => of(message).send(message),
  });
}
