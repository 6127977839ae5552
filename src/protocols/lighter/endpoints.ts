/** The room's kinds of request as routes of an API; the path is the kind's name in lower case. */
import type { JsonObject } from '../../base/json.ts';
import type { Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';
import type { NotOurs } from '../../core/protocol.ts';
import { worded } from './dialect.ts';
import { type PreparedRequest, prepareLighter } from './events.ts';
import type { Dialect, ReadingDeps, SigningSubEvent, SubEvent } from './events/sub-event.ts';
import { SUB_EVENTS } from './events/sub-events.ts';

export interface LighterEndpoint {
  readonly path: string;
  readonly title: string;
  readonly about: string;
  readonly dialect: Dialect;
  readonly does:
    | { readonly kind: 'signing'; readonly signing: SigningEndpoint }
    | { readonly kind: 'wallet'; readonly reason: Reason };
}

export interface SigningEndpoint {
  readonly schema: SigningSubEvent['schema'];
  readonly countersigned: boolean;
  readonly isToken: boolean;
  readonly prepare: (fields: JsonObject) => Result<PreparedRequest, NotOurs>;
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
