/** Amounts as decimal texts, made integers of an asset's smallest unit without rounding. */

/** `undefined` where the text is no plain decimal or has digits beyond `decimals` other than 0. */
export function exactUnits(text: string, decimals: number): bigint | undefined {
  const [, whole, fraction = ''] = /^(\d{1,30})(?:\.(\d{1,30}))?$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const significant = fraction.replace(/0+$/, '');
  if (significant.length > decimals) return undefined;
  return BigInt(whole + significant.padEnd(decimals, '0'));
}
