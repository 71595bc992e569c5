import { parseArgs } from 'node:util';
import type { Store } from '../store/store.ts';
import { withConfiguredStore } from './open-store.ts';
import { explain } from './route/explain.ts';
import { replay } from './route/replay.ts';
import { replayTerms } from './route/replay-terms.ts';
import { showRoutes } from './route/show.ts';

/** How it is called. */
export const usage = [
  'portsms route explain MESSAGE   why a text went by the carriers that it went by',
  'portsms route show [CARRIER]    what is expected of routes now, and by which passes it was learnt',
  'portsms route replay [--since TIME] [--until TIME] [--tolerance KIND=SHARE,…] [--exploration KIND=SHARE,…]',
  '                                chooses the routes of past texts again, with other parameters than they were chosen by',
].join('\n');

/**
 * `portsms route`: how routes are and were chosen.
 * @returns the exit code: 1 when there is nothing of what was asked for, 2 when it can't be understood
 */
export async function run(args: string[]): Promise<number> {
  const wanted = wantedOf(args);
  if (typeof wanted === 'string') {
    console.error([wanted, usage].filter(Boolean).join('\n'));
    return 2;
  }
  return withConfiguredStore(wanted);
}

/** What is to be done; what is wrong with the arguments, if they can't be understood. */
function wantedOf([action, ...rest]: string[]): string | ((store: Store) => Promise<number>) {
  const [first, ...more] = rest;
  switch (action) {
    case 'explain':
      return first !== undefined && more.length === 0 ? (store) => explain(store, first, console.log) : '';
    case 'show':
      return more.length === 0 ? (store) => showRoutes(store, first, new Date(), console.log) : '';
    case 'replay':
      try {
        const { values } = parseArgs({
          args: rest,
          options: {
            since: { type: 'string' },
            until: { type: 'string' },
            tolerance: { type: 'string' },
            exploration: { type: 'string' },
          },
        });
        const terms = replayTerms(values, new Date());
        return (store) => replay(store, terms, console.log);
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    default:
      return '';
  }
}
