/**
 * A validator client of the field, as it is published, whose keys are here: an operator imports them,
 * and the client's own code for external signers has every duty signed that it knows.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { PresetName, setActivePreset } from '@lodestar/params/setPreset';

import { verifiesByNoble } from './support/bls-signatures.ts';
import {
  type EthereumHome,
  ethereumHome,
  GENESIS_ROOT,
  historyOf,
  type ValidatorDaemon,
} from './support/ethereum-daemon.ts';
import { type LodestarClient, type SignedDuty, startLodestar } from './support/lodestar-client.ts';
import type { LodestarDuty } from './support/lodestar-duties.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { interopKey } from './support/validator-files.ts';

setActivePreset(PresetName.minimal);
const { blockDuty, depositDuty, everydayDuties, exitDuty, FORKS, voteDuty } =
  await import('./support/lodestar-duties.ts');

jest.setTimeout(40_000);

const HOUR = 3_600_000;
const KEYS = [0, 2, 4];
const pubkeys = KEYS.map((index) => `0x${interopKey(index).pubkey}`);
const [proposer = '', attester = '', syncMember = ''] = pubkeys;
/** What policy permits from the first day. */
const everyday = everydayDuties({ proposer, attester, syncMember });

const LEAVING = `version: 1
rules:
  - id: this-one-leaves
    on: [ethereum.voluntary_exit, ethereum.deposit]
    effect: permit
    when: fact.key == "${proposer}"
`;

let home: EthereumHome;
let daemon: ValidatorDaemon;
let lodestar: LodestarClient;

// Registered before the directory's own, so that nobody writes there any more when it is removed.
afterAll(async () => {
  await lodestar.close();
  await home.close();
});
const directory = temporaryDirectory();

beforeAll(async () => {
  home = await ethereumHome(join(directory, 'home'), {
    slotMilliseconds: HOUR,
    ageMilliseconds: 100_000 * HOUR,
    forks: FORKS,
  });
  daemon = await home.startValidators();
  const imported = await daemon.importKeys(
    KEYS,
    historyOf(KEYS.map((index) => interopKey(index).pubkey)),
  );
  expect(imported).toEqual({
    status: 200,
    json: { data: KEYS.map(() => ({ status: 'imported' })) },
  });
  lodestar = await startLodestar({
    url: daemon.origins.api,
    pubkeys,
    genesisRoot: GENESIS_ROOT,
    forkEpochs: { ALTAIR: 1, BELLATRIX: 2, CAPELLA: 3 },
  });
});

/** Judged by libraries that neither side signs or hashes with. */
function isBySigner({ pubkey, rootOf }: LodestarDuty, { message, signature }: SignedDuty): boolean {
  return verifiesByNoble(pubkey, rootOf(message), signature);
}

/** What the client threw, which is the text of the refusal. */
function refusalOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'none',
    (error: unknown) => String(error),
  );
}

describe("a published client's code for external signers", () => {
  test('finds the keys that the operator imported', async () => {
    const found = await lodestar.keys();
    expect(Array.isArray(found) ? found.sort() : found).toEqual([...pubkeys].sort());
  });

  test('reads JSON in its up-check, where Web3Signer answers the text OK, and so does this', async () => {
    expect(await refusalOf(lodestar.up())).toMatch(/SyntaxError.*JSON/);
    expect(await daemon.get('/upcheck')).toMatchObject({ status: 200, text: 'OK' });
  });

  test.each(everyday.map((duty) => [duty.name, duty] as const))(
    'gets %s signed, and again where the answer was lost',
    async (_name, duty) => {
      const signed = await lodestar.sign(duty);
      expect(isBySigner(duty, signed)).toBe(true);
      expect((await lodestar.sign(duty)).signature).toBe(signed.signature);
    },
  );

  test('hears that a root is not that of its message', async () => {
    const deposit = depositDuty(attester);
    const wrong = `0x${'77'.repeat(32)}`;
    expect(await refusalOf(lodestar.post(deposit, wrong))).toContain('`signingRoot`');
  });
});

