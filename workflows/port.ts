import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import {
  ApplicationFailure,
  condition,
  ParentClosePolicy,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  startChild,
} from '@temporalio/workflow';
import type { OrderReading, PlanActivities, PortActivities } from '../activities/interfaces.ts';
import {
  canCancel,
  canSupplement,
  isFinalOrder,
  type OrderEvent,
  type OrderProblem,
} from '../domain/lifecycle/order.ts';
import { answerOverdueMs, patienceMs, waitingOf } from '../domain/lifecycle/waiting.ts';
import {
  activateUpdate,
  cancelUpdate,
  carrierNewsSignal,
  cutoverEndedSignal,
  type PortInput,
  portStateQuery,
  searchAttributeNames,
  supplementUpdate,
  workflowIds,
} from './contract.ts';
import { cutoverWorkflow } from './cutover.ts';
import { CutoverChildren } from './cutover-children.ts';
import { PortRecord } from './port-record.ts';
import { msUntil, nowIso } from './time.ts';

const { checkPort, submitOrder, readOrder, supplementOrder, cancelOrder, activateOrder, releaseNumbers } =
  proxyActivities<PortActivities>({
    startToCloseTimeout: '60 seconds',
    retry: {
      initialInterval: '1 second',
      maximumInterval: '5 minutes',
      nonRetryableErrorTypes: ['carrier-refused'],
    },
  });

const { numberKeysOf } = proxyLocalActivities<Pick<PlanActivities, 'numberKeysOf'>>({
  startToCloseTimeout: '15 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
});

const portIdAttribute = defineSearchAttributeKey(searchAttributeNames.portId, SearchAttributeType.KEYWORD);

/**
 * The life of a port: everything is checked, the order is submitted, the losing carrier answers, a date is agreed, each number is
 * cut over and proven. People supplement, cancel and activate by updates; carriers' webhooks only say that it is time to read the order.
 */
