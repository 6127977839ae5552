import { describe, expect, test } from '@jest/globals';

import { err } from '../../src/base/result.ts';
import type { Reason } from '../../src/core/outcome.ts';
import type { PolicyProblem } from '../../src/core/ports.ts';
import { type ApiServer, apiServer, CANARY, FACTS, JOB, TOKEN } from '../support/api-server.ts';

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly body: unknown;
}

async function call(server: ApiServer, path: string, init: RequestInit = {}): Promise<Answer> {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  const response = await fetch(`${server.origin}/admin/v1/${path}`, { headers, ...init });
  const text = await response.text();
  return { status: response.status, text, body: JSON.parse(text) };
}

function post(server: ApiServer, path: string, body = '{}'): Promise<Answer> {
  return call(server, path, { method: 'POST', body });
}

const SHOWN_JOB = {
  job: 'job-1',
  source: 'one',
  id: 'event-1',
  event_type: 'SIGNING',
  entity_id: 'channel:1',
  digest: JOB.digest,
  caller: 'one/secret-1',
  stage: 'decide',
  outcome: 'withheld',
  reason: { code: 'policy.no_rule', message: 'no rule permits `spend`' },
  received_at: '2023-11-14T22:13:20.000Z',
  updated_at: '2023-11-14T22:13:20.500Z',
};

