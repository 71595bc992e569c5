import { retentionRules } from '../domain/retention.ts';
import type { PageEnd } from '../store/newest-first.ts';
import type { Store } from '../store/store.ts';
import { consentViewOf } from './views/consent-view.ts';
import { erasureView } from './views/erasure-view.ts';
import { inboundView, outboundView } from './views/message-view.ts';
import { moment } from './views/moment.ts';
import { numberView } from './views/number-view.ts';

/** Texts that are in memory at a time. */
const portion = 200;

/**
 * Everything that is kept of a person (GDPR Art. 15), as JSON, made piece by piece while it is sent: a person may have had many texts.
 * @param phoneNumber whose; @param now when it was asked for
 */
export async function* subjectExport(
  phoneNumber: string,
  store: Pick<Store, 'consents' | 'erasures' | 'inboundTexts' | 'messages' | 'numbers' | 'subjectKeys' | 'vault'>,
  now: Date,
): AsyncIterable<string> {
  const { consents, erasures, inboundTexts, messages, numbers, subjectKeys, vault } = store;
  const key = vault.numberKey(phoneNumber);
  const [number, events, faults, erased, subjectKey] = await Promise.all([
    numbers.find(key),
    consents.recordsOf(key),
    consents.verify(key),
    erasures.ofSubject(key),
    subjectKeys.find(key),
  ]);
  await subjectKeys.loadFor(events.map((event) => event.evidence));
  const kept = retentionRules.map(({ what, purpose, period, basis }) => ({ what, purpose, period, basis }));
  const head = {
    phoneNumber,
    exportedAt: moment(now),
    kept,
    ...(number && { number: numberView(number, {}, vault) }),
    erasures: erased.filter((each) => each.completedAt).map((each) => erasureView(each, subjectKey, vault)),
    consents: events.map((event) => consentViewOf(event, vault, faults.length > 0)),
  };
  yield JSON.stringify(head).slice(0, -1);
  yield ',"texts":';
  yield* list(
    (before) => messages.list({ toKey: key, ...(before && { before }) }, portion),
    (each) => each.acceptedAt,
    (each) => outboundView(each, vault),
  );
  yield ',"inboundTexts":';
  yield* list(
    (before) => inboundTexts.list({ fromKey: key, ...(before && { before }) }, portion),
    (each) => each.receivedAt,
    (each) => inboundView(each, vault),
  );
  yield '}';

  async function* list<Text extends Parameters<typeof outboundView>[0] | Parameters<typeof inboundView>[0]>(
    read: (before: PageEnd | undefined) => Promise<Text[]>,
    at: (text: Text) => Date,
    view: (text: Text) => object,
  ): AsyncIterable<string> {
    yield '[';
    for (let before: PageEnd | undefined; ; ) {
      const texts = await read(before);
      await subjectKeys.loadFor(texts.flatMap((each) => [each.from, each.to]));
      const shown = texts.map((each) => JSON.stringify(view(each))).join(',');
      yield before && shown ? `,${shown}` : shown;
      const last = texts.at(-1);
      if (!last || texts.length < portion) break;
      before = { at: at(last), id: last._id };
    }
    yield ']';
  }
}
