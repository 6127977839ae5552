/** Which node the seed signs for: what the configuration names, or else the first one seen. */
import type { Reason } from '../../../core/outcome.ts';
import type { LightsparkRequest } from '../events.ts';
import type { Ledger } from './ledger.ts';

/** The node that a request names; most kinds name none. */
export function nodeIdOf({ payload }: LightsparkRequest): string | undefined {
  return 'nodeId' in payload ? payload.nodeId : undefined;
}

/** Why a request for a node that the configuration does not name is not ours. */
export function foreignNode(
  request: LightsparkRequest,
  nodeIds: readonly string[],
): Reason | undefined {
  const nodeId = nodeIdOf(request);
  if (nodeId === undefined || nodeIds.length === 0 || nodeIds.includes(nodeId)) return undefined;
  const message = 'event of a node that `LIGHTSPARK_NODE_IDS` does not name; add it to sign for it';
  return { code: 'node', message };
}

/** Pins the first node seen, unless the configuration names them; a later other one is in doubt. */
export function judgeNode(
  { node }: Ledger,
  request: LightsparkRequest,
  nodeIds: readonly string[],
): readonly Reason[] {
  const nodeId = nodeIdOf(request);
  if (nodeId === undefined || nodeIds.length > 0) return [];
  node.learn('', (current) => current ?? { id: nodeId });
  return node.get('')?.id === nodeId ? [] : [OTHER_NODE];
}

const OTHER_NODE: Reason = {
  code: 'node_pin',
  message:
    'event of another node than the first one seen; name every node of this seed in `LIGHTSPARK_NODE_IDS`',
};
