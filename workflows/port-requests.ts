import type { UpdateDefinition } from '@temporalio/common';
import { ApplicationFailure, currentUpdateInfo, setHandler } from '@temporalio/workflow';
import type { OrderState } from '../domain/lifecycle/order.ts';
import {
  adviceOnDate,
  type OrderAction,
  type Refusal,
  refusalOf,
  refusalOfDate,
} from '../domain/lifecycle/order-actions.ts';
import type { CarrierCalls } from './carrier-calls.ts';
import {
  type Asked,
  activateUpdate,
  cancelUpdate,
  carrierNewsSignal,
  type PortCarried,
  rescheduleUpdate,
  snapBackAnsweredUpdate,
  snapBackUpdate,
  submitUpdate,
  supplementUpdate,
} from './contract.ts';
import type { PortRecord } from './port-record.ts';
import { nowIso } from './time.ts';

/** An update that an earlier run has handled is remembered; a port sees few of them. */
const remembered = 200;

/**
 * What people and carriers say to a port. What is not possible now is turned down before it leaves a trace in the history: the rules
 * are pure, and the carrier's hours and cut-offs came with the order's clocks.
 */
export class PortRequests {
  readonly asked: Asked = {
    news: false,
    supplement: false,
    cancel: false,
    activate: false,
    reschedule: undefined,
    snapBack: false,
  };
  private handled: string[];
  private readonly port: PortRecord;

  constructor(port: PortRecord, calls: CarrierCalls, carried: PortCarried | undefined) {
    this.port = port;
    Object.assign(this.asked, carried?.asked);
    this.handled = [...(carried?.handledUpdates ?? [])];
    const { asked } = this;

    setHandler(carrierNewsSignal, ({ eventId }) => {
      port.step('carrier', 'order.news', 'The carrier says that the order changed.', eventId);
      asked.news = true;
    });
    this.onUpdate(submitUpdate, 'submit', (ordered) => {
      port.settle(ordered);
      port.step('caller', 'port.requested', `The draft was submitted; numbers: ${ordered.numberKeys.length}.`);
      return port.apply({ type: 'submitted-draft' });
    });
    this.onUpdate(
      supplementUpdate,
      'supplement',
      ({ revision }) => {
        if (port.order.status === 'draft') {
          port.step('caller', 'port.draft-saved', `The draft was changed (revision ${revision}).`);
          return port.apply({ type: 'supplemented' });
        }
        port.step('caller', 'order.supplemented', `The request was supplemented (revision ${revision}).`);
        asked.supplement = true;
        return port.order;
      },
      () => (asked.supplement ? underWay('order-not-supplementable') : undefined),
    );
    this.onUpdate(
      rescheduleUpdate,
      'reschedule',
      ({ requestedFocAt }) => {
        const advice = adviceOnDate(port.order, requestedFocAt);
        const detail = [`The date ${requestedFocAt} was asked for.`, advice].filter(Boolean).join(' ');
        port.step('caller', 'order.reschedule-requested', detail);
        asked.reschedule = requestedFocAt;
        return port.order;
      },
      ({ requestedFocAt }) => refusalOfDate(port.order, requestedFocAt, nowIso()),
    );
    this.onUpdate(cancelUpdate, 'cancel', ({ reason }) => {
      port.step('caller', 'order.cancel-requested', `A cancellation was requested${reason ? ` (${reason})` : ''}.`);
      asked.cancel = true;
      calls.interrupt();
      return port.apply({ type: 'cancel-requested' });
    });
    this.onUpdate(activateUpdate, 'activate', () => {
      port.step('caller', 'order.activation-requested', 'On-demand activation was requested.');
      asked.activate = true;
      return port.order;
    });
    this.onUpdate(snapBackUpdate, 'snap-back', ({ reason }) => {
      asked.snapBack = true;
      const until = port.order.clocks?.snapBackUntil ?? nowIso();
      return port.apply({ type: 'snap-back-requested', reason, until });
    });
    this.onUpdate(
      snapBackAnsweredUpdate,
      undefined,
      ({ answer }) => {
        asked.news = true;
        return port.apply({ type: 'snap-back-answered', answer });
      },
      () =>
        port.order.snapBack?.state === 'requested'
          ? undefined
          : { code: 'snap-back-not-possible', message: 'No snap-back waits for an answer.' },
    );
  }

  /** Something has to be done. */
  get any(): boolean {
    return Object.values(this.asked).some(Boolean);
  }

  /** What the next run has to know: what is left to be done, and the ids of the updates that were handled. */
  carry(): Pick<PortCarried, 'asked' | 'handledUpdates'> {
    return { asked: { ...this.asked }, handledUpdates: this.handled.slice(-remembered) };
  }

  /** @param also what else can stand against it, besides where the order is */
  private onUpdate<Args extends [] | [unknown]>(
    definition: UpdateDefinition<OrderState, Args>,
    action: OrderAction | undefined,
    act: (...args: NoInfer<Args>) => OrderState,
    also: (...args: NoInfer<Args>) => Refusal | undefined = () => undefined,
  ): void {
    const { port } = this;
    const wasHandled = () => this.handled.includes(currentUpdateInfo()?.id ?? '');
    const handle = (...args: Args): OrderState => {
      if (wasHandled()) return port.order;
      this.handled.push(currentUpdateInfo()?.id ?? '');
      return act(...args);
    };
    const validator = (...args: Args): void => {
      if (wasHandled()) return;
      const { order, input } = port;
      const refusal = (action && refusalOf(action, order, input.activation, nowIso())) ?? also(...args);
      if (refusal) throw refused(refusal, order);
    };
    setHandler(definition, handle as never, { validator: validator as never });
  }
}

function underWay(code: Refusal['code']): Refusal {
  return { code, message: 'An earlier one is still on its way to the carrier.' };
}

function refused({ code, message, advice }: Refusal, { status }: OrderState): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, code, { status, ...(advice && { advice }) });
}
