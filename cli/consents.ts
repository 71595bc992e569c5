import { counted } from '../domain/counted.ts';
import { parsePhoneNumber } from '../domain/phone-number.ts';
import type { Store } from '../store/store.ts';
import { withConfiguredStore } from './open-store.ts';

const usage =
  'portsms consents verify [NUMBER]: NUMBER is a person’s, in E.164; without it the whole ledger is verified';

/**
 * `portsms consents verify [NUMBER]`: proves that no event of the consent ledger was changed, removed, moved or added (invariant 10).
 * @returns the exit code: 0 only when every chain is whole, 2 when the command is not right
 */
export async function run(args: string[]): Promise<number> {
  const [action, number, ...more] = args;
  if (action !== 'verify' || more.length > 0 || (number !== undefined && !parsePhoneNumber(number).ok)) {
    console.error(usage);
    return 2;
  }
  return withConfiguredStore((store) => verify(store, number, console.log));
}

/**
 * @param tell takes a line for each fault, and one for the result
 * @returns the exit code
 */
export async function verify(
  { consents, vault }: Pick<Store, 'consents' | 'vault'>,
  number: string | undefined,
  tell: (line: string) => void,
): Promise<number> {
  const { subjects, events, faults } = number === undefined ? await consents.verifyAll() : await verifyOne(number);
  for (const { subjectKey, detail } of faults) tell(`${subjectKey}: ${detail}`);
  const broken = new Set(faults.map(({ subjectKey }) => subjectKey)).size;
  tell(
    broken === 0
      ? `The consent ledger is whole: ${counted(events, 'event')} about ${counted(subjects, 'person')}.`
      : `Not whole: of ${counted(broken, 'person')} the chain; nothing is sent to them. Compare with a backup of before; what is missing or changed was not done by Port SMS.`,
  );
  return broken === 0 ? 0 : 1;

  async function verifyOne(of: string) {
    const subjectKey = vault.numberKey(of);
    const found = await consents.verify(subjectKey);
    // Nothing on record and no note of an end: nobody has ever said anything.
    const isAbsent = found.every(({ kind }) => kind === 'absent');
    const events = isAbsent && found.length > 0 ? 0 : await consents.count(subjectKey);
    return { subjects: 1, events, faults: isAbsent ? [] : found };
  }
}
