import type { InboundMessage, OutboundMessage } from '../../api/schemas/messages.ts';
import type { PortAnswer } from '../../api/schemas/ports.ts';
import { readProbe } from '../../domain/probe.ts';
import type { LedgerEntry } from '../../simulator/world/ledger.ts';
import { CopyCount } from './copies.ts';

/** What the account is made of: what the product says, and what the network's own ledger says. */
export interface Evidence {
  /** Ids of the texts that the product has taken. */
  readonly accepted: readonly string[];
  readonly outbound: readonly OutboundMessage[];
  readonly inbound: readonly InboundMessage[];
  readonly ports: readonly PortAnswer[];
  /** Since the demo began. */
  readonly ledger: readonly LedgerEntry[];
  readonly ownNumbers: ReadonlySet<string>;
}

/** Something that must not be. */
export interface Finding {
  readonly code:
    | 'unknown-to-product'
    | 'never-final'
    | 'delivered-to-nobody'
    | 'refused-but-arrived'
    | 'doubled-at-handset'
    | 'two-copies-possible'
    | 'segment-doubled'
    | 'inbound-lost'
    | 'inbound-doubled';
  /** Which text: our id, or its words. */
  readonly text: string;
  /** What the network saw of it, in order: `15:52:10.123 accepted alpha`. */
  readonly seen?: readonly string[];
}

/** The end of the demo, as `--json` prints it. */
export interface Account {
  readonly accepted: number;
  readonly delivered: number;
  /** Those that ended without a receipt (`unknown`) among them. */
  readonly failed: number;
  readonly refused: number;
  readonly expired: number;
  readonly lost: number;
  readonly doubled: number;
  /** Texts that came in and were forwarded, copies not counted. */
  readonly inbound: number;
  readonly ports: readonly { readonly id: string; readonly status: string; readonly uncertainMs: number }[];
}

export interface Balance {
  readonly account: Account;
  readonly lost: readonly Finding[];
  readonly doubled: readonly Finding[];
  /** Texts without a receipt by their deadline, and whether the ledger saw them arrive. */
  readonly unknown: readonly { readonly message: OutboundMessage; readonly arrived: boolean }[];
  /** Nothing lost, nothing doubled, every text at an end, every port completed. */
  readonly good: boolean;
}

/**
 * Balances what the product says against the ledger.
 *
 * Lost: a text that the product took and knows no end of, that it calls delivered and no handset got, or that it calls refused or
 * expired and a handset got; a text that a subscriber wrote and that isn't with us in the same words. Doubled: a text of which two copies are at the
 * handset or may still get there, or one that a subscriber wrote once and we forward twice.
 */
export function balance(evidence: Evidence): Balance {
  const { accepted, outbound, ports } = evidence;
  const byId = new Map(outbound.map((message) => [message.id, message]));
  const taken = accepted.flatMap((id) => byId.get(id) ?? []);
  const copies = new CopyCount(evidence.ledger);
  const arrivedAt = new Map<string, number>();
  for (const { to, text, arrived } of copies.texts()) {
    // By whichever of our numbers: a standby sender may have carried it.
    arrivedAt.set(addressed(to, text), (arrivedAt.get(addressed(to, text)) ?? 0) + arrived);
  }
  const hasArrived = ({ to = '', text = '' }: OutboundMessage) => (arrivedAt.get(addressed(to, text)) ?? 0) > 0;
  const inbound = compareInbound(evidence);

  const lost = [
    ...accepted.filter((id) => !byId.has(id)).map((id) => finding('unknown-to-product', id)),
    ...taken
      .flatMap((message) => outboundFindings(message, hasArrived(message)).map((found) => ({ found, message })))
      .map(({ found, message }) => ({ ...found, seen: seenOf(message, evidence.ledger) })),
    ...inbound.lost,
  ];
  const doubled = [...doubledOutbound(copies, arrivedAt), ...inbound.doubled];
  const count = (...statuses: OutboundMessage['status'][]) =>
    taken.filter(({ status }) => statuses.includes(status)).length;
  const account: Account = {
    accepted: accepted.length,
    delivered: count('delivered'),
    failed: count('failed', 'unknown'),
    refused: count('refused'),
    expired: count('expired'),
    lost: lost.length,
    doubled: doubled.length,
    inbound: inbound.forwarded,
    ports: ports.map(({ id, status, uncertainMs }) => ({ id, status, uncertainMs })),
  };
  const { delivered, failed, refused, expired } = account;
  return {
    account,
    lost,
    doubled,
    unknown: taken
      .filter(({ status }) => status === 'unknown')
      .map((message) => ({ message, arrived: hasArrived(message) })),
    good:
      lost.length === 0 &&
      doubled.length === 0 &&
      accepted.length === delivered + failed + refused + expired &&
      ports.every(({ status }) => status === 'completed'),
  };
}

