import { describe, expect, test } from '@jest/globals';

import {
  createDutyReader,
  type Network,
  NETWORKS,
  type ReadDuty,
} from '../../../signers/bls12381/index.ts';
import type { JsonObject } from '../../../src/base/json.ts';

const GENESIS_ROOT = `0x${NETWORKS.mainnet.genesisValidatorsRoot ?? ''}`;
const CAPELLA = '03000000';

interface Exit {
  readonly current: string;
  readonly previous: string;
  readonly forkEpoch: string;
  readonly exitEpoch: string;
}

function exitOf({ current, previous, forkEpoch, exitEpoch }: Exit): JsonObject {
  const fork = { previous_version: previous, current_version: current, epoch: forkEpoch };
  return {
    voluntary_exit: { epoch: exitEpoch, validator_index: '42' },
    fork_info: { fork, genesis_validators_root: GENESIS_ROOT },
  };
}

const readMainnet = createDutyReader(NETWORKS.mainnet);

/** Version and root that are signed. */
function signed(body: JsonObject, read: ReadDuty = readMainnet): readonly [string, string] {
  const duty = read('VOLUNTARY_EXIT', body);
  return duty.ok ? [duty.value.forkVersion, duty.value.signingRoot] : [duty.error.code, ''];
}

const before = { previous: '0x02000000', current: '0x03000000', forkEpoch: '194048' };
const after = { previous: '0x04000000', current: '0x05000000', forkEpoch: '364032' };
/** A root that is right under no rule. */
const foreign = exitOf({ ...before, current: '0x0a000000', exitEpoch: '200000' });

describe('the version of an exit (EIP-7044)', () => {
  test.each([
    ['before deneb is that of its epoch', { ...before, exitEpoch: '194048' }, CAPELLA],
    ['before deneb is that of its epoch', { ...before, exitEpoch: '194047' }, '02000000'],
    ['from deneb on is that of capella', { ...after, exitEpoch: '364040' }, CAPELLA],
    ['from deneb on is that of capella, at the fork', { ...after, exitEpoch: '364031' }, CAPELLA],
    ['from deneb on is that of capella for early epochs', { ...after, exitEpoch: '5' }, CAPELLA],
  ])('%s', (_name, exit, version) => {
    expect(signed(exitOf(exit))[0]).toBe(version);
  });

  test('is that of the epoch where the root of the client says so', () => {
    const body = exitOf({ ...after, exitEpoch: '364040' });
    const custom: Network = { ...NETWORKS.mainnet, forks: [NETWORKS.mainnet.forks[0]] };
    const [version, root] = signed(body, createDutyReader(custom));
    expect(version).toBe('05000000');
    expect(signed({ ...body, signingRoot: `0x${root}` })).toEqual([version, root]);
  });

  test('is that of capella before deneb where the root of the client says so', () => {
    const exit = { previous: '0x01000000', current: '0x02000000', forkEpoch: '144896' };
    const body = exitOf({ ...exit, exitEpoch: '150000' });
    const [, root] = signed(exitOf({ ...after, exitEpoch: '150000' }));
    expect(signed(body)[0]).toBe('02000000');
    expect(signed({ ...body, signingRoot: `0x${root}` })).toEqual([CAPELLA, root]);
  });

  test('is no third one, whatever root the client gives', () => {
    const unknown = createDutyReader({ ...NETWORKS.mainnet, forks: [NETWORKS.mainnet.forks[0]] });
    const [version, root] = signed(foreign, unknown);
    expect(version).toBe('0a000000');
    const body = exitOf({ ...after, exitEpoch: '200000' });
    expect(signed({ ...body, signingRoot: `0x${root}` })).toEqual(['duty.signing-root', '']);
  });

  test('is that of the epoch on a network that is not known to have capella', () => {
    const body = exitOf({ ...after, exitEpoch: '364040' });
    const custom: Network = { ...NETWORKS.mainnet, forks: [NETWORKS.mainnet.forks[0]] };
    expect(signed(body, createDutyReader(custom))[0]).toBe('05000000');
  });
});
