import { isFinalOrder, type OrderStatus } from '../../domain/lifecycle/order.ts';
import type { Store } from '../../store/store.ts';
import type { TimelineEntry } from '../../store/timeline.ts';
import { randomId } from '../../store/vault.ts';
import { askCarrier } from '../carrier-problem.ts';
import { foundMessagingOrder } from '../found-messaging-order.ts';
import { idOf, updateIdOf } from '../ids-of-calls.ts';
import { type Operation, operation } from '../operation.ts';
import { createPortAcceptance, type PortAcceptanceDependencies } from '../port-acceptance.ts';
import type { PortProcess } from '../port-process.ts';
import { Problem } from '../problem.ts';
import {
  codeAnswer,
  codeRequest,
  codesChecked,
  codesSent,
  messagingOrder,
  messagingOrderAccepted,
  messagingOrderChanged,
  messagingOrderPage,
  messagingOrderParams,
  messagingOrderQuery,
  messagingOrderRequest,
} from '../schemas/messaging-orders.ts';
import { page } from '../schemas/page.ts';
import { portCancellation } from '../schemas/ports.ts';
import { createTextRemovalAcceptance, type TextRemovalAcceptanceDependencies } from '../text-removal-acceptance.ts';
import type { TextRemovalProcess } from '../text-removal-process.ts';
import { timelineOperation } from '../timeline-operation.ts';
import { type MessagingOrderDocument, messagingOrderLinks, messagingOrderView } from '../views/messaging-order-view.ts';
import { moment } from '../views/moment.ts';
import type { WorkflowLink } from '../views/port-view.ts';

const tag = 'Messaging orders';

/**
 * Orders for texts alone. To enable them is a port of texts (`messagingPlan: messaging-only`), so that such an order is seen under
 * /v1/ports as well; to remove them is a process of its own.
 */