function outboundFindings(message: OutboundMessage, arrived: boolean): Finding[] {
  switch (message.status) {
    case 'delivered':
      return arrived ? [] : [finding('delivered-to-nobody', message.id)];
    case 'refused':
    case 'expired':
      return arrived ? [finding('refused-but-arrived', message.id)] : [];
    case 'failed':
    case 'unknown':
      // May have arrived, once: nobody could tell us.
      return [];
    default:
      return [finding('never-final', `${message.id} is ${message.status}`)];
  }
}

function seenOf(message: OutboundMessage, ledger: readonly LedgerEntry[]): string[] {
  const { to, text = '' } = message;
  return ledger
    .filter((entry) => entry.to === to && (entry.text === text || (entry.part && text.includes(entry.text ?? ''))))
    .map(({ at, event, carrier = '' }) => `${at.slice(11, 23)} ${event} ${carrier}`.trimEnd());
}

function doubledOutbound(copies: CopyCount, arrivedAt: ReadonlyMap<string, number>): Finding[] {
  const possible = new Map<string, number>();
  for (const copy of copies.texts()) {
    const key = addressed(copy.to, copy.text);
    possible.set(key, (possible.get(key) ?? 0) + copy.possible);
  }
  const findings = new Map<string, Finding>();
  for (const { to, text } of copies.texts()) {
    const key = addressed(to, text);
    if ((arrivedAt.get(key) ?? 0) > 1) findings.set(key, finding('doubled-at-handset', text));
    else if ((possible.get(key) ?? 0) > 1) findings.set(key, finding('two-copies-possible', text));
  }
  for (const { to = '', text = '' } of copies.segmentsTwice()) {
    const known = [...findings.keys()].some((key) => key.startsWith(addressed(to, '')) && key.includes(text));
    if (!known) findings.set(addressed(to, text), finding('segment-doubled', text));
  }
  return [...findings.values()];
}

function compareInbound({ ledger, inbound, ownNumbers }: Evidence) {
  const written = new Map<string, { readonly text: string; times: number }>();
  for (const { event, from = '', to = '', text = '' } of ledger) {
    // Probes are texts of the product to itself: they are in nobody's account.
    if (event !== 'mo-sent' || !ownNumbers.has(to) || readProbe(text) !== undefined) continue;
    const key = `${from}\u0000${addressed(to, text)}`;
    written.set(key, { text, times: (written.get(key)?.times ?? 0) + 1 });
  }
  const forwarded = new Map<string, number>();
  for (const { from = '', to, text = '', copyOf, incomplete } of inbound) {
    if (copyOf !== undefined || incomplete) continue;
    const key = `${from}\u0000${addressed(to, text)}`;
    if (written.has(key)) forwarded.set(key, (forwarded.get(key) ?? 0) + 1);
  }
  const compare = (wrong: (forwardedTimes: number, writtenTimes: number) => boolean, code: Finding['code']) =>
    [...written].flatMap(([key, { text, times }]) =>
      wrong(forwarded.get(key) ?? 0, times) ? [finding(code, text)] : [],
    );
  return {
    forwarded: [...forwarded.values()].reduce((sum, times) => sum + times, 0),
    lost: compare((ours, theirs) => ours < theirs, 'inbound-lost'),
    doubled: compare((ours, theirs) => ours > theirs, 'inbound-doubled'),
  };
}

function addressed(to: string, text: string): string {
  return `${to}\u0000${text}`;
}

function finding(code: Finding['code'], text: string): Finding {
  return { code, text };
}
