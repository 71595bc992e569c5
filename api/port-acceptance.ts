import { isDuplicateKey } from '../store/database.ts';
import type { PortDocument } from '../store/ports.ts';
import type { Store } from '../store/store.ts';
import type { OrderedNumbers, PortInput } from '../workflows/contract.ts';
import { keyReused, requestFingerprint } from './idempotency.ts';
import { createPortPreparation, type PortPreparationDependencies } from './port-preparation.ts';
import type { PortProcess } from './port-process.ts';
import type { PortRequestBody } from './schemas/ports.ts';

export interface PortAcceptanceDependencies extends PortPreparationDependencies {
  readonly store: PortPreparationDependencies['store'] & Pick<Store, 'ports'>;
  readonly portProcess: Pick<PortProcess, 'start'>;
  /** Texts wait from this long before the agreed date on, in milliseconds. */
  readonly marginMs: number;
  /** Without proof for this long after the agreed date a person is asked, in milliseconds. */
  readonly proofDeadlineMs: number;
}

/**
 * Takes a port: checks what can be told at once, puts numbers, consent and request on record, and starts its process. Every step
 * is safe to repeat under the same id, so a request that was cut off is completed by its repetition.
 */
export function createPortAcceptance(dependencies: PortAcceptanceDependencies) {
  const { store } = dependencies;
  const prepare = createPortPreparation(dependencies);
  /**
   * @param id of the port; derived from the Idempotency-Key when there is one
   * @returns the port, once its process has started (invariant 3)
   * @throws Problem
   */
  return (id: string, body: PortRequestBody): Promise<PortDocument> =>
    beginPort(dependencies, id, requestFingerprint(store.vault, body), () => prepare(id, body));
}

/** Stores what `make` makes, unless it is stored already, and starts its process. @throws Problem */
export async function beginPort(
  dependencies: Pick<PortAcceptanceDependencies, 'portProcess' | 'marginMs' | 'proofDeadlineMs'> & {
    readonly store: Pick<Store, 'ports'>;
  },
  id: string,
  requestHash: string,
  make: () => Promise<PortDocument>,
): Promise<PortDocument> {
  const { ports } = dependencies.store;
  const port = (await ports.find(id)) ?? (await insert());
  if (port.requestHash !== requestHash) throw keyReused();
  await dependencies.portProcess.start(asInput(port, dependencies));
  return port;

  async function insert(): Promise<PortDocument> {
    const made = await make();
    try {
      await ports.insert(made);
      return made;
    } catch (error) {
      const first = isDuplicateKey(error) ? await ports.find(id) : null;
      if (!first) throw error;
      return first;
    }
  }
}

/** What is ordered of whom, without a number in it. */
export function orderedNumbers(port: PortDocument): OrderedNumbers {
  return {
    gainingCarrier: port.gainingCarrier,
    ...(port.losingCarrier !== undefined && { losingCarrier: port.losingCarrier }),
    messagingPlan: port.messagingPlan,
    activation: port.activation,
    numberKeys: port.numbers.map((each) => each.numberKey),
  };
}

/** What a port's process is started with. */
function asInput(
  port: PortDocument,
  { marginMs, proofDeadlineMs }: Pick<PortAcceptanceDependencies, 'marginMs' | 'proofDeadlineMs'>,
): PortInput {
  return {
    portId: port._id,
    ...orderedNumbers(port),
    marginMs,
    proofDeadlineMs,
    ...(port.draft !== undefined && { draft: true }),
  };
}

/** A port that lies stored and unstarted for so long was cut off from its process; longer than a start may take. */
const unstartedAfterMs = 15_000;
const startedAtOnce = 100;

/** Starts what was put on record and then cut off: the engine was away, or this process died. Starting twice is harmless (invariant 4). */
export async function startForgottenPorts(
  dependencies: Pick<PortAcceptanceDependencies, 'portProcess' | 'marginMs' | 'proofDeadlineMs'> & {
    readonly store: { readonly ports: Pick<Store['ports'], 'findUnstarted'> };
  },
  now = new Date(),
): Promise<void> {
  const before = new Date(now.getTime() - unstartedAfterMs);
  for (const port of await dependencies.store.ports.findUnstarted(before, startedAtOnce)) {
    await dependencies.portProcess.start(asInput(port, dependencies));
  }
}
