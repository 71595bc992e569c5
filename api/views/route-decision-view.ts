import type { z } from 'zod';
import type { RouteDecision } from '../../domain/route-choice/decision.ts';
import type { cost, routeDecision } from '../schemas/route-decision.ts';
import { moment } from './moment.ts';

/** @param price in millionths */
export function costView(price: { readonly micros: number; readonly currency: string }): z.output<typeof cost> {
  return { amount: (price.micros / 1_000_000).toFixed(6), currency: price.currency };
}

export function decisionView(decision: RouteDecision): z.output<typeof routeDecision> {
  const { carrier, reason, network, conversation, currency } = decision;
  return {
    at: moment(decision.at),
    carrier,
    reason,
    network,
    candidates: decision.candidates.map(({ price, ...candidate }) => ({
      ...candidate,
      price: price === undefined || currency === undefined ? undefined : costView({ micros: price, currency }),
    })),
    conversation,
  };
}
