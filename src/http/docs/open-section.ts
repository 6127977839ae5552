/** What everybody may ask, and the metrics. */
import type { ApiSection } from './section.ts';

export const openSection: ApiSection = {
  name: 'Health',
  about: 'Whether the daemon is there and ready, for people, probes and monitors.',
  operations: [
    {
      method: 'get',
      path: '/health',
      title: 'Is it alive',
      access: 'open',
      reply: { about: '`{"status":"healthy"}`; on this machine also version and uptime.' },
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
      reply: { about: '`{"status":"UP"}`; 503 with `DOWN` while something is not ready.' },
      refusals: [503],
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