export function messagingOrderOperations(
  dependencies: PortAcceptanceDependencies &
    TextRemovalAcceptanceDependencies & {
      readonly store: Pick<Store, 'timeline'>;
      readonly portProcess: Pick<PortProcess, 'cancel'>;
      readonly textRemovalProcess: Pick<TextRemovalProcess, 'cancel'>;
      readonly workflowLink: WorkflowLink;
    },
): Operation[] {
  const { store, carriers, portProcess, textRemovalProcess, workflowLink } = dependencies;
  const { vault } = store;
  const acceptPort = createPortAcceptance(dependencies);
  const acceptRemoval = createTextRemovalAcceptance(dependencies);

  const find = (id: string) => foundMessagingOrder(store, id);

  const create = operation({
    method: 'post',
    path: '/v1/messaging-orders',
    summary: 'Have a carrier carry the texts of numbers that are elsewhere, or stop it',
    description:
      'Their calls stay where they are. Answered when the process of the order has started. Papers of an enablement go to POST /v1/ports/{id}/documents.',
    tag,
    body: messagingOrderRequest,
    answers: { 202: { description: 'The order has begun.', schema: messagingOrderAccepted } },
    problems: [
      'phone-number-malformed',
      'phone-number-invalid',
      'unknown-carrier',
      'carrier-hosts-no-texts',
      'gaining-is-losing',
      'texts-elsewhere',
      'number-has-open-port',
      'changed-meanwhile',
      'engine-unavailable',
    ],
    async handle(call) {
      const { body } = call;
      const accepted = (id: string, status: OrderStatus) => ({
        status: 202,
        body: { id, action: body.action, status, links: messagingOrderLinks(id, workflowLink) },
      });
      if (body.action === 'remove') {
        const removal = await acceptRemoval(idOf('txr', call, vault), body);
        return accepted(removal._id, removal.status);
      }
      const { action: _, carrier, ...rest } = body;
      const port = await acceptPort(idOf('port', call, vault), {
        ...rest,
        gainingCarrier: carrier,
        messagingPlan: 'messaging-only',
        portType: 'full',
        activation: 'automatic',
      });
      return accepted(port._id, port.status);
    },
  });

  const list = operation({
    method: 'get',
    path: '/v1/messaging-orders',
    summary: 'List orders for texts alone, newest first',
    tag,
    query: messagingOrderQuery,
    answers: { 200: { description: 'A page of orders.', schema: messagingOrderPage } },
    async handle({ query: { limit, cursor } }) {
      const [ports, removals] = await Promise.all([
        store.ports.listTextsAlone(cursor, limit + 1),
        store.textRemovals.list(cursor, limit + 1),
      ]);
      const found: MessagingOrderDocument[] = [
        ...ports.map((port) => ({ action: 'enable' as const, port })),
        ...removals.map((removal) => ({ action: 'remove' as const, removal })),
      ];
      const inOrder = found.sort((a, b) => newestFirst(positionOf(a), positionOf(b)));
      const now = new Date();
      const show = (each: MessagingOrderDocument) => messagingOrderView(each, vault, workflowLink, now);
      return { status: 200, body: page(inOrder, limit, show, positionOf) };
    },
  });

  const read = operation({
    method: 'get',
    path: '/v1/messaging-orders/:id',
    summary: 'Read an order for texts alone',
    tag,
    params: messagingOrderParams,
    answers: { 200: { description: 'The order.', schema: messagingOrder } },
    problems: ['unknown-order'],
    handle: async ({ params }) => ({
      status: 200,
      body: messagingOrderView(await find(params.id), vault, workflowLink, new Date()),
    }),
  });

  const readTimeline = timelineOperation({
    path: '/v1/messaging-orders/:id/timeline',
    tag,
    problems: ['unknown-order'],
    store,
    async find(id) {
      const order = await find(id);
      const { numbers, status, since, createdAt } = order.action === 'enable' ? order.port : order.removal;
      const phoneNumbers = new Map(numbers.map((each) => [each.numberKey, vault.open(each.number)]));
      return {
        title: order.action === 'enable' ? 'Report of texts enabled alone' : 'Report of a removal of texts',
        facts: [
          ['Status', `${status} since ${since}`],
          ['Requested', moment(createdAt)],
          ['Numbers', [...phoneNumbers.values()].join(', ')],
        ],
        phoneNumbers,
      };
    },
  });

  const cancel = operation({
    method: 'post',
    path: '/v1/messaging-orders/:id/cancel',
    summary: 'Cancel an order for texts alone',
    description: 'An enablement until the texts have moved; a removal until the carrier has been asked.',
    tag,
    params: messagingOrderParams,
    body: portCancellation,
    answers: { 200: { description: 'The cancellation is under way.', schema: messagingOrderChanged } },
    problems: ['unknown-order', 'order-not-cancellable', 'engine-timeout', 'engine-unavailable'],
    async handle(call) {
      const { id } = call.params;
      const { action } = await find(id);
      const updateId = updateIdOf(call, vault);
      const { status, since, problems } =
        action === 'enable'
          ? await portProcess.cancel(id, call.body.reason, updateId)
          : await textRemovalProcess.cancel(id, updateId);
      return { status: 200, body: { id, status, since, problems, links: messagingOrderLinks(id, workflowLink) } };
    },
  });

  const sendCodes = operation({
    method: 'post',
    path: '/v1/messaging-orders/:id/verification-codes',
    summary: 'Have codes sent to the numbers, to show that they are yours',
    description:
      'Where the carrier wants it. A text comes by the carrier that has the texts now; a landline is called.',
    tag,
    params: messagingOrderParams,
    body: codeRequest,
    answers: { 200: { description: 'To which of them a code went.', schema: codesSent } },
    problems: ['unknown-order', 'order-not-verifiable', 'invalid-request', 'carrier-refused', 'carrier-unavailable'],
    async handle({ params, body }) {
      const { hosting, carrierOrderId, phoneNumbers } = await verifiable(params.id);
      const asked = body.phoneNumbers ?? phoneNumbers;
      checkOrdered('phoneNumbers', asked, phoneNumbers);
      const data = await askCarrier(() => hosting.sendCodes(carrierOrderId, asked, body.by));
      await note(
        params.id,
        'texts.codes-sent',
        `Codes were sent by ${body.by}: ${data.filter(({ sent }) => sent).length} of ${data.length}.`,
      );
      return { status: 200, body: { data } };
    },
  });

  const checkCodes = operation({
    method: 'post',
    path: '/v1/messaging-orders/:id/verifications',
    summary: 'Give the codes back',
    tag,
    params: messagingOrderParams,
    body: codeAnswer,
    answers: { 200: { description: 'Which numbers are verified.', schema: codesChecked } },
    problems: ['unknown-order', 'order-not-verifiable', 'invalid-request', 'carrier-refused', 'carrier-unavailable'],
    async handle({ params, body }) {
      const { hosting, carrierOrderId, phoneNumbers } = await verifiable(params.id);
      checkOrdered(
        'codes',
        body.codes.map((each) => each.phoneNumber),
        phoneNumbers,
      );
      const data = await askCarrier(() => hosting.checkCodes(carrierOrderId, body.codes));
      const verified = data.filter((each) => each.verified).length;
      await note(params.id, 'texts.codes-checked', `Codes were given back: ${verified} of ${data.length} right.`);
      return { status: 200, body: { data } };
    },
  });

  async function verifiable(id: string) {
    const order = await find(id);
    const port = order.action === 'enable' ? order.port : undefined;
    const hosting = port && carriers.get(port.gainingCarrier)?.hosting;
    if (!port?.carrierOrderId || !hosting || isFinalOrder(port.status)) {
      throw new Problem('order-not-verifiable', 'Only an enablement that the carrier has takes codes; read the order.');
    }
    const phoneNumbers = port.numbers.map((each) => vault.open(each.number));
    return { hosting, carrierOrderId: port.carrierOrderId, phoneNumbers };
  }

  /** A step of the order that its process has no part in. */
  async function note(id: string, type: string, detail: string): Promise<void> {
    const entry: TimelineEntry = { at: new Date().toISOString(), actor: 'caller', type, detail };
    await store.timeline.append(id, `verification/${randomId('ver')}`, 0, [entry]);
  }

  return [create, list, read, readTimeline, cancel, sendCodes, checkCodes];
}

function positionOf(order: MessagingOrderDocument): { at: Date; id: string } {
  const { createdAt, _id } = order.action === 'enable' ? order.port : order.removal;
  return { at: createdAt, id: _id };
}

function newestFirst(a: { at: Date; id: string }, b: { at: Date; id: string }): number {
  return b.at.getTime() - a.at.getTime() || (a.id < b.id ? 1 : -1);
}

function checkOrdered(field: string, given: readonly string[], ordered: readonly string[]): void {
  const errors = given.flatMap((phoneNumber, index) =>
    ordered.includes(phoneNumber) ? [] : [{ path: `${field}.${index}`, message: 'Is not on this order.' }],
  );
  if (errors.length > 0) throw new Problem('invalid-request', 'Give only numbers of this order.', { errors });
}
