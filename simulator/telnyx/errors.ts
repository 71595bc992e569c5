/** An error as the REST carrier answers it: JSON:API style, several at once. */
export interface TelnyxError {
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly source?: { readonly pointer?: string; readonly parameter?: string };
}

/** Ends a request with an error answer. */
export class TelnyxFailure extends Error {
  override readonly name = 'TelnyxFailure';
  readonly status: number;
  readonly errors: readonly TelnyxError[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, errors: readonly TelnyxError[], headers: Readonly<Record<string, string>> = {}) {
    super(errors.map(({ detail }) => detail).join('; '));
    this.status = status;
    this.errors = errors;
    this.headers = headers;
  }
}

export function notFound(what: string): TelnyxFailure {
  return new TelnyxFailure(404, [
    { code: '10005', title: 'Resource not found', detail: `The requested ${what} could not be found.` },
  ]);
}

export function unprocessable(detail: string, pointer?: string): TelnyxFailure {
  return new TelnyxFailure(422, [
    { code: '10015', title: 'Bad Request', detail, ...(pointer ? { source: { pointer } } : {}) },
  ]);
}
