import type { Client } from '@temporalio/client';
import type { PortOutState } from '../domain/lifecycle/port-out.ts';
import { authorizePortOutUpdate, rejectPortOutUpdate, workflowIds } from '../workflows/contract.ts';
import { asUpdateProblem } from './port-process.ts';

/** What people do to a port-out is answered within this time, or with 503 (design: ways through it). */
const updateDeadlineMs = 5_000;

/** The process of a port-out, as people act on it. The same `updateId` gives the first result again. */
export interface PortOutProcess {
  /** @throws Problem `port-out-not-authorizable`, `engine-timeout` */
  authorize(portOutId: string, updateId: string): Promise<PortOutState>;
  /** @throws Problem `port-out-not-rejectable`, `rejection-not-eligible`, `engine-timeout` */
  reject(portOutId: string, code: string, updateId: string): Promise<PortOutState>;
}

/** The process of a port-out behind a Temporal client. */
export function createPortOutProcess(client: Client): PortOutProcess {
  const handle = (portOutId: string) => client.workflow.getHandle(workflowIds.portOut(portOutId));
  const inTime = <T>(act: () => Promise<T>) => client.withDeadline(Date.now() + updateDeadlineMs, act);
  return {
    async authorize(portOutId, updateId) {
      try {
        return await inTime(() => handle(portOutId).executeUpdate(authorizePortOutUpdate, { updateId }));
      } catch (error) {
        throw asUpdateProblem(error, 'port-out-not-authorizable');
      }
    },
    async reject(portOutId, code, updateId) {
      try {
        return await inTime(() => handle(portOutId).executeUpdate(rejectPortOutUpdate, { updateId, args: [{ code }] }));
      } catch (error) {
        throw asUpdateProblem(error, 'port-out-not-rejectable');
      }
    },
  };
}
