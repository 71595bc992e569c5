import smpp, { type PDU, type Session } from 'smpp';
import type { Simulator } from '../../simulator/simulator.ts';
import { SMPP_QUIRKS, type SmppCarrierId } from '../../simulator/world/networks.ts';
import { until } from './until.ts';

export type Bind = 'bind_transceiver' | 'bind_receiver' | 'bind_transmitter';

export interface Sms {
  readonly from?: string;
  readonly to?: string;
  readonly text?: string;
  readonly fields?: Record<string, unknown>;
}

/** A client on npm `smpp`, as somebody else would write it. */
export class SmppClient {
  readonly session: Session;
  readonly delivered: PDU[] = [];
  /** With what a deliver_sm is answered; null: not at all. */
  answer: number | null = 0;
  closed = false;

  private constructor(port: number) {
    this.session = smpp.connect({ host: '127.0.0.1', port });
    this.session.setMaxListeners(0);
    this.session.on('error', () => {});
    this.session.on('close', () => {
      this.closed = true;
    });
    this.session.on('deliver_sm', (pdu: PDU) => {
      this.delivered.push(pdu);
      if (this.answer !== null) this.session.send(pdu.response({ command_status: this.answer }));
    });
    this.session.on('enquire_link', (pdu: PDU) => this.session.send(pdu.response()));
  }

  /** Connects without binding. */
  static async open(simulator: Simulator, carrier: SmppCarrierId): Promise<SmppClient> {
    const client = new SmppClient(simulator.addresses.smpp[carrier]);
    await new Promise<void>((resolve) => client.session.on('connect', () => resolve()));
    return client;
  }

  /** @throws Error with the status when the bind is refused */
  static async bound(
    simulator: Simulator,
    carrier: SmppCarrierId,
    bind: Bind = 'bind_transceiver',
  ): Promise<SmppClient> {
    const client = await SmppClient.open(simulator, carrier);
    const { systemId, password } = SMPP_QUIRKS[carrier];
    const { command_status } = await client.request(bind, { system_id: systemId, password });
    if (command_status !== 0) throw new Error(`the bind was refused with ${command_status}`);
    return client;
  }

  request(command: string, fields: Record<string, unknown> = {}): Promise<PDU> {
    return new Promise((resolve, reject) => {
      const sent = this.session.send(new smpp.PDU(command, fields), resolve);
      this.session.once('close', () => reject(new Error('the connection ended before the answer')));
      if (!sent) reject(new Error('the connection is closed'));
    });
  }

  submit({ from = '+12125550100', to = '+447700900123', text = 'Hello', fields = {} }: Sms = {}): Promise<PDU> {
    const numbering = { source_addr_ton: 1, source_addr_npi: 1, dest_addr_ton: 1, dest_addr_npi: 1 };
    return this.request('submit_sm', {
      ...numbering,
      source_addr: from.replace('+', ''),
      destination_addr: to.replace('+', ''),
      registered_delivery: 1,
      data_coding: 0,
      short_message: Buffer.from(text, 'latin1'),
      ...fields,
    });
  }

  /** The text of each receipt that has come. */
  receipts(): string[] {
    return this.delivered.filter((pdu) => pdu.esm_class === 4).map(textOf);
  }

  receipt(): Promise<string> {
    return until(() => this.receipts()[0]);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    await new Promise<void>((resolve) => this.session.destroy(() => resolve()));
  }
}

export function textOf(pdu: PDU): string {
  const { message } = pdu.short_message as { message: string | Buffer };
  return Buffer.isBuffer(message) ? message.toString('latin1') : message;
}

/** What npm `smpp` makes of a user data header: each element without the length of the whole. */
export function headerOf(pdu: PDU): Buffer | undefined {
  const { udh } = pdu.short_message as { udh?: Buffer[] };
  return udh?.[0];
}
