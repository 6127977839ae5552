import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { verifyMessage, Wallet } from 'ethers';
import { z } from 'zod';

import { fromHex, toHex } from '../../../src/base/hex.ts';
import { type LighterStandIn, startLighterStandIn } from '../../../src/demo/lighter-stand-in.ts';
import type { NewRegistration, Registration } from '../../../src/protocols/lighter/ports.ts';
import {
  apiKeySecret,
  type DeskRig,
  kernel,
  openDesk,
  value,
  WALLET,
  WALLET_ADDRESS,
} from '../../support/lighter-desk-rig.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const root = temporaryDirectory();
/** The wallet of the owner, as an independent program holds it. */
const owner = new Wallet(`0x${WALLET().reveal(toHex)}`);
const stranger = new Wallet(`0x${'22'.repeat(32)}`);
const OWNER = `0x${WALLET_ADDRESS}`;
const SLOT = { chainId: 300n, account: 123n, apiKey: 42n };

let standIn: LighterStandIn;
const opened: DeskRig[] = [];

beforeAll(async () => {
  standIn = await startLighterStandIn();
});

beforeEach(() => {
  standIn.addAccount(123n, owner.address);
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((rig) => rig[Symbol.asyncDispose]()));
});

afterAll(async () => {
  await standIn[Symbol.asyncDispose]();
});

async function open(): Promise<DeskRig> {
  const rig = await openDesk({ root, hosts: [standIn.host] });
  opened.push(rig);
  return rig;
}

function asked(changes: Partial<NewRegistration> = {}): NewRegistration {
  return { ...SLOT, url: standIn.url, nonce: -1n, replace: false, ...changes };
}

/** Without an exchange to ask. */
function offline(changes: Partial<NewRegistration> = {}): NewRegistration {
  return { ...SLOT, nonce: 0n, replace: false, l1Address: OWNER, ...changes };
}

async function begin({ desk }: DeskRig, registration = asked()): Promise<Registration> {
  return value(await desk.register(registration, 'alice'));
}

async function countersign(
  { desk }: DeskRig,
  { id, messageToSign }: Registration,
  by = owner,
): Promise<Awaited<ReturnType<DeskRig['desk']['countersign']>>> {
  return await desk.countersign(id, by.signMessageSync(messageToSign), 'alice');
}

function signaturesIn({ txInfo }: Registration): { readonly L1Sig: string; readonly Sig: string } {
  return z.object({ L1Sig: z.string(), Sig: z.string() }).parse(JSON.parse(txInfo));
}

async function sendTx({ txType, txInfo }: Registration): Promise<unknown> {
  const body = new URLSearchParams({ tx_type: String(txType), tx_info: txInfo });
  const answer = await fetch(`${standIn.url}/api/v1/sendTx`, { method: 'POST', body });
  return await answer.json();
}

describe('a registration that an external wallet countersigns', () => {
  test('hands out the text, and is complete once the owner signed it', async () => {
    const rig = await open();
    const begun = await begin(rig);
    expect(begun).toMatchObject({ ...SLOT, state: 'awaiting_countersignature', nonce: 0n });
    expect(begun.messageToSign).toContain('Register Lighter Account');
    expect(begun.messageToSign).toContain(`pubkey: 0x${begun.publicKey}`);

    const complete = value(await countersign(rig, begun));
    expect(complete).toMatchObject({ id: begun.id, state: 'complete', txHash: begun.txHash });
    const info = signaturesIn(complete);
    expect(verifyMessage(complete.messageToSign, info.L1Sig)).toBe(owner.address);
    const signature = Uint8Array.from(atob(info.Sig), (char) => char.charCodeAt(0));
    expect(kernel.verify(signature, fromHex(complete.txHash), fromHex(complete.publicKey))).toBe(
      true,
    );
  });

  test('is what the exchange takes', async () => {
    const rig = await open();
    const complete = value(await countersign(rig, await begin(rig)));
    expect(await sendTx(complete)).toMatchObject({ code: 200 });
    expect(await rig.desk.checkClient(SLOT)).toMatchObject({
      ok: true,
      value: { publicKey: complete.publicKey },
    });
  });

  test('has no client before it is complete', async () => {
    const rig = await open();
    const begun = await begin(rig);
    expect(rig.book.list()).toEqual([]);
    expect(rig.book.find({ apiKey: 42n }).ok).toBe(false);
    const pending = rig.book.find({ apiKey: 42n, publicKey: begun.publicKey });
    expect(pending).toMatchObject({ ok: true, value: { ...SLOT, publicKey: begun.publicKey } });

    await countersign(rig, begun);
    expect(rig.book.find({ apiKey: 42n })).toMatchObject({
      value: { keyId: 'lighter/300/123/42', url: standIn.url, l1Address: OWNER },
    });
  });

  test('outlives a restart between its two signatures', async () => {
    const rig = await open();
    const begun = await begin(rig);
    const restarted = await rig.restart();
    opened.push(restarted);
    expect(value(await countersign(restarted, begun))).toMatchObject({ state: 'complete' });
    expect(restarted.book.list()).toMatchObject([{ publicKey: begun.publicKey }]);
  });

  test('asks the pipeline for each signature, by the name of the caller', async () => {
    const rig = await open();
    await countersign(rig, await begin(rig));
    expect(rig.asked.map(({ caller, countersigned }) => [caller, countersigned.by])).toEqual([
      ['alice', 'nobody'],
      ['alice', 'owner'],
    ]);
  });

  test('takes the same signature twice, and no other one', async () => {
    const rig = await open();
    const begun = await begin(rig);
    const first = await countersign(rig, begun);
    expect(await countersign(rig, begun)).toEqual(first);
    expect(await countersign(rig, begun, stranger)).toMatchObject({ error: { kind: 'conflict' } });
  });
});

