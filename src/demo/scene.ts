/** Scenes of the worlds that are called and called back: what is asked, and what must become of it. */
import { type JsonObject, stringifyJson } from '../base/json.ts';
import type { Secret } from '../base/secret.ts';
import { webhookHeaders } from '../core/standard-webhooks.ts';
import type { CallbackReceiver, ReceivedCallback } from './callback-receiver.ts';
import type { Call, Called, Daemon } from './daemon.ts';
import { differing, type End, endOfJob, until } from './ending.ts';
import { textIn } from './json-fields.ts';
import type { DemoResult, DemoStep } from './world.ts';

/** Sentences about what differs from the truth. */
export type Check = (told: JsonObject) => readonly string[] | Promise<readonly string[]>;

interface Expected {
  readonly title: string;
  /** Of the HTTP answer. */
  readonly status: number;
  /** The job's outcome, or what the status means where there is no job. */
  readonly outcome: string;
  /** The rule or reason that must have decided; any unless given. */
  readonly because?: string;
}

/** A call of the api, answered in its reply. */
export interface CallScene extends Expected {
  readonly kind: 'call';
  /** Made when its turn comes. */
  readonly call: () => Call;
  readonly check?: Check;
}

/** A webhook, answered by callbacks. */
export interface EventScene extends Expected {
  readonly kind: 'event';
  readonly path: string;
  readonly event: () => JsonObject;
  readonly forged?: true;
  readonly callbacks: readonly ExpectedCallback[];
}

export interface ExpectedCallback {
  readonly type: 'signing.completed' | 'signing.declined';
  /** Of `data`. */
  readonly check: Check;
}

export type Scene = CallScene | EventScene;

export interface SceneDeps {
  readonly webhookKey: Secret;
  readonly receiver: CallbackReceiver;
}

export function stepOf(scene: Scene, deps: SceneDeps): DemoStep {
  return {
    title: scene.title,
    run: (daemon) =>
      scene.kind === 'call' ? playCall(scene, daemon) : playEvent(scene, daemon, deps),
  };
}

/** What no single step can see. */
export function reviewCallbacks(
  { received, complaints }: CallbackReceiver,
  scenes: readonly Scene[],
): readonly string[] {
  const expected = scenes.reduce(
    (sum, scene) => sum + (scene.kind === 'event' ? scene.callbacks.length : 0),
    0,
  );
  return [
    ...differing('the number of callbacks', String(received.length), String(expected)),
    ...complaints.map((complaint) => `the receiver complained: ${complaint}`),
  ];
}

async function playCall(scene: CallScene, daemon: Daemon): Promise<DemoResult> {
  const before = await daemon.youngestJob();
  const startedAt = performance.now();
  const called = await daemon.call(scene.call());
  const milliseconds = performance.now() - startedAt;
  const end = await endOfCall(daemon, called, before);
  const isAsExpected = called.status === scene.status;
  return {
    ...end,
    sent: `HTTP ${String(called.status)}`,
    milliseconds,
    differences: [
      ...differencesOf(scene, called.status, end),
      ...(isAsExpected && scene.check ? await scene.check(called.reply) : []),
      ...(isAsExpected ? [] : [stringifyJson(called.reply)]),
    ],
  };
}

/** Replies that do not name their job have left the youngest one, if any. */
async function endOfCall(
  daemon: Daemon,
  { status, job, reply }: Called,
  before: string,
): Promise<End> {
  if (status === 409) return { outcome: 'conflict', because: textIn(reply, 'code') };
  if (job !== undefined) return endOfJob(daemon, job);
  const youngest = await daemon.youngestJob();
  if (youngest !== before) return endOfJob(daemon, youngest);
  const isDone = status >= 200 && status < 300;
  return { outcome: isDone ? 'done' : 'refused', because: textIn(reply, 'code') };
}

async function playEvent(
  scene: EventScene,
  daemon: Daemon,
  { webhookKey, receiver: { received, url } }: SceneDeps,
): Promise<DemoResult> {
  const before = received.length;
  const event = scene.event();
  const body = stringifyJson(event);
  const message = { id: textIn(event, 'event_id'), attemptedAt: Date.now(), body };
  const headers = webhookHeaders(message, [webhookKey]);
  const startedAt = performance.now();
  const { status, job } = await daemon.post(scene.path, scene.forged ? `${body} ` : body, {
    'content-type': 'application/json',
    ...headers,
  });
  await until(() => received.length >= before + scene.callbacks.length);
  const milliseconds = performance.now() - startedAt;

  const unclaimed = { outcome: status === 401 ? 'unverified' : 'lost', because: '' };
  const end = job === undefined ? unclaimed : await endOfJob(daemon, job);
  const came = received.slice(before);
  return {
    ...end,
    sent: came.map(({ type }) => type.replace('signing.', '')).join(', '),
    milliseconds,
    differences: [
      ...differencesOf(scene, status, end),
      ...(await checkCallbacks(scene.callbacks, came, url)),
    ],
  };
}

function differencesOf(scene: Scene, status: number, { outcome, because }: End): readonly string[] {
  return [
    ...differing('HTTP status', String(status), String(scene.status)),
    ...differing('outcome', outcome, scene.outcome),
    ...differing('cause', because, scene.because ?? because),
  ];
}

async function checkCallbacks(
  expected: readonly ExpectedCallback[],
  came: readonly ReceivedCallback[],
  url: URL,
): Promise<readonly string[]> {
  const differences = [...differing('callbacks', typesOf(came), typesOf(expected))];
  for (const { type, check } of expected) {
    const callback = came.find((candidate) => candidate.type === type);
    if (callback === undefined) continue;
    const beneath = type === 'signing.declined' ? '/decline_to_sign' : '';
    differences.push(
      ...differing(`path of \`${type}\``, callback.path, `${url.pathname}${beneath}`),
      ...(await check(callback.data)),
    );
  }
  return differences;
}

function typesOf(callbacks: readonly { readonly type: string }[]): string {
  return callbacks
    .map(({ type }) => type)
    .sort()
    .join(', ');
}
