/** What a losing carrier knows of a number's account, by which a request to take it away is proven (47 CFR 52.36). */
export interface PortOutAccount {
  readonly accountNumber?: string;
  readonly pin?: string;
  readonly postalCode?: string;
}

export const portOutAccountFields = ['accountNumber', 'pin', 'postalCode'] as const;
export type PortOutAccountField = (typeof portOutAccountFields)[number];

/** In which spelling a value is compared: letters and digits of account numbers and postal codes, the first five of a ZIP+4; PINs as they are. */
export function comparable(field: PortOutAccountField, value: string): string {
  if (field === 'pin') return value.trim();
  const plain = value.normalize('NFKC').toUpperCase();
  const zipPlus4 = /^\s*(\d{5})-\d{4}\s*$/.exec(plain);
  if (field === 'postalCode' && zipPlus4?.[1]) return zipPlus4[1];
  return plain.replace(/[^\p{L}\p{N}]/gu, '');
}
