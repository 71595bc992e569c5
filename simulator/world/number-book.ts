import {
  type BusinessNumber,
  type Provision,
  provisioned,
  routeAt,
  type SmsRoute,
  type VoiceRoute,
} from './business-number.ts';
import type { CarrierId } from './networks.ts';
import type { State } from './state.ts';

/** All numbers of ours, with the routes of their calls and texts over time. */
export class NumberBook {
  readonly #numbers = new Map<string, BusinessNumber>();
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
    for (const number of state.keep('numbers', () => [...this.#numbers.values()]) ?? []) {
      this.#numbers.set(number.phoneNumber, number);
    }
  }

  get(phoneNumber: string): BusinessNumber | undefined {
    return this.#numbers.get(phoneNumber);
  }

  all(): BusinessNumber[] {
    return [...this.#numbers.values()];
  }

  /** Hands numbers out, again from scratch where they exist already. */
  provision(provisions: readonly Provision[]): BusinessNumber[] {
    const now = Date.now();
    const numbers = provisions.map((provision) => provisioned(provision, now));
    for (const number of numbers) this.#numbers.set(number.phoneNumber, number);
    this.#state.save();
    return numbers;
  }

  /** The carrier that calls go to. */
  voiceCarrier(phoneNumber: string, at = Date.now()): CarrierId | 'foreign' | undefined {
    const number = this.#numbers.get(phoneNumber);
    return number && routeAt(number.voice, at).carrier;
  }

  /** The carrier that texts belong to; `overlap` is the former one while it still takes part. */
  smsRoute(phoneNumber: string, at = Date.now()): SmsRoute | undefined {
    const number = this.#numbers.get(phoneNumber);
    if (!number) return undefined;
    const route = routeAt(number.sms, at);
    return route.overlap && route.overlap.until <= at ? { ...route, overlap: undefined } : route;
  }

  /** @param smsStays whether its texts are to stay where they are for good */
  moveVoice(phoneNumber: string, route: VoiceRoute, smsStays = false): void {
    this.#change(phoneNumber, (number) => ({ ...number, smsStays, voice: [...number.voice, route] }));
  }

  /** @param textsHosted whether they go to another carrier than its calls, for good */
  moveSms(phoneNumber: string, route: SmsRoute, textsHosted = false): void {
    this.#change(phoneNumber, (number) => ({ ...number, textsHosted, sms: [...number.sms, route] }));
  }

  #change(phoneNumber: string, change: (number: BusinessNumber) => BusinessNumber): void {
    const number = this.#numbers.get(phoneNumber);
    if (!number) throw new Error(`no carrier of the simulator has provisioned the number; POST it to /numbers first`);
    this.#numbers.set(phoneNumber, change(number));
    this.#state.save();
  }
}
