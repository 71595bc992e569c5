/** SMPP 3.4 §5.2.5: international number, alphanumeric, abbreviated (short code). */
const TON = { international: 1, alphanumeric: 5, abbreviated: 6 } as const;
const NPI_ISDN = 1;

/** An address as the rest of the simulator writes it: E.164 with `+`, a short code, or a name. */
export function readAddress(ton: unknown, address: unknown): string {
  const value = String(address ?? '');
  if (ton === TON.international) return `+${value.replace(/^\+/, '')}`;
  return value;
}

export interface SmppAddress {
  readonly ton: number;
  readonly npi: number;
  readonly address: string;
}

export function writeAddress(address: string): SmppAddress {
  if (address.startsWith('+')) return { ton: TON.international, npi: NPI_ISDN, address: address.slice(1) };
  if (/^\d+$/.test(address)) return { ton: TON.abbreviated, npi: 0, address };
  return { ton: TON.alphanumeric, npi: 0, address };
}
