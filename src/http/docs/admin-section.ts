/** The routes of operators. */
import type { z } from 'zod';

import { jobFilter, nothing, reload, simulation } from '../admin-request.ts';
import type { ApiOperation, ApiSection } from './section.ts';

const refusals = [400, 401, 403, 404];

const get = (path: string, title: string, about: string): ApiOperation => ({
  method: 'get',
  path: `/admin/v1${path}`,
  title,
  access: 'operator',
  reply: { about },
  refusals,
});
const post = (
  path: string,
  title: string,
  about: string,
  body: z.ZodType = nothing,
): ApiOperation => ({
  ...get(path, title, about),
  method: 'post',
  body,
  refusals: [...refusals, 409],
});

export const adminSection: ApiSection = {
  name: 'Administration',
  about: 'Jobs, policy, keys and state, for the operator.',
  operations: [
    {
      ...get('/jobs', 'List jobs', 'Jobs, newest first, and where the next page begins.'),
      query: jobFilter.partial(),
    },
    get('/jobs/:job', 'Show a job', 'The job with its history, decisions and messages.'),
    post('/jobs/:job/redecide', 'Decide a withheld job again', 'The job as it is now.'),
    post('/jobs/:job/decline', 'Decline a withheld job', 'The job as it is now.'),
    post('/jobs/:job/replay', 'Send the answer of a job again', 'The job as it is now.'),
    post('/policy/reload', 'Read the policy folder anew', 'The hash of the policy.', reload),
    post(
      '/policy/simulate',
      'Ask policy what it would decide, spending nothing',
      'The decision with its reasons.',
      simulation,
    ),
    get('/keys', 'List keys', 'The keys, without any secret.'),
    post('/keys/*id/freeze', 'Freeze a key at once', 'The key as it is now.'),
    post('/keys/*id/unfreeze', 'Let a frozen key sign again', 'The key as it is now.'),
    {
      ...post('/worlds/:world/:operation', 'Change the state of a world by name', 'What was done.'),
      body: nothing.loose(),
      refusals: [...refusals, 422],
    },
  ],
};
