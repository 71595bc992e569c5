/** Four digits: the difference between routes is often in the last one. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

/** @param micros millionths of the currency */
export function money(micros: number, currency: string): string {
  return `${(micros / 1_000_000).toFixed(6)} ${currency}`.trim();
}
