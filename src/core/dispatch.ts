/** dispatch — the event's kind chooses the room, and the room reads the request. */
import { err, type Result } from '../base/result.ts';
import type { Envelope, Job, NotOurs, Protocol } from './protocol.ts';

export type Dispatch = (envelope: Envelope) => Result<Job, NotOurs>;

/**
 * Opens events of one webhook source by the rooms that answer it. An event of a kind that no room
 * signs is not an error: all events of an account share one URL, and new kinds appear unannounced.
 */
export function createDispatch(protocols: readonly Protocol[]): Dispatch {
  const rooms = new Map(protocols.map((protocol) => [protocol.eventType, protocol]));
  return (envelope) => {
    const room = rooms.get(envelope.eventType);
    if (room !== undefined) return room.open(envelope);
    return err({
      kind: 'ignored',
      reason: {
        code: 'dispatch.event_type',
        message: `events of type ${JSON.stringify(envelope.eventType.slice(0, 64))} are not signed`,
      },
    });
  };
}
