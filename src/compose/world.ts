/** One world, ready to be served, or the reason why it is off. */
import type { Desk, DeskSource } from '../core/desk.ts';
import type { Operator } from '../core/operator.ts';
import type { Source } from '../core/pipeline.ts';
import type { Transport } from '../core/ports.ts';
import type { Message, Protocol, Words } from '../core/protocol.ts';
import type { Access } from '../http/access.ts';
import type { Route } from '../http/app.ts';
import type { ApiSection } from '../http/docs/section.ts';
import type { WebhookPath } from '../http/webhook.ts';

export type World = ServedWorld | WorldOff;

export interface ServedWorld {
  readonly on: true;
  readonly name: string;
  readonly protocol: Protocol;
  /** Of its webhooks; none where only calls of the api are answered. */
  readonly sources: readonly Source[];
  /** Of its calls on the api. */
  readonly desks: readonly DeskSource[];
  /** Takes what it says to those who sent a webhook. */
  readonly transport: ClosableTransport;
  readonly paths: readonly WebhookPath[];
  /** Its parts of the api's description. */
  readonly sections: readonly ApiSection[];
  /** Its part of the api. */
  readonly routes: (parts: RouteParts) => readonly Route[];
}

/** What the routes of a world ask. */
export interface RouteParts {
  readonly access: Access;
  readonly desk: Desk;
  readonly operator: Pick<Operator, 'operate'>;
}

export interface WorldOff {
  readonly on: false;
  readonly name: string;
  readonly why: string;
  /** Still answered, so that a sender hears why nothing happens. */
  readonly paths: readonly WebhookPath[];
}

export interface ClosableTransport extends Transport<Words> {
  /** Breaks off what is under way. */
  readonly close: () => Promise<void>;
}

/** One transport for all worlds: each message goes where the world that says it is answered. */
export function routeMessages(worlds: readonly ServedWorld[]): Transport {
  const transports = new Map(worlds.map(({ name, transport }) => [name, transport]));
  const of = ({ world }: Message): ClosableTransport => {
    const transport = transports.get(world);
    if (transport === undefined) throw new Error(`world \`${world}\` is off`);
    return transport;
  };
  return Object.freeze({
    route: (message: Message) => of(message).route(message),
    send: (message: Message) => of(message).send(message),
  });
}