describe("while the client's own slashing protection lets everything through, ours refuses", () => {
  test.each([
    ['a second vote', 'slashing.double_vote', voteDuty(attester, 4, { head: 'a9' })],
    ['a vote around another', 'slashing.surrounds', voteDuty(attester, 5, { source: 1 })],
    ['a second block', 'slashing.double_block', blockDuty(proposer, 'capella', 'a9')],
    [
      'a second blinded block',
      'slashing.double_block',
      blockDuty(proposer, 'blinded capella', 'a9'),
    ],
  ])('%s', async (_name, code, duty) => {
    const refusal = await refusalOf(lodestar.sign(duty));
    expect(refusal).toContain(`"code":"${code}"`);
    expect(refusal).toContain('"message":"slashing protection: ');
  });
});

test('an exit and a deposit are signed once a policy permits them, and not before', async () => {
  const [exit, deposit] = [exitDuty(proposer), depositDuty(proposer)];
  const { message } = deposit;
  const postDeposit = async (): Promise<SignedDuty> => {
    const signature = await lodestar.post(deposit, deposit.rootOf(message));
    return { message, signature: String(signature) };
  };
  expect(await refusalOf(lodestar.sign(exit))).toContain('"code":"policy.no_rule"');
  expect(await refusalOf(postDeposit())).toContain('"code":"policy.no_rule"');

  writeFileSync(join(home.policyDir, 'leaving.yaml'), LEAVING);
  expect(await daemon.post('/admin/v1/policy/reload')).toMatchObject({ status: 200 });
  expect(isBySigner(exit, await lodestar.sign(exit))).toBe(true);
  expect(isBySigner(deposit, await postDeposit())).toBe(true);
});

test('a change of withdrawal credentials, which another key signs, is of no type that is known', async () => {
  const change = {
    ...{ type: 'BLS_TO_EXECUTION_CHANGE', pubkey: proposer },
    message: {
      ...{ validator_index: '7', from_bls_pubkey: proposer },
      to_execution_address: `0x${'ab'.repeat(20)}`,
    },
  };
  const refusal = await refusalOf(lodestar.post(change, `0x${'77'.repeat(32)}`));
  expect(refusal).toContain('BLS_TO_EXECUTION_CHANGE');
});

/** The client keeps a registration, and does not ask for it again. */
const DUTIES_DONE = {
  'block signed': 12,
  'attestation signed': 8,
  'aggregation_slot signed': 2,
  'aggregate_and_proof signed': 2,
  'randao_reveal signed': 2,
  'sync_committee_message signed': 2,
  'sync_committee_selection_proof signed': 2,
  'sync_committee_contribution_and_proof signed': 2,
  'validator_registration signed': 1,
  'voluntary_exit signed': 1,
  'deposit signed': 1,
  'block declined slashing.double_block': 2,
  'attestation declined slashing.double_vote': 1,
  'attestation declined slashing.surrounds': 1,
  'voluntary_exit declined policy.no_rule': 1,
  'deposit declined policy.no_rule': 1,
};
const COUNTED = /^countersign_duties_total\{type="(.*)",result="(.*)",reason="(.*)"\} (\d+)$/gm;

test('metrics tell of every duty by its type, and how it ended', async () => {
  const { text } = await daemon.get('/metrics');
  const told = [...text.matchAll(COUNTED)].map(([, type = '', result = '', reason = '', count]) => [
    `${type} ${result} ${reason}`.trim(),
    Number(count),
  ]);
  expect(Object.fromEntries(told)).toEqual(DUTIES_DONE);
  expect(text).toMatch(/^eth2_slashingprotection_permitted_signings_total 20$/m);
  expect(text).toMatch(/^eth2_slashingprotection_prevented_signings_total 4$/m);
  expect(text).toMatch(/^signing_signers_loaded_count 3$/m);
});
