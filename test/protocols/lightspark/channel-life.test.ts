/**
 * Whole lives of channels against the guard: no honest one is ever refused or withheld, and every
 * dishonest step in the middle of one is caught by name.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { type Hex, toHex } from '../../../src/base/hex.ts';
import { FIRST_COMMITMENT_INDEX as FIRST } from '../../../signers/lightning/index.ts';
import {
  type ChannelLife,
  createChannelLife,
  ENDINGS,
  type Step,
  STEPS,
} from '../../support/channel-life.ts';
import {
  type Asked,
  createGuardedSigner,
  type GuardedSigner,
} from '../../support/guarded-signer.ts';
import { hex } from '../../support/hex.ts';

const DAY = 86_400_000;

/** What happens to the signer rather than to a channel. */
const UPHEAVALS = ['migrate', 'snapshot', 'restore', 'wait'] as const;
type Upheaval = (typeof UPHEAVALS)[number];

interface Chapter {
  readonly who: number;
  readonly what: Step | Upheaval;
  readonly dice: number;
}

const usual = fc.oneof(
  {
    weight: 80,
    arbitrary: fc.constantFrom<Step[]>(
      'add_htlc',
      'settle_htlc',
      'sign_theirs',
      'sign_theirs',
      'they_revoke',
      'revoke_ours',
      'deliver',
    ),
  },
  { weight: 20, arbitrary: fc.constantFrom(...STEPS) },
);
const eventful = fc.oneof(
  { weight: 95, arbitrary: usual },
  { weight: 2, arbitrary: fc.constantFrom(...ENDINGS) },
  { weight: 3, arbitrary: fc.constantFrom(...UPHEAVALS) },
);

function story(what: fc.Arbitrary<Chapter['what']>, length: number): fc.Arbitrary<Chapter[]> {
  const chapter = fc.record({ who: fc.nat({ max: 2 }), what, dice: fc.nat({ max: 2 ** 24 }) });
  return fc.array(chapter, { minLength: length / 2, maxLength: length, size: 'max' });
}

interface World {
  readonly signer: GuardedSigner;
  readonly lives: readonly [ChannelLife, ChannelLife, ChannelLife];
  readonly play: (chapters: readonly Chapter[]) => void;
  /** Everything that an honest life must not meet, with what was asked. */
  readonly objections: () => readonly string[];
}

function createWorld(): World {
  const signer = createGuardedSigner();
  const objections: string[] = [];
  const tolerated = new Set<string>();
  let snapshot = signer.snapshot();

  function onAsked(asked: Asked, what: string): void {
    const alarms = asked.alarmed.filter((code) => !tolerated.has(code));
    const found = [...asked.violations, ...asked.doubts, ...alarms];
    if (found.length > 0) objections.push(`${what}: ${found.join(', ')}`);
  }
  const shared = { signer, onAsked } as const;
  const lives = [
    createChannelLife({ ...shared, channelPath: 'm/3/1', type: 'anchors', opener: 'node' }),
    createChannelLife({
      ...shared,
      channelPath: 'm/3/2',
      type: 'static_remotekey',
      opener: 'counterparty',
    }),
    createChannelLife({
      ...shared,
      channelPath: 'm/3/3',
      type: 'zero_fee_commitments',
      opener: 'node',
    }),
  ] as const;

  function upheave(what: Upheaval): void {
    switch (what) {
      case 'migrate':
        signer.forget();
        snapshot = signer.snapshot();
        tolerated.add('commitment_numbers_disagree').add('funding_unmatched');
        return;
      case 'snapshot':
        snapshot = signer.snapshot();
        return;
      case 'restore':
        signer.restore(snapshot);
        tolerated.add('commitment_numbers_disagree').add('funding_unmatched');
        tolerated.add('rebaselined_after_restore');
        return;
      case 'wait':
        signer.wait(2 * DAY);
    }
  }

  return {
    signer,
    lives,
    play(chapters) {
      for (const { who, what, dice } of chapters) {
        if (isUpheaval(what)) upheave(what);
        else lives[who % lives.length]?.step(what, dice);
      }
      for (const life of lives) life.flush();
    },
    objections: () => objections,
  };
}

function isUpheaval(what: Chapter['what']): what is Upheaval {
  return UPHEAVALS.some((upheaval) => upheaval === what);
}

describe('an honest life', () => {
  test('is never refused, withheld or alarmed about, whatever happens in it', () => {
    fc.assert(
      fc.property(story(eventful, 120), (chapters) => {
        const world = createWorld();
        world.play(chapters);
        expect(world.objections()).toEqual([]);
      }),
      { numRuns: 40, seed: 20_260_101, endOnFailure: true },
    );
  }, 120_000);

  test.each(ENDINGS)(
    'of many updates ends undisturbed: %s',
    (ending) => {
      const world = createWorld();
      const updates = fc.sample(story(usual, 400), { numRuns: 1, seed: ENDINGS.indexOf(ending) });
      world.play(updates.flat());
      for (const who of [0, 1, 2]) world.play([{ who, what: ending, dice: 6 }]);
      expect(world.objections()).toEqual([]);
    },
    120_000,
  );
});

/** A step that no honest sender takes, and the names by which it must be caught. */
interface Attack {
  readonly name: string;
  readonly expected: readonly string[];
  /** Refusals and alarms it met; `undefined` where the life offers no occasion for it. */
  readonly run: (world: World, dice: number) => readonly string[] | undefined;
}

