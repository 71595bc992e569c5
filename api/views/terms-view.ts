import type { PortTerms } from '../../store/port-terms.ts';
import type { Vault } from '../../store/vault.ts';

/** What was asked of a port or a plan, without the subscriber's data. */
export function termsView(terms: PortTerms, vault: Vault) {
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