describe('a countersignature is refused', () => {
  test('by anyone but the owner, naming both', async () => {
    const rig = await open();
    const refused = await countersign(rig, await begin(rig), stranger);
    expect(refused).toMatchObject({
      error: { kind: 'invalid', reason: { code: 'lighter.countersignature' } },
    });
    const message = refused.ok ? '' : refused.error.reason.message;
    expect(message).toContain(OWNER);
    expect(message).toContain(stranger.address.toLowerCase());
    expect(rig.asked).toHaveLength(1);
    expect(rig.book.list()).toEqual([]);
  });

  test('of another text', async () => {
    const rig = await open();
    const begun = await begin(rig);
    const signature = owner.signMessageSync(`${begun.messageToSign} `);
    expect((await rig.desk.countersign(begun.id, signature, 'alice')).ok).toBe(false);
  });

  test.each(['', '0x', `0x${'00'.repeat(65)}`, 'ff'.repeat(64), 'zz'.repeat(65)])(
    'that is none: `%s`',
    async (signature) => {
      const rig = await open();
      const { id } = await begin(rig);
      expect(await rig.desk.countersign(id, signature, 'alice')).toMatchObject({
        error: { kind: 'invalid' },
      });
    },
  );

  test('of a registration nobody knows', async () => {
    const { desk } = await open();
    expect(await desk.countersign('none', `0x${'00'.repeat(65)}`, 'alice')).toMatchObject({
      error: { kind: 'unknown' },
    });
  });

  test('after another key was registered for the slot', async () => {
    const rig = await open();
    const first = await begin(rig);
    const second = await begin(rig);
    expect((await countersign(rig, second)).ok).toBe(true);
    expect(await countersign(rig, first)).toMatchObject({ error: { kind: 'conflict' } });
    expect(rig.book.list()).toMatchObject([{ publicKey: second.publicKey }]);
  });
});

describe('a registration that a kept wallet countersigns', () => {
  test('is complete at once', async () => {
    const rig = await open();
    const wallet = value(await rig.desk.keepWallet(WALLET(), 'alice'));
    const complete = await begin(rig, asked({ wallet }));
    expect(complete.state).toBe('complete');
    const { L1Sig } = signaturesIn(complete);
    expect(verifyMessage(complete.messageToSign, L1Sig)).toBe(owner.address);
    expect(rig.book.list()).toMatchObject([{ publicKey: complete.publicKey }]);
  });

  test('needs a wallet that is kept, and owns the account', async () => {
    const rig = await open();
    const wallet = `wallet/${WALLET_ADDRESS}`;
    expect(await rig.desk.register(asked({ wallet }), 'alice')).toMatchObject({
      error: { kind: 'unknown' },
    });
    value(await rig.desk.keepWallet(WALLET(), 'alice'));
    standIn.addAccount(123n, stranger.address);
    expect(await rig.desk.register(asked({ wallet }), 'alice')).toMatchObject({
      error: { kind: 'conflict', reason: { code: 'lighter.owner' } },
    });
    expect(rig.keys.apiKeys()).toEqual([]);
  });
});

