/** Requests to move funds: out to the owner, to another account, between perps and spot. */
import { z } from 'zod';

import { flagOr, integer, integerOr, text } from '../../../base/request-fields.ts';
import type { LighterClient } from '../clients.ts';
import { exactUnits } from './decimal.ts';
import type { FieldProblem } from './field-problem.ts';
import { memo } from './fields.ts';
import { sender } from './owner.ts';
import { countersignature, countersignatureShape } from './countersignature.ts';
import { reworded, row } from './sub-event.ts';

const USDC = 3n;
const NO_MEMO = new Uint8Array(32);

const AMOUNTS = { min: 1n, max: 2n ** 60n - 1n };

const assetOr = integerOr(USDC, {
  about: '1 is ETH, 3 is USDC.',
  min: 1n,
  max: 62n,
});
const asset = integer({ about: '1 is ETH, 3 is USDC.', min: 1n, max: 62n, example: USDC });
const route = (about: string) => flagOr(0n, `${about}: 0 perps, 1 spot.`);

const amountShape = {
  usdc_amount: integer({
    about: 'In millionths of a USDC.',
    ...AMOUNTS,
    example: 1_000_000n,
  }).optional(),
  amount: integer({
    about: "In the asset's smallest unit; instead of `usdc_amount`.",
    ...AMOUNTS,
  }).optional(),
  asset_index: assetOr,
};

type AskedAmount = z.output<z.ZodObject<typeof amountShape>>;

/** The amount, by whichever name; USDC's own name is not for other assets. */
function amountOf({ usdc_amount: usdc, amount, asset_index }: AskedAmount): bigint | FieldProblem {
  if (usdc === undefined) {
    return amount ?? { field: 'usdc_amount', rule: 'must be given, or `amount` instead' };
  }
  if (amount !== undefined) return { field: 'amount', rule: 'must not stand beside `usdc_amount`' };
  if (asset_index === USDC) return usdc;
  return { field: 'usdc_amount', rule: 'must be `amount` where `asset_index` is not 3' };
}

export const withdraw = row({
  name: 'SIGN_WITHDRAW',
  transaction: 'Withdraw',
  action: 'withdraw',
  title: 'Sign a withdrawal',
  about: "Goes to the L1 address of the account's owner and nowhere else.",
  shape: { ...amountShape, route_type: route('Where the funds lie') },
  make(asked, client) {
    const amount = amountOf(asked);
    if (typeof amount !== 'bigint') return { refused: amount };
    return {
      fields: {
        ...sender(client),
        AssetIndex: asked.asset_index,
        RouteType: asked.route_type,
        Amount: amount,
        L2TxAttributes: {},
      },
    };
  },
});

const transferShape = {
  fee: integerOr(0n, { about: 'In millionths of a USDC.', min: 0n, max: AMOUNTS.max }),
  memo: memo.optional().meta({
    type: 'string',
    description:
      'A note of 32 bytes: 32 characters, 64 hex digits or 32 numbers. Absent: zeros. The L1 wallet signs it, the API key does not.',
  }),
  from_route_type: route('Where the funds lie'),
  to_route_type: route('Where they arrive'),
  same_owner: z.boolean({ error: 'must be true or false' }).optional().meta({
    description:
      'Whether both accounts have one owner, so that no L1 signature is needed. Not signed; policy may ask.',
  }),
  ...countersignatureShape,
  ...amountShape,
};

type AskedTransfer = z.output<z.ZodObject<typeof transferShape>>;

function makeTransfer(to: bigint, asked: AskedTransfer, client: LighterClient) {
  const amount = amountOf(asked);
  if (typeof amount !== 'bigint') return { refused: amount };
  const countersigned = countersignature(asked);
  if ('refused' in countersigned) return countersigned;
  const { same_owner: sameOwner } = asked;
  return {
    fields: {
      ...sender(client),
      ToAccountIndex: to,
      AssetIndex: asked.asset_index,
      FromRouteType: asked.from_route_type,
      ToRouteType: asked.to_route_type,
      Amount: amount,
      USDCFee: asked.fee,
      Memo: asked.memo ?? NO_MEMO,
      L1Sig: countersigned.L1Sig,
      L2TxAttributes: {},
    },
    claims: sameOwner === undefined ? {} : { sameOwner },
    ...countersigned.by,
  };
}

