/**
 * A real browser, for tests of pages. Where there is none they say that they did not run; under
 * `REQUIRE_ALL=1` they fail instead.
 */
import { existsSync } from 'node:fs';
import process from 'node:process';

import { describe, test } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';

/* eslint-disable n/no-process-env -- whoever starts the tests says what must be there, and where */
const requireAll = process.env['REQUIRE_ALL'] === '1';
const named = process.env['CHROMIUM_BIN'];
/* eslint-enable n/no-process-env */

const program = [named ?? '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);

/** A group of tests that need a browser; `launch` starts it. */
export function describeWithBrowser(
  name: string,
  tests: (launch: () => Promise<Browser>) => void,
): void {
  if (program !== undefined) {
    const executablePath = program;
    describe(name, () => {
      tests(() => chromium.launch({ executablePath, args: [NOWHERE_ELSE] }));
    });
    return;
  }
  describe(`${name}: NOT RUN, because there is no Chromium`, () => {
    const message = 'install `chromium` of your system, or name a program in `CHROMIUM_BIN`';
    const run = requireAll ? test : test.skip;
    run(message, () => {
      throw new Error(message);
    });
  });
}

/** No name is resolved, so that nothing can leave this machine. */
const NOWHERE_ELSE = '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1';

export interface WatchedPage {
  readonly page: Page;
  /** Errors and warnings, scripts that threw, what the page's policy forbade, and every foreign address. */
  readonly complaints: () => Promise<readonly string[]>;
}

/** Opens a page and keeps watch over it. */
export async function openPage(browser: Browser, url: string): Promise<WatchedPage> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const { origin } = new URL(url);
  const heard: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) heard.push(message.text());
  });
  page.on('pageerror', (error) => heard.push(String(error)));
  page.on('request', (request) => {
    const { protocol, origin: asked } = new URL(request.url());
    if (!LOCAL.has(protocol) && asked !== origin) heard.push(`asked for ${request.url()}`);
  });
  await page.addInitScript(RECORD_VIOLATIONS);
  await page.goto(url);
  return {
    page,
    async complaints() {
      const violations = await page.evaluate<readonly string[]>('violations');
      return [...heard, ...violations.map((what) => `violated ${what}`)];
    },
  };
}

/** Addresses of what the page itself holds. */
const LOCAL: ReadonlySet<string> = new Set(['data:', 'blob:']);

const RECORD_VIOLATIONS = `
  globalThis.violations = [];
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
    violations.push(violatedDirective + ' ' + blockedURI);
  });
`;
