/**
 * The action names of signers that run in a trader's browser, as the perps SDK of LI.FI has them.
 * They mean the same transactions, use API key slot 42 unless told otherwise, and are answered with
 * `{txType, txInfo, txHash}`.
 */
import type { z } from 'zod';

import type { TransactionName } from '../../../../signers/lighter/index.ts';
import {
  approveIntegrator,
  assetCollateral,
  revokeIntegrator,
  updateAccountConfig,
} from './account.ts';
import { sendAsset, transferTo, withdrawal } from './funds.ts';
import {
  authToken,
  type SigningSubEvent,
  type SubEvent,
  transaction,
  type TransactionParticulars,
} from './sub-event.ts';
import {
  cancelAllOrdersAt,
  cancelOrder,
  createOrder,
  modifyOrder,
  updateLeverage,
  updateMargin,
} from './trading.ts';

/** Where such signers register their key. */
export const BROWSER_SLOT = 42n;
const HOUR = 3_600n;

function action<Name extends TransactionName, Shape extends z.ZodRawShape>(
  name: string,
  meant: TransactionParticulars<Name, Shape>,
): SigningSubEvent {
  return transaction({
    ...meant,
    name,
    canonical: meant.name,
    dialect: 'action',
    usualSlot: BROWSER_SLOT,
  });
}

export const actions: readonly SubEvent[] = [
  action('PLACE_ORDER', createOrder),
  action('PLACE_TRIGGER_ORDER', createOrder),
  action('PLACE_TWAP_ORDER', createOrder),
  action('CANCEL_ORDER', cancelOrder),
  action('CANCEL_TWAP', cancelOrder),
  action('CANCEL_ALL_ORDERS', cancelAllOrdersAt),
  action('MODIFY_ORDER', modifyOrder),
  action('UPDATE_LEVERAGE', updateLeverage),
  action('UPDATE_POSITION_MARGIN', updateMargin),
  action('WITHDRAWAL', withdrawal),
  action('TRANSFER', transferTo),
  action('SEND_ASSET', sendAsset),
  action('APPROVE_INTEGRATOR', approveIntegrator),
  action('REVOKE_INTEGRATOR', revokeIntegrator),
  action('ACCOUNT_MODE', updateAccountConfig),
  action('UPDATE_ASSET_COLLATERAL', assetCollateral),
  authToken({
    name: 'ACCOUNT_TYPE',
    dialect: 'action',
    action: 'auth_token',
    title: 'Create a token for an hour',
    about: 'It stands in `txInfo`, where other actions have their transaction.',
    usualSlot: BROWSER_SLOT,
    shape: {},
    make: () => ({ lifetime: HOUR }),
  }),
  {
    kind: 'wallet',
    name: 'DEPOSIT',
    dialect: 'action',
    title: 'Deposit funds',
    about: 'A transaction of the L1 wallet, which no API key can make.',
    reason: {
      code: 'lighter.l1_wallet',
      message:
        "a deposit is a transaction of the L1 wallet, which no API key can make; send it from the wallet of the account's owner",
    },
  },
];
