import { randomInt, randomUUID } from 'node:crypto';
import type { Inbound } from '../network/inbound.ts';
import { routeAt } from '../world/business-number.ts';
import { NETWORKS } from '../world/networks.ts';
import { Timers } from '../world/timers.ts';
import type { World } from '../world/world.ts';
import { unprocessable } from './errors.ts';
import { eligibility } from './hosted-eligibility.ts';
import {
  type HostedNumber,
  type HostedNumberStatus,
  type HostedOrder,
  type HostedOrderStatus,
  type HostedStep,
  reviewOutcomes,
  takesPapers,
} from './hosted-order.ts';
import type { Webhooks } from './webhooks.ts';

/** Who sends the codes. */
const VERIFIER = '+13125550123';

/** Orders for texts alone: the number stays with its voice carrier. What people ask for, and what happens by itself as time goes by. */
export class HostedBook {
  readonly #world: World;
  readonly #webhooks: Webhooks;
  readonly #inbound: Inbound;
  readonly #orders = new Map<string, HostedOrder>();
  readonly #timers = new Timers();
  #published = 0;

  constructor(world: World, webhooks: Webhooks, inbound: Inbound) {
    this.#world = world;
    this.#webhooks = webhooks;
    this.#inbound = inbound;
    for (const order of world.state.keep('hostedOrders', () => [...this.#orders.values()]) ?? []) {
      this.#orders.set(order.id, order);
    }
  }

  /** Takes up every order where an earlier process has left it. */
  resume(): void {
    for (const order of this.#orders.values()) {
      if (order.next) this.#plan(order, order.next);
      for (const number of order.numbers) if (number.changesAt !== undefined) this.#planNumber(order, number);
    }
  }

  stop(): void {
    this.#timers.stop();
  }

  /** Newest first. */
  all(): HostedOrder[] {
    return [...this.#orders.values()].reverse();
  }

  get(id: string): HostedOrder | undefined {
    return this.#orders.get(id);
  }

  /** Numbers whose texts are here now, with their orders. */
  hosted(): { order: HostedOrder; number: HostedNumber }[] {
    return this.all().flatMap((order) =>
      order.numbers.filter(({ status }) => status === 'successful').map((number) => ({ order, number })),
    );
  }

  /** Whether an order is under way that will bring the texts of this number here. */
  incoming(phoneNumber: string): boolean {
    return this.all().some(({ numbers }) =>
      numbers.some((each) => each.phoneNumber === phoneNumber && ['pending', 'provisioning'].includes(each.status)),
    );
  }

  /** The code that was last sent to a number, or told it by call. */
  codeOf(phoneNumber: string): string | undefined {
    for (const { numbers } of this.all()) {
      const code = numbers.find((each) => each.phoneNumber === phoneNumber)?.code;
      if (code !== undefined) return code;
    }
    return undefined;
  }

  /** @throws TelnyxFailure 422 for a number that cannot be hosted, or is on another open order */
  create(phoneNumbers: readonly string[], messagingProfileId: string | null): HostedOrder {
    phoneNumbers.forEach((phoneNumber, index) => {
      const pointer = `/phone_numbers/${index}`;
      const found = eligibility(this.#world, phoneNumber);
      if (found !== 'eligible') throw unprocessable(`The phone number cannot be hosted: ${found}.`, pointer);
      if (this.incoming(phoneNumber)) throw unprocessable('The phone number is on another hosted order.', pointer);
    });
    const createdAt = new Date().toISOString();
    const order: HostedOrder = {
      id: randomUUID(),
      messagingProfileId,
      status: 'pending',
      numbers: phoneNumbers.map((phoneNumber) => ({
        id: randomUUID(),
        phoneNumber,
        createdAt,
        status: 'pending',
        verified: false,
      })),
      papers: {},
      reviews: 0,
    };
    this.#orders.set(order.id, order);
    this.#publish(order, 'created');
    return order;
  }

  /** @throws TelnyxFailure 422 when the order takes no papers any more */
  handIn(order: HostedOrder, papers: HostedOrder['papers']): void {
    if (!takesPapers.includes(order.status)) throw unprocessable(`An order that is ${order.status} takes no files.`);
    Object.assign(order.papers, papers);
    this.#advance(order);
  }

  /** @returns whether the number is on the order */
  sendCode(order: HostedOrder, phoneNumber: string, by: 'sms' | 'call'): boolean {
    const number = order.numbers.find((each) => each.phoneNumber === phoneNumber);
    if (!number) return false;
    const code = String(randomInt(10_000, 100_000));
    number.code = code;
    this.#world.state.save();
    // A text to the number comes by whoever has its texts now; a call is heard by nobody here: the control API repeats it.
    if (by === 'sms') this.#inbound.send({ from: VERIFIER, to: phoneNumber, text: `Your code is ${code}` });
    return true;
  }

  verify(order: HostedOrder, phoneNumber: string, code: string): 'verified' | 'rejected' | 'already_verified' {
    const number = order.numbers.find((each) => each.phoneNumber === phoneNumber);
    if (number?.verified) return 'already_verified';
    if (number?.code === undefined || number.code !== code) return 'rejected';
    number.verified = true;
    this.#advance(order);
    return 'verified';
  }

  /** Ends the order, and the hosting of what it had brought here. */
  remove(order: HostedOrder): void {
    order.next = undefined;
    this.#timers.drop(order.id);
    for (const number of order.numbers) {
      if (number.status === 'successful') this.#goBack(number);
      becomeNumber(number, 'deleted');
    }
    order.status = 'deleted';
    this.#publish(order, 'deleted');
  }

  /** Stops hosting one number; its texts go back to its voice carrier. */
  removeNumber(order: HostedOrder, number: HostedNumber): void {
    if (number.changesAt !== undefined) return;
    number.changesAt = Date.now() + this.#world.scenario.hosting.removalMs;
    this.#planNumber(order, number);
  }

  /** Goes on as soon as there is something to review, and everybody has shown that the number is theirs. */
  #advance(order: HostedOrder): void {
    const { codes, reviewMs } = this.#world.scenario.hosting;
    const verified = !codes || order.numbers.every((number) => number.verified);
    const handedIn = order.papers.loa ?? order.papers.bill;
    if (handedIn && verified && !order.next) this.#plan(order, { does: 'review', at: Date.now() + reviewMs });
    else this.#world.state.save();
  }

  #plan(order: HostedOrder, next: HostedStep): void {
    order.next = next;
    this.#world.state.save();
    this.#timers.plan(order.id, next.at, () => {
      order.next = undefined;
      if (next.does === 'review') this.#review(order);
      else this.#provision(order);
    });
  }

