/** The carriers of this little world. Passwords and keys are public: they guard nothing but a simulation. */
export type CarrierId = 'alpha' | 'beta' | 'gamma' | 'telnyx';
export type SmppCarrierId = Exclude<CarrierId, 'telnyx'>;

export interface Network {
  readonly id: CarrierId;
  readonly name: string;
  readonly country: string;
  /** Service provider ids; numbers that port in are spread over them. */
  readonly spids: readonly string[];
  /** Who routes the texts of its numbers (NNID). */
  readonly nnid: string;
  /** A number of ours there that we test with; provisioned from the beginning. */
  readonly testNumber: string;
}

/** How an SMPP carrier writes message ids and receipts. */
export interface SmppQuirks {
  readonly systemId: string;
  readonly password: string;
  /** The id in the answer to a submission, compared with the one in the receipt. */
  readonly receiptId: 'same' | 'hexThenDecimal' | 'decimalThenHex';
  /** Receipts carry id and state in TLVs only; their text has neither. */
  readonly receiptInTlvs: boolean;
  /** Whether receipts repeat `user_message_reference` (SMPP 3.4 §5.3.2.17). */
  readonly echoesReference: boolean;
  /** The zone of the dates in receipts. */
  readonly receiptTimeZone: '+00:00' | '+02:00';
  readonly receipts: 'handset' | 'carrier';
}

export const NETWORKS: Readonly<Record<CarrierId, Network>> = {
  alpha: {
    id: 'alpha',
    name: 'Alpha Telecom',
    country: 'US',
    spids: ['1234'],
    nnid: '101234',
    testNumber: '+13125550178',
  },
  beta: {
    id: 'beta',
    name: 'Beta Mobile',
    country: 'GB',
    spids: ['5678'],
    nnid: '105678',
    testNumber: '+442079460098',
  },
  gamma: {
    id: 'gamma',
    name: 'Gamma Réseau',
    country: 'FR',
    spids: ['9012'],
    nnid: '109012',
    testNumber: '+33199000198',
  },
  telnyx: {
    id: 'telnyx',
    name: 'Telnyx',
    country: 'US',
    spids: ['073H', '465E', '571G'],
    nnid: '103476',
    testNumber: '+17735550178',
  },
};

export const SMPP_QUIRKS: Readonly<Record<SmppCarrierId, SmppQuirks>> = {
  alpha: {
    systemId: 'portsms',
    password: 'alpha-password',
    receiptId: 'same',
    receiptInTlvs: false,
    echoesReference: true,
    receiptTimeZone: '+00:00',
    receipts: 'handset',
  },
  beta: {
    systemId: 'portsms',
    password: 'beta-pass',
    receiptId: 'hexThenDecimal',
    receiptInTlvs: false,
    echoesReference: true,
    receiptTimeZone: '+00:00',
    receipts: 'handset',
  },
  gamma: {
    systemId: 'portsms',
    password: 'gammapw',
    receiptId: 'decimalThenHex',
    receiptInTlvs: true,
    echoesReference: false,
    receiptTimeZone: '+02:00',
    receipts: 'carrier',
  },
};

export const SMPP_CARRIERS: readonly SmppCarrierId[] = ['alpha', 'beta', 'gamma'];

/** The key of our account at the REST carrier. */
export const TELNYX_API_KEY = 'KEY-of-the-simulated-account';

export function isCarrierId(id: string): id is CarrierId {
  return Object.hasOwn(NETWORKS, id);
}
