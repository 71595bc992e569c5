import type { Part } from '../text/concatenation.ts';
import { decodeText, encodeText } from '../text/segments.ts';
import { hash53 } from '../world/chance.ts';
import type { CarrierId } from '../world/networks.ts';
import type { World } from '../world/world.ts';

/** A text on its way to a number of ours. */
export interface InboundText {
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** The carrier on whose network it was written, when that is one of ours. */
  readonly origin?: CarrierId;
}

/** One segment of an inbound text, or the whole. */
export interface InboundPiece {
  readonly text: string;
  readonly dataCoding: number;
  readonly octets: Buffer;
  readonly part?: Part;
}

/** How one carrier hands inbound texts over to us. */
export interface InboundDelivery {
  /** False where texts are handed over whole only. */
  readonly takesSegments: boolean;
  /** Delivers until it is acknowledged, then calls `acknowledged` once. */
  deliver(text: InboundText, piece: InboundPiece, acknowledged: () => void): void;
}

/** The networks of the world, as far as they bring texts to our numbers: each text by the route in force when it is written. */
export class Inbound {
  readonly #world: World;
  readonly #carriers = new Map<CarrierId, InboundDelivery>();
  #reference = 0;

  constructor(world: World) {
    this.#world = world;
  }

  connect(carrier: CarrierId, delivery: InboundDelivery): void {
    this.#carriers.set(carrier, delivery);
  }

  /** A subscriber writes to a number of ours. */
  send(text: InboundText): void {
    this.#world.ledger.record({
      event: 'mo-sent',
      from: text.from,
      to: text.to,
      text: text.text,
      carrier: text.origin,
    });
    this.route(text);
  }

  /** Brings a text on its way that is in the ledger already. */
  route(text: InboundText): void {
    const identity = `${text.from}\u0000${text.to}\u0000${text.text}`;
    const turn = `${identity}\u0000${this.#world.attempt(`mo\u0000${identity}`)}`;
    const [carrier = 'alpha'] = this.#carriersFor(text);
    const delay = this.#world.chance.within(this.#world.behaviour(carrier).inboundMs, 'inbound', turn);
    setTimeout(() => this.#deliver(text, turn), delay);
  }

  #deliver(text: InboundText, identity: string): void {
    const pieces = this.#piecesOf(text);
    const both = this.#carriersFor(text);
    const [first, second] = both;
    if (!first) {
      this.#world.ledger.record({ event: 'mo-rejected', from: text.from, to: text.to, text: text.text });
      return;
    }
    if (!second) {
      this.#copy(text, pieces, () => first);
      return;
    }
    const { bothRate, splitRate } = this.#world.scenario.ports;
    const { chance } = this.#world;
    const lot = chance.number('overlap', identity);
    const splittable = pieces.length > 1 && both.every((carrier) => this.#carriers.get(carrier)?.takesSegments);
    if (lot < bothRate) {
      this.#copy(text, pieces, () => first);
      this.#copy(text, pieces, () => second);
    } else if (splittable && lot < bothRate + splitRate) {
      const odd = chance.happens(0.5, 'overlap-first', identity) ? 1 : 0;
      this.#copy(text, pieces, (index) => (index % 2 === odd ? first : second));
    } else {
      const only = chance.pick(both, 'overlap-carrier', identity);
      this.#copy(text, pieces, () => only);
    }
  }

  /** One carrier, or two while the former one still takes part; none when the number has left us. */
  #carriersFor({ to, origin }: InboundText): CarrierId[] {
    const { numbers } = this.#world;
    // A network keeps its own numbers to itself as soon as it has them, whatever the registries say.
    const { smsStays, textsHosted } = numbers.get(to) ?? {};
    if (origin && numbers.voiceCarrier(to) === origin && !smsStays && !textsHosted) return [origin];
    const route = numbers.smsRoute(to);
    if (!route || route.carrier === 'foreign') return [];
    return route.overlap ? [route.carrier, route.overlap.carrier] : [route.carrier];
  }

  /** Hands one copy over, segment by segment, each by the carrier that `carrierOf` names. */
  #copy(text: InboundText, pieces: readonly InboundPiece[], carrierOf: (index: number) => CarrierId): void {
    const { from, to } = text;
    const { ledger } = this.#world;
    const carriers = [...new Set(pieces.map((_, index) => carrierOf(index)))];
    const whole = carriers.length === 1 && !this.#carriers.get(carriers[0] as CarrierId)?.takesSegments;
    const copy = whole ? [wholePiece(text.text)] : pieces;
    let missing = copy.length;
    copy.forEach((piece, index) => {
      const carrier = carrierOf(index);
      const delivery = this.#carriers.get(carrier);
      if (!delivery) throw new Error(`the simulator has no way to deliver inbound texts through ${carrier}`);
      delivery.deliver(text, piece, () => {
        missing -= 1;
        if (piece.part) ledger.record({ event: 'mo-delivered', carrier, from, to, text: piece.text, part: piece.part });
        if (missing === 0) {
          ledger.record({ event: 'mo-delivered', carrier: carriers.join('+'), from, to, text: text.text });
        }
      });
    });
  }

  #piecesOf(text: InboundText): InboundPiece[] {
    const { dataCoding, segments } = encodeText(text.text);
    if (segments.length === 1) return [wholePiece(text.text)];
    this.#reference = (this.#reference + 1) % 256;
    const reference = (this.#reference + hash53(text.from)) % 256;
    return segments.map((octets, index) => ({
      text: decodeText(octets, dataCoding),
      dataCoding,
      octets,
      part: { reference, total: segments.length, sequence: index + 1 },
    }));
  }
}

function wholePiece(text: string): InboundPiece {
  const { dataCoding, segments } = encodeText(text);
  return { text, dataCoding, octets: segments[0] ?? Buffer.alloc(0) };
}
