import { ApplicationFailure } from '@temporalio/common';
import type { Store } from '../store/store.ts';
import type { CarrierTalkActivities } from './interfaces.ts';

/** What is said to a carrier about an order, besides the order itself. */
export function createCarrierTalk(deps: {
  readonly store: Pick<Store, 'ports' | 'timeline' | 'numberClaims'>;
}): CarrierTalkActivities {
  const { store } = deps;

  /** Where no carrier can be written to from here, a person has to: it is on record what they have to say. */
  async function byHand(portId: string, id: string, detail: string): Promise<void> {
    const at = new Date().toISOString();
    await store.timeline.append(portId, `by-hand/${id}`, 0, [{ at, actor: 'portsms', type: 'order.by-hand', detail }]);
  }

  return {
    async escalateOrder({ portId, reason, level = 0 }) {
      await byHand(portId, `${reason}/${level}`, `Write to the gaining carrier about the order: ${reason}.`);
    },

    async handOverDocuments({ portId }) {
      await byHand(portId, 'documents', 'Send the documents of the port to the gaining carrier.');
    },

    async requestSnapBack({ portId }) {
      const port = await store.ports.find(portId);
      if (!port) throw ApplicationFailure.nonRetryable(`Port ${portId} is not in the store.`, 'unknown-port');
      const keys = port.numbers.map((each) => each.numberKey);
      if ((await store.numberClaims.claim(keys, portId)).length > 0) {
        const message = 'Another port has begun with the numbers; going back is an ordinary port.';
        throw ApplicationFailure.nonRetryable(message, 'carrier-refused', 'number-has-open-port');
      }
      await byHand(
        portId,
        'snap-back',
        'Ask the porting desks of both carriers to undo the port, and record their answer.',
      );
    },
  };
}
