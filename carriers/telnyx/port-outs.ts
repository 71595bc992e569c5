import type Telnyx from 'telnyx';
import type { PortOutClient, PortOutRejection, PortOutSnapshot } from '../carrier.ts';
import { CarrierUnavailable } from '../errors.ts';
import { type Ask, asking } from './asking.ts';
import { asCarrierError } from './failure.ts';
import { portOutRejectionOf, portOutSnapshotOf } from './port-out-snapshot.ts';

type Details = Telnyx.PortoutDetails;

/** Largest page that the carrier gives. */
const pageSize = 250;
/** A port-out older than this changes no more; the list can't be filtered by change. */
const lifetimeMs = 90 * 24 * 3600 * 1000;

/** What the endpoint takes, and the types of the client lack: the code goes beside the reason (the carrier's port-out guide). */
type Rejection = Telnyx.PortoutUpdateStatusParams & { readonly rejection_code: number };

/** Requests to take numbers away from Telnyx, by its port-out API. It tells no account number. */
export class TelnyxPortOuts implements PortOutClient {
  readonly tells = ['pin', 'postalCode'] as const;
  readonly answerHours?: number;
  readonly #carrier: string;
  readonly #client: Telnyx;
  readonly #ask: Ask;

  constructor(carrier: string, client: Telnyx, answerHours?: number) {
    this.#carrier = carrier;
    this.#client = client;
    this.#ask = asking(carrier);
    if (answerHours !== undefined) this.answerHours = answerHours;
  }

  async *listChangedPortOuts(since: string): AsyncGenerator<PortOutSnapshot> {
    const changedSince = Date.parse(since);
    const oldest = new Date(changedSince - lifetimeMs).toISOString();
    const list = this.#client.portouts.list({ filter: { inserted_at: { gte: oldest } }, 'page[size]': pageSize });
    try {
      for await (const details of list) {
        const changed = Date.parse(details.updated_at ?? since) >= changedSince;
        // Without the PIN: who finds it changed reads it.
        if (changed || details.status === 'pending') yield portOutSnapshotOf(details, undefined);
      }
    } catch (error) {
      throw asCarrierError(error, this.#carrier, 'list the port-outs');
    }
  }

  async readPortOut(carrierPortOutId: string): Promise<PortOutSnapshot> {
    const { data } = await this.#ask('read the port-out', () => this.#client.portouts.retrieve(carrierPortOutId));
    return this.#snapshot(data);
  }

  async listRejections(carrierPortOutId: string): Promise<PortOutRejection[]> {
    const { data } = await this.#ask('list the rejection codes', () =>
      this.#client.portouts.listRejectionCodes(carrierPortOutId),
    );
    return (data ?? []).map(portOutRejectionOf);
  }

  async authorizePortOut(id: string): Promise<PortOutSnapshot> {
    const { data } = await this.#ask('authorize the port-out', () =>
      // A reason is asked for also where there is nothing to explain.
      this.#client.portouts.updateStatus('authorized', { id, reason: 'authorized' }),
    );
    return this.#snapshot(data);
  }

  async rejectPortOut(id: string, code: string, reason: string): Promise<PortOutSnapshot> {
    const rejection: Rejection = { id, reason, rejection_code: Number(code) };
    const { data } = await this.#ask('reject the port-out', () =>
      this.#client.portouts.updateStatus('rejected-pending', rejection),
    );
    return this.#snapshot(data);
  }

  async commentPortOut(carrierPortOutId: string, words: string): Promise<void> {
    await this.#ask('comment on the port-out', () =>
      this.#client.portouts.comments.create(carrierPortOutId, { body: words }),
    );
  }

  async #snapshot(details: Details | undefined): Promise<PortOutSnapshot> {
    if (!details?.id) {
      throw new CarrierUnavailable(`Carrier ${this.#carrier} answered without a port-out; try again later.`);
    }
    return portOutSnapshotOf(details, await this.#triedPin(details.id));
  }

  /** The newest PIN that was tried: the port-out itself doesn't tell it, the events about it do. */
  #triedPin(portout_id: string): Promise<string | undefined> {
    return this.#ask('list the events of the port-out', async () => {
      let newest: { at: string; pin: string } | undefined;
      const filter = { portout_id, event_type: 'portout.status_changed' } as const;
      for await (const event of this.#client.portouts.events.list({ filter, 'page[size]': pageSize })) {
        const { payload = {}, created_at: at = '' } = event;
        const pin = 'attempted_pin' in payload ? payload.attempted_pin : undefined;
        if (pin && (!newest || at > newest.at)) newest = { at, pin };
      }
      return newest?.pin;
    });
  }
}
