import { ApplicationFailure } from '@temporalio/common';
import type { Carrier } from '../carriers/carrier.ts';
import { CarrierRefused } from '../carriers/errors.ts';
import type { TextHostingClient } from '../carriers/text-hosting.ts';
import type { OrderProblem } from '../domain/lifecycle/order.ts';
import { explainRejection } from '../domain/rejections.ts';
import type { Engine } from '../intake/engine.ts';
import type { Store } from '../store/store.ts';
import type { TextRemovalDocument } from '../store/text-removals.ts';
import { attributed } from './attribution.ts';
import type { TextRemovalActivities } from './interfaces.ts';
import { changeRouting } from './routing-change.ts';

/** The steps of a removal of hosted texts, at the store and at the carrier that hosts them. All are safe to repeat. */
export function createTextRemovalActivities(deps: {
  store: Store;
  engine: Engine;
  carriers: ReadonlyMap<string, Carrier>;
}): TextRemovalActivities {
  const { store, engine } = deps;
  const { vault } = store;

  async function load(
    removalId: string,
  ): Promise<{ removal: TextRemovalDocument; phoneNumbers: string[]; keys: string[]; hosting: TextHostingClient }> {
    const removal = await store.textRemovals.find(removalId);
    if (!removal) throw ApplicationFailure.nonRetryable(`Removal ${removalId} is not in the store.`, 'unknown-order');
    const hosting = deps.carriers.get(removal.carrier)?.hosting;
    if (!hosting) {
      throw ApplicationFailure.retryable(
        `Carrier «${removal.carrier}» hosts no texts in this worker; check PORTSMS_CARRIERS.`,
        'carrier-hosts-no-texts',
      );
    }
    const phoneNumbers = removal.numbers.map((each) => vault.open(each.number));
    return { removal, phoneNumbers, keys: removal.numbers.map((each) => each.numberKey), hosting };
  }

  function problemOf(removal: TextRemovalDocument, error: CarrierRefused): OrderProblem {
    const adapter = deps.carriers.get(removal.carrier)?.settings.adapter ?? '';
    const { meaning, fix } = explainRejection(adapter, error.code);
    return { code: error.code, message: `${meaning} ${fix}` };
  }

  /** Texts are hosted for numbers whose calls are elsewhere: with whom, nobody has said. */
  async function noteVoice(keys: readonly string[]): Promise<void> {
    await Promise.all(
      keys.map((numberKey) =>
        changeRouting(store, numberKey, ({ voiceAt }) =>
          voiceAt === undefined ? { voiceAt: 'elsewhere' } : undefined,
        ),
      ),
    );
  }

  return {
    async checkTextRemoval({ removalId }) {
      const { phoneNumbers, keys, hosting } = await load(removalId);
      const taken = await store.numberClaims.claim(keys, removalId);
      if (taken.length > 0) {
        return {
          problems: [
            {
              code: 'number-has-open-port',
              field: 'phoneNumbers',
              message: `${taken.length} of the numbers have another open port; wait for its end or cancel it.`,
            },
          ],
        };
      }
      const hosted = await hosting.listHosted(phoneNumbers);
      const missing = phoneNumbers.length - hosted.length;
      if (missing === 0) {
        await noteVoice(keys);
        return { problems: [] };
      }
      return {
        problems: [
          {
            code: 'texts-not-hosted',
            field: 'phoneNumbers',
            message: `The carrier hosts no texts of ${missing} of the numbers; leave them out (GET /v1/numbers/{number} says by whom texts go).`,
          },
        ],
      };
    },

    async holdTexts({ removalId }) {
      const { removal, keys } = await load(removalId);
      await Promise.all(
        keys.map((numberKey) =>
          changeRouting(store, numberKey, ({ routing }) =>
            routing.state === 'settled' && routing.carrier === removal.carrier
              ? {
                  routing: {
                    state: 'uncertain',
                    portId: removalId,
                    losing: removal.carrier,
                    since: new Date(),
                    activated: false,
                  },
                  proof: undefined,
                }
              : undefined,
          ),
        ),
      );
    },

    async removeTexts({ removalId }) {
      const { removal, phoneNumbers, hosting } = await load(removalId);
      let refused: OrderProblem | undefined;
      let left: string[];
      try {
        left = await hosting.removeTexts(phoneNumbers);
      } catch (error) {
        if (!(error instanceof CarrierRefused)) throw error;
        refused = problemOf(removal, error);
        // Some may be gone all the same: what counts is what the carrier still hosts.
        left = await hosting.listHosted(phoneNumbers);
      }
      return { left: left.map((phoneNumber) => vault.numberKey(phoneNumber)), ...(refused && { refused }) };
    },

    async endTexts({ removalId, left }) {
      const { removal, keys } = await load(removalId);
      const { carrier } = removal;
      const ended = { portId: removalId, at: new Date(), from: carrier };
      await Promise.all(
        keys.map(async (numberKey) => {
          await changeRouting(store, numberKey, ({ routing }) => {
            if (routing.state !== 'uncertain' || routing.portId !== removalId) return undefined;
            return left.includes(numberKey)
              ? { routing: { state: 'settled', carrier }, move: undefined }
              : { routing: { state: 'settled', textsRemoved: true }, move: undefined, ended };
          });
          await engine.routingChanged(numberKey);
        }),
      );
      await store.textRemovals.noteEnded(
        removalId,
        keys.filter((numberKey) => !left.includes(numberKey)),
      );
    },

    async projectTextRemoval({ removalId, counter, removal, waiting, firstStep, steps }) {
      await store.timeline.append(removalId, 'order', firstStep, attributed(steps));
      await store.textRemovals.project(removalId, counter, { ...removal, ...(waiting && { waiting }) });
    },

    async releaseRemovedNumbers({ removalId }) {
      const removal = await store.textRemovals.find(removalId);
      const keys = (removal?.numbers ?? []).map((each) => each.numberKey);
      await store.numberClaims.release(keys, removalId);
    },
  };
}