const destination = integer({
  about: 'The account that receives.',
  min: 0n,
  max: 2n ** 48n - 2n,
  example: 124n,
});

export const transfer = row({
  name: 'SIGN_TRANSFER',
  transaction: 'Transfer',
  action: 'transfer',
  title: 'Sign a transfer',
  about:
    "Between accounts of different owners the L1 wallet signs as well: name a stored `wallet`, or bring its `l1_signature`. Without either, the answer's `message_to_sign` is the text that it has to sign.",
  shape: { to_account_index: destination, ...transferShape },
  make: (asked, client) => makeTransfer(asked.to_account_index, asked, client),
});

/** The same by the field names of an in-browser signer. */
export const transferTo = reworded(transfer, {
  shape: { to_account: destination, ...transferShape },
  make: (asked, client) => makeTransfer(asked.to_account, asked, client),
});

// --- Amounts as decimal texts ------------------------------------------------------------------

const DECIMAL_RULE = 'must be a decimal text, as "12.5"';
const decimal = (about: string) =>
  text({ about, example: '12.5' }, /^\d{1,30}(?:\.\d{1,30})?$/, DECIMAL_RULE);
const decimals = integer({
  about:
    'Digits of the asset behind the point. Absent: the 6 of USDC, and no other asset may be meant.',
  min: 0n,
  max: 18n,
  example: 6n,
}).optional();
const USDC_DECIMALS = 6n;

interface DecimalAmount {
  readonly asset_index: bigint;
  readonly amount: string;
  readonly decimals?: bigint | undefined;
  readonly min_withdrawal_amount?: string | undefined;
}

function unitsOf(asked: DecimalAmount): bigint | FieldProblem {
  if (asked.decimals === undefined && asked.asset_index !== USDC) {
    return { field: 'decimals', rule: 'must be given where `asset_index` is not 3' };
  }
  const places = Number(asked.decimals ?? USDC_DECIMALS);
  const units = exactUnits(asked.amount, places);
  if (units === undefined || units < AMOUNTS.min || units > AMOUNTS.max) {
    const rule = `must be above 0, below 2^60 units, with ${String(places)} digits behind the point at most`;
    return { field: 'amount', rule };
  }
  const least = exactUnits(asked.min_withdrawal_amount ?? '0', places);
  if (least !== undefined && units >= least) return units;
  return { field: 'amount', rule: 'must not be below `min_withdrawal_amount`' };
}

export const withdrawal = reworded(withdraw, {
  shape: {
    asset_index: asset,
    route_type: route('Where the funds lie'),
    amount: decimal('In whole units of the asset, exact.'),
    decimals,
    min_withdrawal_amount: decimal('What the exchange accepts at least.').optional(),
  },
  make(asked, client) {
    const units = unitsOf(asked);
    if (typeof units !== 'bigint') return { refused: units };
    return {
      fields: {
        ...sender(client),
        AssetIndex: asked.asset_index,
        RouteType: asked.route_type,
        Amount: units,
        L2TxAttributes: {},
      },
    };
  },
});

const ROUTES: ReadonlyMap<string, bigint> = new Map([
  ['', 0n],
  ['perp', 0n],
  ['perps', 0n],
  ['spot', 1n],
]);
const dex = (about: string) =>
  z
    .string({ error: 'must be perps or spot' })
    .transform((name, context): bigint => {
      const found = ROUTES.get(name.toLowerCase());
      if (found !== undefined) return found;
      context.addIssue({ code: 'custom', message: 'must be perps or spot' });
      return z.NEVER;
    })
    .meta({ type: 'string', enum: ['perps', 'spot'], description: about });

export const sendAsset = reworded(transfer, {
  shape: {
    asset_index: assetOr,
    amount: decimal('In whole units of the asset, exact.'),
    decimals,
    sourceDex: dex('Where the funds lie.'),
    destinationDex: dex('Where they arrive.'),
  },
  make(asked, client) {
    const units = unitsOf(asked);
    if (typeof units !== 'bigint') return { refused: units };
    return {
      fields: {
        ...sender(client),
        ToAccountIndex: client.account,
        AssetIndex: asked.asset_index,
        FromRouteType: asked.sourceDex,
        ToRouteType: asked.destinationDex,
        Amount: units,
        USDCFee: 0n,
        Memo: NO_MEMO,
        L1Sig: '',
        L2TxAttributes: {},
      },
    };
  },
});
