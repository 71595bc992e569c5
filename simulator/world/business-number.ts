import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { hash53 } from './chance.ts';
import { type CarrierId, NETWORKS } from './networks.ts';

/** Where calls to a number go, from `since` on (milliseconds since 1970). */
export interface VoiceRoute {
  readonly since: number;
  readonly carrier: CarrierId | 'foreign';
  readonly spid: string;
  /** Location routing number; absent while the number has never been ported. */
  readonly lrn?: string;
}

/** Where texts to a number go, from `since` on. */
export interface SmsRoute {
  readonly since: number;
  readonly carrier: CarrierId | 'foreign';
  readonly nnid: string;
  /** The former carrier goes on delivering some of them until then. */
  readonly overlap?: { readonly carrier: CarrierId; readonly until: number };
}

/** What the carrier that holds a number knows of its subscriber: a port must name the same. */
export interface Account {
  readonly accountNumber: string;
  readonly pin: string;
  readonly postalCode: string;
  readonly entityName: string;
}

export type DocumentType = 'loa' | 'invoice' | 'csr' | 'other';
export type NumberType = 'landline' | 'local' | 'mobile' | 'national' | 'shared_cost' | 'toll_free';

/** A number of ours. */
export interface BusinessNumber {
  readonly phoneNumber: string;
  /** ISO 3166 alpha-2. */
  readonly country: string;
  readonly type: NumberType;
  readonly account: Account;
  /** After the FOC its losing carrier goes on accepting texts, with false receipts. */
  readonly keepsAccepting: boolean;
  /** How long the losing carrier sits on the NNID, in addition to the usual lag. */
  readonly keepsNnidMs: number;
  readonly portable: boolean;
  /** The REST carrier's reason, when not portable. */
  readonly notPortableReason: string;
  readonly messagingCapable: boolean;
  readonly fastPortable: boolean;
  /** What the losing carrier objects to, one at each submission of a port, whatever the data say. */
  readonly rejections: readonly string[];
  /** Documents that it wants to see before it agrees to a port. */
  readonly requiresDocuments: readonly DocumentType[];
  /** Documents of these kinds do not satisfy it, whatever they are. */
  readonly deniedDocuments: readonly DocumentType[];
  /** It was ported for voice only: its texts stay where they were. */
  readonly smsStays?: boolean;
  /** Its texts are hosted by another carrier than its calls. */
  readonly textsHosted?: boolean;
  /** Oldest first, never empty. */
  readonly voice: readonly VoiceRoute[];
  readonly sms: readonly SmsRoute[];
}

export interface Provision {
  readonly phoneNumber: string;
  readonly carrier: CarrierId;
  readonly accountNumber?: string;
  readonly pin?: string;
  readonly postalCode?: string;
  readonly name?: string;
  readonly type?: NumberType;
  readonly keepsAccepting?: boolean;
  readonly keepsNnidMs?: number;
  readonly portable?: boolean;
  readonly notPortableReason?: string;
  readonly messagingCapable?: boolean;
  readonly fastPortable?: boolean;
  readonly rejections?: readonly string[];
  readonly requiresDocuments?: readonly DocumentType[];
  readonly deniedDocuments?: readonly DocumentType[];
}

/** A number as a carrier hands it out. Account data that isn't given is made up, the same every time. */
export function provisioned(provision: Provision, now: number): BusinessNumber {
  const { phoneNumber, carrier } = provision;
  const parsed = parsePhoneNumberFromString(phoneNumber);
  const digits = String(hash53(phoneNumber)).padStart(16, '0');
  const network = NETWORKS[carrier];
  return {
    phoneNumber,
    country: parsed?.country ?? network.country,
    type: provision.type ?? 'local',
    account: {
      accountNumber: provision.accountNumber ?? `ACC${digits.slice(-8)}`,
      pin: provision.pin ?? digits.slice(-12, -8),
      postalCode: provision.postalCode ?? digits.slice(0, 5),
      entityName: provision.name ?? 'Example Ltd',
    },
    keepsAccepting: provision.keepsAccepting ?? false,
    keepsNnidMs: provision.keepsNnidMs ?? 0,
    portable: provision.portable ?? true,
    notPortableReason: provision.portable === false ? (provision.notPortableReason ?? 'RATE_CENTER_NOT_PORTABLE') : '',
    messagingCapable: provision.messagingCapable ?? true,
    fastPortable: provision.fastPortable ?? false,
    rejections: provision.rejections ?? [],
    requiresDocuments: provision.requiresDocuments ?? [],
    deniedDocuments: provision.deniedDocuments ?? [],
    voice: [{ since: now, carrier, spid: spidFor(phoneNumber, carrier) }],
    sms: [{ since: now, carrier, nnid: network.nnid }],
  };
}

/** The service provider id under which a carrier holds a number. */
export function spidFor(phoneNumber: string, carrier: CarrierId): string {
  const { spids } = NETWORKS[carrier];
  return spids[hash53(phoneNumber) % spids.length] ?? '';
}

/** A location routing number of the gaining carrier in the number's own country (47 CFR 52.21(l) for the US). */
export function lrnFor(phoneNumber: string, country: string): string {
  const code = parsePhoneNumberFromString(phoneNumber)?.countryCallingCode ?? '1';
  if (country === 'US' || country === 'CA') return `+1312555${String(hash53(phoneNumber) % 10_000).padStart(4, '0')}`;
  return `+${code}${String(900_000_000 + (hash53(phoneNumber) % 1_000_000))}`;
}

/** The route in force at a time; the oldest one before all of them. */
export function routeAt<R extends { readonly since: number }>(routes: readonly R[], at: number): R {
  let current = routes[0] as R;
  for (const route of routes) if (route.since <= at) current = route;
  return current;
}
