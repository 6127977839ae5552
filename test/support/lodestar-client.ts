/** Lodestar's validator client as a child process; `lodestar-process.ts` is what runs there. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { isJsonObject, type JsonObject } from '../../src/base/json.ts';
import { objectIn, textIn } from './bls-vectors.ts';

export interface LodestarSetup {
  /** Of the signer. */
  readonly url: string;
  /** With `0x`. */
  readonly pubkeys: readonly string[];
  readonly genesisRoot: string;
  /** First epochs of forks of the minimal preset; the chain begins with phase 0. */
  readonly forkEpochs: Readonly<Record<'ALTAIR' | 'BELLATRIX' | 'CAPELLA', number>>;
}

export interface Duty {
  /** As the Remote Signing API has it. */
  readonly type: string;
  /** With `0x`. */
  readonly pubkey: string;
  /** In the beacon chain's JSON; of a block the whole of it. */
  readonly message: JsonObject;
}

export type LodestarAsk =
  | { readonly call: 'keys' | 'up' }
  | ({ readonly call: 'sign' } & Duty)
  | ({ readonly call: 'post'; readonly root: string } & Duty);

export interface LodestarAnswer {
  readonly id: number;
  readonly value?: unknown;
  /** What the client threw. */
  readonly error?: string;
}

/** Whatever the client throws, these reject with. */
export interface LodestarClient {
  /** By `externalSignerGetKeys`. */
  readonly keys: () => Promise<unknown>;
  /** By `externalSignerUpCheck`. */
  readonly up: () => Promise<unknown>;
  /** By its `ValidatorStore`; with the message as the client had it signed. */
  readonly sign: (duty: Duty) => Promise<SignedDuty>;
  /** By `externalSignerPostSignature` alone, for what no service of the client has signed. */
  readonly post: (duty: Duty, root: string) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

export interface SignedDuty {
  readonly message: JsonObject;
  readonly signature: string;
}

const PROGRAM = fileURLToPath(new URL('lodestar-process.ts', import.meta.url));

/** Resolves once it takes orders. */
export async function startLodestar(setup: LodestarSetup): Promise<LodestarClient> {
  const child = fork(PROGRAM, [JSON.stringify(setup)], {
    execArgv: ['--no-warnings', '--import', 'tsx'],
    env: { LODESTAR_PRESET: 'minimal' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const waiting = new Map<number, (answer: Omit<LodestarAnswer, 'id'>) => void>();
  child.on('message', (answer: LodestarAnswer) => {
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  const ended = once(child, 'close').then(() => {
    for (const hear of waiting.values()) hear({ error: `the client ended:\n${output}` });
  });
  const answerTo = async (id: number): Promise<unknown> => {
    const answer = await new Promise<Omit<LodestarAnswer, 'id'>>((hear) => waiting.set(id, hear));
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.value;
  };

  let asked = 0;
  function ask(what: LodestarAsk): Promise<unknown> {
    asked += 1;
    child.send({ ...what, id: asked });
    return answerTo(asked);
  }

  /** Its first word. */
  await answerTo(asked);
  return Object.freeze({
    keys: () => ask({ call: 'keys' }),
    up: () => ask({ call: 'up' }),
    async sign(duty: Duty): Promise<SignedDuty> {
      const signed = await ask({ call: 'sign', ...duty });
      if (!isJsonObject(signed)) throw new Error('the client has signed nothing');
      return { message: objectIn(signed, 'message'), signature: textIn(signed, 'signature') };
    },
    post: (duty: Duty, root: string) => ask({ call: 'post', ...duty, root }),
    async close() {
      child.kill('SIGKILL');
      await ended;
    },
  });
}
