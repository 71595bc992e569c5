import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Carrier, CarrierSettings } from '../carrier.ts';
import { Room } from '../room.ts';
import { settingsOf } from '../settings.ts';
import { TelnyxCampaigns } from './campaigns.ts';
import { telnyxClient } from './client.ts';
import type { TelnyxConfig } from './config.ts';
import { TelnyxHosting } from './hosting.ts';
import { TelnyxInquiry } from './inquiry.ts';
import { TelnyxInventory } from './inventory.ts';
import { TelnyxMessaging } from './messaging.ts';
import { TelnyxOptOuts } from './opt-outs.ts';
import { TelnyxPortOuts } from './port-outs.ts';
import { TelnyxPorting } from './porting.ts';
import { RequestLane } from './request-lane.ts';
import { TelnyxSenderVerification } from './sender-verification.ts';
import { TelnyxWebhook } from './webhook.ts';

/** Telnyx: texts and orders by its REST API, news by its webhooks. */
export class TelnyxCarrier implements Carrier {
  readonly settings: CarrierSettings;
  readonly messaging: TelnyxMessaging;
  readonly inquiry: TelnyxInquiry;
  readonly porting: TelnyxPorting;
  readonly portOuts: TelnyxPortOuts;
  readonly campaigns: TelnyxCampaigns;
  readonly inventory: TelnyxInventory;
  readonly optOuts: TelnyxOptOuts;
  readonly hosting: TelnyxHosting;
  readonly senderVerification: TelnyxSenderVerification;
  readonly webhook: TelnyxWebhook;
  readonly #room: Room<RequestLane>;
  readonly #lane: RequestLane;
  readonly #abandon = new AbortController();

  constructor(config: TelnyxConfig) {
    const client = telnyxClient(config);
    // Every open request listens to it.
    setMaxListeners(0, this.#abandon.signal);
    this.settings = settingsOf(config, { codes: 'telnyx', partIds: 'one' });
    this.#lane = new RequestLane(config.window, () => this.#room.changed());
    this.#room = new Room(config.id, config.segmentsPerSecond, () => [this.#lane]);
    this.messaging = new TelnyxMessaging(config, client, this.#room, this.#abandon.signal);
    this.inquiry = new TelnyxInquiry(config.id, client);
    this.porting = new TelnyxPorting(config.id, client);
    this.portOuts = new TelnyxPortOuts(config.id, client, config.portOutAnswerHours);
    this.campaigns = new TelnyxCampaigns(config.id, client);
    this.optOuts = new TelnyxOptOuts(config.id, client);
    this.inventory = new TelnyxInventory(config.id, client);
    this.senderVerification = new TelnyxSenderVerification(config.id, client);
    this.hosting = new TelnyxHosting(config.id, client, config.messagingProfileId);
    this.webhook = new TelnyxWebhook(config.webhookPublicKey);
  }

  /** Nothing is kept open: what arrives comes by webhook. */
  connect(): void {}

  isConnected(): boolean {
    return this.#lane.isOpen && !this.#abandon.signal.aborted;
  }

  async close(graceMs: number): Promise<void> {
    this.#room.close();
    const deadline = Date.now() + graceMs;
    while (this.#lane.unanswered > 0 && Date.now() < deadline) await delay(Math.min(20, graceMs));
    this.#abandon.abort();
    this.#lane.close();
  }
}
