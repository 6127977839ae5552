import { describe, expect, test } from '@jest/globals';

import { parseKnownClients } from '../../../src/adapters/tls/known-clients.ts';

const FINGERPRINT = Array.from({ length: 32 }, () => 'AB').join(':');

describe('the file of known clients', () => {
  test('has a common name and a fingerprint in each line, and comments', () => {
    const text = `# validators\nteku ${FINGERPRINT}\n\nlodestar\t${FINGERPRINT.replace('AB', '00').toLowerCase()} # spare\n`;
    expect(parseKnownClients(text, 'known')).toEqual({
      ok: true,
      value: new Map([
        [FINGERPRINT, 'teku'],
        [FINGERPRINT.replace('AB', '00'), 'lodestar'],
      ]),
    });
  });

  test.each([
    ['no fingerprint', 'teku'],
    ['a short fingerprint', 'teku AB:CD'],
    ['a fingerprint without colons', `teku ${FINGERPRINT.replaceAll(':', '')}`],
    ['a name with a blank', `te ku ${FINGERPRINT}`],
  ])('is refused with %s, and the line is named', (_what, line) => {
    expect(parseKnownClients(`\n${line}`, 'known')).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('`known` line 2') },
    });
  });
});
