/** A stored document as it is handed to a carrier. Personal data: never logged. */
export interface Paper {
  readonly fileName: string;
  readonly contentType: string;
  readonly content: Uint8Array;
}

/** The papers that an order can ask for; what is not stored is absent. */
export interface OrderPapers {
  /** Letter of authorisation, signed, for all numbers of the order. */
  readonly loa?: Paper;
  /** The last bill of the losing carrier: proof of ownership. */
  readonly bill?: Paper;
}