describe('a slot that has a key', () => {
  test('is registered anew only on confirmation', async () => {
    const rig = await open();
    await countersign(rig, await begin(rig));
    expect(await rig.desk.register(asked(), 'alice')).toMatchObject({
      error: { kind: 'conflict', reason: { code: 'keys.occupied' } },
    });
    expect((await rig.desk.register(asked({ replace: true }), 'alice')).ok).toBe(true);
  });

  test('counts as such where only the exchange knows of it', async () => {
    const rig = await open();
    standIn.setKey(123n, 42n, 'ab'.repeat(40));
    expect(await rig.desk.register(asked(), 'alice')).toMatchObject({
      error: { kind: 'conflict', reason: { code: 'keys.occupied' } },
    });
    standIn.setKey(123n, 42n, '00'.repeat(40));
    expect((await rig.desk.register(asked(), 'alice')).ok).toBe(true);
  });

  test('goes on signing with the old key until the exchange has the new one', async () => {
    const rig = await open();
    const old = value(await countersign(rig, await begin(rig)));
    await sendTx(old);
    const next = value(await countersign(rig, await begin(rig, asked({ replace: true }))));
    expect(next).toMatchObject({ state: 'complete', nonce: 1n });
    expect(rig.book.list()).toMatchObject([{ publicKey: old.publicKey }]);

    await sendTx(next);
    expect(await rig.desk.checkClient(SLOT)).toMatchObject({
      value: { publicKey: next.publicKey },
    });
    expect(rig.book.list()).toMatchObject([
      { publicKey: next.publicKey, keyId: 'lighter/300/123/42' },
    ]);
    expect(rig.keys.apiKeys().map(({ keyId }) => keyId)).toContain(
      `lighter-retired/300/123/42/${old.publicKey.slice(0, 32)}`,
    );
  });

  test('changes its key though nobody asks, once the exchange has the new one', async () => {
    const rig = await open();
    const old = value(await countersign(rig, await begin(rig)));
    await sendTx(old);
    const next = value(await countersign(rig, await begin(rig, asked({ replace: true }))));
    const { signal } = new AbortController();
    await rig.desk.followUp(signal);
    expect(rig.book.list()).toMatchObject([{ publicKey: old.publicKey }]);
    await sendTx(next);
    await Promise.all([rig.desk.followUp(signal), rig.desk.checkClient(SLOT)]);
    expect(rig.book.list()).toMatchObject([{ publicKey: next.publicKey }]);
    expect(rig.activated).toEqual([
      ['lighter/300/123/42', old.publicKey],
      ['lighter/300/123/42', next.publicKey],
    ]);
    expect(rig.alarms).toEqual([]);
  });

  test('is asked for no longer than the exchange can take its new key, and once after', async () => {
    const rig = await open();
    await sendTx(value(await countersign(rig, await begin(rig))));
    const next = value(await countersign(rig, await begin(rig, asked({ replace: true }))));
    const { signal } = new AbortController();
    rig.clock.now = () => Number(next.expiredAt) + 1;
    await rig.desk.followUp(signal);
    await sendTx(next);
    await rig.desk.followUp(signal);
    expect(rig.activated).toHaveLength(1);
    const restarted = await rig.restart();
    opened.push(restarted);
    await restarted.desk.followUp(signal);
    expect(restarted.book.list()).toMatchObject([{ publicKey: next.publicKey }]);
  });

  test('changes its key at once where there is no exchange to ask', async () => {
    const rig = await open();
    const old = value(await countersign(rig, await begin(rig, offline())));
    const next = value(
      await countersign(rig, await begin(rig, offline({ replace: true, nonce: 1n }))),
    );
    expect(rig.book.list()).toMatchObject([{ publicKey: next.publicKey }]);
    expect(old.publicKey).not.toBe(next.publicKey);
  });

  test('is not left without a key by a crash between the two changes', async () => {
    const rig = await open();
    const old = value(await countersign(rig, await begin(rig)));
    await sendTx(old);
    const next = value(await countersign(rig, await begin(rig, asked({ replace: true }))));
    await rig.keys.renameApiKey('lighter/300/123/42', 'lighter-retired/300/123/42/crash');
    const restarted = await rig.restart();
    opened.push(restarted);
    expect(restarted.book.list()).toMatchObject([{ publicKey: next.publicKey }]);
    expect(restarted.alarms).toEqual([]);
  });
});

