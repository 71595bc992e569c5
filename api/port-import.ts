import { inParallel } from '../activities/in-parallel.ts';
import type { Store } from '../store/store.ts';
import type { ImportedFile, ImportedOrder } from './import-reading.ts';
import { createPlanAcceptance, type PlanAcceptanceDependencies } from './plan-acceptance.ts';
import { createPortAcceptance, type PortAcceptanceDependencies } from './port-acceptance.ts';
import { Problem } from './problem.ts';
import type { ImportAnswer, ImportLine } from './schemas/port-import.ts';

/** Ports that are begun at the same time. */
const ordersAtATime = 8;

export type PortImportDependencies = PortAcceptanceDependencies &
  PlanAcceptanceDependencies & {
    readonly store: Pick<Store, 'ports' | 'portPlans' | 'numbers' | 'numberClaims' | 'vault'>;
  };

type Refused = Pick<ImportLine, 'code' | 'errors'>;

/** Orders what a file asks for: the lines of one order become one port, or one plan. */
export function createPortImport(dependencies: PortImportDependencies) {
  const { store } = dependencies;
  const { vault } = store;
  const acceptPort = createPortAcceptance(dependencies);
  const plans = createPlanAcceptance(dependencies);

  /** Numbers of a port that can't go into it, so that the others can. */
  async function refusalsOf(portId: string, { request, lines }: ImportedOrder): Promise<Map<number, Refused>> {
    const keys = lines.map(({ phoneNumber }) => vault.numberKey(phoneNumber));
    const [open, known] = await Promise.all([store.numberClaims.openPorts(keys), store.numbers.findMany(keys)]);
    const refusals = new Map<number, Refused>();
    lines.forEach(({ line }, index) => {
      const key = keys[index] ?? '';
      const record = known.get(key);
      const carrier = record?.own && record.routing.state === 'settled' ? record.routing.carrier : undefined;
      const holder = open.get(key);
      if (holder !== undefined && holder !== portId) {
        const message = 'Has another open port: wait until it has ended, or cancel it.';
        refusals.set(line, { code: 'number-has-open-port', errors: [{ column: 'phoneNumber', message }] });
      } else if (carrier !== undefined && request.losingCarrier !== undefined && carrier !== request.losingCarrier) {
        const message = 'The number is registered with another carrier: name that one, with its account data.';
        refusals.set(line, { code: 'losing-carrier-mismatch', errors: [{ column: 'losingCarrier', message }] });
      }
    });
    return refusals;
  }

  /** The numbers that a port was begun with when the same file came before and was cut off. */
  async function refusedBefore(portId: string, { lines }: ImportedOrder): Promise<Map<number, Refused> | undefined> {
    const port = await store.ports.findOrder(portId);
    if (!port) return undefined;
    const inIt = new Set(port.numbers.map(({ numberKey }) => numberKey));
    const left = lines.filter(({ phoneNumber }) => !inIt.has(vault.numberKey(phoneNumber)));
    return new Map(left.map(({ line }) => [line, { code: 'number-has-open-port' }]));
  }

  async function accept(importId: string, order: ImportedOrder): Promise<ImportLine[]> {
    // The identity of a line is the import and its place in the file.
    const idOf = (prefix: string) => vault.deriveId(prefix, importId, String(order.firstLine));
    const [portId, planId] = [idOf('port'), idOf('plan')];
    const whole = { ...order.request, phoneNumbers: order.lines.map(({ phoneNumber }) => phoneNumber) };
    try {
      let refused = await refusedBefore(portId, order);
      if (!refused && ((await store.portPlans.find(planId)) || (await plans.isWanted(whole)))) {
        await plans.accept(planId, whole);
        return order.lines.map((each) => ({ ...each, status: 'accepted', portId: planId }));
      }
      refused ??= await refusalsOf(portId, order);
      const kept = order.lines.filter(({ line }) => !refused.has(line));
      if (kept.length > 0) {
        await acceptPort(portId, { ...whole, phoneNumbers: kept.map(({ phoneNumber }) => phoneNumber) });
      }
      return order.lines.map((each) => {
        const refusal = refused.get(each.line);
        return refusal ? { ...each, status: 'refused', ...refusal } : { ...each, status: 'accepted', portId };
      });
    } catch (error) {
      // What is not the file's fault ends the whole request: its repetition goes on where this one stopped.
      if (!(error instanceof Problem) || error.status >= 500) throw error;
      const errors = [{ message: error.message }, ...(error.errors ?? []).map(({ message }) => ({ message }))];
      return order.lines.map((each) => ({ ...each, status: 'refused', code: error.code, errors }));
    }
  }

  /** @param id of the import; derived from the Idempotency-Key */
  return async function orderAll(id: string, file: ImportedFile): Promise<ImportAnswer> {
    const answered = await inParallel(file.orders, ordersAtATime, (order) => accept(id, order));
    const data = [...file.refused, ...answered.flat()].sort((a, b) => a.line - b.line);
    const accepted = data.filter(({ status }) => status === 'accepted');
    const numbers = new Map<string, number>();
    for (const { portId = '' } of accepted) numbers.set(portId, (numbers.get(portId) ?? 0) + 1);
    return {
      id,
      accepted: accepted.length,
      refused: data.length - accepted.length,
      ports: [...numbers].map(([portId, count]) => ({
        id: portId,
        numbers: count,
        links: { self: `/v1/ports/${portId}` },
      })),
      data,
    };
  };
}
