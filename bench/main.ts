import { runCongestion } from './congestion.ts';
import { runHeld } from './held.ts';
import { runLedger } from './ledger.ts';
import { runPorting } from './porting.ts';
import { runRouting } from './routing/routing.ts';
import { runTexts } from './texts.ts';

/**
 * `bench` measures texts, `bench porting` a port of many numbers, `bench held` the release of many texts of one number, `bench ledger` the
 * consents, `bench congestion` urgent texts at carriers that are full, `bench routing` the choice of routes.
 */
export function run(args: string[]): Promise<number> {
  if (args[0] === 'held') return runHeld(args.slice(1));
  if (args[0] === 'ledger') return runLedger(args.slice(1));
  if (args[0] === 'congestion') return runCongestion(args.slice(1));
  if (args[0] === 'routing') return runRouting(args.slice(1));
  return args[0] === 'porting' ? runPorting(args.slice(1)) : runTexts(args);
}
