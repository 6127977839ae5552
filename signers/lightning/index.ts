/** The Lightning signer's door. */
export { type Accelerator, chooseCurve, type CurveChoice } from './choose-curve.ts';
export type { Curve } from './curve.ts';
export { areValidTweaks, commitmentTweak, revocationTweaks } from './key-tweaks.ts';
export { createLightningKeys } from './keys.ts';
export type { BitcoinNetwork, KeyTweaks, LightningKeys } from './lightning-keys.ts';
export { createNativeCurve, type NativeLibrary } from './native-curve.ts';
export { nobleCurve } from './noble-curve.ts';
export { CHANNEL_KEYS, type ChannelKey, channelKeyPath, parsePath, type PathUse } from './path.ts';
export { FIRST_COMMITMENT_INDEX, isCommitmentIndex } from './per-commitment.ts';
export { emptySecretStore, insertSecret, lookupSecret, type SecretStore } from './secret-store.ts';
export { loadTinyCurve } from './tiny-curve.ts';
