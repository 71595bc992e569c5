import type { z } from 'zod';
import type { portRequest } from '../../api/schemas/ports.ts';
import type { Examples, PortRow } from './examples.ts';
import type { Product } from './product.ts';

/**
 * Orders a port for every account: numbers of one account move together.
 * @param run part of every Idempotency-Key
 * @returns the ids of the ports
 */
export async function orderPorts({ ports }: Examples, product: Product, run: string): Promise<string[]> {
  const accounts = new Map<string, PortRow[]>();
  for (const row of ports) {
    const account = `${row.losingCarrier} ${row.accountNumber}`;
    accounts.set(account, [...(accounts.get(account) ?? []), row]);
  }
  const accepted = await Promise.all(
    [...accounts.values()].map((rows, index) => product.orderPort(asRequest(rows), `demo-${run}-port-${index}`)),
  );
  return accepted.map(({ id }) => id);
}

function asRequest(rows: readonly PortRow[]): z.input<typeof portRequest> {
  const [row] = rows as [PortRow];
  return {
    phoneNumbers: rows.map(({ phoneNumber }) => phoneNumber),
    losingCarrier: row.losingCarrier,
    gainingCarrier: row.gainingCarrier,
    messagingPlan: 'move',
    subscriber: {
      name: row.authorizedBy,
      entityName: row.entityName,
      accountNumber: row.accountNumber,
      pin: row.pin,
      serviceAddress: {
        street: row.street,
        city: row.city,
        ...(row.region !== undefined && { region: row.region }),
        postalCode: row.postalCode,
        country: row.country,
      },
      authorizedBy: row.authorizedBy,
    },
    ...(row.rio !== undefined && { authorizationCodes: { rio: row.rio } }),
    consent: { evidence: { act: 'signature', name: row.authorizedBy } },
  };
}
