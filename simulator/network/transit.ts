import { routeAt } from '../world/business-number.ts';
import type { CarrierId } from '../world/networks.ts';
import type { World } from '../world/world.ts';
import type { Inbound } from './inbound.ts';
import { attemptOf, type Fate, type ReceiptManner, type Segment } from './segment.ts';

/** From a carrier's acceptance to the handset, and back to the receipt. */
export class Transit {
  readonly #world: World;
  readonly #inbound: Inbound;

  constructor(world: World, inbound: Inbound) {
    this.#world = world;
    this.#inbound = inbound;
  }

  /**
   * Takes a segment that its carrier has accepted.
   * @param ended called once when it has arrived or was given up; never for a recipient who is `silent`
   */
  carry(segment: Segment, ended: (fate: Fate) => void): void {
    const world = this.#world;
    const { carrier, to, identity } = segment;
    const behaviour = world.behaviour(carrier);
    const rule = world.recipients.ruleFor(to, carrier);
    if (rule?.outcome === 'silent') return;
    const deliveryMs = rule?.deliveryMs ?? world.chance.within(behaviour.deliveryMs, 'delivery', identity);
    const untrue = this.#sendsFalseReceipts(carrier, segment.from);
    const expires = segment.validUntil !== undefined && Date.now() + deliveryMs > segment.validUntil;
    const endsInMs = expires ? Math.max((segment.validUntil ?? 0) - Date.now(), 0) : deliveryMs;
    setTimeout(() => {
      if (untrue) {
        world.ledger.record(entryOf('false-receipt', segment, { state: 'DELIVRD' }));
        ended({ state: 'DELIVRD', untrue: true });
        return;
      }
      const fate = this.#fate(segment, expires);
      if (fate.state === 'DELIVRD') this.#arrive(segment);
      else world.ledger.record(entryOf('failed', segment, fate));
      ended(fate);
    }, endsInMs);
  }

  /** How the receipt of a segment is sent, once it has ended. */
  receiptManner(segment: Segment): ReceiptManner {
    const { chance, recipients } = this.#world;
    const { receipts, receiptMs } = this.#world.behaviour(segment.carrier);
    const { identity } = segment;
    const ordered = recipients.ruleFor(segment.to, segment.carrier)?.receipt;
    const late = ordered === 'late' || (!ordered && chance.happens(receipts.lateRate, 'receipt-late', identity));
    return {
      never: ordered === 'never' || (!ordered && chance.happens(receipts.neverRate, 'receipt-never', identity)),
      twice: ordered === 'double' || (!ordered && chance.happens(receipts.doubleRate, 'receipt-double', identity)),
      afterMs: late
        ? chance.within(receipts.lateMs, 'receipt-late-by', identity)
        : chance.within(receiptMs, 'receipt', identity),
    };
  }

  /** Whether the receipt of a segment is to overtake the answer to its submission. */
  receiptOvertakesAnswer(segment: Segment): boolean {
    const rate = this.#world.behaviour(segment.carrier).receipts.beforeAnswerRate;
    const rule = this.#world.recipients.ruleFor(segment.to, segment.carrier);
    if (rule?.outcome === 'silent') return false;
    if (rule?.receipt) return rule.receipt === 'before-answer';
    return this.#world.chance.happens(rate, 'receipt-first', segment.identity);
  }

  #fate(segment: Segment, expires: boolean): Fate {
    const world = this.#world;
    const { carrier, to, identity } = segment;
    if (expires) return { state: 'EXPIRED', code: carrier === 'telnyx' ? '40005' : '000' };
    const rule = world.recipients.ruleFor(to, carrier);
    if (rule?.outcome === 'failed' && attemptOf(identity) <= (rule.times ?? Number.POSITIVE_INFINITY)) {
      return { state: rule.state ?? 'UNDELIV', code: rule.code ?? (carrier === 'telnyx' ? '40008' : '001') };
    }
    const { failRate, failCodes } = world.behaviour(carrier);
    if (!rule && failCodes.length > 0 && world.chance.happens(failRate, 'fail', identity)) {
      return { state: 'UNDELIV', code: world.chance.pick(failCodes, 'fail-code', identity) };
    }
    return { state: 'DELIVRD' };
  }

  #arrive(segment: Segment): void {
    const { numbers } = this.#world;
    const { carrier, from, to } = segment;
    const text = this.#world.recordWhole('delivered', entryOf('delivered', segment, {}));
    if (text !== undefined && numbers.get(to)) this.#inbound.send({ from, to, text, origin: carrier });
  }

  /** A losing carrier that goes on accepting the texts of a number that has left it. */
  #sendsFalseReceipts(carrier: CarrierId, from: string): boolean {
    const number = this.#world.numbers.get(from);
    if (!number?.keepsAccepting) return false;
    const now = Date.now();
    const sms = routeAt(number.sms, now);
    const voice = routeAt(number.voice, now);
    const messagingMoved = sms.carrier !== carrier && number.sms.some((route) => route.carrier === carrier);
    if (this.#world.scenario.ports.falseReceiptsFrom === 'messaging-moved') return messagingMoved;
    const voiceMoved = voice.carrier !== carrier && number.voice.some((route) => route.carrier === carrier);
    return messagingMoved || (voiceMoved && !number.smsStays);
  }
}

function entryOf(event: 'delivered' | 'failed' | 'false-receipt', segment: Segment, fate: Partial<Fate>) {
  const { carrier, from, to, text, part, carrierMessageId, userMessageReference } = segment;
  return {
    event,
    carrier,
    from,
    to,
    text,
    carrierMessageId,
    userMessageReference,
    code: fate.code,
    state: fate.state,
    part,
  };
}
