import { getExternalWorkflowHandle } from '@temporalio/workflow';
import type { OrderState } from '../domain/lifecycle/order.ts';
import { type PortInput, planNewsSignal, workflowIds } from './contract.ts';
import { tell } from './tell.ts';

/** Tells the plan that an order is one of where the order stands, after the store has it: the plan looks there (invariant 6). */
export async function reportToPlan({ portId, planId }: PortInput, { status }: OrderState): Promise<void> {
  if (planId === undefined) return;
  await tell(getExternalWorkflowHandle(workflowIds.plan(planId)), planNewsSignal, { portId, status });
}
