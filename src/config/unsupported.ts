/** Names that mean something elsewhere or later: recognised, so that silence never misleads. */

/** Settings of other signers whose purpose something better serves here. */
export const SUPERSEDED: Readonly<Record<string, string>> = {
  VALIDATION_ENABLED: 'is superseded: every request is validated, and policy decides',
  L1_WALLET_ENABLED: 'is superseded: policy rules on `l1_spend` decide about on-chain spends',
};
