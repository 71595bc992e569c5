import type { Carrier, InboundEvent } from '../carriers/carrier.ts';
import { copyAmong } from '../domain/inbound-copies.ts';
import { readKeyword } from '../domain/keywords.ts';
import { type Assembly, assemble } from '../domain/reassembly.ts';
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
    const { vault } = deps.store;
    const whole = each.event.part
      ? await addPart(each, each.event.part, deps.store)
      : { ...each.event, id: vault.deriveId('in', each.id), carrier: each.carrier };
    if (whole) await takeWhole(whole, deps);
  }
}

/** Releases what there is of texts whose other parts have not come in time. */
export async function releaseIncompleteTexts(deps: Dependencies): Promise<void> {
  const { store } = deps;
  const stale = await store.inboundTexts.staleParts(new Date(Date.now() - partsPatienceMs), 500);
  for (const name of new Set(stale.map((part) => part.group))) {
    const group = await store.inboundTexts.partsOf(name);
    for (const text of assembliesOf(group, store).filter(({ textId }) => textId === undefined)) {
      const whole = await join(text, group, store);
      if (whole) await takeWhole({ ...whole, incomplete: true }, deps);
    }
  }
}

/** Keeps a part, then looks which texts are complete (invariant 6). */
async function addPart(
  { id, carrier, event }: Inbound,
  { reference, total, sequence }: NonNullable<InboundEvent['part']>,
  store: Store,
): Promise<WholeText | undefined> {
  const { vault, inboundTexts } = store;
  const now = new Date();
  const group = await inboundTexts.addPart({
    _id: id,
    group: vault.fingerprint('parts', event.from, event.to, String(reference), String(total)),
    carrier,
    sequence,
    total,
    fromKey: vault.numberKey(event.from),
    from: vault.seal(event.from),
    toKey: vault.numberKey(event.to),
    to: vault.seal(event.to),
    text: vault.seal(event.text),
    receivedAt: now,
    forgetAt: new Date(now.getTime() + keepPartsMs),
  });
  const text = assembliesOf(group, store).find(({ parts, copies }) =>
    [...parts, ...copies].some((part) => part.partId === id),
  );
  if (text?.textId !== undefined) {
    await inboundTexts.useParts([id], text.textId);
    return undefined;
  }
  return text && text.missing.length === 0 ? join(text, group, store) : undefined;
}

function assembliesOf(group: readonly InboundPartDocument[], store: Store): Assembly[] {
  const inOrder = [...group].sort((a, b) => +a.receivedAt - +b.receivedAt || (a._id < b._id ? -1 : 1));
  return assemble(
    inOrder.map(({ _id, carrier, sequence, total, text, textId }) => ({
      partId: _id,
      carrier,
      sequence,
      total,
      text: store.vault.open(text),
      ...(textId !== undefined && { textId }),
    })),
  );
}

/** Releases a text. Its id derives from its first part: whoever else completes it releases the same text. */
async function join(
  assembly: Assembly,
  group: readonly InboundPartDocument[],
  store: Store,
): Promise<WholeText | undefined> {
  const first = group.find((part) => part._id === assembly.parts[0]?.partId);
  if (!first) return undefined;
  const id = store.vault.deriveId('in', first._id);
  await store.inboundTexts.useParts(
    [...assembly.parts, ...assembly.copies].map((part) => part.partId),
    id,
  );
  return {
    id,
    carrier: first.carrier,
    from: store.vault.open(first.from),
    to: store.vault.open(first.to),
    text: assembly.text,
  };
}

async function takeWhole(whole: WholeText, deps: Dependencies): Promise<void> {
  const { store } = deps;
  const { vault } = store;
  const receivedAt = new Date();
  // The right to forward is won by entering first among equal texts; who comes second from another carrier is a copy.
  const arrivals = await store.inboundTexts.arrive(vault.fingerprint('arrival', whole.from, whole.to, whole.text), {
    textId: whole.id,
    carrier: whole.carrier,
  });
  const copyOf = copyAmong(arrivals, whole.id);
  const keyword = readKeyword(whole.text);
  const document: InboundTextDocument = {
    _id: whole.id,
    carrier: whole.carrier,
    fromKey: vault.numberKey(whole.from),
    from: vault.seal(whole.from),
    toKey: vault.numberKey(whole.to),
    to: vault.seal(whole.to),
    text: vault.seal(whole.text),
    receivedAt,
    ...(copyOf && { copyOf }),
    ...(whole.incomplete && { incomplete: true }),
    ...(keyword && { keyword }),
  };
  await store.inboundTexts.insert(document);
  if (keyword && !copyOf) await obeyKeyword(document, keyword, deps);
  await keepInboundProof(document, deps);
}

/** A text that came in by the gaining carrier while the number's routing is uncertain is half of the cutover's proof. */
async function keepInboundProof(text: InboundTextDocument, { store, engine }: Dependencies): Promise<void> {
  const [number, sender] = await Promise.all([store.numbers.find(text.toKey), store.numbers.find(text.fromKey)]);
  if (number?.routing.state !== 'uncertain' || number.routing.gaining !== text.carrier) return;
  // A text from the gaining carrier to itself proves nothing: other networks have their own copy of the routing.
  if (sender?.routing.state === 'settled' && sender.routing.carrier === text.carrier) return;
  const { portId } = number.routing;
  if (await store.numbers.saveProof(number._id, portId, { inboundAt: text.receivedAt })) {
    await engine.cutoverNews(portId, number._id);
  }
}
