import type { Carrier, InboundEvent } from '../carriers/carrier.ts';
import { copyAmong } from '../domain/inbound-copies.ts';
import { readKeyword } from '../domain/keywords.ts';
import { assemble } from '../domain/reassembly.ts';
import type { InboundPartDocument, InboundTextDocument } from '../store/inbound-texts.ts';
import type { Store } from '../store/store.ts';
import type { Engine } from './engine.ts';
import { obeyKeyword } from './opt-out.ts';

interface Inbound {
  readonly id: string;
  readonly carrier: string;
  readonly event: InboundEvent;
}

interface Dependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly carriers: ReadonlyMap<string, Carrier>;
}

/** A whole text, its parts put together. */
interface WholeText {
  readonly id: string;
  readonly carrier: string;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly incomplete?: boolean;
}

/** Parts are kept a day; what is missing after ten minutes is given up, and what is there is released. */
const keepPartsMs = 24 * 3600_000;
export const partsPatienceMs = 10 * 60_000;

/** Takes inbound texts: parts are joined, every copy is stored, and each text is forwarded once. */
export async function takeInboundTexts(inbound: readonly Inbound[], deps: Dependencies): Promise<void> {
  for (const each of inbound) {
    const whole = each.event.part ? await addPart(each, each.event.part, deps.store) : asWhole(each, deps.store);
    if (whole) await takeWhole(whole, deps);
  }
}
