/** The description of the api, which describes itself, too. */
import type { ApiSection } from './section.ts';

export const docsSection: ApiSection = {
  name: 'Description',
  about: 'What you are reading, and where it comes from.',
  operations: [
    {
      method: 'get',
      path: '/openapi.json',
      title: 'This description for programs',
      access: 'open',
      reply: { about: 'An OpenAPI 3.1 document.' },
    },
    {
      method: 'get',
      path: '/docs',
      title: 'This description as a page that can call the api',
      access: 'open',
      reply: { about: 'Swagger UI.', type: 'text/html' },
    },
    {
      method: 'get',
      path: '/redoc',
      title: 'This description as a page to read',
      access: 'open',
      reply: { about: 'ReDoc.', type: 'text/html' },
    },
  ],
};
