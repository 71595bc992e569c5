import { getExternalWorkflowHandle } from '@temporalio/workflow';
import type { OrderState } from '../domain/lifecycle/order.ts';
import { type PortInput, planNewsSignal } from './contract.ts';
import { tell } from './tell.ts';

/** Tells the plan that an order is one of, by the plan's workflow id, where the order stands now; a plan that has ended needs no news. */
export async function reportToPlan({ portId, planId }: PortInput, { status }: OrderState): Promise<void> {
  if (planId !== undefined) await tell(getExternalWorkflowHandle(planId), planNewsSignal, { portId, status });
}
