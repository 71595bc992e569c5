import type { MessageKind } from '../../domain/message.ts';
import type { Engine, PortOutReference } from '../../intake/engine.ts';

/** An engine that only notes what it is told: each call as its name and its arguments. */
export class RecordedEngine implements Engine {
  readonly told: (readonly unknown[])[] = [];
  /** While set, every call fails with it, as when the engine is away. */
  failure: Error | undefined;

  startMessages = (messageIds: readonly string[], kind: MessageKind, token: string) =>
    this.#note('startMessages', messageIds, kind, token);
  settled = (workflowId: string) => this.#note('settled', workflowId);
  failures = (workflowId: string) => this.#note('failures', workflowId);
  held = (numberKey: string, expiresAt: Date) => this.#note('held', numberKey, expiresAt.toISOString());
  routingChanged = (numberKey: string) => this.#note('routingChanged', numberKey);
  cutoverNews = (portId: string, numberKey: string) => this.#note('cutoverNews', portId, numberKey);
  carrierNews = (portId: string, eventId?: string) => this.#note('carrierNews', portId, eventId);
  correspondence = (portId: string) => this.#note('correspondence', portId);
  portOutNews = (portOut: PortOutReference, eventId?: string) => this.#note('portOutNews', portOut, eventId);

  revoked = (consentId: string) => this.#note('revoked', consentId);
  optOutsMove = (portId: string) => this.#note('optOutsMove', portId);
  optOutReview = (consentId: string) => this.#note('optOutReview', consentId);
  consentRequested = (consentId: string) => this.#note('consentRequested', consentId);
  consentConfirmed = (consentId: string) => this.#note('consentConfirmed', consentId);

  /** The arguments of every call of one kind. */
  callsOf(name: keyof Engine): (readonly unknown[])[] {
    return this.told.filter(([called]) => called === name).map((call) => call.slice(1));
  }

  /** Forgets what it was told. */
  clear(): void {
    this.told.length = 0;
  }

  async #note(...call: readonly unknown[]): Promise<void> {
    if (this.failure) throw this.failure;
    this.told.push(call);
  }
}
