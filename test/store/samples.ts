import { priorityOfKind } from '../../domain/message.ts';
import type { CommentDocument } from '../../store/comments.ts';
import type { MessageDocument } from '../../store/messages.ts';
import type { NumberDocument } from '../../store/numbers.ts';
import type { PortOutDocument } from '../../store/port-outs.ts';
import type { PortPlanDocument } from '../../store/port-plans.ts';
import type { PortDocument } from '../../store/ports.ts';
import type { TextRemovalDocument } from '../../store/text-removals.ts';
import { randomId, type Vault } from '../../store/vault.ts';

/** Numbers of no real subscriber (47 CFR 52.34 sets 555-01xx aside). */
export const ours = '+12025550143';
export const standby = '+12025550144';
export const theirs = '+12025550199';

/** What a sample text says instead of the usual; `from`, `to` and `text` in plain. */
export type TextSample = Partial<Omit<MessageDocument, 'from' | 'to' | 'text' | 'fromKey' | 'toKey'>> & {
  readonly from?: string;
  readonly to?: string;
  readonly text?: string;
};

/** A transactional text as the API stores it, or as it is later. */
export function sampleText(
  vault: Vault,
  { from = ours, to = theirs, text = 'Hello', ...rest }: TextSample = {},
): MessageDocument {
  const now = Date.now();
  const kind = rest.kind ?? 'transactional';
  return {
    _id: randomId('msg'),
    kind,
    priority: priorityOfKind[kind],
    fromKey: vault.numberKey(from),
    from: vault.seal(from),
    toKey: vault.numberKey(to),
    to: vault.seal(to),
    text: vault.seal(text),
    segments: 1,
    requestHash: 'hash',
    acceptedAt: new Date(now),
    expiresAt: new Date(now + 3600_000),
    allowDuplicate: false,
    status: 'accepted',
    attempts: [],
    workflowId: null,
    rev: 0,
    ...rest,
  };
}

/** An own number, settled at carrier alpha. */
export function sampleNumber(vault: Vault, number: string, rest: Partial<NumberDocument> = {}): NumberDocument {
  return {
    _id: vault.numberKey(number),
    number: vault.seal(number),
    own: true,
    country: 'US',
    type: 'local',
    routing: { state: 'settled', carrier: 'alpha' },
    version: 1,
    history: [],
    registeredAt: new Date(),
    ...rest,
  };
}

/** A port of some numbers from alpha to telnyx that is being checked. */
export function samplePort(vault: Vault, numbers: readonly string[], rest: Partial<PortDocument> = {}): PortDocument {
  const now = new Date();
  const subscriber = {
    name: 'Ada Byron',
    accountNumber: 'ACC4711',
    pin: '4711',
    billingNumber: numbers[0],
    serviceAddress: { street: 'Main Street 1', city: 'Washington', region: 'DC', postalCode: '20001', country: 'US' },
    authorizedBy: 'Ada Byron',
  };
  return {
    _id: randomId('port'),
    requestHash: 'hash',
    createdAt: now,
    updatedAt: now,
    counter: 0,
    status: 'checking',
    since: now.toISOString(),
    numbers: numbers.map((number) => ({ numberKey: vault.numberKey(number), number: vault.seal(number) })),
    country: 'US',
    losingCarrier: 'alpha',
    gainingCarrier: 'telnyx',
    messagingPlan: 'move',
    portType: 'full',
    activation: 'automatic',
    request: vault.seal(JSON.stringify({ subscriber })),
    requestRevision: 0,
    problems: [],
    ...rest,
  };
}

/** A port-out of some numbers from telnyx that waits for a person; the carrier takes codes 1001 and 1002. */
export function samplePortOut(
  vault: Vault,
  numbers: readonly string[],
  rest: Partial<PortOutDocument> = {},
): PortOutDocument {
  const now = new Date();
  const at = (hours: number) => new Date(now.getTime() + hours * 3600_000).toISOString();
  return {
    _id: randomId('pout'),
    carrier: 'telnyx',
    carrierPortOutId: randomId('po'),
    createdAt: now,
    updatedAt: now,
    counter: 1,
    numbers: numbers.map((number) => ({ numberKey: vault.numberKey(number), number: vault.seal(number) })),
    subscriberName: vault.seal('Ada Byron'),
    gaining: { name: 'Foreign network', spid: '9999' },
    supportKey: 'PO_4711',
    requestedAt: at(0),
    requestedFocAt: at(72),
    textsStay: false,
    findings: [{ code: 'unverified', numberKey: vault.numberKey(numbers[0] ?? '') }],
    rejections: [
      { code: '1001', description: 'Other', reasonRequired: true, reason: 'other' },
      { code: '1002', description: 'Invalid PIN', reasonRequired: false, reason: 'pin' },
    ],
    wrongFor: [],
    status: 'awaiting-decision',
    since: at(0),
    answerDueAt: at(24),
    decideBy: at(22),
    carrierState: 'pending',
    fallback: { decision: 'reject', code: '1001' },
    approvedWithoutUs: false,
    problems: [],
    ...rest,
  };
}

/** A plan of many numbers to telnyx that is being checked. */
export function samplePlan(vault: Vault, rest: Partial<PortPlanDocument> = {}): PortPlanDocument {
  const {
    requestRevision: _revision,
    problems: _problems,
    numbers,
    country: _country,
    ...common
  } = samplePort(vault, []);
  const { _id: _port, losingCarrier: _losing, status: _status, ...terms } = common;
  return {
    ...terms,
    _id: randomId('plan'),
    status: 'checking',
    numbers: numbers.length,
    consent: vault.seal(JSON.stringify({ act: 'signature', name: 'Ada Byron' })),
    consentedAt: new Date(),
    ...rest,
  };
}

/** A removal of texts that telnyx hosts, nobody to carry them then. */
export function sampleRemoval(
  vault: Vault,
  numbers: readonly string[],
  rest: Partial<TextRemovalDocument> = {},
): TextRemovalDocument {
  const now = new Date();
  return {
    _id: randomId('txr'),
    requestHash: 'hash',
    createdAt: now,
    updatedAt: now,
    counter: 0,
    status: 'checking',
    since: now.toISOString(),
    numbers: numbers.map((number) => ({ numberKey: vault.numberKey(number), number: vault.seal(number) })),
    carrier: 'telnyx',
    problems: [],
    ...rest,
  };
}

/** A comment for telnyx that nobody has sent yet. */
export function sampleComment(vault: Vault, portId: string, rest: Partial<CommentDocument> = {}): CommentDocument {
  const now = new Date();
  return {
    _id: randomId('cmt'),
    portId,
    carrier: 'telnyx',
    direction: 'to-carrier',
    author: 'caller',
    channel: 'api',
    text: vault.seal('Please ask Ada Byron.'),
    at: now,
    state: 'waiting',
    stateSince: now,
    dueAt: now,
    attempts: 0,
    ...rest,
  };
}
