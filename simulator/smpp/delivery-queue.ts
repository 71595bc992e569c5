import type { PduFields } from './library.ts';
import { type Pdu, STATUS } from './library.ts';
import type { SmppLink } from './link.ts';

/** Something that is sent as deliver_sm until we acknowledge it. */
export interface Delivery {
  readonly fields: PduFields;
  /** Called when it is first written to a connection. */
  readonly sent?: () => void;
  /** Called once, with ESME_ROK. */
  readonly acknowledged?: () => void;
}

export interface RedeliveryTimes {
  readonly redeliverMs: number;
  readonly acknowledgeTimeoutMs: number;
}

interface Outstanding {
  readonly delivery: Delivery;
  readonly sentAt: number;
}

/** Unanswered deliver_sm on one connection. */
const WINDOW = 200;
const SWEEP_MS = 250;

/**
 * What waits to be delivered at one carrier. It waits while nobody is bound to receive it, and goes out again after an
 * answer other than ESME_ROK, after none, and when the connection ends first.
 */
export class DeliveryQueue {
  readonly #times: () => RedeliveryTimes;
  readonly #receivers = new Map<SmppLink, Map<number, Outstanding>>();
  readonly #sweep: NodeJS.Timeout;
  readonly #written = new WeakSet<Delivery>();
  #waiting: Delivery[] = [];
  #next = 0;

  constructor(times: () => RedeliveryTimes) {
    this.#times = times;
    this.#sweep = setInterval(() => this.#repeatUnanswered(), SWEEP_MS);
    this.#sweep.unref();
  }

  get length(): number {
    let length = this.#waiting.length;
    for (const outstanding of this.#receivers.values()) length += outstanding.size;
    return length;
  }

  push(delivery: Delivery): void {
    this.#waiting.push(delivery);
    this.#send();
  }

  addReceiver(link: SmppLink): void {
    this.#receivers.set(link, new Map());
    this.#send();
  }

  removeReceiver(link: SmppLink): void {
    const outstanding = this.#receivers.get(link);
    this.#receivers.delete(link);
    if (!outstanding || outstanding.size === 0) return;
    this.#waiting = [...[...outstanding.values()].map(({ delivery }) => delivery), ...this.#waiting];
    this.#send();
  }

  stop(): void {
    clearInterval(this.#sweep);
  }

  #send(): void {
    if (this.#waiting.length === 0 || this.#receivers.size === 0) return;
    const links = [...this.#receivers].filter(([link, outstanding]) => link.isOpen && outstanding.size < WINDOW);
    let sent = 0;
    while (sent < this.#waiting.length && links.length > 0) {
      const index = this.#next++ % links.length;
      const [link, outstanding] = links[index] as [SmppLink, Map<number, Outstanding>];
      this.#write(link, outstanding, this.#waiting[sent] as Delivery);
      sent += 1;
      if (outstanding.size >= WINDOW) links.splice(index, 1);
    }
    this.#waiting = sent === this.#waiting.length ? [] : this.#waiting.slice(sent);
  }

  #write(link: SmppLink, outstanding: Map<number, Outstanding>, delivery: Delivery): void {
    const sequence = link.request('deliver_sm', delivery.fields, (answer: Pdu) => {
      outstanding.delete(sequence);
      if (answer.command_status === STATUS.ok && answer.command === 'deliver_sm_resp') delivery.acknowledged?.();
      else this.#later(delivery);
      this.#send();
    });
    outstanding.set(sequence, { delivery, sentAt: Date.now() });
    if (this.#written.has(delivery)) return;
    this.#written.add(delivery);
    delivery.sent?.();
  }

  #later(delivery: Delivery): void {
    setTimeout(() => this.push(delivery), this.#times().redeliverMs).unref();
  }

  #repeatUnanswered(): void {
    const before = Date.now() - this.#times().acknowledgeTimeoutMs;
    for (const [link, outstanding] of this.#receivers) {
      for (const [sequence, { delivery, sentAt }] of outstanding) {
        if (sentAt > before) continue;
        outstanding.delete(sequence);
        link.forget(sequence);
        this.#later(delivery);
      }
    }
    this.#send();
  }
}
