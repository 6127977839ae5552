import { expect, test } from '@jest/globals';

import { CannotSign } from '../../src/core/outcome.ts';
import type { Observer, StageEvent } from '../../src/core/ports.ts';
import { brokenReason, startStage } from '../../src/core/report.ts';

test('a stage is timed in parts of milliseconds, whoever sets the clock meanwhile', () => {
  let [now, elapsed] = [1_000_000, 5.25];
  const stages: StageEvent[] = [];
  const observer: Observer = {
    stage: (event) => stages.push(event),
    alarm: () => undefined,
    failure: () => undefined,
    route: () => undefined,
  };
  const clock = { now: () => now, elapsed: () => elapsed, after: () => () => undefined };
  const timed = startStage({ clock, observer }, 'rig');
  expect(timed.startedAt).toBe(1_000_000);
  [now, elapsed] = [900_000, 5.75];
  timed.end({ stage: 'sign' });
  expect(stages).toEqual([{ stage: 'sign', source: 'rig', milliseconds: 0.5 }]);
});

test('who says why it cannot sign is heard, and of other errors nothing but the name', () => {
  const reason = { code: 'rig.unreachable', message: 'send it again' };
  expect(brokenReason('sign', new CannotSign(reason))).toEqual(reason);
  expect(brokenReason('sign', new TypeError('a secret'))).toEqual({
    code: 'machinery.broken',
    message: 'sign broke: TypeError; the log says where',
  });
});
