import type { OrderStatus } from '../domain/lifecycle/order.ts';
import { parsePhoneNumber } from '../domain/phone-number.ts';
import { givenFields, type PortRequest } from '../domain/port-request.ts';
import { type GivenDocument, type PortRequirement, requirementsOf } from '../domain/port-requirements.ts';
import type { PortDocument } from '../store/ports.ts';
import type { Sealed, Vault } from '../store/vault.ts';

/** Where the documents of ports are kept. */
export interface DocumentShelf {
  ofPort(portId: string): Promise<readonly { readonly kind: string; readonly state: string }[]>;
}

/** From the agreed date on the losing carrier has said yes to what it was given. */
const agreed: readonly OrderStatus[] = ['foc-confirmed', 'activating', 'completed'];
const objected: readonly OrderStatus[] = ['action-required', 'exception'];

/** What the losing carrier wants for a port, and where each of it stands now. */
export async function readRequirements(
  port: PortDocument & { readonly draft?: Sealed },
  { vault, documents }: { readonly vault: Vault; readonly documents?: DocumentShelf },
): Promise<PortRequirement[]> {
  const body = port.status === 'draft' ? (port.draft ?? port.request) : port.request;
  const request = JSON.parse(vault.open(body)) as PortRequest;
  const phoneNumbers = port.numbers.map((each) => vault.open(each.number));
  // A draft may have no subscriber yet.
  const billing = (request as Partial<PortRequest>).subscriber?.billingNumber;
  return requirementsOf(
    {
      numbers: phoneNumbers.map((phoneNumber) => {
        const parsed = parsePhoneNumber(phoneNumber);
        return { valid: parsed.ok, country: parsed.ok ? parsed.country : '', type: parsed.ok ? parsed.type : 'other' };
      }),
      portType: port.portType,
      messagingPlan: port.messagingPlan,
      portsBillingNumber: billing !== undefined && phoneNumbers.includes(billing),
    },
    givenFields(request),
    ((await documents?.ofPort(port._id)) ?? []).map(asGiven),
    {
      refused: objected.includes(port.status) ? port.problems.flatMap(({ field }) => field ?? []) : [],
      accepted: agreed.includes(port.status),
    },
  );
}

/** What is neither accepted nor refused is on its way to somebody who decides. */
function asGiven({ kind, state }: { readonly kind: string; readonly state: string }): GivenDocument {
  return { kind, state: state === 'accepted' || state === 'refused' ? state : 'under-review' };
}
