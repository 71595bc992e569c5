import type { Store } from '../store/store.ts';
import { withConfiguredStore } from './open-store.ts';

/** How it is called. */
export const usage =
  'portsms timeline verify [SUBJECT]: SUBJECT is the id of a port; without it all timelines are verified';

/**
 * `portsms timeline verify [SUBJECT]`: proves that no step was changed, removed, moved or added (invariant 10).
 * @returns the exit code: 0 only when every chain is whole, 2 when there is none of the subject
 */
export async function run(args: string[]): Promise<number> {
  const [action, subject, ...more] = args;
  if (action !== 'verify' || more.length > 0) {
    console.error(usage);
    return 2;
  }
  return withConfiguredStore((store) => verify(store, subject, console.log));
}

/**
 * @param tell takes a line for each fault, and one for the result
 * @returns the exit code
 */
export async function verify(
  store: Pick<Store, 'timeline' | 'ports'>,
  subject: string | undefined,
  tell: (line: string) => void,
): Promise<number> {
  const verified = new Set<string>();
  let broken = 0;
  const check = async (id: string) => {
    const faults = await store.timeline.verify(id);
    for (const { detail } of faults) tell(`${id}: ${detail}`);
    if (faults.length > 0) broken++;
    verified.add(id);
  };
  const vanished = (id: string) => {
    tell(`${id}: The whole timeline is missing.`);
    broken++;
  };
  if (subject !== undefined) {
    const isAbsent = (await store.timeline.verify(subject)).some(({ kind }) => kind === 'absent');
    if (!isAbsent) await check(subject);
    else if (((await store.ports.find(subject))?.counter ?? 0) > 0) vanished(subject);
    else {
      tell(`There is no timeline of ${subject}: check the id.`);
      return 2;
    }
  } else {
    for await (const id of store.timeline.subjects()) await check(id);
    for await (const id of portsWithSteps(store)) {
      if (!verified.has(id)) vanished(id);
    }
  }
  tell(
    broken === 0
      ? `${verified.size === 1 ? '1 timeline is' : `${verified.size} timelines are`} whole.`
      : `Not whole: ${broken}. Compare with a backup of before; what is missing or changed was not done by Port SMS.`,
  );
  return broken === 0 ? 0 : 1;
}

/** Ports whose process has said something: their timelines have a step at least. */
async function* portsWithSteps(store: Pick<Store, 'ports'>): AsyncIterable<string> {
  for (let before: { at: Date; id: string } | undefined; ; ) {
    const page = await store.ports.list(before ? { before } : {}, 200);
    for (const { _id, counter } of page) if (counter > 0) yield _id;
    const last = page.at(-1);
    if (!last) return;
    before = { at: last.createdAt, id: last._id };
  }
}
