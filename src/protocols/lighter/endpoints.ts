/** The room's kinds of request as routes of an API; the path is the kind's name in lower case. */
import type { JsonObject } from '../../base/json.ts';
import type { Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';
import type { NotOurs } from '../../core/protocol.ts';
import { worded } from './dialect.ts';
import { type PreparedRequest, prepareLighter } from './events.ts';
import type { Dialect, ReadingDeps, SigningSubEvent, SubEvent } from './events/sub-event.ts';
import { SUB_EVENTS } from './events/sub-events.ts';

/** A route of its own for one kind of request. */
export interface LighterEndpoint {
  readonly path: string;
  readonly title: string;
  readonly about: string;
  readonly dialect: Dialect;
  /** `wallet`: nobody but the L1 wallet can do it. */
  readonly does:
    | { readonly kind: 'signing'; readonly signing: SigningEndpoint }
    | { readonly kind: 'wallet'; readonly reason: Reason };
}

export interface SigningEndpoint {
  /** Fields of the body. */
  readonly schema: SigningSubEvent['schema'];
  /** Whether the L1 wallet may have to sign as well, so that its raw key may come with the body. */
  readonly countersigned: boolean;
  /** What is signed is a token, not a transaction. */
  readonly isToken: boolean;
  readonly prepare: (fields: JsonObject) => Result<PreparedRequest, NotOurs>;
  /** The answer in the endpoint's own words. */
  readonly reply: (answer: JsonObject) => JsonObject;
}

/** Begun by a route that makes the key first, and asked for only within the daemon or by event. */
const WITHOUT_ROUTE = 'REGISTER_API_KEY';

export function lighterEndpoints(deps: ReadingDeps): readonly LighterEndpoint[] {
  return SUB_EVENTS.filter(({ name }) => name !== WITHOUT_ROUTE).map((subEvent) => ({
    path: `/${subEvent.name.toLowerCase()}`,
    title: subEvent.title,
    about: subEvent.about,
    dialect: subEvent.dialect,
    does: doing(subEvent, deps),
  }));
}

function doing(subEvent: SubEvent, deps: ReadingDeps): LighterEndpoint['does'] {
  if (subEvent.kind === 'wallet') return subEvent;
  const { name, dialect, schema, countersigned, action } = subEvent;
  const signing = {
    schema,
    countersigned,
    isToken: action === 'auth_token',
    prepare: (fields: JsonObject) => prepareLighter({ ...fields, sub_event_type: name }, deps),
    reply: (answer: JsonObject) => worded(dialect, answer),
  };
  return { kind: 'signing', signing };
}
