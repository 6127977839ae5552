/** Every kind of request. A new one is a row here; routes and the API's description follow. */
import { hexOf } from '../../../base/request-fields.ts';
import {
  approveIntegrator,
  changeApiKey,
  createAuthToken,
  createSubAccount,
  updateAccountAssetConfig,
  updateAccountConfig,
} from './account.ts';
import { actions, BROWSER_SLOT } from './actions.ts';
import { transfer, withdraw } from './funds.ts';
import {
  burnShares,
  createPublicPool,
  mintShares,
  stakeAssets,
  unstakeAssets,
  updatePublicPool,
} from './pools.ts';
import { type SubEvent, transaction } from './sub-event.ts';
import {
  cancelAllOrders,
  cancelOrder,
  createGroupedOrders,
  createOrder,
  modifyOrder,
  updateLeverage,
  updateMargin,
} from './trading.ts';

/** Asks for the transaction of a registration under way; `register_api_key` begins one. */
const registerApiKey = transaction({
  ...changeApiKey,
  name: 'REGISTER_API_KEY',
  canonical: changeApiKey.name,
  title: 'Sign the transaction of a registration under way',
  usualSlot: BROWSER_SLOT,
  shape: {
    ...changeApiKey.shape,
    new_pubkey: hexOf(40, {
      about: 'Public key of the registration.',
      rule: 'must be the public key, 40 bytes of hex, of a registration that `POST /register_api_key` began',
    }),
  },
});

export const SUB_EVENTS: readonly SubEvent[] = [
  transaction(createOrder),
  transaction(createGroupedOrders),
  transaction(cancelOrder),
  transaction(cancelAllOrders),
  transaction(modifyOrder),
  transaction(withdraw),
  transaction(transfer),
  transaction(changeApiKey),
  registerApiKey,
  transaction(createSubAccount),
  transaction(createPublicPool),
  transaction(updatePublicPool),
  transaction(mintShares),
  transaction(burnShares),
  transaction(updateLeverage),
  transaction(updateMargin),
  transaction(stakeAssets),
  transaction(unstakeAssets),
  transaction(approveIntegrator),
  transaction(updateAccountConfig),
  transaction(updateAccountAssetConfig),
  createAuthToken,
  ...actions,
];

const byName: ReadonlyMap<string, SubEvent> = new Map(
  SUB_EVENTS.map((subEvent) => [subEvent.name, subEvent]),
);

export function subEventOf(name: string): SubEvent | undefined {
  return byName.get(name);
}
