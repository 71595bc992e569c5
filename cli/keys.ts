import type { Store } from '../store/store.ts';
import { withConfiguredStore } from './open-store.ts';

/** How it is called. */
export const usage =
  'portsms keys status | rotate: which master key wraps the keys of people; wraps all by the current one';

/**
 * `portsms keys status`: how many keys of people each master key wraps. `portsms keys rotate`: wraps all by the current one, the first of
 * PORTSMS_MASTER_KEYS; what is sealed stays as it is.
 * @returns the exit code
 */
export async function run(args: string[]): Promise<number> {
  const [action, ...more] = args;
  if ((action !== 'status' && action !== 'rotate') || more.length > 0) {
    console.error(usage);
    return 2;
  }
  return withConfiguredStore(async (store) => {
    if (action === 'rotate') await rotate(store, console.log);
    await status(store, console.log);
    return 0;
  });
}

/** @param tell takes each line */
export async function rotate(
  { subjectKeys, masterKeys }: Pick<Store, 'subjectKeys' | 'masterKeys'>,
  tell: (line: string) => void,
): Promise<void> {
  const count = await subjectKeys.rewrap();
  tell(`${count} keys have been wrapped anew by «${masterKeys.current}».`);
  // A process that still wraps by a former one may have added some meanwhile.
  const late = await subjectKeys.rewrap();
  if (late > 0) {
    tell(`${late} more came meanwhile: processes run that wrap by another key. Restart them, then rotate again.`);
    return;
  }
  for (const id of await masterKeys.retireOthers(new Date())) {
    tell(
      `«${id}» is needed for backups only: take it out of PORTSMS_MASTER_KEYS, and destroy it with the last of them.`,
    );
  }
}

async function status(
  { subjectKeys, masterKeys }: Pick<Store, 'subjectKeys' | 'masterKeys'>,
  tell: (line: string) => void,
): Promise<void> {
  for (const [id, count] of await subjectKeys.countByMasterKey()) {
    tell(`${String(count).padStart(9)}  ${id}${id === masterKeys.current ? ' (current)' : ''}`);
  }
}
