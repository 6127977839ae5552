/**
 * facts — what policy may know about a Lighter request.
 *
 * What is hashed is proven. What our own records and configuration add has provenance `configured`,
 * and what only the caller says is `claimed`. Amounts are the exchange's integers: bases in the
 * market's smallest unit, prices in its ticks, USDC in millionths.
 */
import type { Actions, FactSpec, FactType } from '../../policy/facts.ts';

type FactSpecs = Readonly<Record<string, FactSpec>>;

const proven = (type: FactType, about: string) => ({ type, provenance: 'proven', about }) as const;
const recorded = (type: FactType, about: string) =>
  ({ type, provenance: 'configured', about }) as const;
const claimed = (type: FactType, about: string) =>
  ({ type, provenance: 'claimed', about }) as const;
const optional = (spec: FactSpec): FactSpec => ({ ...spec, optional: true });

// --- Groups of facts -----------------------------------------------------------------------------

const request: FactSpecs = {
  caller: recorded('string', 'who asks: the authenticated caller or the webhook secret'),
  key: recorded('string', 'id of the API key in the key ring'),
  network: recorded('string', 'mainnet, testnet or robinhood; else chain- and the chain id'),
  chain_id: proven('int', 'chain for which it is signed: 304 is mainnet, 300 a testnet'),
  account: proven('int', 'index of the account'),
  is_sub_account: proven('bool', 'the account is a sub-account or a pool'),
  api_key: proven('int', 'slot of the API key, 0 to 254'),
};

const transaction: FactSpecs = {
  ...request,
  tx_type: proven('int', 'number of the transaction type'),
  nonce: optional(proven('int', 'nonce, if one could be given')),
  nonce_mode: recorded('string', 'where the nonce comes from: explicit, strict or skip'),
  skip_nonce: proven('bool', 'the exchange may jump to the nonce'),
  nonce_gap: recorded('int', 'nonces left unused below this one, which make it invalid for now'),
  repeated: recorded('bool', 'the very same was signed before and is given out again'),
  lifetime_ms: proven('int', 'milliseconds in which the exchange may take it'),
};

const market: FactSpecs = {
  market: proven('int', 'index of the market'),
  is_spot: proven('bool', 'the market is a spot market'),
};

const sized: FactSpecs = {
  base_amount: proven('int', 'size; of a group the largest'),
  notional: optional(
    proven(
      'int',
      'size × price, if the size is given: of a group what it can open or close at once',
    ),
  ),
  oracle_price: optional(claimed('int', 'what the caller believes to be the fair price')),
};

const trading: FactSpecs = {
  integrator: proven('int', 'account that earns integrator fees, 0 for none'),
  integrator_taker_fee: proven('int', 'its fee when the order takes, in millionths'),
  integrator_maker_fee: proven('int', 'its fee when the order rests, in millionths'),
  self_trade_behavior: proven('int', '0 expire maker, 1 expire taker, 2 cancel both, 3 reduce'),
  self_trade_equality: proven('int', '0 own orders of the account, 1 of the master account'),
};

const order: FactSpecs = {
  ...market,
  ...sized,
  ...trading,
  is_ask: proven('bool', 'sells; of a group the first order'),
  whole_position: proven('bool', 'no size is given: the order closes whatever is open'),
  reduce_only: proven('bool', 'can only make a position smaller; of a group every order'),
  expires_in_ms: optional(proven('int', 'milliseconds until the order expires, if it does')),
};

const l1: FactSpecs = {
  countersigned: recorded('bool', 'an L1 wallet that is kept here signs it as well'),
};

const poolShares: FactSpecs = {
  pool: proven('int', 'index of the pool'),
  shares: proven('int', 'number of shares'),
};

const orderIndex: FactSpecs = {
  order_index: proven('int', 'index of the order'),
  index_kind: proven('string', 'who gave the index: client or exchange'),
};

// --- Vocabulary ----------------------------------------------------------------------------------

