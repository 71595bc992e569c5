import { asyncLocalStorage } from '@temporalio/activity';
import type { Step } from './interfaces.ts';

/**
 * Says of each step by which run of which workflow it was learnt, what is a carrier's by which carrier, and what is a caller's by which API
 * key: a workflow's steps leave that to the activity that writes them, as far as it would stand in histories for nothing.
 * @param known.carrier who the steps of actor `carrier` are of, where their event doesn't tell
 * @param known.apiKeyId who has requested the whole, for `port.requested`; what is done to it later says by whom itself
 */
export function attributed(
  steps: readonly Step[],
  known: { readonly carrier?: string | undefined; readonly apiKeyId?: string | undefined } = {},
): Step[] {
  const execution = asyncLocalStorage.getStore()?.info.workflowExecution;
  return steps.map((step) => {
    const carrier = step.actor === 'carrier' ? (step.carrierEventId?.split('/')[0] ?? known.carrier) : undefined;
    const apiKeyId = step.type === 'port.requested' ? known.apiKeyId : undefined;
    const by = {
      ...execution,
      ...(carrier !== undefined && { carrier }),
      ...(apiKeyId !== undefined && { apiKeyId }),
      ...step.by,
    };
    return Object.keys(by).length > 0 ? { ...step, by } : step;
  });
}
