import type { RequestTerms } from '../../store/request-terms.ts';
import type { Vault } from '../../store/vault.ts';

/** What was asked of a port or a plan, without the subscriber's data. */
export function termsView(terms: RequestTerms, vault: Vault) {
  const { losingCarrier, gainingCarrier, messagingPlan, portType, activation, requestedFocAt, metadata } = terms;
  return {
    losingCarrier,
    gainingCarrier,
    messagingPlan,
    portType,
    activation,
    requestedFocAt,
    metadata: metadata && JSON.parse(vault.open(metadata)),
  };
}
