/** A listener with one signing route behind the access of the api, for callers of every kind. */
import { createAccess } from '../../src/http/access.ts';
import { createApp } from '../../src/http/app.ts';
import type { Address } from '../../src/http/listener.ts';
import { createRateLimit, type Rate, UNLIMITED } from '../../src/http/rate-limit.ts';
import { jsonReply } from '../../src/http/reply.ts';
import type { Identify } from '../../src/core/caller.ts';
import type { Clock } from '../../src/core/ports.ts';
import { observeHttp } from './http-observer.ts';
import { type Listening, listening } from './listening.ts';

export interface SigningSetup {
  readonly identify: Identify;
  readonly clock: Clock;
  readonly auth?: 'loopback' | 'required';
  readonly signing?: Rate;
  readonly guesses?: Rate;
  readonly address?: Address;
}

/** `GET /sign/<action>/<key>…` in the world `one`, where `cancel` is a relief; it answers with the caller. */
export async function signingServer(setup: SigningSetup): Promise<Listening> {
  const { identify, clock, auth = 'loopback', signing, guesses, address } = setup;
  const limit = (rate: Rate | undefined) =>
    rate === undefined ? UNLIMITED : createRateLimit(rate, clock);
  const overSocket = address !== undefined && 'socket' in address;
  const access = createAccess(
    { auth, overSocket },
    { identify, signing: limit(signing), guesses: limit(guesses), recognise: () => undefined },
  );
  const app = createApp(
    {
      listener: 'api',
      routes: [
        {
          path: '/sign/:action/:keys',
          GET(request) {
            const { action, keys } = request.params;
            const [first = '', ...more] = String(keys).split(',');
            const isRelief = action === 'cancel';
            const task = (key: string) => ({ world: 'one', action: String(action), key, isRelief });
            const caller = access.requireSigning(request, task(first), ...more.map(task));
            if (!caller.ok) return caller.error;
            const { name, via } = caller.value;
            return jsonReply(200, { name, via });
          },
        },
      ],
    },
    observeHttp().observer,
  );
  return listening(app, {}, address);
}
