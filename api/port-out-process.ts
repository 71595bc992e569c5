import type { Client } from '@temporalio/client';
import type { PortOutState } from '../domain/lifecycle/port-out.ts';
import { authorizePortOutUpdate, rejectPortOutUpdate, workflowIds } from '../workflows/contract.ts';
import { updateProcess } from './durable-process.ts';

/** The process of a port-out, as people act on it. The same `updateId` gives the first result again. */
export interface PortOutProcess {
  /** @throws Problem `port-out-not-authorizable`, `engine-timeout` */
  authorize(portOutId: string, updateId: string): Promise<PortOutState>;
  /** @throws Problem `port-out-not-rejectable`, `rejection-not-eligible`, `engine-timeout` */
  reject(portOutId: string, code: string, updateId: string): Promise<PortOutState>;
}

/** The process of a port-out behind a Temporal client. */
export function createPortOutProcess(client: Client): PortOutProcess {
  return {
    authorize: (portOutId, updateId) =>
      updateProcess(
        client,
        workflowIds.portOut(portOutId),
        authorizePortOutUpdate,
        [],
        updateId,
        'port-out-not-authorizable',
        'port-out',
      ),
    reject: (portOutId, code, updateId) =>
      updateProcess(
        client,
        workflowIds.portOut(portOutId),
        rejectPortOutUpdate,
        [{ code }],
        updateId,
        'port-out-not-rejectable',
        'port-out',
      ),
  };
}
