/** The customer of the losing carrier, as its records have them: about 60 % of rejections are differences here. */
export interface Subscriber {
  readonly name: string;
  readonly entityName?: string;
  readonly accountNumber: string;
  readonly pin?: string;
  readonly billingNumber?: string;
  readonly taxId?: string;
  readonly serviceAddress: {
    readonly street: string;
    readonly extended?: string;
    readonly city: string;
    readonly region?: string;
    readonly postalCode: string;
    /** ISO 3166 alpha-2. */
    readonly country: string;
  };
  /** Who signed the letter of authorisation. */
  readonly authorizedBy: string;
}

/** Codes by which a subscriber releases a number: PAC (GB), UPC (IN), RIO (FR). */
export interface AuthorizationCodes {
  readonly pac?: string;
  readonly upc?: string;
  readonly rio?: string;
  /** RFC 3339; when the code was given out, from which its validity counts. */
  readonly issuedAt?: string;
}

/**
 * The personal part of a port's request, which a supplement replaces. It is stored sealed as JSON (store/ports.ts, `request`);
 * what isn't personal stands beside it in plain.
 */
export interface PortRequest {
  readonly subscriber: Subscriber;
  readonly authorizationCodes?: AuthorizationCodes;
  /** E.164; numbers that stay on the account of a partial port. */
  readonly remainingNumbers?: readonly string[];
  /** E.164; what is billed for the remaining numbers when the main billing number moves. */
  readonly newBillingNumber?: string;
}

/** Paths of a request that hold a value, e.g. `subscriber.pin`; lists count as one. */
export function givenFields(request: PortRequest): string[] {
  const paths = (value: unknown, path: string): string[] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([name, each]) => paths(each, path ? `${path}.${name}` : name))
      : value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
        ? []
        : [path];
  return paths(request, '');
}
