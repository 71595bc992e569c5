import type { Carrier } from '../../carriers/carrier.ts';
import { type DeliveryClass, plainCode } from '../../domain/delivery-codes.ts';
import { rulingId } from '../../domain/delivery-rulings.ts';
import classes from '../../domain/facts/delivery-classes.json' with { type: 'json' };
import type { UnknownCodeDocument } from '../../store/delivery-codes.ts';
import type { Store } from '../../store/store.ts';
import { type Operation, operation } from '../operation.ts';
import { Problem } from '../problem.ts';
import {
  codeRuling,
  deliveryCatalogue,
  deliveryCode,
  deliveryCodePath,
  deliveryCodeQuery,
  deliveryCodeScope,
  rulingRemoved,
} from '../schemas/delivery-codes.ts';
import { rulingView, tableCodes } from '../views/delivery-code-view.ts';
import { moment } from '../views/moment.ts';

const tag = 'Delivery';
/** Unknown codes that are listed; a carrier has some hundreds of codes in all. */
const mostUnknown = 200;
const countedMs = 30 * 24 * 3600_000;

/** The catalogue of delivery codes, and what operators say of those that it lacks. */
export function deliveryCodeOperations({
  store,
  carriers,
}: {
  readonly store: Pick<Store, 'deliveryCodes' | 'deliveryMetrics'>;
  readonly carriers: ReadonlyMap<string, Carrier>;
}): Operation[] {
  const list = operation({
    method: 'get',
    path: '/v1/delivery-codes',
    summary: 'The catalogue of delivery codes',
    description:
      'What each code of a carrier means: our code, what is done about it, whose fault it is, whether it points at a port. ' +
      'Below it the codes that carriers gave and no table has; each is taken for temporary once until it is classified.',
    tag,
    query: deliveryCodeQuery,
    answers: { 200: { description: 'The catalogue.', schema: deliveryCatalogue } },
    async handle({ query: { vocabulary } }) {
      const wanted = <Row extends { readonly vocabulary: string }>(rows: readonly Row[]) =>
        rows.filter((row) => vocabulary === undefined || row.vocabulary === vocabulary);
      const rulings = await store.deliveryCodes.rulings();
      const unknown = (await store.deliveryCodes.listUnknown(mostUnknown)).filter(
        (seen) =>
          !rulings.has(rulingId(seen)) && !rulings.has(rulingId({ vocabulary: seen.vocabulary, code: seen.code })),
      );
      const counts = unknown.length > 0 ? await countAttempts(unknown) : new Map<string, number>();
      return {
        status: 200,
        body: {
          classes: classes.rows.map((row) => ({
            class: row.class as DeliveryClass,
            action: row.action,
            waitsMs: row.waitsMs,
          })),
          data: wanted([...[...rulings.values()].map(rulingView), ...tableCodes]),
          unknown: wanted(unknown).map(({ _id, firstSeenAt, lastSeenAt, ...seen }) => ({
            ...seen,
            firstSeenAt: moment(firstSeenAt),
            lastSeenAt: moment(lastSeenAt),
            attempts: counts.get(_id) ?? 0,
          })),
        },
      };
    },
  });

  /** How often each was given, by the metrics of the texts that have ended. */
  async function countAttempts(unknown: readonly UnknownCodeDocument[]): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    const now = Date.now();
    for await (const bucket of store.deliveryMetrics.ofSpan('day', new Date(now - countedMs), new Date(now))) {
      for (const { carrierCode, count } of bucket.codes) {
        const seen = unknown.find(
          ({ vocabulary, code, carrier }) =>
            carrier === bucket.carrier && carrierCode !== undefined && plainCode(vocabulary, carrierCode) === code,
        );
        if (seen) counts.set(seen._id, (counts.get(seen._id) ?? 0) + count);
      }
    }
    return counts;
  }

  const classify = operation({
    method: 'put',
    path: '/v1/delivery-codes/:vocabulary/:code',
    summary: 'Say what a code means',
    description:
      'For a code that no table has, or that one of your carriers uses in a sense of its own. It holds within seconds, for what comes from then on.',
    tag,
    params: deliveryCodePath,
    query: deliveryCodeScope,
    body: codeRuling,
    answers: { 200: { description: 'As the catalogue has it now.', schema: deliveryCode } },
    problems: ['unknown-carrier'],
    async handle({ params, query: { carrier }, body }) {
      if (carrier !== undefined && !carriers.has(carrier)) {
        throw new Problem('unknown-carrier', `Carriers are: ${[...carriers.keys()].join(', ')}.`);
      }
      const code = plainCode(params.vocabulary, params.code);
      const ruling = { vocabulary: params.vocabulary, code, ...(carrier !== undefined && { carrier }), ...body };
      await store.deliveryCodes.saveRuling(ruling, new Date());
      return { status: 200, body: rulingView(ruling) };
    },
  });

  const takeBack = operation({
    method: 'delete',
    path: '/v1/delivery-codes/:vocabulary/:code',
    summary: 'Take back what was said of a code',
    tag,
    params: deliveryCodePath,
    query: deliveryCodeScope,
    answers: { 200: { description: 'The tables hold again.', schema: rulingRemoved } },
    problems: ['unknown-delivery-code'],
    async handle({ params, query: { carrier } }) {
      const code = plainCode(params.vocabulary, params.code);
      const id = rulingId({ vocabulary: params.vocabulary, code, ...(carrier !== undefined && { carrier }) });
      if (!(await store.deliveryCodes.removeRuling(id))) {
        throw new Problem(
          'unknown-delivery-code',
          'Only what was said by PUT can be taken back; see GET /v1/delivery-codes.',
        );
      }
      return { status: 200, body: { id, removed: true } };
    },
  });

  return [list, classify, takeBack];
}