describe('a registration is not begun', () => {
  test('where the pipeline refuses, and the slot stays as it was', async () => {
    const rig = await open();
    rig.forbid({ kind: 'forbidden', reason: { code: 'policy.forbid', message: 'no' } });
    expect(await rig.desk.register(asked(), 'alice')).toMatchObject({
      error: { kind: 'forbidden' },
    });
    expect(rig.registrations.all()).toEqual([]);
    expect(rig.book.list()).toEqual([]);
  });

  test('where it was refused, and its key is that of the next attempt', async () => {
    const rig = await open();
    rig.forbid({ kind: 'forbidden', reason: { code: 'policy.forbid', message: 'no' } });
    await rig.desk.register(asked(), 'alice');
    await rig.desk.register(asked(), 'alice');
    const [first, second] = rig.asked.map(({ publicKey }) => publicKey);
    expect(first).toBe(second);
    expect(rig.keys.apiKeys()).toHaveLength(1);
    rig.forbid(undefined);
    const begun = [await begin(rig), await begin(rig)];
    expect(begun.map(({ publicKey }) => publicKey === first)).toEqual([true, false]);
  });

  test.each<[string, Partial<NewRegistration>, string]>([
    ['a nonce', { nonce: -1n }, 'lighter.nonce'],
    ['an owner', { l1Address: '0x12' }, 'lighter.owner'],
  ])('without %s where the exchange cannot tell', async (_what, changes, code) => {
    const rig = await open();
    expect(await rig.desk.register(offline(changes), 'alice')).toMatchObject({
      error: { kind: 'invalid', reason: { code } },
    });
  });

  test('for an account that the exchange does not know', async () => {
    const rig = await open();
    expect(await rig.desk.register(asked({ account: 9n }), 'alice')).toMatchObject({
      error: { kind: 'exchange', reason: { code: 'exchange.account_unknown' } },
    });
  });

  test('for an owner that the exchange denies', async () => {
    const rig = await open();
    const claimed = asked({ l1Address: stranger.address });
    expect(await rig.desk.register(claimed, 'alice')).toMatchObject({
      error: { kind: 'conflict', reason: { code: 'lighter.owner' } },
    });
  });
});

describe('the setup of an account', () => {
  const steps = async (rig: DeskRig, account = 123n) =>
    value(await rig.desk.setup({ ...SLOT, account })).map(({ step, done }) => [step, done]);
  const hint = async (rig: DeskRig) => value(await rig.desk.setup(SLOT))[1]?.hint ?? '';

  /** The chain's usual exchange is not allowed in these tests, so a client has to name one. */
  async function openAccount(): Promise<DeskRig> {
    const rig = await open();
    await rig.desk.createClient(
      {
        ...SLOT,
        url: standIn.url,
        key: { kind: 'raw', privateKey: apiKeySecret('01'.padEnd(80, '0')) },
      },
      'alice',
    );
    return rig;
  }

  test('lists what is missing, step by step', async () => {
    const rig = await openAccount();
    expect(await steps(rig)).toEqual([
      ['DEPOSIT', true],
      ['REGISTER_API_KEY', false],
    ]);
    expect(await hint(rig)).toContain('call `register_api_key`');
    const begun = await begin(rig, asked({ replace: true }));
    expect(await hint(rig)).toContain(`register_api_key/${begun.id}/countersign`);
    const complete = value(await countersign(rig, begun));
    expect(await hint(rig)).toContain('`sendTx`');
    await sendTx(complete);
    expect(await steps(rig)).toEqual([
      ['DEPOSIT', true],
      ['REGISTER_API_KEY', true],
    ]);
  });

  test('begins with the deposit where the exchange does not know the account', async () => {
    const rig = await open();
    await rig.desk.createClient(
      {
        chainId: 300n,
        account: 9n,
        apiKey: 42n,
        url: standIn.url,
        key: { kind: 'raw', privateKey: apiKeySecret('01'.padEnd(80, '0')) },
      },
      'alice',
    );
    expect(await steps(rig, 9n)).toEqual([
      ['DEPOSIT', false],
      ['REGISTER_API_KEY', false],
    ]);
  });

  test('asks where the registration is to be, or another client of the account', async () => {
    const rig = await open();
    const begun = await begin(rig);
    const { desk } = rig;
    expect(value(await desk.setup(SLOT)).map(({ done }) => done)).toEqual([true, false]);
    await countersign(rig, begun);
    const sibling = { chainId: 300n, account: 123n, apiKey: 5n };
    expect(value(await desk.setup(sibling)).map(({ done }) => done)).toEqual([true, false]);
  });

  test('says so where there is no exchange to ask', async () => {
    const rig = await open();
    expect(await steps(rig)).toEqual([
      ['DEPOSIT', false],
      ['REGISTER_API_KEY', false],
    ]);
  });
});
