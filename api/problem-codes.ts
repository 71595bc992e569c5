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
  'idempotency-key-required': { status: 400, title: 'An Idempotency-Key is required' },
  unauthorized: { status: 401, title: 'No valid API key' },
  'not-found': { status: 404, title: 'There is no such address' },
  'method-not-allowed': { status: 405, title: 'This address does not take this method' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body is not of the type that is asked for' },
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
  'message-not-sent': { status: 409, title: 'The text was not sent yet' },
  'feedback-given': { status: 409, title: 'Something else was said of the text before' },
  'text-too-long': { status: 422, title: 'The text is too long' },
  // Carriers
  'unknown-carrier': { status: 422, title: 'There is no such carrier' },
  'carrier-cannot-port': { status: 422, title: 'The carrier has no porting interface' },
  // Ports
  'unknown-port': { status: 404, title: 'There is no such port' },
  'gaining-is-losing': { status: 422, title: 'The numbers are with this carrier already' },
  'number-has-open-port': { status: 409, title: 'A number has another open port' },
  'order-not-supplementable': { status: 409, title: 'The order cannot be supplemented now' },
  'order-not-cancellable': { status: 409, title: 'The order cannot be cancelled any more' },
  'order-not-activatable': { status: 409, title: 'The order cannot be activated now' },
  'order-not-a-draft': { status: 409, title: 'The port is no draft any more' },
  'draft-incomplete': { status: 422, title: 'The draft lacks what a port needs' },
  'supplement-too-late': { status: 409, title: 'The carrier takes no changes so shortly before the date' },
  'order-not-reschedulable': { status: 409, title: 'The order takes no other date now' },
  'reschedule-too-late': { status: 409, title: 'The carrier takes no other date so shortly before the agreed one' },
  'requested-date-past': { status: 422, title: 'The requested date has passed' },
  'requested-date-too-far': { status: 422, title: 'The requested date is too far away' },
  'cancel-too-late': { status: 409, title: 'The carrier takes no cancellation so shortly before the date' },
  'outside-activation-hours': { status: 409, title: 'The carrier does not activate at this hour' },
  'snap-back-not-possible': { status: 409, title: 'There is nothing to snap back' },
  'snap-back-too-late': { status: 409, title: 'It is too late for a snap-back' },
  'changed-meanwhile': { status: 409, title: 'Somebody else changed it at the same time' },
  // Documents of ports
  'unknown-document': { status: 404, title: 'There is no such document' },
  'document-empty': { status: 422, title: 'The document is empty' },
  'document-too-large': { status: 413, title: 'The document is too large' },
  'document-type-not-allowed': { status: 415, title: 'Carriers take no documents of this type' },
  'document-content-mismatch': { status: 422, title: 'The document is not what its Content-Type says' },
  'document-limit-reached': { status: 409, title: 'The port has as many documents as it can have' },
  'loa-signatory-mismatch': { status: 422, title: 'The signature is not that of the authorised person' },
  'loa-script-not-supported': { status: 422, title: 'The letter cannot be written in this script' },
  // Talking with carriers
  'no-order-at-carrier': { status: 409, title: 'The carrier has no order of this port' },
  'no-way-to-carrier': { status: 409, title: 'There is no way to write to this carrier' },
  'unknown-checklist-item': { status: 404, title: 'The checklist has no such item' },
  'checklist-closed': { status: 409, title: 'The port has ended' },
  'import-columns-wrong': { status: 422, title: 'The columns of the file are not those of an import' },
  'import-too-long': { status: 413, title: 'The file has too many lines' },
  // Consents
  'unknown-consent': { status: 404, title: 'There is no such consent' },
  'consent-not-revocable': { status: 409, title: 'This event is not a consent' },
  'consent-ledger-broken': { status: 500, title: 'The consent ledger of this person is not whole' },
  'consent-file-unreadable': { status: 422, title: 'The file of consents cannot be read' },
  'unknown-opt-out-review': { status: 404, title: 'There is no such text to be read' },
  // Port-outs
  'unknown-port-out': { status: 404, title: 'There is no such port-out' },
  'port-out-not-authorizable': { status: 409, title: 'The port-out cannot be authorized now' },
  'port-out-not-rejectable': { status: 409, title: 'The port-out cannot be rejected now' },
  'rejection-not-eligible': { status: 422, title: 'The carrier does not take this rejection' },
  'rejection-reason-required': { status: 422, title: 'The carrier wants this rejection explained' },
  // Webhooks of carriers
  'webhook-not-supported': { status: 404, title: 'The carrier sends no webhooks' },
  'webhook-signature-invalid': { status: 401, title: 'The signature of the webhook is wrong' },
  'webhook-too-old': { status: 401, title: 'The webhook is too old' },
  'webhook-malformed': { status: 400, title: 'The webhook cannot be read' },
  // Texts alone
  'unknown-order': { status: 404, title: 'There is no such order' },
  'carrier-hosts-no-texts': { status: 422, title: 'The carrier hosts no texts of numbers that are elsewhere' },
  'texts-elsewhere': { status: 422, title: 'The texts of a number go by another carrier' },
  'order-not-verifiable': { status: 409, title: 'The order takes no verification codes now' },
  'carrier-refused': { status: 409, title: 'The carrier refused' },
  'carrier-unavailable': { status: 503, title: 'The carrier does not answer' },
  // The audit, and events that go out
  'unknown-carrier-event': { status: 404, title: 'There is no such event of a carrier' },
  'unknown-webhook-endpoint': { status: 404, title: 'There is no such webhook endpoint' },
  'webhook-url-refused': { status: 422, title: 'Events cannot be sent to this URL' },
  'too-many-webhook-endpoints': { status: 409, title: 'There are as many webhook endpoints as there may be' },
  'unknown-event': { status: 422, title: 'There is no such event' },
  // What people may ask for
  'subject-is-own-number': { status: 409, title: 'The person is known by a number of yours' },
  'unknown-erasure': { status: 404, title: 'There is no such erasure' },
  'subject-erased': { status: 410, title: 'The person has been erased' },
  // Deliveries
  'unknown-delivery-code': { status: 404, title: 'Nothing was said of such a code' },
  'span-too-long': { status: 422, title: 'The span is too long for buckets of this size' },
  'not-suppressed': { status: 404, title: 'The recipient is not suppressed' },
  'unknown-campaign-stop': { status: 404, title: 'Nothing is stopped so' },
  // Bulks of texts
  'unknown-message-batch': { status: 404, title: 'There is no such bulk of texts' },
  'message-batch-empty': { status: 422, title: 'The bulk has no lines' },
  'message-batch-unreadable': { status: 422, title: 'The file cannot be read' },
  'message-batch-too-long': { status: 413, title: 'The bulk has too many lines' },
  'message-batch-not-pausable': { status: 409, title: 'The bulk cannot be paused now' },
  'message-batch-not-resumable': { status: 409, title: 'The bulk cannot be resumed now' },
  'message-batch-not-cancellable': { status: 409, title: 'The bulk cannot be cancelled any more' },
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
