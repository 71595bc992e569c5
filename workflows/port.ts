import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import {
  condition,
  continueAsNew,
  ParentClosePolicy,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { OrderReading, PapersActivities, PlanActivities, PortActivities } from '../activities/interfaces.ts';
import { isBefore } from '../domain/lifecycle/moment.ts';
import { beforeSubmission, isFinalOrder } from '../domain/lifecycle/order.ts';
import { CarrierCalls } from './carrier-calls.ts';
import {
  type CutoverInput,
  cutoverEndedSignal,
  type PortCarried,
  type PortInput,
  portStateQuery,
  searchAttributeNames,
  workflowIds,
} from './contract.ts';
import { cutoverWorkflow } from './cutover.ts';
import { CutoverChildren } from './cutover-children.ts';
import { DeadlineWatch } from './deadline-watch.ts';
import { heartbeatTimeout } from './heartbeat.ts';
import { msUntilNextLook } from './next-look.ts';
import { PortRecord } from './port-record.ts';
import { PortRequests } from './port-requests.ts';
import { msUntil, nowIso } from './time.ts';

const {
  checkPort,
  submitOrder,
  readOrder,
  supplementOrder,
  rescheduleOrder,
  cancelOrder,
  activateOrder,
  escalateOrder,
  holdNumbers,
  releaseNumbers,
} = proxyActivities<PortActivities & PapersActivities>({
  startToCloseTimeout: '60 seconds',
  heartbeatTimeout,
  // What an attempt has done at the carrier must be known before the order is cancelled.
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
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

/** A port that waits for months must not grow: from so many events on it continues as new, with whatever is left to be done. */
const longHistory = 1500;

/** A cutover that is told to end does so within moments; one that says nothing for a day was terminated by somebody. Milliseconds. */
const lostCutoverMs = 24 * 3600_000;

/**
 * The life of a port: a draft is completed, everything is checked, the order is submitted, the losing carrier answers, a date is agreed,
 * each number is cut over and proven; for a while the port can be asked back. People act by updates (port-requests.ts); carriers'
 * webhooks only say that it is time to read the order; what is late is escalated (deadline-watch.ts).
 */
export async function portWorkflow(input: PortInput): Promise<void> {
  const port = new PortRecord(input);
  const calls = new CarrierCalls();
  const requests = new PortRequests(port, calls, input.carried);
  const { asked } = requests;
  // Before the handlers: what cutovers have reported while the port continued as new lies there already.
  let cutovers = input.carried && new CutoverChildren(port.input, startCutover, input.carried.cutovers);

  setHandler(portStateQuery, () => ({ order: port.order, cutovers: cutovers?.states ?? {} }));
  setHandler(cutoverEndedSignal, (report) => {
    if (cutovers?.ended(report)) asked.news = true;
  });
  const deadlines = new DeadlineWatch(port, () => {
    asked.news = true;
  });

  if (input.numberKeys.length === 0)
    port.settle({ ...input, numberKeys: await numberKeysOf({ portId: input.portId }) });
  if (!input.carried) port.begin();
  await draft();
  cutovers ??= new CutoverChildren(port.input, startCutover);
  await checksAndSubmission(cutovers);
  await order(cutovers);
  if (!input.carried?.ended) await end(cutovers);
  await timeForSnapBack(cutovers);
  deadlines.stop();

  /** A draft waits for its data and to be submitted; it expires when nobody comes back to it. */
  async function draft(): Promise<void> {
    while (port.order.status === 'draft') {
      await port.project();
      await condition(() => port.unwritten || port.order.status !== 'draft');
    }
  }

  /** What stands against the port is found before the losing carrier finds it, and waits to be mended. */
  async function checksAndSubmission(numbers: CutoverChildren): Promise<void> {
    while (beforeSubmission.includes(port.order.status)) {
      if (port.order.status === 'checking') {
        await port.project();
        const checks = await calls.run(() => checkPort({ portId: input.portId }));
        if (checks.kind === 'done') port.apply({ type: 'checked', problems: checks.value.problems });
        if (port.order.status === 'checking') await submit();
      }
      if (port.order.status === 'action-required') await continueWhenLong(numbers);
      await port.project();
      if (port.order.status !== 'action-required') continue;
      const mended = () => asked.supplement || asked.reschedule !== undefined;
      // An order that lies at the carrier goes on there when its papers have come.
      const isNews = () => asked.news && port.carrierOrderId !== undefined;
      await condition(() => mended() || isNews() || port.order.status !== 'action-required');
      if (!mended()) {
        if (port.order.status !== 'action-required') continue;
        asked.news = false;
        await lookWhetherItGoesOn();
        continue;
      }
      // Another date may be asked for while this one is on its way.
      while (asked.reschedule !== undefined && port.order.status === 'action-required') {
        const requestedFocAt = asked.reschedule;
        asked.reschedule = undefined;
        await calls.run(() => rescheduleOrder({ ...reference(), requestedFocAt }));
      }
      asked.supplement = false;
      port.apply({ type: 'supplemented' });
    }
  }

  /** Which papers are missing, is known to us and not to the carrier: a state that has not moved says nothing new. */
  async function lookWhetherItGoesOn(): Promise<void> {
    const seen = await calls.run(() => readOrder(reference()));
    if (seen.kind === 'done' && seen.value.carrierState !== port.order.carrierState) follow(seen.value);
  }

  async function submit(): Promise<void> {
    port.apply({ type: 'submission-begun' });
    const submitted = await calls.run(() => submitOrder({ portId: input.portId }));
    if (submitted.kind === 'done') follow(submitted.value);
    if (submitted.kind === 'refused') {
      noteRefusal('the order', submitted.problem);
      port.apply({ type: 'submission-refused', problem: submitted.problem });
    }
  }

  /** The order at the carrier, until it ends: what people asked is done there, and what it says is followed. */
  async function order(numbers: CutoverChildren): Promise<void> {
    while (!isFinalOrder(port.order.status)) {
      await numbers.follow(port.order);
      if (port.order.ported && numbers.allEnded()) {
        port.apply({ type: 'numbers-settled', failed: numbers.returned() });
        // Where texts move alone, calls stay with that account.
        if (numbers.returned() === 0 && port.input.messagingPlan !== 'messaging-only') {
          port.step(
            'portsms',
            'port.losing-account-free',
            'All numbers have moved: the losing account may be cancelled now.',
          );
        }
        break;
      }
      await continueWhenLong(numbers);
      await port.project();
      await news(msUntilNextLook(port.order));
      if (!isFinalOrder(port.order.status)) await actOnce(numbers);
    }
  }

  /** Until something is asked for or has ended, or it is time to look. @param lookMs milliseconds; never, when nothing is expected */
  async function news(lookMs: number | undefined): Promise<void> {
    const come = () => requests.any || isFinalOrder(port.order.status);
    if (lookMs === undefined) await condition(come);
    else await condition(come, lookMs, { summary: 'the next look at the order' });
  }

  /** One thing that was asked for; a cancellation comes first, and makes the rest void. */
  async function actOnce(numbers: CutoverChildren): Promise<void> {
    asked.news = false;
    if (asked.cancel) {
      Object.assign(asked, {
        cancel: false,
        supplement: false,
        activate: false,
        reschedule: undefined,
      });
      const cancelled = await atCarrier('the cancellation', () => cancelOrder(reference()));
      if (cancelled === 'refused') {
        port.apply({ type: 'cancel-refused' });
        // It goes on where it was: the carrier knows where.
        asked.news = true;
      }
    } else if (asked.snapBack) {
      await askForSnapBack();
    } else if (asked.supplement) {
      asked.supplement = false;
      await atCarrier('the supplement', () => supplementOrder(reference()));
    } else if (asked.reschedule !== undefined) {
      const requestedFocAt = asked.reschedule;
      asked.reschedule = undefined;
      await atCarrier('the other date', () => rescheduleOrder({ ...reference(), requestedFocAt }));
    } else if (asked.activate) {
      asked.activate = false;
      await numbers.begin(nowIso());
      const activated = await atCarrier('the activation', () => activateOrder(reference()));
      if (activated === 'done') port.apply({ type: 'cutover-begun' });
      else if (!port.order.ported) await numbers.undo('activation refused');
    } else {
      await atCarrier('to show the order', () => readOrder(reference()));
    }
    if (port.order.snapBack?.state === 'accepted') await numbers.giveBack('snap-back');
  }

  /** The numbers that have not moved stay where they are, and may be ported again. */
  async function end(numbers: CutoverChildren): Promise<void> {
    // Given up by us, not by the carrier: the order must not go on there.
    if (port.order.status === 'failed' && !port.order.ported && port.order.atCarrier) {
      await atCarrier('the cancellation', () => cancelOrder(reference()));
    }
    if (port.order.status !== 'completed') await numbers.undo(port.order.status);
    // Accepted while the last number came to its end: those that were proven by then go back, too.
    if (port.order.status === 'failed' && port.order.snapBack?.state === 'accepted') {
      await numbers.giveBack('snap-back');
    }
    if (!(await condition(() => numbers.allEnded(), lostCutoverMs, { summary: 'the cutovers to end' }))) {
      port.step(
        'portsms',
        'order.cutover-lost',
        'A cutover has not reported its end; look where texts of its number go.',
      );
    }
    await releaseNumbers({ portId: input.portId });
    await port.project();
  }

  /** A completed port can be asked back until the deadline of a snap-back; its status stays, its numbers go back. */
  async function timeForSnapBack(numbers: CutoverChildren): Promise<void> {
    while (port.order.status === 'completed') {
      const { order } = port;
      const { snapBack, clocks } = order;
      if (snapBack?.state === 'accepted') {
        await numbers.giveBack('snap-back');
        await condition(() => numbers.allEnded());
        break;
      }
      if (asked.snapBack) await askForSnapBack();
      await continueWhenLong(numbers, { ended: true });
      await port.project();
      const moved = () => port.unwritten || port.order !== order;
      // An answer that came meanwhile has been written with the rest.
      if (moved()) continue;
      const open = snapBack?.state === 'requested' ? snapBack.until : clocks?.snapBackUntil;
      if (!open || !isBefore(nowIso(), open)) break;
      await condition(moved, msUntil(open) + 1000, { summary: 'whether somebody asks the port back' });
    }
    if (port.order.snapBack) await releaseNumbers({ portId: input.portId });
    await port.project();
  }

  /** The numbers are taken again, so that no other port has them meanwhile; then both carriers are asked. */
  async function askForSnapBack(): Promise<void> {
    asked.snapBack = false;
    const held = await calls.run(() => holdNumbers({ portId: input.portId }));
    if (held.kind === 'refused') port.apply({ type: 'snap-back-answered', answer: 'refused' });
    if (held.kind !== 'done') return;
    const request = { ...reference(), reason: 'snap-back', occasion: port.order.snapBack?.requestedAt };
    await calls.run(() => Promise.all([escalateOrder(request), escalateOrder({ ...request, to: 'losing' })]));
  }

  function reference() {
    return { portId: input.portId, ...(port.carrierOrderId && { carrierOrderId: port.carrierOrderId }) };
  }

  /** Does something at the carrier, and follows what the carrier then says of the order. @param what is asked, for the timeline */
  async function atCarrier(
    what: string,
    act: () => Promise<OrderReading | undefined>,
  ): Promise<'done' | 'refused' | 'interrupted'> {
    const answer = await calls.run(act);
    if (answer.kind === 'done') follow(answer.value);
    if (answer.kind === 'refused') noteRefusal(what, answer.problem);
    return answer.kind;
  }

  function noteRefusal(what: string, { code, message }: { code: string; message: string }): void {
    port.step('carrier', 'order.refused', `The carrier refused ${what} (${code}): ${message}`);
  }

  /** @param reading nothing where the carrier has no such order */
  function follow(reading: OrderReading | undefined): void {
    if (!reading) {
      port.apply({ type: 'never-ordered' });
      return;
    }
    port.read(reading);
    cutovers?.hear(reading);
  }

  function startCutover(child: CutoverInput): Promise<unknown> {
    return startChild(cutoverWorkflow, {
      workflowId: workflowIds.cutover(input.portId, child.numberKey),
      args: [child],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: 'cutover of one number',
      // Found together with its port.
      typedSearchAttributes: [{ key: portIdAttribute, value: input.portId }],
    });
  }

  /**
   * Between two steps, when nothing is under way; before anything is written: while the store is waited for, a signal may come, and a run
   * that has not heard all does not end. @param rest what else the next run has to know
   */
  async function continueWhenLong(numbers: CutoverChildren, rest: Pick<PortCarried, 'ended'> = {}): Promise<void> {
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    if (historyLength < longHistory && !continueAsNewSuggested) return;
    if (deadlines.busy) return;
    await continueAsNew<typeof portWorkflow>({
      ...port.input,
      carried: { ...port.carry(), ...requests.carry(), cutovers: numbers.carry(), ...rest },
    });
  }
}
