import type { Carrier, InboundEvent } from '../carriers/carrier.ts';
import { copyAmong } from '../domain/inbound-copies.ts';
import { readKeyword } from '../domain/keywords.ts';
import { readProbe } from '../domain/probe.ts';
import { type Assembly, assemble, assemblies } from '../domain/reassembly.ts';
import type { InboundPartDocument, InboundTextDocument } from '../store/inbound-texts.ts';
import type { Probe } from '../store/messages.ts';
import type { NumberDocument } from '../store/numbers.ts';
import type { Store } from '../store/store.ts';
import { confirmConsent } from './consent-confirmation.ts';
import type { Engine } from './engine.ts';
import { obeyKeyword } from './opt-out.ts';

interface Inbound {
  readonly id: string;
  readonly carrier: string;
  /** When it was stored, which may be long before it is worked on: who says STOP after START is obeyed in this order. */
  readonly receivedAt: Date;
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
  /** When the last of it came. */
  readonly receivedAt: Date;
  readonly incomplete?: boolean;
  /** The parts and copies of parts that it was made of, in the store. */
  readonly partIds?: readonly string[];
}

/** Parts are kept a day; what is missing after ten minutes is given up, and what is there is released. */
const keepPartsMs = 24 * 3600_000;
const partsPatienceMs = 10 * 60_000;

/** Takes inbound texts: parts are joined, every copy is stored, and each text is forwarded once. */
export async function takeInboundTexts(inbound: readonly Inbound[], deps: Dependencies): Promise<void> {
  const { vault, subjectKeys } = deps.store;
  // What a person writes is sealed under that person's key: all in one find, and each again only if the bulk has taken long.
  await subjectKeys.load(inbound.map(({ event }) => vault.numberKey(event.from)));
  for (const each of inbound) {
    await subjectKeys.load([vault.numberKey(each.event.from)]);
    const whole = each.event.part
      ? await addPart(each, each.event.part, deps.store)
      : { ...each.event, id: vault.deriveId('in', each.id), carrier: each.carrier, receivedAt: each.receivedAt };
    if (whole) await takeWhole(whole, deps);
  }
}

