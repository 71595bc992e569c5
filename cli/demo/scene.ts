import type { CarrierId } from '../../simulator/world/networks.ts';
import type { Examples } from './examples.ts';
import type { Network } from './network.ts';
import type { Product } from './product.ts';

/** Dates that lie seconds away instead of days; how the trade behaves otherwise is the weather. */
const portTimes = {
  reviewMs: 1_000,
  losingReviewMs: 2_000,
  focLeadMs: 20_000,
  activationMs: 500,
  smsLagMs: [3_000, 8_000] as [number, number],
  overlapMs: 8_000,
};

/** Makes the world of the examples: what the losing carriers know of their subscribers, and an ordinary day's faults. */
export async function setScene(examples: Examples, network: Network, seed: number): Promise<void> {
  await network.setScenario({ preset: 'weather', seed, ports: portTimes });
  const deceiving = onePerCarrier(examples);
  const accounts = new Map(examples.ports.map((row) => [row.phoneNumber, row]));
  await network.provision(
    examples.numbers.map(({ phoneNumber, carrier }) => {
      const account = accounts.get(phoneNumber);
      return {
        phoneNumber,
        // The simulator itself says which carriers it doesn't know.
        carrier: carrier as CarrierId,
        ...(account && {
          accountNumber: account.accountNumber,
          pin: account.pin,
          postalCode: account.postalCode,
          name: account.entityName,
          keepsAccepting: deceiving.has(phoneNumber),
        }),
      };
    }),
  );
}

/** One number of each losing carrier, for which that goes on accepting texts after the move and reports them as delivered. */
function onePerCarrier({ ports }: Examples): ReadonlySet<string> {
  const first = new Map<string, string>();
  for (const { losingCarrier, phoneNumber } of ports) {
    if (!first.has(losingCarrier)) first.set(losingCarrier, phoneNumber);
  }
  return new Set(first.values());
}

/** Tells the product which numbers are ours, and who has agreed to which texts. @param run part of every Idempotency-Key */
export async function introduce(examples: Examples, product: Product, run: string): Promise<void> {
  await Promise.all(
    examples.numbers.map(({ phoneNumber, carrier, brand }) => product.registerNumber(phoneNumber, { carrier, brand })),
  );
  await Promise.all(
    examples.numbers.flatMap(({ phoneNumber, carrier, standbySender }) =>
      standbySender === undefined ? [] : product.registerNumber(phoneNumber, { carrier, standbySender }),
    ),
  );
  await Promise.all(
    examples.consents.map(async ({ phoneNumber, kinds, basis, revoked }, index) => {
      const evidence = { act: 'checkbox' as const, reference: `examples/consents.csv:${index + 2}` };
      const key = `demo-${run}-consent-${index}`;
      const consent = await product.recordConsent({ phoneNumber, basis, evidence, ...(kinds && { kinds }) }, key);
      if (revoked) await product.revokeConsent(consent.id, `${key}-revoked`);
    }),
  );
}
