/** The conditions of EIP-3076 as their text has them: a list per key, and a look at every record. */
import type { SigningHistory, SlashableDuty } from '../../../src/core/slashing.ts';
import type { Block, Said, Vote } from './duties.ts';

interface Judge {
  readonly judge: (duty: SlashableDuty) => Said;
  readonly record: (duty: SlashableDuty) => Said;
  readonly merge: (history: SigningHistory) => void;
}

/** A judge of one key. */
export function createJudge(): Judge {
  const blocks: SigningHistory['blocks'][number][] = [];
  const votes: SigningHistory['attestations'][number][] = [];

  const judge = (duty: SlashableDuty): Said =>
    duty.kind === 'block' ? judgeBlock(duty) : judgeVote(duty);

  function judgeBlock(block: Block): Said {
    const same = blocks.filter(({ slot }) => slot === block.slot);
    if (same.length > 0) {
      return same.every(({ root }) => root === block.root) ? 'repeated' : 'double_block';
    }
    return blocks.length > 0 && blocks.every(({ slot }) => block.slot < slot)
      ? 'block_below_watermark'
      : 'recorded';
  }

  function judgeVote({ source, target, root }: Vote): Said {
    if (source > target) return 'source_after_target';
    const same = votes.filter((vote) => vote.target === target);
    if (same.length > 0) {
      return same.every((vote) => vote.root === root && vote.source === source)
        ? 'repeated'
        : 'double_vote';
    }
    if (votes.length > 0 && votes.every((vote) => source < vote.source)) {
      return 'source_below_watermark';
    }
    if (votes.length > 0 && votes.every((vote) => target <= vote.target)) {
      return 'target_below_watermark';
    }
    if (votes.some((vote) => vote.source < source && vote.target > target)) return 'surrounded';
    if (votes.some((vote) => vote.source > source && vote.target < target)) return 'surrounds';
    return 'recorded';
  }

  return {
    judge,
    record(duty) {
      const end = judge(duty);
      if (end !== 'recorded') return end;
      if (duty.kind === 'block') blocks.push({ slot: duty.slot, root: duty.root });
      else votes.push({ source: duty.source, target: duty.target, root: duty.root });
      return end;
    },
    merge(history) {
      blocks.push(...history.blocks);
      votes.push(...history.attestations);
    },
  };
}
