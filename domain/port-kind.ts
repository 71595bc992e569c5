import type { PhoneNumberType } from './phone-number.ts';
import type { NumberFacts } from './port-check.ts';
import type { ClockFacts } from './porting-clocks.ts';

type Numbered = Pick<NumberFacts, 'valid' | 'country' | 'type'>;

/** By what a port's clocks are told from others'. */
export function portKindOf(
  numbers: readonly Numbered[],
  portType: 'full' | 'partial',
): Pick<ClockFacts, 'country' | 'type' | 'simple' | 'wireless'> {
  const valid = numbers.filter((number) => number.valid);
  const [first] = valid;
  // The numbering plan of North America does not tell fixed from mobile; a database may, of some.
  const type: PhoneNumberType =
    valid.find((number) => number.type !== 'fixed-or-mobile')?.type ?? first?.type ?? 'other';
  return {
    country: first?.country ?? '',
    type,
    // Several numbers, or others that stay on the account, are never a simple port.
    simple: numbers.length === 1 && portType === 'full',
    wireless: type === 'mobile',
  };
}
