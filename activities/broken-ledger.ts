import type { Permission } from '../domain/consent-decision.ts';

const code = 'consent-ledger-broken';

/**
 * Nothing goes to a person whose consent ledger is not as it was written, not even what needs no consent: an opt-out may be what is
 * missing (invariant 10).
 * @param events as store/consents.ts gives them: of such a person it gives one, of no ledger
 */
export function brokenLedger(events: readonly { readonly _id: string }[]): Permission | undefined {
  if (!events.some(({ _id }) => _id.startsWith('tampered/'))) return undefined;
  return {
    decision: 'refuse',
    code,
    reason: 'The consent ledger of the recipient is not as it was written: run `portsms consents verify`.',
    weighed: [{ rule: 'consent-ledger', says: 'refuse', because: code }],
  };
}
