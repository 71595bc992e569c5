/** The carrier can't be reached or is out of order: nothing was decided, try again later. */
export class CarrierUnavailable extends Error {
  override readonly name = 'CarrierUnavailable';
  /** There was no connection though this process holds slots of the carrier: that says something of the carrier, not of its limits. */
  readonly notConnected: boolean;
  constructor(message: string, { notConnected = false }: { readonly notConnected?: boolean } = {}) {
    super(message);
    this.notConnected = notConnected;
  }
}

/** The carrier said no. `code` is its own, raw. */
export class CarrierRefused extends Error {
  override readonly name = 'CarrierRefused';
  readonly code: string;
  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** A webhook that must not be believed. `reason` is our problem code. */
export class WebhookRejected extends Error {
  override readonly name = 'WebhookRejected';
  readonly reason: 'webhook-signature-invalid' | 'webhook-too-old' | 'webhook-malformed';
  constructor(reason: WebhookRejected['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}
