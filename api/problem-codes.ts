interface ProblemKind {
  /** The usual HTTP status. */
  readonly status: number;
  readonly title: string;
}

/** Every `code` that an answer of the API can carry. Codes are stable: callers branch on them. */
export const problemCodes = {
  // The request itself
  'malformed-json': { status: 400, title: 'The body is not JSON' },
  'malformed-url': { status: 400, title: 'The address cannot be read' },
  'idempotency-key-invalid': { status: 400, title: 'The Idempotency-Key is not valid' },
  unauthorized: { status: 401, title: 'No valid API key' },
  'not-found': { status: 404, title: 'There is no such address' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body must be JSON' },
  'invalid-request': { status: 422, title: 'The request is not valid' },
  'idempotency-key-reused': { status: 422, title: 'The Idempotency-Key was used for another request' },
  'request-in-progress': {
    status: 409,
    title: 'The first request with this Idempotency-Key has not been answered yet',
  },
  // Numbers and senders
  'phone-number-malformed': { status: 422, title: 'Not a phone number in E.164' },
  'phone-number-invalid': { status: 422, title: 'No such phone number exists' },
  'unknown-number': { status: 404, title: 'The number is not registered' },
  'sender-invalid': { status: 422, title: 'Not a sender' },
  'sender-not-owned': { status: 422, title: 'The sender is not one of your numbers' },
  'sender-unknown': { status: 422, title: 'No carrier has this sender registered' },
  'sender-not-allowed-in-country': {
    status: 422,
    title: 'The country of the recipient takes no texts from such a sender',
  },
  'standby-not-owned': { status: 422, title: 'The standby sender is not one of your numbers' },
  // Texts
  'unknown-message': { status: 404, title: 'There is no such text' },
  'text-too-long': { status: 422, title: 'The text is too long' },
  // Carriers
  'unknown-carrier': { status: 422, title: 'There is no such carrier' },
  'carrier-cannot-port': { status: 422, title: 'The carrier has no porting interface' },
  // Ports
  'unknown-port': { status: 404, title: 'There is no such port' },
  'gaining-is-losing': { status: 422, title: 'The numbers are with this carrier already' },
  'mixed-countries': { status: 422, title: 'The numbers are of several countries' },
  'plan-not-available': { status: 422, title: 'The messaging plan is not available' },
  'number-has-open-port': { status: 409, title: 'A number has another open port' },
  'order-not-supplementable': { status: 409, title: 'The order cannot be supplemented now' },
  'order-not-cancellable': { status: 409, title: 'The order cannot be cancelled any more' },
  'order-not-activatable': { status: 409, title: 'The order cannot be activated now' },
  'changed-meanwhile': { status: 409, title: 'Somebody else changed it at the same time' },
  // Consents
  'unknown-consent': { status: 404, title: 'There is no such consent' },
  'consent-not-revocable': { status: 409, title: 'This event is not a consent' },
  // Webhooks of carriers
  'webhook-not-supported': { status: 404, title: 'The carrier sends no webhooks' },
  'webhook-signature-invalid': { status: 401, title: 'The signature of the webhook is wrong' },
  'webhook-too-old': { status: 401, title: 'The webhook is too old' },
  'webhook-malformed': { status: 400, title: 'The webhook cannot be read' },
  // The audit, and events that go out
  'unknown-carrier-event': { status: 404, title: 'There is no such event of a carrier' },
  'unknown-webhook-endpoint': { status: 404, title: 'There is no such webhook endpoint' },
  'webhook-url-refused': { status: 422, title: 'Events cannot be sent to this URL' },
  'too-many-webhook-endpoints': { status: 409, title: 'There are as many webhook endpoints as there may be' },
  'unknown-event': { status: 422, title: 'There is no such event' },
  // The service
  'store-unavailable': { status: 503, title: 'The database does not answer' },
  'engine-unavailable': { status: 503, title: 'The workflow engine does not answer' },
  'engine-timeout': { status: 503, title: 'The process did not answer in time' },
  'internal-error': { status: 500, title: 'Something went wrong here' },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof problemCodes;

/** True for a code of the list, for codes that come from elsewhere (a workflow, a domain rule). */
export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problemCodes, code);
}