export const actions = {
  create_order: {
    movesValue: true,
    about: 'places an order',
    facts: {
      ...transaction,
      ...order,
      price: proven('int', 'limit price; of a market order the worst acceptable one'),
      order_type: proven(
        'string',
        'limit, market, stop_loss, stop_loss_limit, take_profit, take_profit_limit or twap',
      ),
      time_in_force: proven('string', 'ioc, gtt or post_only'),
      trigger_price: proven('int', 'price at which it wakes up, 0 for none'),
      client_order_index: proven('int', 'index that the client gave, 0 for none'),
    },
  },
  create_grouped_orders: {
    movesValue: true,
    about: 'places orders that trigger or cancel each other',
    facts: {
      ...transaction,
      ...order,
      grouping: proven('string', 'oto, oco or otoco'),
      orders_count: proven('int', 'number of orders'),
      prices: proven('list<int>', 'limit price of each order'),
      order_types: proven('list<string>', 'type of each order'),
      times_in_force: proven('list<string>', 'time in force of each order'),
      trigger_prices: proven('list<int>', 'trigger price of each order, 0 for none'),
      client_order_indexes: proven('list<int>', 'client index of each order, 0 for none'),
    },
  },
  modify_order: {
    movesValue: true,
    about: 'changes size and price of an order, whose side is not visible',
    facts: {
      ...transaction,
      ...market,
      ...orderIndex,
      ...sized,
      ...trading,
      price: proven('int', 'new limit price'),
      trigger_price: proven('int', 'new trigger price, 0 for none'),
      order_version: proven('int', 'version of the order that is changed, 0 for any'),
    },
  },
  cancel_order: {
    movesValue: false,
    about: 'cancels an order',
    facts: { ...transaction, ...market, ...orderIndex },
  },
  cancel_all_orders: {
    movesValue: false,
    about: 'cancels all orders, now or at a time, or calls such a plan off',
    facts: {
      ...transaction,
      timing: proven('string', 'immediate, scheduled or abort'),
      in_ms: optional(proven('int', 'milliseconds until a scheduled one')),
      all_markets: proven('bool', 'orders of every market'),
      market: optional(proven('int', 'the one market, if not all')),
    },
  },
  update_leverage: {
    movesValue: false,
    about: 'sets leverage and margin mode of a market',
    facts: {
      ...transaction,
      market: proven('int', 'index of the market'),
      initial_margin_fraction: proven('int', 'initial margin in ten thousandths'),
      leverage: proven('int', '10000 over the initial margin fraction, rounded up'),
      margin_mode: proven('string', 'cross or isolated'),
    },
  },
  update_margin: {
    movesValue: false,
    about: 'moves margin between the account and one of its isolated positions',
    facts: {
      ...transaction,
      market: proven('int', 'index of the market'),
      amount: proven('int', 'USDC in millionths'),
      direction: proven('string', 'add or remove, seen from the position'),
    },
  },
  withdraw: {
    movesValue: true,
    about: 'withdraws to the L1 address of the owner',
    facts: {
      ...transaction,
      asset: proven('int', 'index of the asset: 1 is ETH, 3 is USDC'),
      route: proven('string', 'perps or spot'),
      amount: proven('int', 'amount in the smallest unit of the asset'),
    },
  },
  transfer: {
    movesValue: true,
    about: 'transfers to another account, or between perps and spot',
    facts: {
      ...transaction,
      ...l1,
      to_account: proven('int', 'index of the receiving account'),
      to_self: proven('bool', 'the receiving account is the sending one'),
      asset: proven('int', 'index of the asset: 1 is ETH, 3 is USDC'),
      from_route: proven('string', 'perps or spot'),
      to_route: proven('string', 'perps or spot'),
      amount: proven('int', 'amount in the smallest unit of the asset'),
      fee: proven('int', 'fee in millionths of USDC'),
      // Only the wallet signs it, and not every transfer has one.
      memo: claimed('string', 'memo, 32 bytes in hex'),
      memo_address: optional(
        claimed('string', 'L1 address in the memo, as fast withdrawals have it'),
      ),
      same_owner: optional(claimed('bool', 'both accounts are the same owner’s')),
    },
  },
  change_api_key: {
    movesValue: true,
    about: 'puts another key into a slot, or leaves it empty',
    facts: {
      ...transaction,
      ...l1,
      new_public_key: proven('string', 'the public key, 40 bytes in hex'),
      revokes: proven('bool', 'the slot is left empty'),
      key_held: recorded('bool', 'the private key is kept here'),
    },
  },
  create_sub_account: {
    movesValue: false,
    about: 'opens a sub-account',
    facts: transaction,
  },
  create_public_pool: {
    movesValue: true,
    about: 'opens a pool in which others invest',
    facts: {
      ...transaction,
      operator_fee: proven('int', 'share of profits for the operator, in millionths'),
      initial_total_shares: proven('int', 'shares that the operator begins with'),
      min_operator_share_rate: proven('int', 'least share of the operator, in ten thousandths'),
    },
  },
  update_public_pool: {
    movesValue: true,
    about: 'changes the terms of a pool',
    facts: {
      ...transaction,
      pool: proven('int', 'index of the pool'),
      status: proven('int', '0 or 1, as the exchange has it'),
      operator_fee: proven('int', 'share of profits for the operator, in millionths'),
      min_operator_share_rate: proven('int', 'least share of the operator, in ten thousandths'),
    },
  },
  mint_shares: {
    movesValue: true,
    about: 'pays into a pool',
    facts: { ...transaction, ...poolShares },
  },
  burn_shares: {
    movesValue: true,
    about: 'takes out of a pool',
    facts: { ...transaction, ...poolShares },
  },
  stake_assets: {
    movesValue: true,
    about: 'pays into a staking pool',
    facts: { ...transaction, ...poolShares },
  },
  unstake_assets: {
    movesValue: true,
    about: 'takes out of a staking pool',
    facts: { ...transaction, ...poolShares },
  },
  approve_integrator: {
    movesValue: true,
    about: 'lets an integrator charge fees on orders, up to a maximum each',
    facts: {
      ...transaction,
      ...l1,
      integrator: proven('int', 'account of the integrator'),
      perps_taker_fee: proven('int', 'highest fee in millionths'),
      perps_maker_fee: proven('int', 'highest fee in millionths'),
      spot_taker_fee: proven('int', 'highest fee in millionths'),
      spot_maker_fee: proven('int', 'highest fee in millionths'),
      revokes: proven('bool', 'takes an approval back'),
      expires_in_ms: optional(proven('int', 'milliseconds until the approval ends, if it does')),
    },
  },
  update_account_config: {
    movesValue: false,
    about: 'sets the trading mode of the account',
    facts: { ...transaction, trading_mode: proven('int', '0 or 1, as the exchange has it') },
  },
  update_account_asset_config: {
    movesValue: false,
    about: 'sets whether an asset serves as collateral',
    facts: {
      ...transaction,
      asset: proven('int', 'index of the asset: 1 is ETH, 3 is USDC'),
      margin_mode: proven('int', '0 not, 1 as collateral'),
    },
  },
  auth_token: {
    movesValue: false,
    about: 'gives access to the account’s data, and to some of its settings, until a deadline',
    facts: {
      ...request,
      deadline: proven('int', 'seconds since 1970'),
      lifetime_s: proven('int', 'seconds until the deadline'),
    },
  },
} as const satisfies Actions;

export type LighterAction = keyof typeof actions;
