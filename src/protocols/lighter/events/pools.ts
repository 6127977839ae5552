/** Requests about public pools and staking. */
import { flag, integer } from '../../../base/request-fields.ts';
import { owner } from './owner.ts';
import { row } from './sub-event.ts';

const POOLS = { min: 2n ** 47n, max: 2n ** 48n - 2n };

const pool = integer({ about: 'The pool, an account of its own.', ...POOLS, example: POOLS.min });
const shares = integer({
  about: 'How many shares.',
  min: 1n,
  max: 2n ** 60n - 1n,
  example: 1_000_000n,
});
const operatorFee = integer({
  about: "The operator's share of profits, in millionths.",
  min: 0n,
  max: 1_000_000n,
  example: 100n,
});
const shareRate = integer({
  about: 'Shares that the operator holds at least, in ten thousandths.',
  min: 0n,
  max: 10_000n,
  example: 50n,
});

export const createPublicPool = row({
  name: 'SIGN_CREATE_PUBLIC_POOL',
  transaction: 'CreatePublicPool',
  action: 'create_public_pool',
  title: 'Sign the creation of a public pool',
  about: 'Only a master account has pools.',
  shape: {
    operator_fee: operatorFee,
    initial_total_shares: integer({
      about: 'Shares that the operator buys to begin with.',
      min: 1n,
      max: 10n ** 12n,
      example: 1_000_000n,
    }),
    min_operator_share_rate: shareRate,
  },
  make: (asked, client) => ({
    fields: {
      ...owner(client),
      OperatorFee: asked.operator_fee,
      InitialTotalShares: asked.initial_total_shares,
      MinOperatorShareRate: asked.min_operator_share_rate,
      L2TxAttributes: {},
    },
  }),
});

export const updatePublicPool = row({
  name: 'SIGN_UPDATE_PUBLIC_POOL',
  transaction: 'UpdatePublicPool',
  action: 'update_public_pool',
  title: 'Sign a change of a public pool',
  about: 'By its operator.',
  shape: {
    public_pool_index: integer({
      about: 'The pool, an account of its own.',
      min: 0n,
      max: POOLS.max,
      example: POOLS.min,
    }),
    status: flag('0 open, 1 frozen.'),
    operator_fee: operatorFee,
    min_operator_share_rate: shareRate,
  },
  make: (asked, client) => ({
    fields: {
      ...owner(client),
      PublicPoolIndex: asked.public_pool_index,
      Status: asked.status,
      OperatorFee: asked.operator_fee,
      MinOperatorShareRate: asked.min_operator_share_rate,
      L2TxAttributes: {},
    },
  }),
});

const poolShares = { public_pool_index: pool, share_amount: shares };

export const mintShares = row({
  name: 'SIGN_MINT_SHARES',
  transaction: 'MintShares',
  action: 'mint_shares',
  title: 'Sign the purchase of shares in a pool',
  about: 'Puts funds into the pool, whoever operates it.',
  shape: poolShares,
  make: (asked, client) => ({
    fields: {
      ...owner(client),
      PublicPoolIndex: asked.public_pool_index,
      ShareAmount: asked.share_amount,
      L2TxAttributes: {},
    },
  }),
});

export const burnShares = row({
  name: 'SIGN_BURN_SHARES',
  transaction: 'BurnShares',
  action: 'burn_shares',
  title: 'Sign the return of shares to a pool',
  about: 'Takes funds out of the pool.',
  shape: poolShares,
  make: (asked, client) => ({
    fields: {
      ...owner(client),
      PublicPoolIndex: asked.public_pool_index,
      ShareAmount: asked.share_amount,
      L2TxAttributes: {},
    },
  }),
});

const stake = { staking_pool_index: pool, share_amount: shares };

export const stakeAssets = row({
  name: 'SIGN_STAKE_ASSETS',
  transaction: 'StakeAssets',
  action: 'stake_assets',
  title: 'Sign staking',
  about: 'Puts assets into a staking pool.',
  shape: stake,
  make: (asked, client) => ({
    fields: {
      ...owner(client),
      StakingPoolIndex: asked.staking_pool_index,
      ShareAmount: asked.share_amount,
      L2TxAttributes: {},
    },
  }),
});

export const unstakeAssets = row({
  name: 'SIGN_UNSTAKE_ASSETS',
  transaction: 'UnstakeAssets',
  action: 'unstake_assets',
  title: 'Sign the end of staking',
  about: 'Takes assets out of a staking pool.',
  shape: stake,
  make: (asked, client) => ({
    fields: {
      ...owner(client),
      StakingPoolIndex: asked.staking_pool_index,
      ShareAmount: asked.share_amount,
      L2TxAttributes: {},
    },
  }),
});
