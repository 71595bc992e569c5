import { asyncLocalStorage } from '@temporalio/activity';
import type { Step } from './interfaces.ts';

/**
 * Says of each step by which run of which workflow it was learnt, and what is a carrier's by which carrier: a workflow's steps leave
 * that to the activity that writes them, so that it stands in no history.
 * @param carrier who the steps of actor `carrier` are of, where their event doesn't tell
 */
export function attributed(steps: readonly Step[], carrier?: string): Step[] {
  const execution = asyncLocalStorage.getStore()?.info.workflowExecution;
  return steps.map((step) => {
    const said = step.actor === 'carrier' ? (step.carrierEventId?.split('/')[0] ?? carrier) : undefined;
    const by = { ...execution, ...(said !== undefined && { carrier: said }), ...step.by };
    return Object.keys(by).length > 0 ? { ...step, by } : step;
  });
}
