import type Telnyx from 'telnyx';
import { toFile } from 'telnyx';
import type { OrderSnapshot, PortabilityCheck, PortOrderRequest } from '../carrier.ts';
import { CarrierRefused, CarrierUnavailable } from '../errors.ts';
import type { OrderPapers, Paper } from '../order-papers.ts';
import type { CodeChecked, CodeSent, TextHostingClient } from '../text-hosting.ts';
import { type Ask, asking, ourError } from './asking.ts';
import { type HostedOrder, hostedSnapshot, isLive, takesPapers } from './hosting-snapshot.ts';

/** Largest page that the carrier gives. */
const pageSize = 250;

/** Texts alone at Telnyx: hosted messaging orders. They carry no reference of ours: an order is known by its numbers. */
export class TelnyxHosting implements TextHostingClient {
  readonly #carrier: string;
  readonly #client: Telnyx;
  readonly #ask: Ask;
  readonly #messagingProfileId: string | undefined;

  /** @param messagingProfileId where the numbers are put when their texts have arrived */
  constructor(carrier: string, client: Telnyx, messagingProfileId?: string) {
    this.#carrier = carrier;
    this.#client = client;
    this.#ask = asking(carrier);
    this.#messagingProfileId = messagingProfileId;
  }

  /** Whether the texts of each number can be hosted here. */
  async checkPortability(phoneNumbers: readonly string[]): Promise<PortabilityCheck[]> {
    const { phone_numbers } = await this.#ask('check which texts it can host', () =>
      this.#client.messagingHostedNumberOrders.checkEligibility({ phone_numbers: [...phoneNumbers] }),
    );
    return (phone_numbers ?? []).map(({ phone_number, eligible = false, eligible_status }) => ({
      phoneNumber: phone_number ?? '',
      portable: eligible,
      messagingCapable: eligible,
      ...(!eligible && eligible_status && { reason: eligible_status.toUpperCase() }),
    }));
  }

  /**
   * Creates the order and hands in its papers. Without them it is created nevertheless and stays a `draft`, with what is missing; asked
   * again, it takes the order up there.
   */
  async submitOrder(request: PortOrderRequest): Promise<OrderSnapshot> {
    const order = (await this.#find(request.phoneNumbers)) ?? (await this.#create(request.phoneNumbers));
    return this.#handIn(order, request.papers);
  }

  async findOrder(_reference: string, phoneNumbers: readonly string[]): Promise<OrderSnapshot | undefined> {
    const order = await this.#find(phoneNumbers);
    return order && hostedSnapshot(order);
  }

  async readOrder(carrierOrderId: string): Promise<OrderSnapshot> {
    return hostedSnapshot(await this.#retrieve(carrierOrderId));
  }

  /** The order itself holds nothing but numbers: what can be mended is its papers. */
  async supplementOrder(carrierOrderId: string, request: PortOrderRequest): Promise<OrderSnapshot> {
    return this.#handIn(await this.#retrieve(carrierOrderId), request.papers);
  }

  async handIn(carrierOrderId: string, papers: OrderPapers): Promise<OrderSnapshot> {
    return this.#handIn(await this.#retrieve(carrierOrderId), async () => papers);
  }

  async cancelOrder(carrierOrderId: string): Promise<OrderSnapshot> {
    const current = hostedSnapshot(await this.#retrieve(carrierOrderId));
    if (current.state === 'cancelled') return current;
    if (current.state === 'ported') {
      throw new CarrierRefused(
        `Carrier ${this.#carrier} hosts the texts of this order already; order their removal instead.`,
        'ALREADY_HOSTED',
      );
    }
    const { data } = await this.#ask('delete the order', () =>
      this.#client.messagingHostedNumberOrders.delete(carrierOrderId),
    );
    return hostedSnapshot(this.#present(data));
  }

  async rescheduleOrder(): Promise<OrderSnapshot> {
    throw this.#undated();
  }

  async activateOrder(): Promise<OrderSnapshot> {
    throw this.#undated();
  }

  /** All of them: the API dates no order, so that it cannot be asked what has changed. */
  async *listChangedOrders(): AsyncGenerator<OrderSnapshot> {
    for await (const order of this.#orders()) yield hostedSnapshot(order);
  }

  async sendCodes(carrierOrderId: string, phoneNumbers: readonly string[], by: 'sms' | 'call'): Promise<CodeSent[]> {
    const { data } = await this.#ask('send verification codes', () =>
      this.#client.messagingHostedNumberOrders.createVerificationCodes(carrierOrderId, {
        phone_numbers: [...phoneNumbers],
        verification_method: by,
      }),
    );
    return data.map(({ phone_number, error }) => ({ phoneNumber: phone_number, sent: !error }));
  }

  async checkCodes(
    carrierOrderId: string,
    codes: readonly { readonly phoneNumber: string; readonly code: string }[],
  ): Promise<CodeChecked[]> {
    const { data } = await this.#ask('check verification codes', () =>
      this.#client.messagingHostedNumberOrders.validateCodes(carrierOrderId, {
        verification_codes: codes.map(({ phoneNumber, code }) => ({ phone_number: phoneNumber, code })),
      }),
    );
    return (data?.phone_numbers ?? []).map(({ phone_number, status }) => ({
      phoneNumber: phone_number,
      verified: status !== 'rejected',
    }));
  }

  async listHosted(phoneNumbers: readonly string[]): Promise<string[]> {
    return [...(await this.#hosted(phoneNumbers)).keys()];
  }

  async removeTexts(phoneNumbers: readonly string[]): Promise<string[]> {
    for (const id of (await this.#hosted(phoneNumbers)).values()) {
      await this.#ask('stop hosting the texts of a number', () => this.#client.messagingHostedNumbers.delete(id));
    }
    return this.listHosted(phoneNumbers);
  }

  /** The ids of those of these numbers that are hosted. */
  async #hosted(phoneNumbers: readonly string[]): Promise<Map<string, string>> {
    const wanted = new Set(phoneNumbers);
    return this.#ask('list hosted numbers', async () => {
      const found = new Map<string, string>();
      for await (const { id, phone_number } of this.#client.messagingHostedNumbers.list({ 'page[size]': pageSize })) {
        if (id !== undefined && phone_number !== undefined && wanted.has(phone_number)) found.set(phone_number, id);
      }
      return found;
    });
  }

  async #find(phoneNumbers: readonly string[]): Promise<HostedOrder | undefined> {
    const wanted = [...phoneNumbers].sort().join();
    for await (const order of this.#orders()) {
      const numbers = (order.phone_numbers ?? []).map(({ phone_number }) => phone_number ?? '');
      if (numbers.sort().join() === wanted && isLive(order)) return order;
    }
    return undefined;
  }

  async *#orders(): AsyncGenerator<HostedOrder> {
    try {
      yield* this.#client.messagingHostedNumberOrders.list({ 'page[size]': pageSize });
    } catch (error) {
      throw ourError(error, this.#carrier, 'list the orders for texts alone');
    }
  }

  async #create(phoneNumbers: readonly string[]): Promise<HostedOrder> {
    const profile = this.#messagingProfileId;
    const { data } = await this.#ask('create the order', () =>
      this.#client.messagingHostedNumberOrders.create({
        phone_numbers: [...phoneNumbers],
        ...(profile !== undefined && { messaging_profile_id: profile }),
      }),
    );
    return this.#present(data);
  }

  async #retrieve(carrierOrderId: string): Promise<HostedOrder> {
    const { data } = await this.#ask('read the order', () =>
      this.#client.messagingHostedNumberOrders.retrieve(carrierOrderId),
    );
    return this.#present(data);
  }

  async #handIn(order: HostedOrder, papers: PortOrderRequest['papers']): Promise<OrderSnapshot> {
    if (!takesPapers(order)) return hostedSnapshot(order);
    const { loa, bill } = (await papers?.()) ?? {};
    if (!loa || !bill) {
      const missing = [...(loa ? [] : ['LOA_MISSING']), ...(bill ? [] : ['BILL_MISSING'])];
      return { ...hostedSnapshot(order), state: 'draft', rejections: missing.map((code) => ({ code, message: '' })) };
    }
    const files = { loa: await asFile(loa), bill: await asFile(bill) };
    const { data } = await this.#ask('hand in the papers', () =>
      this.#client.messagingHostedNumberOrders.actions.uploadFile(order.id ?? '', files),
    );
    return hostedSnapshot(this.#present(data));
  }

  #undated(): CarrierRefused {
    return new CarrierRefused(
      `Carrier ${this.#carrier} moves texts as soon as it can: there is no date to choose, and nothing to activate.`,
      'TEXTS_HAVE_NO_DATE',
    );
  }

  #present(order: HostedOrder | undefined): HostedOrder {
    if (order) return order;
    throw new CarrierUnavailable(`Carrier ${this.#carrier} answered without an order; try again later.`);
  }
}

function asFile({ content, fileName, contentType }: Paper) {
  return toFile(content, fileName, { type: contentType });
}
