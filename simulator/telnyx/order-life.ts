import { randomUUID } from 'node:crypto';
import { lrnFor, routeAt, spidFor } from '../world/business-number.ts';
import { NETWORKS } from '../world/networks.ts';
import type { PortBehaviour } from '../world/scenario.ts';
import type { World } from '../world/world.ts';
import type { DocumentBook } from './document-book.ts';
import { unprocessable } from './errors.ts';
import { missingDocuments, objections } from './losing-carrier.ts';
import type { ActivationStatus, Comment, MessagingPortStatus, NextStep, Order, OrderStatus } from './order.ts';
import type { OrderBook } from './order-book.ts';
import { messagingView, statusView } from './order-view.ts';

/** The life of porting orders: what people ask for, and what happens by itself as time goes by. */
export class OrderLife {
  readonly #world: World;
  readonly #book: OrderBook;
  readonly #documents: DocumentBook;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(world: World, book: OrderBook, documents: DocumentBook) {
    this.#world = world;
    this.#book = book;
    this.#documents = documents;
  }

  /** Takes up every order where an earlier process has left it. */
  resume(): void {
    for (const order of this.#book.all()) {
      if (order.next) this.#plan(order, order.next);
      for (const number of order.numbers) {
        if (number.smsMovesAt !== undefined && !number.smsMoved) this.#planSms(order, number.phoneNumber);
      }
    }
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  /** @throws TelnyxFailure 422 unless the order is a draft or an exception */
  confirm(order: Order): void {
    if (order.status !== 'draft' && order.status !== 'exception') {
      throw unprocessable(`A porting order that is ${order.status} cannot be confirmed.`);
    }
    order.details = [];
    this.#become(order, 'in-process', 'Pending');
    this.#plan(order, { does: 'submit', at: this.#in('reviewMs') });
  }

  /** @throws TelnyxFailure 422 when it is too late, or over */
  cancel(order: Order): void {
    const focAt = order.focActual ? Date.parse(order.focActual) : Number.POSITIVE_INFINITY;
    if (order.status === 'ported' || order.status === 'cancelled' || order.status === 'cancel-pending') {
      throw unprocessable(`A porting order that is ${order.status} cannot be cancelled.`);
    }
    if (focAt - Date.now() < this.#world.scenario.ports.cancelCutOffMs) {
      throw unprocessable('The FOC date is too near for a cancellation.');
    }
    this.#become(order, 'cancel-pending', 'Cancel Pending');
    this.#plan(order, { does: 'cancel', at: this.#in('cancelMs') });
  }

  /** A confirmed order was changed, or another date asked for: it goes to the losing carrier once more, which names a date anew. */
  supplement(order: Order): void {
    order.submissions += 1;
    order.focActual = null;
    order.job = undefined;
    this.#become(order, 'submitted', 'Pending');
    this.#plan(order, { does: 'review', at: this.#in('losingReviewMs') });
  }

  /** On-demand activation. @throws TelnyxFailure 422 unless the order is FastPort eligible and its window is open */
  activate(order: Order): void {
    if (!order.fastPort || !order.job) {
      throw unprocessable('Only FastPort orders with a confirmed FOC date can be activated on demand.');
    }
    if (order.job.status !== 'created' || order.status !== 'foc-date-confirmed') {
      throw unprocessable(`The activation is ${order.job.status}.`);
    }
    if (Date.now() < Date.parse(order.job.opensAt)) {
      throw unprocessable('The activation window is not open yet.');
    }
    this.#activate(order);
  }

  /** Something about an order has changed that people may edit. */
  changed(order: Order): void {
    order.updatedAt = new Date().toISOString();
    if (!order.enableMessaging && order.messagingStatus === 'pending') order.messagingStatus = 'not_applicable';
    if (order.enableMessaging && order.messagingStatus === 'not_applicable') order.messagingStatus = 'pending';
    this.#book.save();
  }

  /** Somebody writes on an order; of what its own people write, the carrier tells. */
  comment(order: Order, body: string, userType: Comment['userType']): Comment {
    const comment = { id: randomUUID(), body, createdAt: new Date().toISOString(), userType };
    order.comments.push(comment);
    this.changed(order);
    if (userType !== 'user') {
      this.#book.publish(order, 'porting_order.new_comment', {
        comment: { id: comment.id, body, inserted_at: comment.createdAt, user_type: userType },
        porting_order_id: order.id,
        support_key: order.supportKey,
      });
    }
    return comment;
  }

  #plan(order: Order, next: NextStep): void {
    order.next = next;
    this.#book.save();
    this.#after(order.id, next.at, () => {
      if (order.next === next) this.#take(order, next);
    });
  }

  #take(order: Order, { does }: NextStep): void {
    order.next = undefined;
    switch (does) {
      case 'submit':
        order.submissions += 1;
        this.#become(order, 'submitted', 'Pending');
        this.#plan(order, { does: 'review', at: this.#releaseOf(order) });
        break;
      case 'review':
        this.#review(order);
        break;
      case 'reach-foc':
        this.#reachFoc(order);
        break;
      case 'activate':
        this.#activate(order);
        break;
      case 'finish':
        this.#finish(order);
        break;
      case 'cancel':
        if (order.messagingStatus === 'pending') order.messagingStatus = 'canceled';
        this.#become(order, 'cancelled', 'Cancelled');
        break;
    }
  }

  #review(order: Order): void {
    const missing = missingDocuments(this.#world, order, this.#documents.typesOf(order));
    order.details = objections(this.#world, order, missing);
    if (missing.length > 0) {
      this.comment(order, `The current service provider asks for these documents: ${missing.join(', ')}.`, 'admin');
    }
    if (order.details.length > 0) {
      this.#become(
        order,
        'exception',
        order.details.some(({ code }) => code === 'SV_CONFLICT') ? 'Conflict' : 'Pending',
      );
      return;
    }
    const earliest = this.#in('focLeadMs');
    const requested = order.focRequested ? Date.parse(order.focRequested) : 0;
    const focAt = Math.max(earliest, requested);
    order.focActual = new Date(focAt).toISOString();
    if (order.fastPort) {
      const now = new Date().toISOString();
      order.job = {
        id: randomUUID(),
        status: 'created',
        createdAt: now,
        updatedAt: now,
        opensAt: order.focActual,
        closesAt: new Date(focAt + this.#world.scenario.ports.activationWindowMs).toISOString(),
      };
    }
    this.#become(order, 'foc-date-confirmed', 'Concurred');
    this.#plan(order, { does: 'reach-foc', at: focAt });
  }

  #reachFoc(order: Order): void {
    if (!order.job) {
      this.#activate(order);
      return;
    }
    this.#setActivation(order, 'Activate RDY');
    this.changed(order);
    this.#plan(order, { does: 'activate', at: Date.parse(order.job.closesAt) });
  }

  #activate(order: Order): void {
    if (order.job) {
      order.job.status = 'in-process';
      order.job.updatedAt = new Date().toISOString();
    }
    this.#setActivation(order, 'Sending');
    this.changed(order);
    this.#plan(order, { does: 'finish', at: this.#in('activationMs') });
  }

  /** Voice moves; texts follow, each number after its own lag. */
  #finish(order: Order): void {
    const now = Date.now();
    const { numbers, chance, scenario } = this.#world;
    if (order.job) order.job.status = 'completed';
    for (const ordered of order.numbers) {
      const { phoneNumber } = ordered;
      const spid = spidFor(phoneNumber, 'telnyx');
      const lrn = order.type === 'toll_free' ? undefined : lrnFor(phoneNumber, order.country);
      numbers.moveVoice(phoneNumber, { since: now, carrier: 'telnyx', spid, lrn }, !order.enableMessaging);
      if (order.enableMessaging) {
        const lag =
          order.type === 'toll_free'
            ? scenario.tollFree.tssMs
            : chance.within(scenario.ports.smsLagMs, 'sms-lag', phoneNumber);
        ordered.smsMovesAt = now + lag + (numbers.get(phoneNumber)?.keepsNnidMs ?? 0);
      }
    }
    this.#become(order, 'ported', 'Active');
    if (!order.enableMessaging) return;
    this.#becomeMessaging(order, 'activating');
    for (const { phoneNumber } of order.numbers) this.#planSms(order, phoneNumber);
  }

  #planSms(order: Order, phoneNumber: string): void {
    const ordered = order.numbers.find((number) => number.phoneNumber === phoneNumber);
    if (ordered?.smsMovesAt === undefined) return;
    this.#after(`${order.id} ${phoneNumber}`, ordered.smsMovesAt, () => {
      const { numbers, scenario } = this.#world;
      const now = Date.now();
      const number = numbers.get(phoneNumber);
      const former = number && routeAt(number.sms, now).carrier;
      numbers.moveSms(phoneNumber, {
        since: now,
        carrier: 'telnyx',
        nnid: NETWORKS.telnyx.nnid,
        overlap:
          former && former !== 'foreign' && former !== 'telnyx'
            ? { carrier: former, until: now + scenario.ports.overlapMs }
            : undefined,
      });
      ordered.smsMoved = true;
      const done = order.numbers.every(({ smsMoved }) => smsMoved);
      if (done || order.messagingStatus === 'activating') {
        this.#becomeMessaging(order, done ? 'ported' : 'partial_port_complete');
      }
    });
  }

  #become(order: Order, status: OrderStatus, activation: ActivationStatus): void {
    order.status = status;
    this.#setActivation(order, activation);
    this.changed(order);
    const { id, customerReference, supportKey, updatedAt, webhookUrl } = order;
    this.#book.publish(order, 'porting_order.status_changed', {
      id,
      customer_reference: customerReference,
      support_key: supportKey,
      status: statusView(order),
      updated_at: updatedAt,
      webhook_url: webhookUrl,
    });
  }

  #becomeMessaging(order: Order, status: MessagingPortStatus): void {
    order.messagingStatus = status;
    this.changed(order);
    const { id, customerReference, supportKey } = order;
    this.#book.publish(order, 'porting_order.messaging_changed', {
      id,
      customer_reference: customerReference,
      support_key: supportKey,
      messaging: messagingView(order),
    });
  }

  #setActivation(order: Order, status: ActivationStatus): void {
    for (const number of order.numbers) number.activationStatus = status;
  }

  /** When the losing side answers: a RespOrg releases toll-free numbers, a carrier all others. */
  #releaseOf({ type }: Order): number {
    if (type === 'toll_free') return Date.now() + this.#world.scenario.tollFree.respOrgMs;
    return this.#in('losingReviewMs');
  }

  #in(span: { [K in keyof PortBehaviour]: PortBehaviour[K] extends number ? K : never }[keyof PortBehaviour]): number {
    return Date.now() + this.#world.scenario.ports[span];
  }

  /** Timers of Node hold at most 2^31 ms; a FOC date may be further away. */
  #after(key: string, at: number, action: () => void): void {
    const wait = at - Date.now();
    const longest = 2 ** 31 - 1;
    clearTimeout(this.#timers.get(key));
    const timer =
      wait > longest
        ? setTimeout(() => this.#after(key, at, action), longest)
        : setTimeout(
            () => {
              this.#timers.delete(key);
              action();
            },
            Math.max(wait, 0),
          );
    this.#timers.set(key, timer);
  }
}
