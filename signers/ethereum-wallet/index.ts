/** The wallet signer's door: keys that own funds on Ethereum, and the texts they sign. */
export { formatAddress, parseAddress, walletAddress } from './address.ts';
export { recoverPersonalSigner, signPersonalMessage } from './personal-message.ts';
export { isWalletKey, WALLET_KEY_SIZE } from './wallet-key.ts';
