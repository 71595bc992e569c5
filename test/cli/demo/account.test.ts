import { describe, expect, test } from 'vitest';
import type { InboundMessage, OutboundMessage } from '../../../api/schemas/messages.ts';
import type { PortAnswer } from '../../../api/schemas/ports.ts';
import { balance, type Evidence } from '../../../cli/demo/account.ts';
import type { LedgerEntry, LedgerEvent } from '../../../simulator/world/ledger.ts';

const own = '+12065550101';
const standby = '+13125550171';
const subscriber = '+14255550110';

let seq = 0;
const entry = (event: LedgerEvent, rest: Partial<LedgerEntry> = {}): LedgerEntry => {
  seq += 1;
  return {
    seq,
    at: '2026-06-01T12:00:00Z',
    event,
    carrier: 'alpha',
    from: own,
    to: subscriber,
    text: 'hello',
    ...rest,
  };
};
const arrival = (id: string, rest: Partial<LedgerEntry> = {}) => [
  entry('accepted', { carrierMessageId: id, ...rest }),
  entry('delivered', { carrierMessageId: id, ...rest }),
];
const sent = (status: OutboundMessage['status'], id = 'msg_1'): OutboundMessage => ({
  id,
  direction: 'outbound',
  status,
  kind: 'otp',
  from: own,
  to: subscriber,
  text: 'hello',
  segments: 1,
  allowDuplicate: false,
  acceptedAt: '2026-06-01T12:00:00Z',
  expiresAt: '2026-06-01T12:01:00Z',
  attempts: [],
});
const received = (rest: Partial<InboundMessage> = {}): InboundMessage => ({
  id: 'in_1',
  direction: 'inbound',
  from: subscriber,
  to: own,
  text: 'hi',
  carrier: 'alpha',
  receivedAt: '2026-06-01T12:00:00Z',
  incomplete: false,
  ...rest,
});
const written = () => entry('mo-sent', { from: subscriber, to: own, text: 'hi' });
const port = (status: PortAnswer['status']) => ({ id: 'port_1', status, uncertainMs: 5 }) as PortAnswer;

const weigh = (rest: Partial<Evidence>) =>
  balance({
    accepted: rest.outbound?.map(({ id }) => id) ?? [],
    outbound: [],
    inbound: [],
    ports: [port('completed')],
    ledger: [],
    ownNumbers: new Set([own, standby]),
    ...rest,
  });
const codes = ({ lost, doubled }: ReturnType<typeof balance>) => [...lost, ...doubled].map(({ code }) => code);

describe('a text that went out', () => {
  test.each<[string, OutboundMessage['status'], LedgerEntry[], string[]]>([
    ['delivered and at the handset', 'delivered', arrival('a'), []],
    ['by the standby sender', 'delivered', arrival('a', { from: standby }), []],
    ['delivered, but to nobody', 'delivered', [entry('accepted'), entry('false-receipt')], ['delivered-to-nobody']],
    ['failed', 'failed', [entry('refused')], []],
    ['unknown, and arrived', 'unknown', arrival('a'), []],
    ['refused, and arrived', 'refused', arrival('a'), ['refused-but-arrived']],
    ['expired, and arrived', 'expired', arrival('a'), ['refused-but-arrived']],
    ['without an end', 'held', [], ['never-final']],
    ['twice at the handset', 'delivered', [...arrival('a'), ...arrival('b')], ['doubled-at-handset']],
    [
      'twice, by two senders',
      'delivered',
      [...arrival('a'), ...arrival('b', { from: standby })],
      ['doubled-at-handset'],
    ],
    [
      'taken twice',
      'delivered',
      [...arrival('a'), entry('accepted', { carrierMessageId: 'b' })],
      ['two-copies-possible'],
    ],
  ])('%s', (_, status, ledger, expected) => {
    const outcome = weigh({ outbound: [sent(status)], ledger });
    expect(codes(outcome)).toEqual(expected);
    expect(outcome.good).toBe(expected.length === 0);
  });

  test('and is lost: what the network saw of it is told', () => {
    const ledger = [entry('accepted'), entry('false-receipt'), entry('accepted', { text: 'Another one' })];
    const [found] = weigh({ outbound: [sent('delivered')], ledger }).lost;
    expect(found?.seen).toEqual([
      expect.stringMatching(/^12:00:00.* accepted alpha$/),
      expect.stringMatching(/ false-receipt /),
    ]);
  });

  test('was accepted, and the product knows nothing of it', () => {
    const outcome = weigh({ accepted: ['msg_1'] });
    expect(codes(outcome)).toEqual(['unknown-to-product']);
    expect(outcome.good).toBe(false);
  });

  test('in segments, one of which the handset got twice', () => {
    const part = (reference: number) => ({ text: 'hel', part: { reference, total: 2, sequence: 1 } });
    const ledger = [entry('delivered', part(1)), entry('delivered', part(2))];
    expect(codes(weigh({ outbound: [sent('failed')], ledger }))).toEqual(['segment-doubled']);
  });
});

describe('a text that came in', () => {
  test.each<[string, LedgerEntry[], InboundMessage[], string[], number]>([
    ['once', [written()], [received()], [], 1],
    ['with a copy by another carrier', [written()], [received(), received({ id: 'in_2', copyOf: 'in_1' })], [], 1],
    ['never', [written()], [], ['inbound-lost'], 0],
    ['as a copy only', [written()], [received({ copyOf: 'in_0' })], ['inbound-lost'], 0],
    ['with a part missing', [written()], [received({ incomplete: true })], ['inbound-lost'], 0],
    ['in other words', [written()], [received({ text: 'ih' })], ['inbound-lost'], 0],
    ['forwarded twice', [written()], [received(), received({ id: 'in_2' })], ['inbound-doubled'], 2],
    ['written twice and forwarded twice', [written(), written()], [received(), received({ id: 'in_2' })], [], 2],
    [
      'as a probe of the product itself',
      [entry('mo-sent', { from: standby, to: own, text: `Port SMS probe msg_${'0'.repeat(32)}` })],
      [],
      [],
      0,
    ],
    ['to somebody else’s number', [entry('mo-sent', { to: '+12125550142' })], [], [], 0],
  ])('%s', (_, ledger, inbound, expected, forwarded) => {
    const outcome = weigh({ inbound, ledger });
    expect(codes(outcome)).toEqual(expected);
    expect(outcome.account.inbound).toBe(forwarded);
  });
});

test('the account adds up, with the texts without a receipt among the failed ones', () => {
  const outbound = (['delivered', 'failed', 'unknown', 'refused', 'expired'] as const).map((status, i) => ({
    ...sent(status, `msg_${i}`),
    text: `text ${i}`,
  }));
  const { account, unknown, good } = weigh({ outbound, ledger: arrival('a', { text: 'text 0' }) });
  expect(account).toEqual({
    accepted: 5,
    delivered: 1,
    failed: 2,
    refused: 1,
    expired: 1,
    lost: 0,
    doubled: 0,
    inbound: 0,
    ports: [{ id: 'port_1', status: 'completed', uncertainMs: 5 }],
  });
  expect(unknown).toMatchObject([{ message: { id: 'msg_2' }, arrived: false }]);
  expect(good).toBe(true);
});

test('a port that is not completed is no good end', () => {
  expect(weigh({ ports: [port('completed'), port('exception')] }).good).toBe(false);
});