  #review(order: HostedOrder): void {
    const { loa, bill } = order.papers;
    order.reviews += 1;
    const ordered = order.numbers.flatMap(
      ({ phoneNumber }) => this.#world.numbers.get(phoneNumber)?.rejections[order.reviews - 1] ?? [],
    );
    const refused = reviewOutcomes.find((outcome) => ordered.includes(outcome));
    if (!loa || !bill) this.#become(order, 'incomplete_documentation');
    else if (loa === 'unreadable') this.#become(order, 'loa_file_invalid');
    else if (bill === 'unreadable') this.#become(order, 'incorrect_billing_information');
    else if (refused) this.#become(order, refused);
    else {
      this.#become(order, 'loa_file_successful');
      this.#plan(order, { does: 'provision', at: Date.now() + this.#world.scenario.hosting.provisioningMs });
    }
  }

  #provision(order: HostedOrder): void {
    const { chance, scenario, numbers } = this.#world;
    for (const number of order.numbers) {
      const known = numbers.get(number.phoneNumber);
      number.status = 'provisioning';
      // The registry of toll-free texts switches at once; the others' copies of the routing lag.
      const lag =
        known?.type === 'toll_free'
          ? scenario.tollFree.tssMs
          : chance.within(scenario.ports.smsLagMs, 'sms-lag', number.phoneNumber) + (known?.keepsNnidMs ?? 0);
      number.changesAt = Date.now() + lag;
    }
    this.#become(order, 'provisioning');
    for (const number of order.numbers) this.#planNumber(order, number);
  }

  #planNumber(order: HostedOrder, number: HostedNumber): void {
    this.#world.state.save();
    this.#timers.plan(`${order.id} ${number.phoneNumber}`, number.changesAt ?? Date.now(), () => {
      number.changesAt = undefined;
      if (number.status === 'successful') {
        this.#goBack(number);
        becomeNumber(number, 'deleted');
        this.#publish(order, 'updated');
      } else if (number.status === 'provisioning') this.#arrive(order, number);
    });
  }

  #arrive(order: HostedOrder, number: HostedNumber): void {
    const { numbers, scenario } = this.#world;
    const { phoneNumber } = number;
    const known = numbers.get(phoneNumber);
    const failure = known?.rejections.find((code): code is HostedNumberStatus => code.startsWith('failed_'));
    if (failure) becomeNumber(number, failure);
    else {
      const now = Date.now();
      const former = known && routeAt(known.sms, now).carrier;
      const overlap =
        former && former !== 'foreign' && former !== 'telnyx'
          ? { carrier: former, until: now + scenario.ports.overlapMs }
          : undefined;
      numbers.moveSms(phoneNumber, { since: now, carrier: 'telnyx', nnid: NETWORKS.telnyx.nnid, overlap }, true);
      becomeNumber(number, 'successful');
    }
    const open = order.numbers.some(({ status }) => status === 'provisioning');
    const any = order.numbers.some(({ status }) => status === 'successful');
    if (open) this.#publish(order, 'updated');
    else this.#become(order, any ? 'successful' : 'failed');
  }

  #goBack({ phoneNumber }: HostedNumber): void {
    const { numbers } = this.#world;
    const carrier = numbers.voiceCarrier(phoneNumber) ?? 'foreign';
    const nnid = carrier === 'foreign' ? '109999' : NETWORKS[carrier].nnid;
    numbers.moveSms(phoneNumber, { since: Date.now(), carrier, nnid });
  }

  #become(order: HostedOrder, status: HostedOrderStatus): void {
    order.status = status;
    // What was refused has to be handed in anew.
    if (takesPapers.includes(status)) order.papers = {};
    this.#publish(order, 'updated');
  }

  /** `HostedNumberOrderEventWebhookEvent` of the SDK. */
  #publish(order: HostedOrder, what: 'created' | 'updated' | 'deleted'): void {
    this.#world.state.save();
    this.#published += 1;
    const payload = {
      order_id: order.id,
      order_status: order.status,
      profile_id: order.messagingProfileId,
      decision: 'pending',
      approval_deadline: null,
      numbers: order.numbers.map(({ phoneNumber, status, verified }) => ({
        value: phoneNumber,
        status: verified && status === 'pending' ? 'ownership_successful' : status,
      })),
    };
    const identity = `${order.numbers.map(({ phoneNumber }) => phoneNumber).join()} ${order.status} ${this.#published}`;
    void this.#webhooks.send({ type: `messaging_hosted_numbers_orders.${what}`, payload, identity });
  }
}

function becomeNumber(number: HostedNumber, status: HostedNumberStatus): void {
  number.status = status;
  number.changesAt = undefined;
}
