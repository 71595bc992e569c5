import type { Activation } from '../domain/lifecycle/activation.ts';
import type { MessagingPlan } from '../domain/lifecycle/cutover.ts';
import type { Sealed } from './vault.ts';

/** What was asked of a port, or of a plan for all its orders. */
export interface RequestTerms {
  readonly losingCarrier?: string;
  readonly gainingCarrier: string;
  readonly messagingPlan: MessagingPlan;
  readonly portType: 'full' | 'partial';
  readonly activation: Activation;
  /** RFC 3339 UTC. */
  readonly requestedFocAt?: string;
  /** A `PortRequest` (domain/port-request.ts) as JSON. */
  readonly request: Sealed;
  readonly metadata?: Sealed;
}
