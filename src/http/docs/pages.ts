/**
 * The pages that show the API's description. They load their own files and nothing else: no script or
 * style stands in the page, and the policy that comes with it lets the browser fetch from nowhere but
 * here.
 */

/** The hash of no text at all: ReDoc fills empty style elements by script, not by their text. */
const EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='";
/** Of the style that ReDoc brings along for its scrollbars, whether they are used or not. */
const SCROLLBAR_STYLE = "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='";

const NOWHERE_ELSE = [
  "default-src 'none'",
  "script-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
];

export interface Page {
  readonly html: string;
  /** The script that starts it. */
  readonly start: string;
  readonly contentSecurityPolicy: string;
}

export const swaggerPage: Page = {
  html: page({
    styles: ['/docs/swagger-ui.css'],
    body: '<div id="api"></div>',
    scripts: ['/docs/swagger-ui-bundle.js', '/docs/start.js'],
  }),
  // Without a validator, which would be asked on the internet whether the document is valid.
  start: `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  docExpansion: 'none',
  validatorUrl: null,
});
`,
  contentSecurityPolicy: [...NOWHERE_ELSE, "style-src 'self'"].join('; '),
};

export const redocPage: Page = {
  html: page({
    styles: [],
    body: '<div id="api"></div>',
    scripts: ['/redoc/redoc.standalone.js', '/redoc/start.js'],
  }),
  // Without its scrollbars: every browser has good ones.
  start: `document.body.style.margin = '0';
Redoc.init('/openapi.json', { nativeScrollbars: true }, document.getElementById('api'));
`,
  // Its search runs in a worker that it makes of its own text.
  contentSecurityPolicy: [
    ...NOWHERE_ELSE,
    `style-src ${EMPTY_STYLE} ${SCROLLBAR_STYLE}`,
    'worker-src blob:',
  ].join('; '),
};

interface PageParts {
  readonly styles: readonly string[];
  readonly body: string;
  readonly scripts: readonly string[];
}

function page({ styles, body, scripts }: PageParts): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Countersign API</title>
    <link rel="icon" href="data:," />
${styles.map((path) => `    <link rel="stylesheet" href="${path}" />\n`).join('')}  </head>
  <body>
    ${body}
${scripts.map((path) => `    <script src="${path}"></script>\n`).join('')}  </body>
</html>
`;
}
