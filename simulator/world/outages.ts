import type { CarrierId } from './networks.ts';
import type { World } from './world.ts';

/** When carriers are down: as the scenario says (once per period, at a moment drawn by lot), or ordered by a test. */
export class Outages {
  readonly #world: World;
  readonly #ordered = new Map<CarrierId, number>();
  readonly #startedAt = Date.now();

  constructor(world: World) {
    this.#world = world;
  }

  /** Takes a carrier down for so long, from now on. 0 brings it back. */
  order(carrier: CarrierId, forMs: number): void {
    this.#ordered.set(carrier, Date.now() + forMs);
  }

  isDown(carrier: CarrierId): boolean {
    const now = Date.now();
    if ((this.#ordered.get(carrier) ?? 0) > now) return true;
    const { outages } = this.#world.behaviour(carrier);
    if (!outages) return false;
    const elapsed = now - this.#startedAt;
    const period = Math.floor(elapsed / outages.everyMs);
    const latest = Math.max(outages.everyMs - outages.forMs, 0);
    const begins = this.#world.chance.number('outage', `${carrier} ${period}`) * latest;
    const inPeriod = elapsed - period * outages.everyMs;
    return inPeriod >= begins && inPeriod < begins + outages.forMs;
  }
}
