import type { SmppConfig } from './config.ts';

type Bases = SmppConfig['receiptId'];

/**
 * The id in a carrier's answer, written so that the id of its receipt comes out the same: digits without leading zeros (one
 * side pads them), hexadecimal digits small.
 */
export function idOfAnswer(id: string, bases: Bases): string {
  const bare = id.trim();
  if (bases === 'hexThenDecimal') return isHex(bare) ? withoutZeros(bare.toLowerCase()) : bare;
  return isDecimal(bare) ? withoutZeros(bare) : bare;
}

/** The id in a carrier's receipt, brought to the form of `idOfAnswer`. */
export function idOfReceipt(id: string, bases: Bases): string {
  const bare = id.trim();
  if (bases === 'hexThenDecimal' && isDecimal(bare)) return BigInt(bare).toString(16);
  if (bases === 'decimalThenHex' && isHex(bare)) return BigInt(`0x${bare}`).toString(10);
  return idOfAnswer(bare, bases);
}

const isDecimal = (id: string) => /^\d{1,64}$/.test(id);
const isHex = (id: string) => /^[\da-f]{1,64}$/i.test(id);
const withoutZeros = (id: string) => id.replace(/^0+(?=.)/, '');
