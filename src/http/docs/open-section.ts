/** What everybody may ask, and the metrics. */
import { z } from 'zod';

import type { ApiSection } from './section.ts';

const count = z.bigint().meta({ type: 'integer' });
const status = z.enum(['UP', 'DOWN']);
const readiness = z.object({
  status,
  checks: z.array(z.object({ id: z.string(), status, why: z.string().optional() })).optional(),
  outcome: status,
});

export const openSection: ApiSection = {
  name: 'Health',
  about:
    'Whether the daemon is there and ready, for people, probes and monitors. Probes may ask with POST, too.',
  operations: [
    {
      method: 'get',
      path: '/health',
      title: 'Is it alive',
      access: 'open',
      reply: {
        about: 'On this machine also how many validator keys are loaded, version and uptime.',
        schema: z.object({
          status: z.literal('healthy'),
          keys_loaded: count.optional(),
          version: z.string().optional(),
          uptime_seconds: count.optional(),
        }),
      },
    },
    {
      method: 'get',
      path: '/upcheck',
      title: 'Is it up',
      access: 'open',
      reply: { about: 'The text `OK`.', type: 'text/plain' },
    },
    {
      method: 'get',
      path: '/healthcheck',
      title: 'Is it ready',
      about: 'On this machine the answer lists every check, and why one is down.',
      access: 'open',
      reply: { about: '`UP`; `DOWN` with 503 while something is not ready.', schema: readiness },
      refusals: [503],
      refusal: readiness,
    },
    {
      method: 'get',
      path: '/metrics',
      title: 'Metrics for Prometheus',
      access: 'callers',
      reply: { about: 'The text format of Prometheus.', type: 'text/plain' },
      refusals: [401, 403],
    },
  ],
};
