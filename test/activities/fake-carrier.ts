import type {
  Carrier,
  CarrierSettings,
  MessagingClient,
  PartAnswer,
  PortingClient,
  PortOutClient,
  Reservation,
  RoomRequest,
  Submission,
} from '../../carriers/carrier.ts';
import { CarrierUnavailable } from '../../carriers/errors.ts';
import { segmentText } from '../../domain/segments.ts';

/** A carrier's messaging that keeps what is written to it, and answers as it is told. */
export class FakeMessaging implements MessagingClient {
  /** Every text that was ever written, in order. */
  readonly written: Submission[] = [];
  /** Segments that one reservation gets at most. */
  room = 1000;
  /** While set, there is no connection. */
  away = false;
  /** Called when room is asked for, before it is given. */
  onReserve: () => Promise<void> = async () => undefined;
  /** What is answered to a text; ids are counted by default. */
  answer: (text: Submission) => readonly PartAnswer[] | Promise<readonly PartAnswer[]> = (text) =>
    text.references.map(() => ({ outcome: 'accepted', carrierMessageId: this.nextId() }));
  idPrefix = 'm';
  #ids = 0;

  nextId(): string {
    this.#ids += 1;
    return `${this.idPrefix}${this.#ids}`;
  }

  segments(text: string): number {
    return segmentText(text).parts.length;
  }

  async reserve({ wanted }: RoomRequest): Promise<Reservation> {
    if (this.away) throw new CarrierUnavailable('No session is bound.', { notConnected: true });
    await this.onReserve();
    return { segments: Math.min(wanted, this.room), release: () => undefined };
  }

  submit(texts: readonly Submission[]): Promise<readonly PartAnswer[]>[] {
    this.written.push(...texts);
    return texts.map(async (text) => this.answer(text));
  }
}

/** A carrier that needs no network. */
export function fakeCarrier(
  id: string,
  parts: {
    settings?: Partial<CarrierSettings>;
    messaging?: MessagingClient;
    porting?: PortingClient;
    portOuts?: PortOutClient;
  } & Pick<Carrier, 'campaigns' | 'inventory' | 'hosting'> = {},
): Carrier {
  return {
    settings: {
      id,
      adapter: 'fake',
      spids: [`spid-${id}`],
      country: 'US',
      optOutReply: 'us',
      receipts: 'handset',
      senders: [],
      network: id,
      probes: [],
      codes: 'smpp',
      partIds: 'each',
      ...parts.settings,
    },
    messaging: parts.messaging ?? new FakeMessaging(),
    ...(parts.porting && { porting: parts.porting }),
    ...(parts.portOuts && { portOuts: parts.portOuts }),
    ...(parts.campaigns && { campaigns: parts.campaigns }),
    ...(parts.inventory && { inventory: parts.inventory }),
    ...(parts.hosting && { hosting: parts.hosting }),
    slots: 1,
    share: 1,
    allot: async () => undefined,
    connect: () => undefined,
    isConnected: () => true,
    close: async () => undefined,
  };
}
