import type { Carrier } from '../carriers/carrier.ts';
import { rulingsOf } from '../domain/delivery-rulings.ts';
import { learnRoutes, type Observation, routesIn } from '../domain/route-choice/learning.ts';
import { outcomesOf, type ReportingCarrier } from '../domain/route-choice/outcome.ts';
import { type RoutingParameters, routingParameters } from '../domain/route-choice/parameters.ts';
import type { OutcomeText } from '../store/route-outcomes.ts';
import type { Store } from '../store/store.ts';
import type { LearningActivities } from './interfaces.ts';

/** A pass reads so many texts at most, the newest: enough to notice anything, whatever the throughput. */
const mostTexts = 10_000;
/** What was written before then can be read by now: transactions end, clocks differ. */
const settlingMs = 5000;
/** What is older when learning begins, or begins again, is not worth reading. */
const longestLookBackMs = 3600_000;

/** Learns about routes from what has become of texts (invariant 11: from what is stored, not from what was counted on the way). */
export function createLearningActivities(deps: {
  readonly store: Pick<Store, 'routeOutcomes' | 'routeQuality' | 'deliveryCodes'>;
  readonly carriers: ReadonlyMap<string, Carrier>;
  readonly parameters?: RoutingParameters;
  readonly now?: () => Date;
}): LearningActivities {
  const { store, carriers, parameters = routingParameters, now: clock = () => new Date() } = deps;

  /** How each carrier's codes are read now. */
  async function reporting(): Promise<(id: string) => ReportingCarrier | undefined> {
    const rulings = await store.deliveryCodes.rulings();
    const reading = new Map(
      [...carriers].map(([id, { settings }]) => [id, { ...settings, ruling: rulingsOf(rulings, settings.codes, id) }]),
    );
    return (id) => reading.get(id);
  }

  function observationsOf(text: OutcomeText, carrierOf: (id: string) => ReportingCarrier | undefined): Observation[] {
    const place = placeOf(text);
    return place ? outcomesOf(text, carrierOf, parameters).map((outcome) => ({ ...outcome, ...place })) : [];
  }

  /** What the caller says is of the last carrier that may have had the text. */
  function wordOf(text: OutcomeText): Observation[] {
    const place = placeOf(text);
    const carrier = text.attempts.findLast(({ parts }) =>
      parts?.some(({ outcome }) => outcome !== 'rejected'),
    )?.carrier;
    if (!place || !text.feedback || carrier === undefined || !carriers.has(carrier)) return [];
    const weight = parameters.feedbackWeight;
    const came = text.feedback.outcome === 'converted';
    return [{ carrier, ...place, evidence: { successes: came ? weight : 0, failures: came ? 0 : weight } }];
  }

  return {
    async learnRoutes() {
      const now = clock();
      const until = new Date(now.getTime() - settlingMs);
      const [last] = await store.routeQuality.passes(1, until);
      const from = new Date(Math.max(last?.until.getTime() ?? 0, until.getTime() - longestLookBackMs));
      if (from >= until) return { texts: 0, changes: 0 };
      const [carrierOf, ended, told] = await Promise.all([
        reporting(),
        store.routeOutcomes.ended(from, until, mostTexts),
        store.routeOutcomes.toldOf(from, until, mostTexts),
      ]);
      const observations = [...ended.flatMap((text) => observationsOf(text, carrierOf)), ...told.flatMap(wordOf)];
      if (observations.length === 0) return { texts: ended.length, changes: 0 };
      const known = await store.routeQuality.findMany([...routesIn(observations).keys()]);
      const { routes, changes } = learnRoutes(
        new Map(known.map((route) => [route._id, route])),
        observations,
        now,
        parameters,
      );
      const sampled = ended.length === mostTexts || told.length === mostTexts;
      const pass = { after: last?.until, from, until, texts: ended.length, feedback: told.length, sampled, changes };
      // Lost to another pass after the same one: that one has learnt the same.
      const kept = await store.routeQuality.savePass(pass, routes);
      return { texts: ended.length, changes: kept ? changes.length : 0 };
    },
  };
}

/** Where and what a text was; undefined for one that was never admitted. */
function placeOf({ kind, network }: OutcomeText): Pick<Observation, 'kind' | 'network' | 'country'> | undefined {
  if (network === undefined) return undefined;
  return { kind, network, country: network.split('/', 1)[0] ?? network };
}
