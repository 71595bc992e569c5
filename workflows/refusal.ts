import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import type { OrderProblem } from '../domain/lifecycle/order.ts';

/** The carrier's definite no, as the activities report it; undefined for everything else. */
export function asRefusal(error: unknown): OrderProblem | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  if (!(cause instanceof ApplicationFailure) || cause.type !== 'carrier-refused') return undefined;
  return { code: String(cause.details?.[0] ?? 'carrier-refused'), message: cause.message };
}
