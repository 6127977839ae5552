import { describe, expect, test } from '@jest/globals';

import {
  type CallbackRules,
  declineUrl,
  readCallbackUrl,
} from '../../../src/adapters/transport/callback-url.ts';
import { hostPortOf } from '../../../src/base/host-port.ts';

const STRICT: CallbackRules = {
  allowedHosts: [{ host: 'receiver.example' }, { host: 'other.example', port: 8443 }],
  allowPrivate: false,
};
const LENIENT: CallbackRules = { ...STRICT, allowPrivate: true };

function codeOf(text: string, rules: CallbackRules): string {
  const read = readCallbackUrl(text, rules);
  return read.ok ? 'ok' : read.error.code;
}

/** Rules that allow the very host of a URL, so that only what it leads to can be refused. */
function allowing(text: string, allowPrivate = false): CallbackRules {
  const url = URL.parse(text);
  return { allowedHosts: url === null ? [] : [hostPortOf(url)], allowPrivate };
}

describe('a callback URL', () => {
  test.each([
    'https://receiver.example',
    'https://receiver.example/callbacks?key=1#part',
    'https://RECEIVER.example:443/',
    'https://other.example:8443/',
  ])('%s is allowed', (text) => {
    expect(codeOf(text, STRICT)).toBe('ok');
  });

  test('without TLS is allowed together with private addresses', () => {
    expect(codeOf('http://receiver.example/', STRICT)).toBe('callback.forbidden_url');
    expect(codeOf('http://receiver.example/', LENIENT)).toBe('ok');
  });

  test.each([
    ['nothing', ''],
    ['no URL', 'receiver.example'],
    ['no host', 'https://'],
    ['a path', '/callbacks'],
    ['a file', 'file:///etc/passwd'],
    ['a file on a host', 'file://receiver.example/etc/passwd'],
    ['a script', 'javascript:alert(1)'],
    ['data', 'data:text/plain,hello'],
    ['FTP', 'ftp://receiver.example/'],
    ['gopher', 'gopher://receiver.example/_'],
    ['a web socket', 'wss://receiver.example/'],
    ['a Unix socket', 'unix:/var/run/docker.sock'],
    ['a user name', 'https://user@receiver.example/'],
    ['a password', 'https://:password@receiver.example/'],
    ['another host as user name', 'https://evil.example@receiver.example/'],
    ['a zone', 'https://[fe80::1%25lo]/'],
    ['a bare zone', 'https://[fe80::1%lo]/'],
    ['IPv6 without brackets', 'https://::1/'],
    ['five numbers', 'https://127.0.0.1.1/'],
    ['a number too large', 'https://256.0.0.1/'],
    ['an integer too large', 'https://4294967296/'],
    ['a hex number too large', 'https://0x100000000/'],
    ['a port too large', 'https://receiver.example:65536/'],
    ['a blank within the host', 'https://receiver. example/'],
    ['a null byte within the host', 'https://receiver.example%00.evil.example/'],
    ['too much text', `https://receiver.example/${'x'.repeat(2_048)}`],
  ])('is not %s', (_name, text) => {
    for (const rules of [STRICT, LENIENT, allowing(text), allowing(text, true)]) {
      expect(codeOf(text, rules)).toBe('callback.forbidden_url');
    }
  });

  test.each([
    ['another host', 'https://evil.example/'],
    ['a host beneath', 'https://sub.receiver.example/'],
    ['a host that begins alike', 'https://receiver.example.evil.example/'],
    ['a host that ends alike', 'https://evilreceiver.example/'],
    ['the absolute name', 'https://receiver.example./'],
    ['another host after a backslash', 'https://evil.example\\@receiver.example/'],
    ['another host after a slash', 'https://evil.example/@receiver.example/'],
    ['another host with the allowed one as fragment', 'https://evil.example#@receiver.example/'],
    ['a look-alike', 'https://reсeiver.example/'],
    ['another port', 'https://receiver.example:8443/'],
    ['the port of SSH', 'https://receiver.example:22/'],
    ['the usual port where another is named', 'https://other.example/'],
  ])('is not at %s', (_name, text) => {
    expect(codeOf(text, STRICT)).toBe('callback.forbidden_host');
    expect(codeOf(text, LENIENT)).toBe('callback.forbidden_host');
  });

  test('names the host that is refused and the setting, and nothing else of the URL', () => {
    const read = readCallbackUrl('https://evil.example:444/secret?token=1', STRICT);
    expect(read).toEqual({
      ok: false,
      error: {
        code: 'callback.forbidden_host',
        message: '`evil.example:444` is not allowed; add it to `CALLBACK_ALLOWED_HOSTS`',
      },
    });
  });
});

describe('a numeric host that is allowed by name', () => {
  test.each([
    '127.0.0.1',
    '127.0.0.1.',
    '127.1',
    '127.0.1',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '0X7F.0.0.0x1',
    '0177.0.0.1',
    '017700000001',
    '%31%32%37.0.0.1',
    '１２７.０.０.１',
    '127。0。0。1',
    '①②⑦.0.0.1',
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[0:0:0:0:0:ffff:127.0.0.1]',
    '10.0.0.1',
    '0xc0a80101',
    '[fd00::1]',
  ])('%s is refused unless private addresses are allowed', (host) => {
    const text = `https://${host}/`;
    expect(codeOf(text, allowing(text))).toBe('callback.forbidden_address');
    expect(codeOf(text, allowing(text, true))).toBe('ok');
  });

  test.each([
    '0',
    '0.0.0.0',
    '0x0',
    '[::]',
    '169.254.169.254',
    '0xa9fea9fe',
    '2852039166',
    '0251.0376.0251.0376',
    '169.254.43518',
    '[::ffff:169.254.169.254]',
    '[::ffff:a9fe:a9fe]',
    '[::169.254.169.254]',
    '[64:ff9b::169.254.169.254]',
    '[64:ff9b::7f00:1]',
    '[64:ff9b:1::7f00:1]',
    '[2002:7f00:1::]',
    '[fe80::1]',
    '[fd00:ec2::254]',
    '[fd00:0ec2:0:0:0:0:0:254]',
    '[::127.0.0.1]',
    '168.63.129.16',
    '100.100.100.200',
    '224.0.0.1',
    '255.255.255.255',
  ])('%s is always refused', (host) => {
    const text = `https://${host}/`;
    expect(codeOf(text, allowing(text))).toBe('callback.forbidden_address');
    expect(codeOf(text, allowing(text, true))).toBe('callback.forbidden_address');
  });

  test('is allowed where it is public', () => {
    for (const text of ['https://8.8.8.8/', 'https://[2606:4700::1111]/']) {
      expect(codeOf(text, allowing(text))).toBe('ok');
    }
  });
});

describe('the URL of declines', () => {
  test.each([
    ['https://r.example', 'https://r.example/decline_to_sign'],
    ['https://r.example/', 'https://r.example/decline_to_sign'],
    ['https://r.example/callbacks', 'https://r.example/callbacks/decline_to_sign'],
    ['https://r.example/callbacks//', 'https://r.example/callbacks/decline_to_sign'],
    ['https://r.example/c?key=1', 'https://r.example/c/decline_to_sign?key=1'],
    ['https://r.example/c/?key=a/b/', 'https://r.example/c/decline_to_sign?key=a/b/'],
    ['https://r.example/a%2Fb', 'https://r.example/a%2Fb/decline_to_sign'],
  ])('of %s is %s', (url, decline) => {
    expect(declineUrl(new URL(url)).href).toBe(decline);
  });
});