/** Releases what there is of texts whose other parts have not come in time. */
export async function releaseIncompleteTexts(deps: Dependencies): Promise<void> {
  const { store } = deps;
  const stale = await store.inboundTexts.staleParts(new Date(Date.now() - partsPatienceMs), 500);
  const waited = new Set(stale.map((part) => part._id));
  for (const name of new Set(stale.map((part) => part.group))) {
    const group = await store.inboundTexts.partsOf(name);
    await store.subjectKeys.loadFor(group.map((part) => part.text));
    for (const text of assemblies(group, wordsIn(store))) {
      if (text.textId !== undefined || !text.parts.some((part) => waited.has(part._id))) continue;
      const whole = join(text, store);
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
  const fromKey = vault.numberKey(event.from);
  const group = await inboundTexts.addPart({
    _id: id,
    group: vault.fingerprint('parts', event.from, event.to, String(reference), String(total)),
    carrier,
    sequence,
    total,
    fromKey,
    from: vault.sealFor(fromKey, event.from),
    toKey: vault.numberKey(event.to),
    to: vault.seal(event.to),
    text: vault.sealFor(fromKey, event.text),
    receivedAt: now,
    forgetAt: new Date(now.getTime() + keepPartsMs),
  });
  const assembly = assemble(group, id, wordsIn(store));
  if (assembly.outcome === 'copy') await inboundTexts.useParts([id], assembly.textId);
  return assembly.outcome === 'complete' ? join(assembly, store) : undefined;
}

function wordsIn(store: Store) {
  // Of a part that came before its writer was erased nothing is left; the others belong to a new text.
  return (part: InboundPartDocument) => store.vault.openUnlessErased(part.text) ?? '';
}

/** Makes the text of its parts. Its id derives from its first part: whoever else completes it makes the same text. */
function join(
  { parts, copies }: Pick<Assembly<InboundPartDocument>, 'parts' | 'copies'>,
  store: Store,
): WholeText | undefined {
  const [first] = parts;
  const from = first && store.vault.openUnlessErased(first.from);
  if (!first || from === undefined) return undefined;
  return {
    id: store.vault.deriveId('in', first._id),
    partIds: [...parts, ...copies].map((part) => part._id),
    carrier: first.carrier,
    from,
    to: store.vault.open(first.to),
    text: parts.map(wordsIn(store)).join(''),
    receivedAt: new Date(Math.max(...parts.map(({ receivedAt }) => receivedAt.getTime()))),
  };
}

async function takeWhole(whole: WholeText, deps: Dependencies): Promise<void> {
  const { store } = deps;
  const { vault } = store;
  // The right to forward is won by entering first among equal texts; who comes second from another carrier is a copy.
  const arrivals = await store.inboundTexts.arrive(vault.fingerprint('arrival', whole.from, whole.to, whole.text), {
    textId: whole.id,
    carrier: whole.carrier,
  });
  const copyOf = copyAmong(arrivals, whole.id);
  const read = readKeyword(whole.text);
  const probe = await probeOf(whole, store);
  const fromKey = vault.numberKey(whole.from);
  const document: InboundTextDocument = {
    _id: whole.id,
    carrier: whole.carrier,
    fromKey,
    from: vault.sealFor(fromKey, whole.from),
    toKey: vault.numberKey(whole.to),
    to: vault.seal(whole.to),
    text: vault.sealFor(fromKey, whole.text),
    receivedAt: whole.receivedAt,
    ...(copyOf && { copyOf }),
    ...(whole.incomplete && { incomplete: true }),
    ...(read && { keyword: read.reads }),
    ...(read?.language !== undefined && { keywordLanguage: read.language }),
    ...(probe && { probe: true as const }),
  };
  // What was found out the first time stands: by now the equal texts may have been forgotten.
  const text = (await store.inboundTexts.insert(document)) ? document : await store.inboundTexts.find(whole.id);
  if (!text) throw new Error(`Inbound text ${whole.id} is neither new nor in the store.`);
  if (!text.copyOf) {
    await obeyKeyword(text, deps);
    await confirmConsent(text, whole.text, deps);
  }
  if (probe?.direction === 'out') await keepOutboundProof(text, probe, deps);
  else await keepInboundProof(text, deps);
  // Last: until its parts are marked, whoever handles one of them again takes the text again, to no harm.
  if (whole.partIds) await store.inboundTexts.useParts(whole.partIds, whole.id);
}

/** The probe that a text says it is, if it is: anybody can write such words. */
async function probeOf(
  { from, to, text }: Pick<WholeText, 'from' | 'to' | 'text'>,
  { messages, vault }: Store,
): Promise<Probe | undefined> {
  const id = readProbe(text);
  const message = id === undefined ? null : await messages.find(id);
  const isIt = message?.fromKey === vault.numberKey(from) && message.toKey === vault.numberKey(to);
  return isIt ? message.probe : undefined;
}

/** A probe of the moving number, sent by the gaining carrier, has reached a number of ours: more than any receipt says. */
async function keepOutboundProof(
  text: InboundTextDocument,
  { portId }: Probe,
  { store, engine }: Dependencies,
): Promise<void> {
  const number = await store.numbers.find(text.fromKey);
  if (number?.routing.state !== 'uncertain' || number.routing.portId !== portId) return;
  const known = number.proof?.portId === portId ? number.proof.outboundAt : undefined;
  if (known && known < text.receivedAt) return;
  if (await store.numbers.saveProof(number._id, portId, { outboundAt: text.receivedAt })) {
    await engine.cutoverNews(portId, number._id);
  }
}

/** A text that came in by the gaining carrier while the number's routing is uncertain is half of the cutover's proof. */
async function keepInboundProof(text: InboundTextDocument, deps: Dependencies): Promise<void> {
  const { store, engine, carriers } = deps;
  const [number, sender] = await Promise.all([store.numbers.find(text.toKey), store.numbers.find(text.fromKey)]);
  if (number?.routing.state !== 'uncertain' || number.routing.gaining !== text.carrier) return;
  const network = originOf(sender, carriers);
  // A text from the gaining carrier to itself proves nothing: other networks have their own copy of the routing.
  if (network === (carriers.get(text.carrier)?.settings.network ?? text.carrier)) return;
  const { portId } = number.routing;
  // Known already; the same text again may have been cut off before it was told.
  const proof = number.proof?.portId === portId ? number.proof : undefined;
  const before = (at: Date | undefined) => at !== undefined && at < text.receivedAt;
  if (before(proof?.inboundByNetwork?.[network])) return;
  const kept = await store.numbers.saveInboundProof(number._id, portId, network, text.receivedAt);
  // One network proves it; the others are shown, and seen at the next look.
  if (kept && !before(proof?.inboundAt)) await engine.cutoverNews(portId, number._id);
}

/** The network that a text was written on: of a number of ours by its routing, of others by what the database said last. */
function originOf(sender: NumberDocument | null, carriers: ReadonlyMap<string, Carrier>): string {
  const networkOf = (carrier: string) => carriers.get(carrier)?.settings.network ?? carrier;
  if (sender?.own && sender.routing.state === 'settled' && sender.routing.carrier) {
    return networkOf(sender.routing.carrier);
  }
  // In a move of its own its texts may be written at either end: the one that would prove nothing is assumed.
  const gaining = sender?.own && sender.routing.state === 'uncertain' ? sender.routing.gaining : undefined;
  if (gaining !== undefined) return networkOf(gaining);
  const spid = sender?.lookUp?.spid;
  if (spid === undefined) return 'unknown';
  const ours = [...carriers.values()].find(({ settings }) => settings.spids.includes(spid));
  return ours?.settings.network ?? `spid-${spid.toLowerCase().replaceAll(/[^a-z0-9-]/g, '-')}`;
}
