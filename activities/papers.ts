import { ApplicationFailure } from '@temporalio/common';
import type { Carrier } from '../carriers/carrier.ts';
import type { Mailer } from '../carriers/mailer.ts';
import type { Engine } from '../intake/engine.ts';
import type { PortDocument } from '../store/ports.ts';
import type { Store } from '../store/store.ts';
import { createCommentExchange } from './comment-exchange.ts';
import { createDocumentHandOver } from './document-hand-over.ts';
import { escalate } from './escalation.ts';
import type { PapersActivities } from './interfaces.ts';

/** Documents and comments of a port at its carriers. All are safe to repeat. */
export function createPapersActivities(deps: {
  readonly store: Store;
  readonly engine: Pick<Engine, 'correspondence'>;
  readonly carriers: ReadonlyMap<string, Carrier>;
  /** Absent when no mail server is configured. */
  readonly mailer?: Mailer;
}): PapersActivities {
  const { store, engine, carriers, mailer } = deps;
  const documents = createDocumentHandOver(store);
  const comments = createCommentExchange({ store, ...(mailer && { mailer }) });

  async function load(portId: string): Promise<{ port: PortDocument; gaining: Carrier }> {
    const port = await store.ports.find(portId);
    if (!port) throw ApplicationFailure.nonRetryable(`Port ${portId} is not in the store.`, 'unknown-port');
    const gaining = carriers.get(port.gainingCarrier);
    if (!gaining) {
      throw ApplicationFailure.retryable(
        `Carrier «${port.gainingCarrier}» is not configured in this worker; check PORTSMS_CARRIERS.`,
        'unknown-carrier',
      );
    }
    return { port, gaining };
  }

  return {
    async handOverDocuments({ portId, carrierOrderId }) {
      const { port, gaining } = await load(portId);
      const orderId = carrierOrderId ?? port.carrierOrderId;
      if (orderId === undefined) return { handedOver: 0 };
      return documents.handOver(port, gaining, orderId);
    },

    async exchangeComments({ portId }) {
      const { port } = await load(portId);
      const nextAt = await comments.exchange(port, carriers);
      return nextAt ? { nextAt: nextAt.toISOString() } : {};
    },

    async escalateOrder({ portId, carrierOrderId, reason, level = 0, occasion = '', to = 'gaining' }) {
      const { port, gaining } = await load(portId);
      const carrier = to === 'gaining' ? gaining : carriers.get(port.losingCarrier ?? '');
      if (!carrier) return { channels: [] };
      const orderId = carrierOrderId ?? port.carrierOrderId;
      const escalated = await escalate(
        {
          port,
          carrier,
          hasOrder: to === 'gaining' && orderId !== undefined && port.messagingPlan !== 'messaging-only',
          orderId,
          reason,
          level,
          occasion,
        },
        { store, canMail: mailer !== undefined, now: new Date() },
      );
      await engine.correspondence(portId);
      return escalated;
    },
  };
}
