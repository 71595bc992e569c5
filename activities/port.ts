import { ApplicationFailure } from '@temporalio/common';
import type { Carrier, OrderSnapshot, PortabilityCheck, PortOrderRequest } from '../carriers/carrier.ts';
import { CarrierRefused } from '../carriers/errors.ts';
import type { OrderClient } from '../carriers/text-hosting.ts';
import { activationOf } from '../domain/lifecycle/activation.ts';
import { isFinalOrder, type OrderProblem, problemsOf } from '../domain/lifecycle/order.ts';
import { type NumberFacts, type PredictedRejection, predictRejections } from '../domain/port-check.ts';
import { portKindOf } from '../domain/port-kind.ts';
import { givenFields, type PortRequest } from '../domain/port-request.ts';
import { orderClocks } from '../domain/porting-clocks.ts';
import { explainRejection } from '../domain/rejections.ts';
import type { Logger } from '../intake/logger.ts';
import type { PortDocument } from '../store/ports.ts';
import type { Store } from '../store/store.ts';
import { attributed } from './attribution.ts';
import { createDocumentHandOver } from './document-hand-over.ts';
import { inParallel } from './in-parallel.ts';
import type { OrderReading, OrderReference, PortActivities } from './interfaces.ts';
import type { LookUps } from './look-ups.ts';
import { numberFacts } from './number-facts.ts';
import { createClockReader } from './order-clocks.ts';
import { createOrderPapers } from './order-papers.ts';

export interface PortDependencies {
  readonly store: Store;
  readonly carriers: ReadonlyMap<string, Carrier>;
  readonly lookUps: LookUps;
  readonly logger: Logger;
}

/** Look-ups under way at the same time: hundreds at once would drown the database's answers. */
const lookUpsAtATime = 20;
/** What the portability database said just now need not be asked again: a plan looks its numbers up before it orders them. */
const freshMs = 15 * 60_000;

