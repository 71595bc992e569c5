import { type CutoverState, newCutover } from '../../domain/lifecycle/cutover.ts';
import type { PortDocument } from '../../store/ports.ts';
import type { TextRemovalDocument } from '../../store/text-removals.ts';
import type { Sealed, Vault } from '../../store/vault.ts';
import type { MessagingOrderAnswer } from '../schemas/messaging-orders.ts';
import { moment } from './moment.ts';
import { cutoverView, type WorkflowLink } from './port-view.ts';

/** An order for texts alone: an enablement is a port of texts, a removal has a record of its own. */
export type MessagingOrderDocument =
  | { readonly action: 'enable'; readonly port: PortDocument }
  | { readonly action: 'remove'; readonly removal: TextRemovalDocument };

export function messagingOrderLinks(id: string, link: WorkflowLink): MessagingOrderAnswer['links'] {
  const self = `/v1/messaging-orders/${id}`;
  return { self, timeline: `${self}/timeline`, workflow: link(id) };
}

export function messagingOrderView(
  order: MessagingOrderDocument,
  vault: Vault,
  link: WorkflowLink,
  now: Date,
): MessagingOrderAnswer {
  const document = order.action === 'enable' ? order.port : order.removal;
  return {
    id: document._id,
    action: order.action,
    status: document.status,
    since: document.since,
    createdAt: moment(document.createdAt),
    updatedAt: moment(document.updatedAt),
    ...(order.action === 'enable'
      ? {
          carrier: order.port.gainingCarrier,
          losingCarrier: order.port.losingCarrier,
          carrierOrderId: order.port.carrierOrderId,
          carrierState: order.port.carrierState,
        }
      : { carrier: order.removal.carrier, nextCarrier: order.removal.nextCarrier ?? null }),
    problems: document.problems.map(({ code, message, field }) => ({ code, message, field })),
    waiting: document.waiting,
    numbers: document.numbers.map((each) => textsOf(order, each, vault, now)),
    metadata: document.metadata && JSON.parse(vault.open(document.metadata)),
    links: messagingOrderLinks(document._id, link),
  };
}

function textsOf(
  order: MessagingOrderDocument,
  { number, cutover, ended }: { readonly number: Sealed; readonly cutover?: CutoverState; readonly ended?: true },
  vault: Vault,
  now: Date,
): MessagingOrderAnswer['numbers'][number] {
  const state: CutoverState = cutover ?? newCutover('messaging-only');
  const { messaging, outboundProven, inboundProven, uncertainSince, uncertainMs, escalatedAt } = cutoverView(
    state,
    now,
  );
  const toNobody = order.action === 'remove' && order.removal.nextCarrier === undefined;
  return {
    phoneNumber: vault.open(number),
    texts: toNobody ? withoutNext(order.removal.status, ended) : messaging,
    outboundProven,
    inboundProven,
    uncertainSince,
    uncertainMs,
    escalatedAt,
  };
}

/** Without a next carrier nothing is cut over. */
function withoutNext(status: TextRemovalDocument['status'], ended: true | undefined) {
  if (ended) return 'none';
  return status === 'submitted' || status === 'activating' ? 'uncertain' : 'losing';
}
