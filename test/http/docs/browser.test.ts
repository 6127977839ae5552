/** The pages that show the api, of the built daemon with all its worlds, in a real browser. */
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Browser, Locator, Page } from 'playwright-core';

import { isJsonObject, type JsonObject } from '../../../src/base/json.ts';
import { describeWithBrowser, openPage, type WatchedPage } from '../../support/browser.ts';
import { type Home, makeHome } from '../../support/daemon-home.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

jest.setTimeout(60_000);

const SECTIONS = [
  'Health',
  'Lighter',
  'Ethereum signing',
  'Ethereum keys',
  'Ethereum slashing protection',
  'Administration',
  'Description',
];

/** `get /path` for every operation of the description. */
function operationsOf({ paths }: JsonObject): readonly string[] {
  if (!isJsonObject(paths)) throw new Error('the description has no paths');
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods ?? {}).map((method) => `${method} ${path}`),
  );
}

/** Of `tag/Health/paths/~1health/get`, where `~1` stands for a slash (RFC 6901). */
function operationAt(place: string): string {
  const [, pointer = ''] = place.split('/paths/');
  const [path = '', method = ''] = pointer.split('/');
  return `${method} ${path.replaceAll('~1', '/')}`;
}

describeWithBrowser('in a browser', (launch) => {
  let home: Home;
  let browser: Browser;
  let origin: string;
  let operations: readonly string[];

  // Registered before the directory's own, so that nobody writes there any more when it is removed.
  afterAll(async () => {
    await browser.close();
    await home.close();
  });
  const directory = temporaryDirectory();

  beforeAll(async () => {
    home = await makeHome(join(directory, 'home'), {
      seedHex: '5a'.repeat(32),
      testSeedHex: 'a5'.repeat(32),
      webhookSecret: 'webhook-secret',
      clientSecret: 'client-secret',
    });
    const daemon = await home.start({ KEYS_DIR: join(directory, 'keys') });
    origin = daemon.origins.api;
    operations = operationsOf((await daemon.get('/openapi.json')).json);
    expect(operations.length).toBeGreaterThan(80);
    browser = await launch();
  });

  describe('Swagger UI', () => {
    let opened: WatchedPage;
    let page: Page;

    beforeAll(async () => {
      opened = await openPage(browser, `${origin}/docs`);
      ({ page } = opened);
      await page.locator('.opblock-tag').first().waitFor();
    });

    function operation(title: string): Locator {
      return page.locator('.opblock').filter({ hasText: title });
    }

    /** Unfolds it, fills in its parameters, and sends it; resolves to what the page shows as the answer. */
    async function execute(title: string, values: readonly string[] = []): Promise<string> {
      const block = operation(title);
      await block.locator('.opblock-summary-control').click();
      await block.getByRole('button', { name: 'Try it out' }).click();
      for (const [index, value] of values.entries()) {
        await block.locator('.parameters input').nth(index).fill(value);
      }
      await block.getByRole('button', { name: 'Execute' }).click();
      const answer = block.locator('.live-responses-table');
      await answer.waitFor();
      return answer.innerText();
    }

    test('shows every section, and in them every operation', async () => {
      expect(await page.locator('.opblock-tag > a').allInnerTexts()).toEqual(SECTIONS);
      for (const section of await page.locator('.opblock-tag').all()) await section.click();
      const shown = await page.evaluate<readonly string[]>(
        `[...document.querySelectorAll('.opblock')].map((block) =>
           block.querySelector('.opblock-summary-method').textContent.toLowerCase() + ' ' +
           block.querySelector('[data-path]').dataset.path)`,
      );
      expect([...shown].sort()).toEqual([...operations].sort());
    });

    test('sends what is tried out, and shows the answer', async () => {
      expect(await execute('Is it up')).toMatch(/200[^]*OK/);
    });

    test('sends bodies, too, and shows why they were refused', async () => {
      const answer = await execute('Sign a duty with one key', ['0x'.padEnd(98, 'a')]);
      expect(answer).toMatch(/404[^]*ethereum\.unknown_key/);
      const body = operation('Sign a duty with one key').locator('.body-param textarea');
      expect(await body.inputValue()).toContain('"type": "ATTESTATION"');
    });

    test('has no complaint but of what was refused', async () => {
      const refused =
        'Failed to load resource: the server responded with a status of 404 (Not Found)';
      expect(await opened.complaints()).toEqual([refused]);
    });
  });

  describe('ReDoc', () => {
    let opened: WatchedPage;
    let page: Page;

    beforeAll(async () => {
      opened = await openPage(browser, `${origin}/redoc`);
      ({ page } = opened);
      await page.locator('[data-section-id]').first().waitFor();
    });

    test('shows every section, and in them every operation', async () => {
      // It adds them bit by bit.
      await page.locator('[data-section-id="tag/Description/paths/~1redoc/get"]').waitFor();
      const places = await page.evaluate<readonly string[]>(
        `[...document.querySelectorAll('[data-section-id]')].map((place) => place.dataset.sectionId)`,
      );
      const [sections, shown] = [
        places.filter((place) => !place.includes('/paths/')),
        places.filter((place) => place.includes('/paths/')),
      ];
      expect(sections).toEqual(SECTIONS.map((name) => `tag/${name.replaceAll(' ', '-')}`));
      expect(shown.map(operationAt).sort()).toEqual([...operations].sort());
    });

    test('finds what is searched for', async () => {
      await page.getByPlaceholder('Search...').fill('watermarks');
      await page.getByText('Raise the watermarks of keys').first().waitFor();
    });

    test('has no complaint', async () => {
      expect(await opened.complaints()).toEqual([]);
    });
  });
});