const caught = ({ violations, doubts, alarmed }: Asked) => [...violations, ...doubts, ...alarmed];

/** A number of our own commitment that is revoked, not too long ago to be searched for. */
function revokedNumber(life: ChannelLife, dice: number): bigint | undefined {
  const count = life.ownNumber() < 60n ? life.ownNumber() : 60n;
  return count === 0n ? undefined : life.ownNumber() - 1n - (BigInt(dice) % count);
}

const attacks: readonly Attack[] = [
  {
    name: 'asks for a secret out of order',
    expected: ['ratchet_gap'],
    run: ({ lives: [life] }, dice) =>
      caught(life.release(life.ownNumber() + 1n + BigInt(dice % 1000))),
  },
  {
    name: 'has our own commitment signed and then asks for its secret',
    expected: ['release_of_signed_commitment'],
    run({ lives: [life] }) {
      const commitment = life.ownCommitment(life.ownNumber());
      life.sign(commitment.job, ...life.htlcJobs(commitment));
      return caught(life.release(life.ownNumber()));
    },
  },
  {
    name: 'does so by HTLC transactions alone, over a restored database',
    expected: ['release_of_signed_commitment'],
    run({ lives: [life], signer }) {
      life.sign(...life.htlcJobs(life.ownCommitment(life.ownNumber())));
      signer.restore(signer.snapshot());
      return caught(life.release(life.ownNumber()));
    },
  },
  {
    name: 'asks for our own revoked commitment with its HTLCs',
    expected: ['revoked_commitment'],
    run({ lives: [life] }, dice) {
      const number = revokedNumber(life, dice);
      if (number === undefined) return undefined;
      const commitment = life.ownCommitment(number);
      return caught(life.sign(commitment.job, ...life.htlcJobs(commitment)));
    },
  },
  {
    name: 'asks for the HTLCs of our own revoked commitment alone',
    expected: ['revoked_commitment'],
    run({ lives: [life] }, dice) {
      const number = revokedNumber(life, dice);
      return number === undefined
        ? undefined
        : caught(life.sign(...life.htlcJobs(life.ownCommitment(number))));
    },
  },
  {
    name: 'asks for our own revoked commitment without any HTLC',
    expected: ['stale_commitment'],
    run({ lives: [life] }, dice) {
      const count = life.theirNumber() < life.ownNumber() ? life.theirNumber() : life.ownNumber();
      if (life.theirNumber() < 8n || count === 0n) return undefined;
      return caught(life.sign(life.ownCommitment(BigInt(dice) % count).job));
    },
  },
  {
    name: 'uses a payload id again for another transaction',
    expected: ['payload_conflict'],
    run({ lives: [life] }) {
      const { job } = life.ownCommitment(life.ownNumber());
      life.sign(job);
      const other = life.ownCommitment(life.ownNumber() + 1n).job;
      return caught(life.sign({ ...other, id: job.id }));
    },
  },
  {
    name: 'speaks for another node',
    expected: ['node_pin'],
    run: ({ signer }) =>
      caught(
        signer.ask('GET_PER_COMMITMENT_POINT', {
          derivationPath: 'm/3/1',
          index: 5n,
          nodeId: 'node-2',
        }),
      ),
  },
  {
    name: 'asks for the preimage of an invoice under a foreign nonce',
    expected: ['invoice_nonce_mismatch'],
    run({ signer }) {
      signer.ask('REQUEST_INVOICE_PAYMENT_HASH', { invoiceId: 'A' });
      return caught(releasePreimage(signer, 'A', hex('11'.repeat(32))));
    },
  },
  {
    name: 'asks for the preimage of an invoice in the name of another one',
    expected: ['nonce_of_other_invoice'],
    run({ signer }) {
      signer.ask('REQUEST_INVOICE_PAYMENT_HASH', { invoiceId: 'A' });
      return caught(releasePreimage(signer, 'B', toHex(signer.keys.invoiceNonce('A'))));
    },
  },
  {
    name: 'reveals a secret that does not fit the others',
    expected: ['revealed_secret_inconsistent'],
    run({ signer, lives: [life] }) {
      const [index, secret] = [FIRST - 1n, hex('77'.repeat(32))];
      const reveal = 'REVEAL_COUNTERPARTY_PER_COMMITMENT_SECRET';
      const honest = toHex(life.channel.counterpartySecret(index));
      signer.ask(reveal, { index, secret: honest }, 'Channel:m/3/1');
      return caught(signer.ask(reveal, { index, secret }, 'Channel:m/3/1'));
    },
  },
];

function releasePreimage(signer: GuardedSigner, invoiceId: string, preimageNonce: Hex): Asked {
  const payload = { invoiceId, preimageNonce, isUma: false, isLnurl: false };
  return signer.ask('RELEASE_PAYMENT_PREIMAGE', payload);
}

describe('a dishonest step in an honest life', () => {
  test.each(attacks)(
    'that $name is caught',
    ({ expected, run }) => {
      fc.assert(
        fc.property(story(usual, 160), fc.nat(), (chapters, dice) => {
          const world = createWorld();
          const ofOne = chapters.map((chapter) => ({ ...chapter, who: 0 }));
          world.play([{ who: 0, what: 'ask_point', dice }, ...ofOne]);
          const found = run(world, dice);
          fc.pre(found !== undefined);
          expect(world.objections()).toEqual([]);
          expect(found).toEqual(expect.arrayContaining([...expected]));
        }),
        { numRuns: 6, seed: 7, endOnFailure: true },
      );
    },
    60_000,
  );
});
