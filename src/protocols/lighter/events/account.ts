/** Requests about the account itself: keys, sub-accounts, settings, integrators, tokens. */
import { flag, hexOf, integer, integerOr } from '../../../base/request-fields.ts';
import { fromHex } from '../../../base/hex.ts';
import { countersignature, countersignatureShape } from './countersignature.ts';
import { owner } from './owner.ts';
import { authToken, reworded, row } from './sub-event.ts';

const REVOKED = '00'.repeat(40);

export const changeApiKey = row({
  name: 'SIGN_CHANGE_API_KEY',
  transaction: 'ChangePubKey',
  action: 'change_api_key',
  title: "Sign the change of a slot's API key",
  about:
    "The new key itself signs, so it must be kept here: as the slot's client, or in a registration under way. The L1 wallet signs too: name a stored `wallet`, or bring its `l1_signature`; without either, `message_to_sign` is the text that it has to sign. 40 zero bytes revoke the slot's key.",
  shape: {
    new_pubkey: hexOf(40, { about: 'Public key of the new API key, 40 bytes of hex.' }),
    ...countersignatureShape,
  },
  signedBy: ({ new_pubkey: key }) => (key === REVOKED ? undefined : key),
  make(asked, client) {
    const countersigned = countersignature(asked);
    if ('refused' in countersigned) return countersigned;
    return {
      fields: {
        ...owner(client),
        PubKey: fromHex(asked.new_pubkey),
        L1Sig: countersigned.L1Sig,
        L2TxAttributes: {},
      },
      ...countersigned.by,
    };
  },
});

export const createSubAccount = row({
  name: 'SIGN_CREATE_SUB_ACCOUNT',
  transaction: 'CreateSubAccount',
  action: 'create_sub_account',
  title: 'Sign the creation of a sub-account',
  about: 'Only a master account has sub-accounts.',
  shape: {},
  make: (_asked, client) => ({ fields: { ...owner(client), L2TxAttributes: {} } }),
});

export const updateAccountConfig = row({
  name: 'SIGN_UPDATE_ACCOUNT_CONFIG',
  transaction: 'UpdateAccountConfig',
  action: 'update_account_config',
  title: 'Sign a change of how the account trades',
  about: 'Of the whole account.',
  shape: { account_trading_mode: flag('0 or 1, as the exchange defines them.') },
  make: (asked, client) => ({
    fields: {
      ...owner(client),
      AccountTradingMode: asked.account_trading_mode,
      L2TxAttributes: {},
    },
  }),
});

const asset = integer({ about: '1 is ETH, 3 is USDC.', min: 1n, max: 62n, example: 1n });

export const updateAccountAssetConfig = row({
  name: 'SIGN_UPDATE_ACCOUNT_ASSET_CONFIG',
  transaction: 'UpdateAccountAssetConfig',
  action: 'update_account_asset_config',
  title: 'Sign whether an asset counts as collateral',
  about: 'Of the whole account.',
  shape: { asset_index: asset, asset_margin_mode: flag('1: it counts.') },
  make: (asked, client) => ({
    fields: {
      ...owner(client),
      AssetIndex: asked.asset_index,
      AssetMarginMode: asked.asset_margin_mode,
      L2TxAttributes: {},
    },
  }),
});

/** The same by the field names of an in-browser signer. */
export const assetCollateral = reworded(updateAccountAssetConfig, {
  shape: { asset_index: asset, enabled: flag('1: it counts.') },
  make: (asked, client) => ({
    fields: {
      ...owner(client),
      AssetIndex: asked.asset_index,
      AssetMarginMode: asked.enabled,
      L2TxAttributes: {},
    },
  }),
});

const integrator = integer({
  about: "The integrator's account.",
  min: 0n,
  max: 2n ** 48n - 2n,
  example: 12_345n,
});
const maxFee = (of: string) =>
  integer({ about: `The most ${of} may cost, in millionths.`, min: 0n, max: 1_000_000n });

export const approveIntegrator = row({
  name: 'SIGN_APPROVE_INTEGRATOR',
  transaction: 'ApproveIntegrator',
  action: 'approve_integrator',
  title: 'Sign the approval of an integrator',
  about:
    'Where fees are granted to another owner, the L1 wallet signs as well. No fees and expiry 0 revoke an approval.',
  shape: {
    integrator_account_index: integrator,
    max_perps_taker_fee: maxFee('a taker in perps'),
    max_perps_maker_fee: maxFee('a maker in perps'),
    max_spot_taker_fee: maxFee('a taker in spot'),
    max_spot_maker_fee: maxFee('a maker in spot'),
    approval_expiry: integer({
      about: 'Milliseconds since 1970; 0 revokes.',
      min: 0n,
      max: 2n ** 48n - 1n,
    }),
    ...countersignatureShape,
  },
  make(asked, client) {
    const countersigned = countersignature(asked);
    if ('refused' in countersigned) return countersigned;
    return {
      fields: {
        ...owner(client),
        IntegratorAccountIndex: asked.integrator_account_index,
        MaxPerpsTakerFee: asked.max_perps_taker_fee,
        MaxPerpsMakerFee: asked.max_perps_maker_fee,
        MaxSpotTakerFee: asked.max_spot_taker_fee,
        MaxSpotMakerFee: asked.max_spot_maker_fee,
        ApprovalExpiry: asked.approval_expiry,
        L1Sig: countersigned.L1Sig,
        L2TxAttributes: {},
      },
      ...countersigned.by,
    };
  },
});

export const revokeIntegrator = reworded(approveIntegrator, {
  shape: { integrator_account_index: integrator },
  make: (asked, client) => ({
    fields: {
      ...owner(client),
      IntegratorAccountIndex: asked.integrator_account_index,
      MaxPerpsTakerFee: 0n,
      MaxPerpsMakerFee: 0n,
      MaxSpotTakerFee: 0n,
      MaxSpotMakerFee: 0n,
      ApprovalExpiry: 0n,
      L1Sig: '',
      L2TxAttributes: {},
    },
  }),
});

/** What the Lighter signing service and Lighter's own client write for the usual lifetime. */
const USUAL_DEADLINES = { min: -1n, max: 0n };

export const createAuthToken = authToken({
  name: 'CREATE_AUTH_TOKEN',
  action: 'auth_token',
  title: 'Create a token that authenticates the account',
  about: 'Its bearer may read the account and more, until the deadline or until the key changes.',
  shape: {
    deadline: integerOr(USUAL_DEADLINES.min, {
      about: 'Seconds since 1970, eight hours ahead at most. -1, 0 or absent: the usual lifetime.',
      min: USUAL_DEADLINES.min,
      max: 2n ** 48n - 1n,
    }),
  },
  make: ({ deadline }) => (deadline > USUAL_DEADLINES.max ? { deadline } : {}),
});
