/** Lightspark's endpoint on a bad day: fails in every way an endpoint, or the way to it, can. */
import {
  type Behavior,
  type GraphqlStandIn,
  type ReceivedRequest,
  startGraphqlStandIn,
} from '../../src/demo/graphql-stand-in.ts';
import type { Chance } from './random.ts';
import type { Sightings } from './sightings.ts';
import { type Mutation, statementsOf } from './statements.ts';
import type { Tallies } from './tally.ts';

export interface Weather {
  /** Share of requests that fail. */
  readonly failing: number;
  /** Credentials are refused as well, which pauses all deliveries of that process. */
  readonly forgetful: boolean;
  /** Milliseconds in which every connection is reset before anything is read. */
  readonly outage: number;
}

export const FAIR: Weather = { failing: 0, forgetful: false, outage: 0 };

export interface UnreliableEndpoint {
  readonly url: string;
  readonly weather: (next: Weather) => void;
  readonly complaints: () => readonly string[];
  readonly close: () => Promise<void>;
}

export interface EndpointDeps {
  readonly chance: Chance;
  readonly sightings: Sightings;
  readonly tallies: Tallies;
  /** Looks at a mutation before anything is answered. */
  readonly inspect: (mutation: Mutation) => void;
}

/** One question is failed only so often, since every failure doubles the wait before the next try. */
const MOST_FAILURES = 3;

type Failure = readonly [name: string, behavior: Behavior];

const APPLIED = { applied: true } as const;
const FAILURES: readonly [Failure, ...Failure[]] = [
  ['500', { kind: 'status', status: 500 }],
  ['500, applied', { kind: 'status', status: 500, ...APPLIED }],
  ['502', { kind: 'status', status: 502 }],
  ['504, applied', { kind: 'status', status: 504, ...APPLIED }],
  ['503, Retry-After', { kind: 'status', status: 503, headers: { 'retry-after': '1' } }],
  ['429', { kind: 'status', status: 429 }],
  ['400 without GraphQL', { kind: 'status', status: 400, body: 'nothing to see' }],
  ['reset', { kind: 'reset', when: 'after-reading' }],
  ['reset, applied', { kind: 'reset', when: 'after-reading', ...APPLIED }],
  ['half an answer, applied', { kind: 'reset', when: 'half-answered', ...APPLIED }],
  ['no answer', { kind: 'hang' }],
  ['no answer, applied', { kind: 'hang', ...APPLIED }],
  ['data and errors', { kind: 'partial' }],
  ['error', { kind: 'error' }],
  ['error, data null', { kind: 'error', data: 'null' }],
  ['error, field null', { kind: 'error', data: 'null-field' }],
];
const NAMED_ERROR: Failure = ['error with a name', { kind: 'error', name: 'SOMETHING_WENT_WRONG' }];
const OUTAGE: Behavior = { kind: 'reset', when: 'before-reading' };
const UNAUTHORIZED: Failure = ['401', { kind: 'status', status: 401 }];

export async function startUnreliableEndpoint(
  credentials: { readonly clientId: string; readonly clientSecret: string },
  { chance, sightings, tallies, inspect }: EndpointDeps,
): Promise<UnreliableEndpoint> {
  const standIn: GraphqlStandIn = await startGraphqlStandIn(credentials);
  const failed = new Map<string, number>();
  let weather = FAIR;
  let endOfOutage: NodeJS.Timeout | undefined;
  standIn.behave(behave);

  function behave(request: ReceivedRequest): Behavior {
    const mutation: Mutation = request;
    inspect(mutation);
    tallies.other.count('mutations received');
    const [name, behavior] = choose(mutation);
    if (name !== '') tallies.failures.count(name);
    sightings.saw(mutation, takesEffect(behavior));
    return behavior;
  }

  function choose(mutation: Mutation): Failure {
    const serve: Failure = ['', { kind: 'serve' }];
    const question = statementsOf(mutation)[0]?.question ?? '';
    const times = failed.get(question) ?? 0;
    if (times >= MOST_FAILURES || !chance.happens(weather.failing)) return serve;
    failed.set(question, times + 1);
    if (weather.forgetful && chance.happens(0.2)) return UNAUTHORIZED;
    // An endpoint that refuses by name means it: what it says of an answer it has not seen is final.
    return chance.happens(0.05) ? NAMED_ERROR : chance.oneOf(FAILURES);
  }

  return Object.freeze({
    url: standIn.url.href,
    weather(next: Weather): void {
      weather = next;
      clearTimeout(endOfOutage);
      standIn.behave(behave);
      if (next.outage === 0) return;
      tallies.failures.count('outage');
      standIn.behave(OUTAGE);
      endOfOutage = setTimeout(() => {
        standIn.behave(behave);
      }, next.outage);
    },
    complaints: () => standIn.complaints,
    close: standIn.close,
  });
}

function takesEffect(behavior: Behavior): boolean {
  return behavior.kind === 'serve' || behavior.kind === 'partial' || 'applied' in behavior;
}
