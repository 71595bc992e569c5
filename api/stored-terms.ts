import type { RequestTerms } from '../store/request-terms.ts';
import type { Vault } from '../store/vault.ts';
import type { DraftBody } from './schemas/port-draft.ts';
import type { PortRequestBody } from './schemas/ports.ts';

/** What a port, a plan and a draft keep of what was asked; personal data sealed. */
export function storedTerms(body: PortRequestBody | DraftBody, vault: Pick<Vault, 'seal'>): RequestTerms {
  const { subscriber, authorizationCodes, remainingNumbers, newBillingNumber } = body;
  return {
    ...(body.losingCarrier !== undefined && { losingCarrier: body.losingCarrier }),
    gainingCarrier: body.gainingCarrier,
    messagingPlan: body.messagingPlan,
    portType: body.portType,
    activation: body.activation,
    ...(body.requestedFocAt !== undefined && { requestedFocAt: new Date(body.requestedFocAt).toISOString() }),
    request: vault.seal(JSON.stringify({ subscriber, authorizationCodes, remainingNumbers, newBillingNumber })),
    ...(body.metadata && { metadata: vault.seal(JSON.stringify(body.metadata)) }),
  };
}
