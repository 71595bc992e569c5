import { chooseRoute } from '../../domain/route-choice/choose.ts';
import { learnRoutes, type Observation, routesIn } from '../../domain/route-choice/learning.ts';
import { lotOf } from '../../domain/route-choice/lot.ts';
import { type RoutingParameters, routingParameters } from '../../domain/route-choice/parameters.ts';
import { deliveryBy, type RouteQuality, routeKey } from '../../domain/route-choice/route-quality.ts';
import type { Market, MarketText } from './market.ts';

/** How a carrier is chosen for each text. */
export interface Strategy {
  readonly name: string;
  choose(text: MarketText): string;
  /** What has become of a text, when it is known. @param delivered undefined: no receipt came */
  hear?(text: MarketText, carrier: string, delivered: boolean | undefined, latencyMs: number): void;
}

export function fixed(carrier: string): Strategy {
  return { name: `fixed ${carrier}`, choose: () => carrier };
}

export function roundRobin({ carriers }: Market): Strategy {
  let next = 0;
  return { name: 'round robin', choose: () => carriers[next++ % carriers.length]?.id ?? '' };
}

/** As the product does it: a pass of learning each minute, of what has ended 5 s before; it is known everywhere within 5 s more. */
const passEverySeconds = 60;
const settlingSeconds = 5;
const visibleAfterSeconds = 5;

/** For whom half a point of delivery is worth any price. */
export const strict: RoutingParameters = {
  ...routingParameters,
  tolerance: { otp: 0.005, transactional: 0.005, conversational: 0.005, marketing: 0.005 },
};

/** The product's router, with its own rules, and nothing but what its own receipts say. */
export function router({ carriers }: Market, name = 'router', parameters = routingParameters): Strategy {
  let known = new Map<string, RouteQuality>();
  let learnt = new Map<string, RouteQuality>();
  let heard: { readonly at: number; readonly observation: Observation }[] = [];
  let lastPass = 0;

  function pass(second: number): void {
    lastPass = second;
    const until = second - settlingSeconds;
    const observations = heard.filter(({ at }) => at <= until).map(({ observation }) => observation);
    heard = heard.filter(({ at }) => at > until);
    if (routesIn(observations).size === 0) return;
    const { routes } = learnRoutes(learnt, observations, momentOf(second), parameters);
    learnt = new Map(learnt);
    for (const route of routes) learnt.set(routeKey(route.carrier, route.network), route);
  }

  return {
    name,
    choose({ id, kind, network, second }) {
      if (second - lastPass >= passEverySeconds) pass(second);
      if (second - lastPass >= visibleAfterSeconds) known = learnt;
      const destination = { country: countryIn(network), network };
      const candidates = carriers.map(({ id: carrier, price }) => ({
        carrier,
        price,
        ...deliveryBy(carrier, destination, kind, (key) => known.get(key), momentOf(second), parameters),
      }));
      return chooseRoute({ kind, candidates, lot: lotOf(id, 0) }, parameters).carrier;
    },
    hear({ kind, network, second }, carrier, delivered, latencyMs) {
      const place = { carrier, kind, network, country: countryIn(network) };
      const at = second + latencyMs / 1000;
      if (delivered === undefined) heard.push({ at, observation: { ...place, censored: true } });
      else {
        const evidence = { successes: delivered ? 1 : 0, failures: delivered ? 0 : 1 };
        heard.push({ at, observation: { ...place, evidence, ...(delivered && { latencyMs }) } });
      }
    },
  };
}

const begins = Date.UTC(2026, 11, 1);
const momentOf = (second: number) => new Date(begins + second * 1000);

function countryIn(network: string): string {
  return network.split('/', 1)[0] ?? network;
}
