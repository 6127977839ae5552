import { describe, expect, test } from '@jest/globals';

import { createDuties } from '../../src/demo/duties.ts';
import { createEthereumScenes } from '../../src/demo/ethereum-scenes.ts';
import { createLighterScenes } from '../../src/demo/lighter-scenes.ts';
import { startLighterStandIn } from '../../src/demo/lighter-stand-in.ts';
import { createLighterTrader } from '../../src/demo/lighter-trader.ts';
import type { CallScene, Scene } from '../../src/demo/scene.ts';
import { createThrowawayValidator } from '../../src/demo/throwaway-validator.ts';
import { hex } from '../support/hex.ts';

const exchange = await startLighterStandIn();
await exchange[Symbol.asyncDispose]();
const duties = createDuties({
  forkVersion: hex('00000001'),
  genesisValidatorsRoot: hex('11'.repeat(32)),
});
const worlds: readonly (readonly [string, readonly Scene[]])[] = [
  ['lighter', createLighterScenes(createLighterTrader(), exchange, 1_800_000_000_000n)],
  [
    'ethereum',
    createEthereumScenes(await createThrowawayValidator(), duties, 'http://127.0.0.1/callbacks'),
  ],
];

describe.each(worlds)('the scenes of %s', (_, scenes) => {
  const calls = scenes.filter((scene): scene is CallScene => scene.kind === 'call');

  test('show what is signed and what is refused, on both ways', () => {
    expect(new Set(calls.map(({ outcome }) => outcome))).toContain('declined');
    expect(scenes.filter(({ outcome }) => outcome === 'signed').length).toBeGreaterThan(4);
    expect(
      scenes.flatMap((scene) => (scene.kind === 'event' ? scene.callbacks : [])),
    ).toMatchObject([{ type: 'signing.completed' }, { type: 'signing.declined' }]);
  });

  test('check everything that is signed, and notice what is not true', async () => {
    for (const { title, check } of calls.filter(({ outcome }) => outcome === 'signed')) {
      const wrong = await check?.({ tx_info: '{}', signature: `0x${'ab'.repeat(96)}` });
      expect([title, wrong]).not.toEqual([title, []]);
      expect([title, check]).not.toEqual([title, undefined]);
    }
    for (const scene of scenes) {
      if (scene.kind !== 'event') continue;
      for (const { check } of scene.callbacks) expect(await check({ results: [] })).not.toEqual([]);
    }
  });
});
