import type { Product } from '../../cli/demo/product.ts';

type PortRequest = Parameters<Product['orderPort']>[0];

/** A number that moves from alpha to telnyx, and the account that it has at alpha. */
export const moving = '+12065550101';
export const account = {
  accountNumber: 'NW-4471820',
  pin: '4821',
  postalCode: '98101',
  name: 'Northwind Supplies LLC',
};

/** The order that moves it. */
export const movingOrder: PortRequest = {
  phoneNumbers: [moving],
  losingCarrier: 'alpha',
  gainingCarrier: 'telnyx',
  subscriber: {
    name: 'Ann Example',
    entityName: account.name,
    accountNumber: account.accountNumber,
    pin: account.pin,
    serviceAddress: {
      street: '1 Main St',
      city: 'Seattle',
      region: 'WA',
      postalCode: account.postalCode,
      country: 'US',
    },
    authorizedBy: 'Ann Example',
  },
  consent: { evidence: { act: 'signature' } },
};
