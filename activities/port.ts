import { ApplicationFailure } from '@temporalio/common';
import type { Carrier, OrderSnapshot, PortabilityCheck, PortingClient, PortOrderRequest } from '../carriers/carrier.ts';
import { CarrierRefused } from '../carriers/errors.ts';
import { isFinalOrder } from '../domain/lifecycle/order.ts';
import { parsePhoneNumber } from '../domain/phone-number.ts';
import { type NumberFacts, predictRejections } from '../domain/port-check.ts';
import type { PortRequest } from '../domain/port-request.ts';
import { explainRejection } from '../domain/rejections.ts';
import type { Logger } from '../intake/logger.ts';
import type { PortDocument } from '../store/ports.ts';
import type { Store } from '../store/store.ts';
import { attributed } from './attribution.ts';
import type { OrderReading, PortActivities } from './interfaces.ts';
import type { LookUps } from './look-ups.ts';

export interface PortDependencies {
  readonly store: Store;
  readonly carriers: ReadonlyMap<string, Carrier>;
  readonly lookUps: LookUps;
  readonly logger: Logger;
}

/** The steps of a port at the store and at the gaining carrier. All are safe to repeat. */
export function createPortActivities(deps: PortDependencies): PortActivities {
  const { store } = deps;

  async function load(
    portId: string,
  ): Promise<{ port: PortDocument; request: PortRequest; gaining: Carrier; porting: PortingClient }> {
    const port = await store.ports.find(portId);
    if (!port) throw ApplicationFailure.nonRetryable(`Port ${portId} is not in the store.`, 'unknown-port');
    const gaining = deps.carriers.get(port.gainingCarrier);
    if (!gaining?.porting) {
      throw ApplicationFailure.retryable(
        `Carrier «${port.gainingCarrier}» takes no port orders in this worker; check PORTSMS_CARRIERS.`,
        'carrier-cannot-port',
      );
    }
    const request = JSON.parse(store.vault.open(port.request)) as PortRequest;
    return { port, request, gaining, porting: gaining.porting };
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
    };
  }

  /** An order without the numbers themselves, and with our explanations instead of the carrier's free text (invariant 9). */
  function asReading(snapshot: OrderSnapshot, adapter: string): OrderReading {
    return {
      carrierOrderId: snapshot.carrierOrderId,
      state: snapshot.state,
      carrierState: snapshot.carrierState,
      ...(snapshot.focAt && { focAt: snapshot.focAt }),
      rejections: snapshot.rejections.map(({ code }) => asProblem(adapter, code)),
      numbers: snapshot.numbers.map(({ phoneNumber, voice, messaging }) => ({
        numberKey: store.vault.numberKey(phoneNumber),
        voice,
        messaging,
      })),
    };
  }

  /** Does something with an order; the carrier's definite no becomes a failure that is not retried. */
  async function atCarrier(portId: string, act: (each: Awaited<ReturnType<typeof load>>) => Promise<OrderSnapshot>) {
    const loaded = await load(portId);
    try {
      return asReading(await act(loaded), loaded.gaining.settings.adapter);
    } catch (error) {
      if (!(error instanceof CarrierRefused)) throw error;
      const problem = asProblem(loaded.gaining.settings.adapter, error.code);
      throw ApplicationFailure.nonRetryable(problem.message, 'carrier-refused', error.code);
    }
  }

  async function factsOf(port: PortDocument, porting: PortingClient): Promise<NumberFacts[]> {
    const phoneNumbers = phoneNumbersOf(port);
    const [checks, records] = await Promise.all([
      porting.checkPortability(phoneNumbers),
      Promise.all(
        phoneNumbers.map((phoneNumber) =>
          deps.lookUps.lookUp(phoneNumber).catch((error: unknown) => {
            deps.logger.warn({ err: error, portId: port._id }, 'a look-up failed; the check goes on without it');
            return undefined;
          }),
        ),
      ),
    ]);
    const checkOf = new Map<string, PortabilityCheck>(checks.map((check) => [check.phoneNumber, check]));
    return phoneNumbers.map((phoneNumber, index) => {
      const parsed = parsePhoneNumber(phoneNumber);
      const check = checkOf.get(phoneNumber);
      const spid = records[index]?.spid;
      return {
        valid: parsed.ok,
        country: parsed.ok ? parsed.country : port.country,
        type: parsed.ok ? parsed.type : 'other',
        ...(spid && { spid }),
        ...(check && { check }),
      };
    });
  }

  /** From the agreed date on no text goes by the losing carrier, even if nobody is there to notice that the date has come. */
  async function noteMove(portId: string): Promise<void> {
    // As the store has it: an older projection that comes late changes nothing.
    const port = await store.ports.find(portId);
    if (!port || port.messagingPlan === 'stay') return;
    const { focAt, status, activation, losingCarrier: losing, gainingCarrier: gaining } = port;
    const keys = port.numbers.map((each) => each.numberKey);
    // On demand, the date only opens the window in which a person says when.
    if (focAt === undefined || isFinalOrder(status) || activation === 'on-demand') {
      await store.numbers.forgetMove(keys, portId);
      return;
    }
    await store.numbers.planMove(keys, { portId, ...(losing && { losing }), gaining, focAt: new Date(focAt) });
  }

  return {
    async checkPort({ portId }) {
      const { port, request, gaining, porting } = await load(portId);
      const taken = await store.numberClaims.claim(
        port.numbers.map((each) => each.numberKey),
        portId,
      );
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
      const losing = port.losingCarrier ? deps.carriers.get(port.losingCarrier) : undefined;
      const phoneNumbers = phoneNumbersOf(port);
      const predicted = predictRejections({
        numbers: await factsOf(port, porting),
        gaining: { id: gaining.settings.id, spids: gaining.settings.spids },
        ...(losing && { losing: { id: losing.settings.id, spids: losing.settings.spids } }),
        messagingPlan: port.messagingPlan,
        portType: port.portType,
        given: givenFields(request),
        portsBillingNumber:
          request.subscriber.billingNumber !== undefined && phoneNumbers.includes(request.subscriber.billingNumber),
        now: new Date(),
      });
      return {
        problems: predicted
          .filter((problem) => problem.certain)
          .map(({ code, field, message, fix }) => ({ code, field, message: `${message} ${fix}` })),
      };
    },

    submitOrder: ({ portId }) =>
      atCarrier(portId, ({ port, request, porting }) => porting.submitOrder(asOrder(port, request))),

    readOrder: ({ portId, carrierOrderId }) => atCarrier(portId, ({ porting }) => porting.readOrder(carrierOrderId)),

    supplementOrder: ({ portId, carrierOrderId }) =>
      atCarrier(portId, ({ port, request, porting }) =>
        porting.supplementOrder(carrierOrderId, asOrder(port, request)),
      ),

    cancelOrder: ({ portId, carrierOrderId }) =>
      atCarrier(portId, ({ porting }) => porting.cancelOrder(carrierOrderId)),

    activateOrder: ({ portId, carrierOrderId }) =>
      atCarrier(portId, ({ porting }) => porting.activateOrder(carrierOrderId)),

    async projectPort({ portId, counter, order, carrierOrderId, waiting, firstStep, steps }) {
      const port = steps.some(({ actor }) => actor === 'carrier') ? await store.ports.find(portId) : undefined;
      await store.timeline.append(portId, 'order', firstStep, attributed(steps, port?.gainingCarrier));
      await store.ports.project(portId, counter, {
        status: order.status,
        since: order.since,
        carrierState: order.carrierState,
        focAt: order.focAt,
        problems: order.problems,
        waiting,
        ...(carrierOrderId && { carrierOrderId }),
      });
      await noteMove(portId);
    },

    async releaseNumbers({ portId }) {
      const port = await store.ports.find(portId);
      if (port)
        await store.numberClaims.release(
          port.numbers.map((each) => each.numberKey),
          portId,
        );
    },
  };
}

function asProblem(adapter: string, code: string): { code: string; message: string; field?: string } {
  const { meaning, fix, field } = explainRejection(adapter, code);
  return { code, message: `${meaning} ${fix}`, ...(field && { field }) };
}

/** Paths of the request that hold a value, e.g. `subscriber.pin`. */
function givenFields(request: PortRequest): string[] {
  const paths = (value: unknown, path: string): string[] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([name, each]) => paths(each, path ? `${path}.${name}` : name))
      : value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
        ? []
        : [path];
  return paths(request, '');
}