export async function portWorkflow(given: PortInput): Promise<void> {
  const input: PortInput & { numberKeys: readonly string[] } = { ...given };
  const port = new PortRecord(input);
  const cutovers = new CutoverChildren(input, (child) =>
    startChild(cutoverWorkflow, {
      workflowId: workflowIds.cutover(input.portId, child.numberKey),
      args: [child],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: 'cutover of one number',
      // Found together with its port.
      typedSearchAttributes: [{ key: portIdAttribute, value: input.portId }],
    }),
  );
  const asked = { news: false, supplement: false, cancel: false, activate: false };
  const order = () => port.order;

  // ------------------------------------------------------------------------------------------------ what people and carriers say
  setHandler(portStateQuery, () => ({ order: port.order, cutovers: cutovers.states }));
  setHandler(carrierNewsSignal, ({ eventId }) => {
    port.step('carrier', 'order.news', 'The carrier says that the order changed.', eventId);
    asked.news = true;
  });
  setHandler(cutoverEndedSignal, (report) => {
    if (cutovers.ended(report)) asked.news = true;
  });
  setHandler(
    supplementUpdate,
    ({ revision }) => {
      port.step('caller', 'order.supplemented', `The request was supplemented (revision ${revision}).`);
      asked.supplement = true;
      return port.order;
    },
    {
      validator: (_data: { readonly revision: number }) =>
        refuseUnless(canSupplement(port.order) && !asked.supplement, 'order-not-supplementable', port.order.status),
    },
  );
  setHandler(
    cancelUpdate,
    ({ reason }) => {
      port.step(
        'caller',
        'order.cancel-requested',
        reason ? 'A cancellation with a reason was requested.' : 'A cancellation was requested.',
      );
      asked.cancel = true;
      return port.apply({ type: 'cancel-requested' });
    },
    {
      validator: (_why: { readonly reason?: string }) =>
        refuseUnless(canCancel(port.order), 'order-not-cancellable', port.order.status),
    },
  );
  setHandler(
    activateUpdate,
    () => {
      port.step('caller', 'order.activation-requested', 'On-demand activation was requested.');
      asked.activate = true;
      return port.order;
    },
    {
      validator: () =>
        refuseUnless(
          input.activation === 'on-demand' &&
            (port.order.status === 'foc-confirmed' || port.order.status === 'activating') &&
            !port.order.ported,
          'order-not-activatable',
          port.order.status,
        ),
    },
  );

  // ------------------------------------------------------------------------------------------------ the checks, then the order
  if (input.numberKeys.length === 0) input.numberKeys = await numberKeysOf({ portId: input.portId });
  port.step('caller', 'port.requested', `A port was requested; numbers: ${input.numberKeys.length}.`);
  while (order().status === 'checking') {
    const { problems } = await checkPort({ portId: input.portId });
    port.apply({ type: 'checked', problems });
    if (problems.length === 0 && order().status === 'checking') {
      await carrierSays(
        () => submitOrder({ portId: input.portId }),
        (problem) => ({ type: 'checked', problems: [problem] }),
      );
    }
    await port.project();
    if (order().status !== 'action-required') continue;
    const mended = await condition(
      () => asked.supplement || isFinalOrder(order().status),
      msUntil(waitingOf(order(), input)?.until),
      { summary: waitingOf(order(), input)?.what },
    );
    if (asked.supplement) {
      asked.supplement = false;
      port.apply({ type: 'supplemented' });
    } else if (!mended) {
      port.apply({ type: 'gave-up', problem: gaveUp });
    }
  }

  // Cancelled while the order was on its way to the carrier: it is there now, and must not go on.
  if (isFinalOrder(order().status) && port.carrierOrderId) await carrierSays(() => cancelOrder(reference()));

  // ------------------------------------------------------------------------------------------------ the order, until it ends
  while (!isFinalOrder(order().status)) {
    await cutovers.follow(order());
    if (order().ported && cutovers.allEnded()) {
      port.apply({ type: 'numbers-settled', failed: cutovers.returned() });
      if (cutovers.returned() === 0) {
        port.step(
          'portsms',
          'port.losing-account-free',
          'All numbers have moved: now the losing account may be cancelled.',
        );
      }
      break;
    }
    await port.project();
    const waitedFor = order().status;
    const woken = await condition(() => Object.values(asked).some(Boolean), nextLookMs(port.order), {
      summary: waitingOf(order(), input)?.what,
    });
    asked.news = false;
    if (asked.cancel) {
      // What was asked before is void, too.
      Object.assign(asked, { cancel: false, supplement: false, activate: false });
      const taken = await carrierSays(
        () => cancelOrder(reference()),
        () => ({ type: 'cancel-refused' }),
      );
      // It goes on where it was: the carrier knows where.
      if (!taken) asked.news = true;
    } else if (asked.supplement) {
      asked.supplement = false;
      await carrierSays(() => supplementOrder(reference()));
    } else if (asked.activate) {
      asked.activate = false;
      await cutovers.begin(nowIso());
      if (await carrierSays(() => activateOrder(reference()))) port.apply({ type: 'cutover-begun' });
      else await cutovers.undo('activation refused');
    } else {
      await carrierSays(() => readOrder(reference()));
    }
    if (!woken && order().status === waitedFor) await overdue();
  }

  if (order().status !== 'completed') await cutovers.undo(order().status);
  await condition(() => cutovers.allEnded());
  await releaseNumbers({ portId: input.portId });
  await port.project();

  function reference() {
    return { portId: input.portId, carrierOrderId: port.carrierOrderId ?? '' };
  }

  /**
   * Does something at the carrier, and follows what the carrier then says of the order.
   * @param refused what a definite no means for the order; nothing, if not given
   * @returns false when the carrier refused
   */
  async function carrierSays(
    act: () => Promise<OrderReading>,
    refused?: (problem: OrderProblem) => OrderEvent,
  ): Promise<boolean> {
    try {
      const reading = await act();
      port.read(reading);
      cutovers.hear(reading);
      return true;
    } catch (error) {
      const problem = asRefusal(error);
      if (!problem) throw error;
      port.step('carrier', 'order.refused', `The carrier refused: ${problem.code}.`);
      if (refused) port.apply(refused(problem));
      return false;
    }
  }

  async function overdue(): Promise<void> {
    if (order().status === 'submitted') {
      port.step(
        'portsms',
        'order.overdue',
        'The losing carrier has not answered; ask the gaining carrier to escalate.',
      );
    } else if (order().status === 'exception') {
      port.apply({ type: 'gave-up', problem: gaveUp });
      await carrierSays(() => cancelOrder(reference()));
    }
  }
}

const gaveUp = { code: 'not-mended', message: 'Nobody mended the problems of this port in time; send a new one.' };

/** How long to wait for news before the order is read anyway: until the agreed date, or the next deadline. */
function nextLookMs(order: PortRecord['order']): number {
  const since = Date.parse(order.since);
  switch (order.status) {
    case 'foc-confirmed':
      // At the date itself the numbers move; the order is read a moment later.
      return order.focAt && Date.parse(order.focAt) > Date.now() ? msUntil(order.focAt) + 1000 : 3600_000;
    case 'exception':
      return msUntil(new Date(since + patienceMs).toISOString());
    case 'activating':
      return order.ported ? msUntil(undefined) : 3600_000;
    default:
      // Overdue once a week: what changes is told by webhooks and by the carrier's schedule.
      return answerOverdueMs - ((Date.now() - since) % answerOverdueMs);
  }
}

function refuseUnless(allowed: boolean, type: string, status: string): void {
  if (!allowed) {
    throw ApplicationFailure.create({
      type,
      message: `This order is ${status}.`,
      details: [{ status }],
      nonRetryable: true,
    });
  }
}

/** The carrier's definite no, as the activities report it; undefined for everything else. */
function asRefusal(error: unknown): OrderProblem | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof ApplicationFailure) || cause.type !== 'carrier-refused') return undefined;
  return { code: String(cause.details?.[0] ?? 'carrier-refused'), message: cause.message };
}
