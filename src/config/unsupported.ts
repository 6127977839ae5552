/** Names that mean something elsewhere or later: recognised, so that silence never misleads. */

/** Settings a start must not ignore, because something would be less safe than they promise. */
export const REFUSED: Readonly<Record<string, string>> = {
  DATABASE_URL: 'is not supported yet; unset it to use SQLite in `DATA_DIR`',
  API_TLS_CERT_FILE: 'is not supported yet; put a TLS proxy in front, or use `API_SOCKET`',
  API_TLS_KEY_FILE: 'is not supported yet; put a TLS proxy in front, or use `API_SOCKET`',
  API_TLS_PFX_FILE: 'is not supported yet; put a TLS proxy in front, or use `API_SOCKET`',
  API_TLS_KNOWN_CLIENTS_FILE: 'is not supported yet; use `API_AUTH=required`, or `API_SOCKET`',
  API_ALLOWED_CLIENTS: 'is not supported yet; use `API_AUTH=required`, or `API_SOCKET`',
};

/** Flags of the same kind. */
export const REFUSED_FLAGS: Readonly<Record<string, string>> = {
  '--tls-cert': 'is not supported yet; put a TLS proxy in front, or use `--api-socket`',
  '--tls-key': 'is not supported yet; put a TLS proxy in front, or use `--api-socket`',
  '--auth-token':
    'is not supported yet; write the token into the file that `--api-token-file` names',
  '--keystores-path': 'is not supported yet; leave it out',
  '--workers': 'is not supported yet; leave it out',
};

/** Settings of other signers whose purpose something better serves here. */
export const SUPERSEDED: Readonly<Record<string, string>> = {
  VALIDATION_ENABLED: 'is superseded: every request is validated, and policy decides',
  L1_WALLET_ENABLED: 'is superseded: policy rules on `l1_spend` decide about on-chain spends',
};
