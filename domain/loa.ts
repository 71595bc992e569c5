import templates from './facts/loa-templates.json' with { type: 'json' };
import type { PortRequest } from './port-request.ts';

/** What a letter of authorisation is about. */
export interface LoaSubject {
  /** Of the numbers; decides the wording. */
  readonly country: string;
  /** E.164. */
  readonly phoneNumbers: readonly string[];
  readonly portType: 'full' | 'partial';
  readonly request: PortRequest;
  /** As the carriers are called. */
  readonly gaining: string;
  /** Absent when it is none of the owner's carriers. */
  readonly losing?: string;
  /** Our id of the port. */
  readonly reference: string;
  readonly signatory: string;
  readonly signedAt: Date;
}

/** One part of a letter; the parts and lines in their order are what is signed. */
export type LoaPart =
  | { readonly heading: string; readonly rows: readonly (readonly [label: string, value: string])[] }
  | { readonly heading: string; readonly numbers: readonly string[] }
  | { readonly heading: string; readonly paragraphs: readonly string[] };

export interface Loa {
  readonly title: string;
  readonly pageSize: string;
  readonly reference: string;
  readonly parts: readonly LoaPart[];
}

type Template = (typeof templates.templates)[number];

/** Writes the letter, without its evidence. The PIN stays out: a letter is passed on. */
export function composeLoa(subject: LoaSubject): Loa {
  const { request, phoneNumbers, portType, reference } = subject;
  const { subscriber, remainingNumbers = [], newBillingNumber } = request;
  const { serviceAddress: address } = subscriber;
  const template = templateOf(subject.country);
  const losing = subject.losing ?? 'the present provider';
  const filled = (text: string) => text.replaceAll('{gaining}', subject.gaining).replaceAll('{losing}', losing);
  const signature = templates.signature
    .replace('{signatory}', () => subject.signatory)
    .replace('{date}', dateAndTime(subject.signedAt));
  return {
    title: template.title,
    pageSize: template.pageSize,
    reference,
    parts: [
      {
        heading: 'Subscriber',
        rows: rows([
          ['Name', subscriber.name],
          ['Company', subscriber.entityName],
          ['Account number', subscriber.accountNumber],
          ['Billing number', subscriber.billingNumber],
          ['Tax number', subscriber.taxId],
          ['Authorised person', subscriber.authorizedBy],
        ]),
      },
      {
        heading: 'Billing and service address',
        rows: rows([
          ['Street', [address.street, address.extended].filter(Boolean).join(', ')],
          ['City', [address.city, address.region, address.postalCode].filter(Boolean).join(', ')],
          ['Country', address.country],
        ]),
      },
      {
        heading: 'Change of provider',
        rows: rows([
          ['From', losing],
          ['To', subject.gaining],
          ['Extent', portType === 'full' ? 'all numbers of the account' : 'part of the numbers of the account'],
          ['New billing number', newBillingNumber],
        ]),
      },
      { heading: `Telephone numbers (${phoneNumbers.length})`, numbers: phoneNumbers },
      ...(remainingNumbers.length > 0
        ? [{ heading: `Numbers that remain (${remainingNumbers.length})`, numbers: remainingNumbers }]
        : []),
      { heading: 'Authorisation', paragraphs: template.paragraphs.map(filled) },
      { heading: 'Signature', paragraphs: [signature] },
    ],
  };
}

/** The text that is signed, line by line: what its SHA-256 in the evidence is of. */
export function signedText({ title, reference, parts }: Loa): string {
  const lines = parts.flatMap((part) => [
    part.heading,
    ...('rows' in part
      ? part.rows.map(([label, value]) => `${label}: ${value}`)
      : 'numbers' in part
        ? part.numbers
        : part.paragraphs),
  ]);
  return `${[title, `Reference: ${reference}`, ...lines].join('\n')}\n`;
}

/** Whether two spellings of a name are of one person: case, accents' encoding and blanks don't count. */
export function isSameName(one: string, other: string): boolean {
  const plain = (name: string) =>
    name
      .normalize('NFKC')
      .toLocaleLowerCase('en')
      .replace(/[\s.,]+/g, ' ')
      .trim();
  return plain(one) === plain(other);
}

/** Whether all of it can be set: letters are written in Latin, Greek and Cyrillic, from left to right. */
export function isWritable(text: string): boolean {
  return /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Common}\p{Script=Inherited}]*$/u.test(text);
}

function templateOf(country: string): Template {
  const template = templates.templates.find(({ countries }) => (countries as string[]).includes(country));
  const last = templates.templates.at(-1);
  if (template ?? last) return (template ?? last) as Template;
  throw new Error('facts/loa-templates.json has no template; its last one is for every country.');
}

function rows(given: readonly (readonly [string, string | undefined])[]): [string, string][] {
  return given.flatMap(([label, value]): [string, string][] => (value ? [[label, value]] : []));
}

/** E.g. `2027-01-31 09:30:00 UTC`. */
function dateAndTime(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