describe('GET jobs', () => {
  test('lists jobs, and where the next page begins', async () => {
    await using server = await apiServer();
    expect((await call(server, 'jobs?limit=2')).body).toEqual({
      jobs: [SHOWN_JOB, SHOWN_JOB],
      next_before: 'job-1',
    });
    expect((await call(server, 'jobs')).body).toMatchObject({ next_before: null });
  });

  test('filters by outcome, source, unfinished and page', async () => {
    await using server = await apiServer();
    await call(server, 'jobs?outcome=withheld&source=one&unfinished=true&before=job-9&limit=500');
    expect(server.calls).toEqual([
      [
        'jobs',
        { outcome: 'withheld', source: 'one', unfinished: true, before: 'job-9', limit: 500 },
      ],
    ]);
  });

  test('finds a job by the id that its sender gave it', async () => {
    await using server = await apiServer();
    await call(server, 'jobs?source=lightspark&id=018f%2Fe6');
    expect(server.calls).toEqual([['jobs', { source: 'lightspark', id: '018f/e6', limit: 50 }]]);
  });

  test.each([
    'id=018fe6',
    'outcome=lost',
    'unfinished=false',
    'limit=0',
    'limit=501',
    'limit=1.5',
    'limit=x',
    'states=withheld',
  ])('%s is answered 400', async (query) => {
    await using server = await apiServer();
    const answer = await call(server, `jobs?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'admin.request' });
  });
});

describe('GET jobs/{id}', () => {
  test('shows history, decisions with their facts, and the outbox', async () => {
    await using server = await apiServer();
    const answer = await call(server, 'jobs/job-1');
    expect(answer.body).toMatchObject({
      ...SHOWN_JOB,
      history: [{ seq: 1, stage: 'claim', outcome: null, reason: null }],
      decisions: [
        {
          item: 'payload-1',
          facts: { world: 'one', action: 'spend' },
          decision: { verdict: 'deny', cause: 'no-rule', policy_hash: 'h' },
          violations: [],
          doubts: [{ code: 'ratchet_gap', message: 'gap' }],
        },
      ],
      outbox: [{ part: 'answer', route: 'graphql:host', state: 'parked', attempts: 3 }],
    });
    expect(answer.text).toContain('"amount":1152921504606846976');
  });

  test('never shows the body, the signer inputs or the answer', async () => {
    await using server = await apiServer();
    for (const path of ['jobs', 'jobs/job-1']) {
      expect((await call(server, path)).text).not.toContain(CANARY);
    }
    expect((await post(server, 'jobs/job-1/replay')).text).not.toContain(CANARY);
  });

  test('of an unknown job is 404', async () => {
    await using server = await apiServer();
    expect((await call(server, 'jobs/none')).status).toBe(404);
  });
});

describe('POST jobs/{id}/…', () => {
  test.each(['redecide', 'decline', 'replay'])('%s acts on the job and shows it', async (act) => {
    await using server = await apiServer();
    expect((await post(server, `jobs/job-1/${act}`)).body).toEqual(SHOWN_JOB);
    expect(server.calls).toEqual([[act, 'job-1', 'operator']]);
  });

  test.each([
    ['operator.unknown_job', 404],
    ['operator.wrong_outcome', 409],
  ])('a refusal %s is %d', async (code, status) => {
    const refuse = (): Promise<ReturnType<typeof err<Reason>>> =>
      Promise.resolve(err({ code, message: 'why' }));
    const operator = { redecide: refuse, decline: refuse, replay: refuse, operate: refuse };
    await using server = await apiServer({ admin: { operator } });
    const answer = await post(server, 'jobs/job-1/decline');
    expect(answer).toMatchObject({ status, body: { code, detail: 'why' } });
  });

  test('takes no parameters, so that none is believed to have an effect', async () => {
    await using server = await apiServer();
    expect((await post(server, 'jobs/job-1/decline', '{"force":true}')).status).toBe(400);
    expect(server.calls).toEqual([]);
  });
});

describe('POST policy/reload', () => {
  test('answers the hash in force', async () => {
    await using server = await apiServer();
    expect((await post(server, 'policy/reload')).body).toEqual({ policy_hash: 'h2' });
    await post(server, 'policy/reload', '{"accept_flips":true}');
    expect(server.calls).toEqual([
      ['reload', { acceptFlips: false }],
      ['reload', { acceptFlips: true }],
    ]);
  });

  test('a refused policy is answered with every problem and its place', async () => {
    const problem: PolicyProblem = {
      code: 'policy.unknown-fact',
      file: 'policies/default.yaml',
      line: 7,
      column: 11,
      message: 'unknown fact `amont`',
      excerpt: '7 |  when: fact.amont > 1\n              ^^^^^',
    };
    const policy = {
      evaluate: (): never => {
        throw new Error('not asked');
      },
      reload: () => Promise.resolve(err([problem])),
    };
    await using server = await apiServer({ admin: { policy } });
    const answer = await post(server, 'policy/reload');
    expect(answer).toMatchObject({
      status: 409,
      body: { code: 'policy.refused', problems: [problem] },
    });
  });
});

describe('POST policy/simulate', () => {
  test('decides given facts, with exact integers, and acts on nothing else', async () => {
    await using server = await apiServer();
    const body =
      '{"facts":{"world":"one","action":"spend","values":{"amount":1152921504606846976}}}';
    const answer = await post(server, 'policy/simulate', body);
    expect(answer.body).toMatchObject({ decision: { verdict: 'deny', rules: ['new-rule'] } });
    expect(server.calls).toEqual([['evaluate', FACTS]]);
  });

  test('decides the recorded facts of a job again, beside what was decided', async () => {
    await using server = await apiServer();
    const answer = await post(server, 'policy/simulate', '{"job":"job-1"}');
    expect(answer.body).toMatchObject({
      items: [
        {
          item: 'payload-1',
          facts: { world: 'one', action: 'spend' },
          recorded: { rules: [] },
          decision: { rules: ['new-rule'] },
        },
      ],
    });
    expect((await post(server, 'policy/simulate', '{"job":"none"}')).status).toBe(404);
  });

  test.each([
    '{}',
    '{"job":1}',
    '{"job":"job-1","facts":{}}',
    '{"facts":{"world":"one","action":"spend"}}',
    '{"facts":{"world":"one","action":"spend","values":{"amount":1.5}}}',
    '{"facts":{"world":"one","action":"spend","values":{"amount":null}}}',
    '{"facts":{"world":"one","action":"spend","values":{"mixed":[1,"x"]}}}',
    '{"facts":{"world":"one","action":"spend","values":{},"more":1}}',
  ])('%s is answered 400', async (body) => {
    await using server = await apiServer();
    expect((await post(server, 'policy/simulate', body)).status).toBe(400);
  });
});

describe('keys', () => {
  test('are listed without anything secret', async () => {
    await using server = await apiServer();
    expect((await call(server, 'keys')).body).toEqual({
      keys: [{ id: 'one/main', kind: 'seed', state: 'active', origin: 'environment' }],
    });
  });

  test.each([
    ['keys/one%2Fmain/freeze', ['freeze', 'one/main']],
    ['keys/one/main/freeze', ['freeze', 'one/main']],
    ['keys/one%2Fmain/unfreeze', ['unfreeze', 'one/main']],
    ['keys/plain/unfreeze', ['unfreeze', 'plain']],
  ])('POST %s names the key, its slash encoded or not', async (path, called) => {
    await using server = await apiServer();
    expect((await post(server, path)).status).toBe(200);
    expect(server.calls).toEqual([called]);
  });

  test('an unknown key is 404, a freeze that could not be saved is 500 and says so', async () => {
    const keys = {
      list: () => [],
      freeze: () => err({ code: 'keys.unknown', message: 'no key' }),
      unfreeze: () => err({ code: 'keys.freeze-unsaved', message: 'in force, but not saved' }),
    };
    await using server = await apiServer({ admin: { keys } });
    expect((await post(server, 'keys/x/freeze')).status).toBe(404);
    expect(await post(server, 'keys/x/unfreeze')).toMatchObject({
      status: 500,
      body: { detail: 'in force, but not saved' },
    });
  });
});

describe('POST worlds/{world}/{operation}', () => {
  test('hands the arguments over, losslessly', async () => {
    await using server = await apiServer();
    const body = '{"channel":"m/3/7","index":281474976710655}';
    expect((await post(server, 'worlds/one/rebaseline', body)).body).toEqual({ message: 'done' });
    expect(server.calls).toEqual([
      [
        'operate',
        {
          world: 'one',
          operation: 'rebaseline',
          args: { channel: 'm/3/7', index: 281474976710655n },
          by: 'operator',
        },
      ],
    ]);
  });

  test.each([
    ['operator.unknown_operation', 404],
    ['rebaseline.index', 422],
  ])('a refusal %s is %d', async (code, status) => {
    const refuse = (): Promise<ReturnType<typeof err<Reason>>> =>
      Promise.resolve(err({ code, message: 'why' }));
    const operator = { redecide: refuse, decline: refuse, replay: refuse, operate: refuse };
    await using server = await apiServer({ admin: { operator } });
    expect((await post(server, 'worlds/one/rebaseline')).status).toBe(status);
  });
});

test('every admin route asks for the token', async () => {
  await using server = await apiServer();
  const routes = [
    ['GET', 'jobs'],
    ['GET', 'jobs/job-1'],
    ['POST', 'jobs/job-1/redecide'],
    ['POST', 'jobs/job-1/decline'],
    ['POST', 'jobs/job-1/replay'],
    ['POST', 'policy/reload'],
    ['POST', 'policy/simulate'],
    ['GET', 'keys'],
    ['POST', 'keys/one%2Fmain/freeze'],
    ['POST', 'keys/one%2Fmain/unfreeze'],
    ['POST', 'worlds/one/rebaseline'],
  ] as const;
  for (const [method, path] of routes) {
    const headers = { 'content-type': 'application/json' };
    expect((await call(server, path, { method, headers })).status).toBe(401);
  }
  expect(server.calls).toEqual([]);
});