/** The steps of a port at the store and at the gaining carrier. All are safe to repeat. */
export function createPortActivities(deps: PortDependencies): PortActivities {
  const { store } = deps;
  const documents = createDocumentHandOver(store);
  const papers = createOrderPapers(store);

  async function load(
    portId: string,
  ): Promise<{ port: PortDocument; request: PortRequest; gaining: Carrier; porting: OrderClient }> {
    const port = await store.ports.findOrder(portId);
    if (!port) throw ApplicationFailure.nonRetryable(`Port ${portId} is not in the store.`, 'unknown-port');
    const gaining = deps.carriers.get(port.gainingCarrier);
    const porting = port.messagingPlan === 'messaging-only' ? gaining?.hosting : gaining?.porting;
    if (!gaining || !porting) {
      throw ApplicationFailure.retryable(
        `Carrier «${port.gainingCarrier}» takes no port orders in this worker; check PORTSMS_CARRIERS.`,
        'carrier-cannot-port',
      );
    }
    const request = JSON.parse(store.vault.open(port.request)) as PortRequest;
    return { port, request, gaining, porting };
  }

  function phoneNumbersOf(port: PortDocument): string[] {
    return port.numbers.map((each) => store.vault.open(each.number));
  }

  function asOrder(port: PortDocument, request: PortRequest): PortOrderRequest {
    return {
      reference: port._id,
      phoneNumbers: phoneNumbersOf(port),
      messagingPlan: port.messagingPlan,
      portType: port.portType,
      subscriber: request.subscriber,
      activation: port.activation,
      ...(port.requestedFocAt && { requestedFocAt: port.requestedFocAt }),
      papers: () => papers.papersOf(port._id),
    };
  }

  /** An order without the numbers themselves, and with our explanations instead of the carrier's free text (invariant 9). */
  function asReading(snapshot: OrderSnapshot, adapter: string): OrderReading {
    return {
      carrierOrderId: snapshot.carrierOrderId,
      state: snapshot.state,
      carrierState: snapshot.carrierState,
      ...(snapshot.focAt && { focAt: snapshot.focAt }),
      ...(snapshot.concurrence && { concurrence: snapshot.concurrence }),
      ...(snapshot.onDemand !== undefined && { onDemand: snapshot.onDemand }),
      rejections: snapshot.rejections.map(({ code }) => asProblem(adapter, code)),
      numbers: snapshot.numbers.map(({ phoneNumber, voice, messaging }) => ({
        numberKey: store.vault.numberKey(phoneNumber),
        voice,
        messaging,
      })),
    };
  }

  /** An order for texts alone has its papers with it, unless it still waits for some. */
  async function withPapers(port: PortDocument, gaining: Carrier, snapshot: OrderSnapshot): Promise<OrderSnapshot> {
    if (snapshot.state !== 'draft') {
      await papers.noteHandedIn(port._id, gaining.settings.id, snapshot.carrierOrderId);
    }
    return snapshot;
  }

  /** Does something with an order; the carrier's definite no becomes a failure that is not retried. */
  async function atCarrier(portId: string, act: (each: Awaited<ReturnType<typeof load>>) => Promise<OrderSnapshot>) {
    const loaded = await load(portId);
    return asked(loaded, async () => asReading(await act(loaded), loaded.gaining.settings.adapter));
  }

  /** Finds the order by its port when its id is not known: the answer to its submission may have been lost. */
  async function orderId(
    { portId, carrierOrderId }: OrderReference,
    { port, porting }: Awaited<ReturnType<typeof load>>,
  ): Promise<string | undefined> {
    return carrierOrderId ?? (await porting.findOrder(portId, phoneNumbersOf(port)))?.carrierOrderId;
  }

  async function onOrder(
    reference: OrderReference,
    act: (carrierOrderId: string, each: Awaited<ReturnType<typeof load>>) => Promise<OrderSnapshot>,
  ): Promise<OrderReading> {
    return atCarrier(reference.portId, async (loaded) => {
      const id = await orderId(reference, loaded);
      if (id === undefined) throw new CarrierRefused('The carrier has no order of this port.', 'no-such-order');
      return act(id, loaded);
    });
  }

  async function asked<T>({ gaining }: Awaited<ReturnType<typeof load>>, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof CarrierRefused)) throw error;
      const problem = asProblem(gaining.settings.adapter, error.code);
      throw ApplicationFailure.nonRetryable(problem.message, 'carrier-refused', error.code);
    }
  }

  /** A carrier that has the order is not asked: its answer would tell what the order itself has brought about. */
  async function factsOf(port: PortDocument, porting: OrderClient): Promise<NumberFacts[]> {
    const phoneNumbers = phoneNumbersOf(port);
    const keys = port.numbers.map((each) => each.numberKey);
    const known = await store.numbers.findMany(keys);
    const [checks, records] = await Promise.all([
      port.carrierOrderId === undefined ? porting.checkPortability(phoneNumbers) : [],
      inParallel(phoneNumbers, lookUpsAtATime, async (phoneNumber, index) => {
        const said = known.get(keys[index] ?? '')?.lookUp;
        if (said && said.at.getTime() > Date.now() - freshMs) return said;
        return deps.lookUps.lookUp(phoneNumber).catch((error: unknown) => {
          deps.logger.warn({ err: error, portId: port._id }, 'a look-up failed; the check goes on without it');
          return undefined;
        });
      }),
    ]);
    const checkOf = new Map<string, PortabilityCheck>(checks.map((check) => [check.phoneNumber, check]));
    return phoneNumbers.map((phoneNumber, index) =>
      numberFacts(
        phoneNumber,
        { record: records[index], check: checkOf.get(phoneNumber), document: known.get(keys[index] ?? '') },
        deps.carriers,
      ),
    );
  }

  /** What is only likely holds nothing back, and stands in the timeline: once for each revision of the request. */
  async function warn(port: PortDocument, predicted: readonly PredictedRejection[], now: Date): Promise<void> {
    const likely = predicted.filter(({ certain }) => !certain);
    if (likely.length === 0) return;
    const detail = likely.map(({ code, field, message, fix }) => `${code} (${field}): ${message} ${fix}`).join(' ');
    await store.timeline.append(port._id, `check/${port.requestRevision}`, 0, [
      { at: now.toISOString(), actor: 'portsms', type: 'port.warned', detail: `The carriers may refuse: ${detail}` },
    ]);
  }

  /** From the agreed date on no text goes by the losing carrier, even if nobody is there to notice that the date has come. */
  async function noteMove(portId: string): Promise<void> {
    // As the store has it: an older projection that comes late changes nothing.
    const port = await store.ports.findOrder(portId);
    if (!port || port.messagingPlan === 'stay') return;
    const { focAt, status, losingCarrier: losing, gainingCarrier: gaining, movePlannedFor } = port;
    // On demand, the date only opens the window in which a person says when.
    const onDemand = activationOf(port, port.activation) === 'on-demand';
    if (focAt === undefined || isFinalOrder(status) || onDemand) {
      await store.numbers.forgetMove(portId);
      if (movePlannedFor !== undefined) await store.ports.noteMovePlanned(portId, undefined);
      return;
    }
    // Noted once for each date: an order of 500 numbers is projected many times.
    if (movePlannedFor === focAt) return;
    const keys = port.numbers.map((each) => each.numberKey);
    await store.numbers.planMove(keys, { portId, ...(losing && { losing }), gaining, focAt: new Date(focAt) });
    await store.ports.noteMovePlanned(portId, focAt);
  }

  return {
    async checkPort({ portId }) {
      const { port, request, gaining, porting } = await load(portId);
      const taken = await store.numberClaims.claim(
        port.numbers.map((each) => each.numberKey),
        portId,
      );
      if (taken.length > 0) {
        const others = [...new Set((await store.numberClaims.openPorts(taken)).values())];
        return { problems: [takenBy(others, taken.length, port.numbers.length)] };
      }
      const losing = port.losingCarrier ? deps.carriers.get(port.losingCarrier) : undefined;
      const phoneNumbers = phoneNumbersOf(port);
      const now = new Date();
      const numbers = await factsOf(port, porting);
      const { portType, activation, messagingPlan } = port;
      const { adapter, clocks: overrides } = gaining.settings;
      const { region } = request.subscriber.serviceAddress;
      const predicted = predictRejections({
        numbers,
        gaining: gaining.settings,
        ...(losing && { losing: { id: losing.settings.id, spids: losing.settings.spids } }),
        messagingPlan,
        portType,
        activation,
        given: givenFields(request),
        request,
        portsBillingNumber:
          request.subscriber.billingNumber !== undefined && phoneNumbers.includes(request.subscriber.billingNumber),
        ...(port.requestedFocAt && { requestedFocAt: new Date(port.requestedFocAt) }),
        clocks: orderClocks({ ...portKindOf(numbers, portType), region, adapter, overrides, activation, now }),
        now,
      });
      await warn(port, predicted, now);
      return {
        problems: predicted
          .filter((problem) => problem.certain)
          .map(({ code, field, message, fix }) => ({ code, field, message: `${message} ${fix}` })),
      };
    },

    submitOrder: ({ portId }) =>
      atCarrier(portId, async ({ port, request, gaining, porting }) => {
        if (port.messagingPlan === 'messaging-only') {
          return withPapers(port, gaining, await porting.submitOrder(asOrder(port, request)));
        }
        return porting.submitOrder(asOrder(port, request), (orderId) => documents.handOver(port, gaining, orderId));
      }),

    readOrder: (reference) => onOrder(reference, (id, { porting }) => porting.readOrder(id)),

    supplementOrder: (reference) =>
      onOrder(reference, async (id, { port, request, gaining, porting }) => {
        if (port.messagingPlan === 'messaging-only') {
          return withPapers(port, gaining, await porting.supplementOrder(id, asOrder(port, request)));
        }
        await documents.handOver(port, gaining, id);
        return porting.supplementOrder(id, asOrder(port, request));
      }),

    async rescheduleOrder({ requestedFocAt, ...reference }) {
      const { portId, carrierOrderId } = reference;
      if (carrierOrderId === undefined) {
        await store.ports.requestDate(portId, requestedFocAt);
        return undefined;
      }
      const reading = await onOrder(reference, (id, { porting }) => porting.rescheduleOrder(id, requestedFocAt));
      await store.ports.requestDate(portId, requestedFocAt);
      return reading;
    },

    async cancelOrder(reference) {
      const loaded = await load(reference.portId);
      return asked(loaded, async () => {
        const id = await orderId(reference, loaded);
        return id === undefined
          ? undefined
          : asReading(await loaded.porting.cancelOrder(id), loaded.gaining.settings.adapter);
      });
    },

    activateOrder: (reference) => onOrder(reference, (id, { porting }) => porting.activateOrder(id)),

    ...createClockReader(deps),

    async projectPort({ portId, counter, order, carrierOrderId, waiting, firstStep, steps }) {
      const told = steps.some(({ actor }) => actor !== 'portsms');
      const { gainingCarrier, requestedBy } = (told && (await store.ports.find(portId))) || {};
      const by = { carrier: gainingCarrier, apiKeyId: requestedBy };
      await store.timeline.append(portId, 'order', firstStep, attributed(steps, by));
      await store.ports.project(portId, counter, {
        status: order.status,
        since: order.since,
        carrierState: order.carrierState,
        focAt: order.focAt,
        problems: problemsOf(order),
        waiting,
        ported: order.ported,
        concurrence: order.concurrence,
        onDemand: order.onDemand,
        clocks: order.clocks,
        snapBack: order.snapBack,
        escalatedAt: order.escalation?.at,
        ...(carrierOrderId && { carrierOrderId }),
      });
      await noteMove(portId);
    },

    async holdNumbers({ portId }) {
      const { port } = await load(portId);
      const keys = port.numbers.map((each) => each.numberKey);
      if ((await store.numberClaims.claim(keys, portId)).length === 0) return;
      const message = 'Another port has begun with the numbers; going back is an ordinary port.';
      throw ApplicationFailure.nonRetryable(message, 'carrier-refused', 'number-has-open-port');
    },

    async releaseNumbers({ portId }) {
      const port = await store.ports.findOrder(portId);
      if (port)
        await store.numberClaims.release(
          port.numbers.map((each) => each.numberKey),
          portId,
        );
    },
  };
}

/** Several requests for one number are all taken, and one goes on: the others name it (invariant 7). */
function takenBy(others: readonly string[], taken: number, all: number): OrderProblem {
  const which = others.length > 0 ? others.slice(0, 5).join(', ') : 'another port';
  return {
    code: 'number-has-open-port',
    field: 'phoneNumbers',
    message: `${taken} of its ${all} numbers are on ${which}, still open: cancel this port, or supplement it when that one has ended.`,
  };
}

function asProblem(adapter: string, code: string): { code: string; message: string; field?: string } {
  const { meaning, fix, field } = explainRejection(adapter, code);
  return { code, message: `${meaning} ${fix}`, ...(field && { field }) };
}
