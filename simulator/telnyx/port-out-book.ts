import { randomUUID } from 'node:crypto';
import { hash53 } from '../world/chance.ts';
import type { World } from '../world/world.ts';
import { unprocessable } from './errors.ts';
import { type PortOut, type PortOutHappening, type Rejection, statusPayload, type Trace } from './port-out.ts';
import type { Webhooks } from './webhooks.ts';

/** What a foreign carrier asks for. */
export interface PortOutRequest {
  readonly phoneNumbers: readonly string[];
  readonly accountNumber?: string;
  readonly pin?: string;
  readonly postalCode?: string;
  readonly name: string;
  readonly focInMs: number;
  readonly answerWithinMs: number;
  readonly reviewMs: number;
  readonly acceptsRejections: boolean;
  readonly rejections: readonly Rejection[];
}

const FOREIGN = { name: 'Foreign network', spid: '9999', nnid: '109999' };
const LONGEST_TIMER = 2 ** 31 - 1;

/** All port-outs of our account, what happens to them by itself, and the events about them. */
export class PortOutBook {
  readonly #world: World;
  readonly #webhooks: Webhooks;
  readonly #portOuts = new Map<string, PortOut>();
  readonly #happenings: PortOutHappening[];
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(world: World, webhooks: Webhooks) {
    this.#world = world;
    this.#webhooks = webhooks;
    for (const portOut of world.state.keep('portOuts', () => this.all()) ?? []) this.#portOuts.set(portOut.id, portOut);
    this.#happenings = world.state.keep('portOutEvents', () => this.#happenings) ?? [];
  }

  all(): PortOut[] {
    return [...this.#portOuts.values()];
  }

  get(id: string): PortOut | undefined {
    return this.#portOuts.get(id);
  }

  happenings(): readonly PortOutHappening[] {
    return this.#happenings;
  }

  /** Takes up every port-out where an earlier process has left it. */
  resume(): void {
    for (const portOut of this.all()) if (portOut.next) this.#wait(portOut);
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  /** @throws TelnyxFailure 422 when a number isn't with the REST carrier */
  request(request: PortOutRequest): PortOut {
    const { phoneNumbers, name, accountNumber, pin, postalCode, acceptsRejections, reviewMs, rejections } = request;
    if (!phoneNumbers.every((phoneNumber) => this.#world.numbers.voiceCarrier(phoneNumber) === 'telnyx')) {
      throw unprocessable('A number is not with the REST carrier.', '/phoneNumbers');
    }
    const id = randomUUID();
    const now = Date.now();
    const insertedAt = new Date(now).toISOString();
    const portOut: PortOut = {
      id,
      phoneNumbers,
      given: { accountNumber, pin, postalCode },
      name,
      carrierName: FOREIGN.name,
      spid: FOREIGN.spid,
      pon: `PON${hash53(id) % 1_000_000}`,
      supportKey: `PO_${(hash53(id) % 0xff_ffff).toString(16).padStart(6, '0')}`,
      insertedAt,
      updatedAt: insertedAt,
      focAt: new Date(now + request.focInMs).toISOString(),
      acceptsRejections,
      reviewMs,
      answerBy: new Date(now + request.answerWithinMs).toISOString(),
      rejections,
      comments: [],
      trace: [],
      status: 'pending',
    };
    this.#portOuts.set(id, portOut);
    this.#become(portOut, 'pending', { what: 'requested' });
    this.#plan(portOut, { does: 'approve', at: now + request.answerWithinMs });
    return portOut;
  }

  /** @throws TelnyxFailure 422 unless it is pending */
  authorize(portOut: PortOut): void {
    this.#requirePending(portOut, 'authorized');
    this.#approve(portOut, 'authorized');
  }

  /** @throws TelnyxFailure 422 unless it is pending and the code is one of its own, explained where it has to be */
  reject(portOut: PortOut, code: number | undefined, reason: string): void {
    this.#requirePending(portOut, 'rejected');
    const rejection = portOut.rejections.find((each) => each.code === code);
    if (!rejection) throw unprocessable('The rejection code is not valid for this port-out.', '/rejection_code');
    if (rejection.reason_required && !reason.trim()) throw unprocessable('A reason is required.', '/reason');
    portOut.rejection = { code: rejection.code, reason };
    this.#become(portOut, 'rejected-pending', { what: 'rejected', code: rejection.code, reason });
    this.#plan(portOut, { does: 'review', at: Date.now() + portOut.reviewMs });
  }

  /** The gaining carrier gives up. @throws TelnyxFailure 422 when it is over */
  cancel(portOut: PortOut): void {
    if (['canceled', 'rejected', 'ported'].includes(portOut.status)) {
      throw unprocessable(`A port-out that is ${portOut.status} cannot be canceled.`);
    }
    portOut.next = undefined;
    this.#become(portOut, 'canceled', { what: 'canceled' });
  }

  /** The gaining carrier agrees on another date. */
  reschedule(portOut: PortOut, focInMs: number): void {
    portOut.focAt = new Date(Date.now() + focInMs).toISOString();
    this.#note(portOut, { what: 'dated' });
    this.#publish(portOut, 'portout.foc_date_changed', { id: portOut.id, foc_date: portOut.focAt });
    if (portOut.status === 'authorized') this.#plan(portOut, { does: 'port', at: Date.parse(portOut.focAt) });
  }

  comment(portOut: PortOut, body: string): PortOut['comments'][number] {
    const comment = { id: randomUUID(), body, createdAt: new Date().toISOString() };
    portOut.comments.push(comment);
    this.#note(portOut, { what: 'commented' });
    this.#publish(portOut, 'portout.new_comment', { id: comment.id, comment: body, portout_id: portOut.id });
    return comment;
  }

  /** Sends an event's webhook again. */
  republish({ id, event_type, payload }: PortOutHappening): void {
    void this.#webhooks.send({ type: event_type, payload, identity: id, mustArrive: true, urgent: true });
  }

  #requirePending({ status }: PortOut, wanted: string): void {
    if (status !== 'pending') throw unprocessable(`A port-out that is ${status} cannot be ${wanted}.`);
  }

  #approve(portOut: PortOut, what: 'authorized' | 'approved-by-silence'): void {
    this.#become(portOut, 'authorized', { what });
    this.#plan(portOut, { does: 'port', at: Date.parse(portOut.focAt) });
  }

  #take(portOut: PortOut, does: NonNullable<PortOut['next']>['does']): void {
    portOut.next = undefined;
    switch (does) {
      case 'approve':
        this.#approve(portOut, 'approved-by-silence');
        break;
      case 'review':
        this.#review(portOut);
        break;
      case 'port':
        this.#port(portOut);
        break;
    }
  }

