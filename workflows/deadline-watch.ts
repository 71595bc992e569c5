import { condition, proxyActivities } from '@temporalio/workflow';
import type { PapersActivities } from '../activities/interfaces.ts';
import type { Escalation } from '../domain/lifecycle/escalation.ts';
import { deadlineEvent, type Wait } from '../domain/lifecycle/waiting.ts';
import { heartbeatTimeout } from './heartbeat.ts';
import type { PortRecord } from './port-record.ts';
import { msUntil, nowIso } from './time.ts';

const { escalateOrder } = proxyActivities<PapersActivities>({
  startToCloseTimeout: '60 seconds',
  heartbeatTimeout,
  // What can't be said within the hour is said again by the next escalation.
  scheduleToCloseTimeout: '1 hour',
});

/** Sees to the deadlines of an order, beside whatever else goes on with it: also while its carrier is away. */
export class DeadlineWatch {
  /** Something is being said to the carrier right now. */
  busy = false;
  private over = false;
  private readonly port: PortRecord;
  private readonly passed: () => void;

  /** @param passed told of every deadline that has passed: it is time to look at the order */
  constructor(port: PortRecord, passed: () => void) {
    this.port = port;
    this.passed = passed;
    void this.watch();
  }

  stop(): void {
    this.over = true;
  }

  private async watch(): Promise<void> {
    const { port } = this;
    while (!this.over) {
      const at = nowIso();
      const wait = port.wait(at);
      // Compared as of the same moment: that time goes by changes nothing before the deadline itself.
      const moved = () => this.over || !isSame(port.wait(at), wait);
      if (!wait) await condition(moved);
      else if (!(await condition(moved, msUntil(wait.until), { summary: wait.what }))) await this.take(wait);
    }
  }

  /** Does what is to be done when the time is up. */
  private async take(wait: Wait): Promise<void> {
    const { port } = this;
    const event = deadlineEvent(wait, port.order, nowIso());
    if (event) port.apply(event);
    this.busy = true;
    if (event?.type === 'escalated' && wait.effect.does === 'escalate' && wait.effect.asks === 'carrier') {
      await this.tellCarrier(event.escalation);
    }
    await port.project();
    this.busy = false;
    this.passed();
  }

  private async tellCarrier({ code: reason, count, at: occasion }: Escalation): Promise<void> {
    const { carrierOrderId, input } = this.port;
    if (!carrierOrderId) return;
    try {
      await escalateOrder({ portId: input.portId, carrierOrderId, reason, level: count - 1, occasion });
    } catch {
      this.port.step('portsms', 'order.escalation-failed', 'The carrier could not be told; ask it by other means.');
    }
  }
}

function isSame(a: Wait | undefined, b: Wait | undefined): boolean {
  return a?.until === b?.until && a?.what === b?.what;
}
