import type { Engine } from '../intake/engine.ts';
import type { Store } from '../store/store.ts';
import { createHeldRelease, type ReleasePace } from './held-release.ts';
import type { WindowHoldActivities } from './interfaces.ts';

/** Texts whose hours have opened are given back to message workflows. What has expired meanwhile is ended by their admission. */
export function createWindowHoldActivities(deps: {
  readonly store: Store;
  readonly engine: Engine;
  /** For tests. */
  readonly pace?: ReleasePace;
}): WindowHoldActivities {
  const { drain, releasePortion } = createHeldRelease(deps);
  return {
    async releaseWindow({ key }) {
      const ended = await drain(key);
      // Texts of many carriers wait for one moment: one that takes little does not keep back what others would take.
      return { left: ended === 'full' ? await releasePortion(key) : ended === 'time-over' };
    },
  };
}