  /** The porting desk looks at the reason of a rejection; meanwhile the clock has run. */
  #review(portOut: PortOut): void {
    if (portOut.acceptsRejections) {
      this.#become(portOut, 'rejected', { what: 'rejection-accepted' });
      return;
    }
    this.#become(portOut, 'pending', { what: 'rejection-not-accepted' });
    this.#plan(portOut, { does: 'approve', at: Date.parse(portOut.answerBy) });
  }

  /** Voice and texts move away, at once. */
  #port(portOut: PortOut): void {
    const now = Date.now();
    const { numbers } = this.#world;
    for (const phoneNumber of portOut.phoneNumbers) {
      numbers.moveVoice(phoneNumber, { since: now, carrier: 'foreign', spid: FOREIGN.spid, lrn: phoneNumber });
      numbers.moveSms(phoneNumber, { since: now, carrier: 'foreign', nnid: FOREIGN.nnid });
    }
    this.#become(portOut, 'ported', { what: 'ported' });
  }

  #become(portOut: PortOut, status: PortOut['status'], trace: Omit<Trace, 'at'>): void {
    portOut.status = status;
    this.#note(portOut, trace);
    this.#publish(portOut, 'portout.status_changed', statusPayload(portOut));
  }

  #note(portOut: PortOut, trace: Omit<Trace, 'at'>): void {
    portOut.updatedAt = new Date().toISOString();
    portOut.trace.push({ at: portOut.updatedAt, ...trace });
  }

  #publish(portOut: PortOut, type: PortOutHappening['event_type'], payload: unknown): void {
    const now = new Date().toISOString();
    const happening: PortOutHappening = {
      id: randomUUID(),
      event_type: type,
      // A snapshot: the port-out goes on changing before its webhook is written.
      payload: structuredClone(payload),
      payload_status: 'created',
      portout_id: portOut.id,
      record_type: 'portout_event',
      available_notification_methods: ['webhook'],
      created_at: now,
      updated_at: now,
    };
    this.#happenings.push(happening);
    this.#world.state.save();
    const turn = this.#happenings.filter(({ portout_id }) => portout_id === portOut.id).length;
    // The lot hangs on what a seed can repeat: the numbers and the turn, not the port-out's random id.
    void this.#webhooks.send({ type, payload: happening.payload, identity: `${portOut.phoneNumbers.join()} ${turn}` });
  }

  #plan(portOut: PortOut, next: NonNullable<PortOut['next']>): void {
    portOut.next = next;
    this.#world.state.save();
    this.#wait(portOut);
  }

  /** Timers of Node hold at most 2^31 ms; a date may be further away. */
  #wait(portOut: PortOut): void {
    const { next } = portOut;
    if (!next) return;
    const wait = Math.max(next.at - Date.now(), 0);
    clearTimeout(this.#timers.get(portOut.id));
    const act = () => {
      if (portOut.next !== next) return;
      if (wait > LONGEST_TIMER) this.#wait(portOut);
      else this.#take(portOut, next.does);
    };
    this.#timers.set(portOut.id, setTimeout(act, Math.min(wait, LONGEST_TIMER)));
  }
}
