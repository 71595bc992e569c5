import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../../simulator/simulator.ts';
import { readTime } from '../../../simulator/smpp/submission.ts';
import { userDataHeader } from '../../../simulator/text/concatenation.ts';
import { encodeText } from '../../../simulator/text/segments.ts';
import { Control } from '../control.ts';
import { SmppClient, textOf } from '../smpp-client.ts';
import { pause, until } from '../until.ts';

const FROM = { alpha: '+12125550100', beta: '+442079460100', gamma: '+33199000100' } as const;

let simulator: Simulator;
let control: Control;
let alpha: SmppClient;

beforeEach(async () => {
  simulator = await startSimulator({
    scenario: { carriers: { all: { redeliverMs: 100, acknowledgeTimeoutMs: 300 } } },
  });
  control = new Control(simulator);
  const numbers = Object.entries(FROM).map(([carrier, phoneNumber]) => ({ carrier, phoneNumber }));
  await control.call('POST', '/numbers', numbers);
  alpha = await SmppClient.bound(simulator, 'alpha');
});
afterEach(async () => {
  await alpha.close();
  await simulator.stop();
});

const inCarriers = (change: object) => control.call('POST', '/scenario', { carriers: { alpha: change } });

describe('each carrier reports in its own way', () => {
  it('alpha: the same id in the text, the reference echoed, dates in UTC', async () => {
    const { message_id } = await alpha.submit({ text: 'Hello there', fields: { user_message_reference: 4711 } });
    expect(await alpha.receipt()).toMatch(
      new RegExp(
        `^id:${message_id} sub:001 dlvrd:001 submit date:\\d{10} done date:${utcNow()} stat:DELIVRD err:000 text:Hello there$`,
      ),
    );
    expect(alpha.delivered[0]).toMatchObject({
      user_message_reference: 4711,
      source_addr: '447700900123',
      destination_addr: '12125550100',
    });
  });

  it('beta: hex in the answer, padded decimal in the receipt', async () => {
    const beta = await SmppClient.bound(simulator, 'beta');
    const { message_id } = await beta.submit({ from: FROM.beta, fields: { user_message_reference: 5 } });
    const decimal = /^id:(\d{10}) /.exec(await beta.receipt())?.[1];
    expect(Number(decimal).toString(16)).toBe(message_id);
    expect(beta.delivered[0]?.user_message_reference).toBe(5);
    await beta.close();
  });

  it('gamma: decimal in the answer, padded hex in a TLV, no reference, local dates, no id and state in the text', async () => {
    const gamma = await SmppClient.bound(simulator, 'gamma');
    const { message_id } = await gamma.submit({ from: FROM.gamma, fields: { user_message_reference: 5 } });
    const text = await gamma.receipt();
    const [pdu] = gamma.delivered;
    expect(Number.parseInt(String(pdu?.receipted_message_id), 16)).toBe(Number(message_id));
    expect(pdu?.receipted_message_id).toMatch(/^[0-9A-F]{10}$/);
    expect(pdu).toMatchObject({ message_state: 2 });
    expect(pdu).not.toHaveProperty('user_message_reference');
    expect(text).toMatch(new RegExp(`^sub:001 dlvrd:001 submit date:\\d{10} done date:${utcNow(2)} text:Hello$`));
    await gamma.close();
  });

  it('gamma: the network’s error is in a TLV', async () => {
    await control.call('POST', '/scenario', { recipients: [{ prefix: '+44', outcome: 'failed', code: '027' }] });
    const gamma = await SmppClient.bound(simulator, 'gamma');
    await gamma.submit({ from: FROM.gamma });
    await gamma.receipt();
    expect(gamma.delivered[0]).toMatchObject({ message_state: 5, network_error_code: Buffer.from([3, 0, 27]) });
    await gamma.close();
  });
});

describe('what is taken', () => {
  it('reads both alphabets', async () => {
    await alpha.submit({ fields: { short_message: Buffer.from([0x00, 0x02, 0x1b, 0x65]), data_coding: 0 } });
    await alpha.submit({ fields: { short_message: Buffer.from('č€', 'utf16le').swap16(), data_coding: 8 } });
    await until(async () => (await control.entries('delivered')).length === 2);
    expect((await control.entries('delivered')).map(({ text }) => text).sort()).toEqual(['@$€', 'č€']);
  });

  it('takes long texts in parts, by header or TLV, in any order, and whole in message_payload', async () => {
    const text = 'A long text with more than a few words. '.repeat(10).trim();
    const { segments } = encodeText(text);
    const total = segments.length;
    const parts = segments.map((octets, index) => {
      const header = userDataHeader({ reference: 7, total, sequence: index + 1 });
      return { esm_class: 0x40, short_message: Buffer.concat([header, octets]) };
    });
    for (const fields of [...parts].reverse()) await alpha.submit({ fields });
    for (const [index, octets] of segments.entries()) {
      const sar = { sar_msg_ref_num: 300, sar_total_segments: total, sar_segment_seqnum: index + 1 };
      await alpha.submit({ to: '+447700900124', fields: { ...sar, short_message: octets } });
    }
    const payload = { short_message: Buffer.alloc(0), message_payload: Buffer.from(text) };
    await alpha.submit({ to: '+447700900125', fields: payload });
    await until(async () => (await control.entries('delivered')).length === 3);
    for (const event of ['accepted', 'delivered'] as const) {
      expect((await control.entries(event)).map((entry) => entry.text)).toEqual([text, text, text]);
      expect(await control.entries(event, { parts: true })).toHaveLength(total * 2);
    }
    await until(() => alpha.receipts().length === total * 2 + 1);
    expect((await control.summary()).outbound).toMatchObject({ texts: 3, delivered: 3, doubled: 0, strayParts: 0 });
  });

  it.each([
    ['a stranger’s number', { from: '+12125559999' }, 0x0a],
    ['a name to the US', { to: '+12025550100', fields: { source_addr_ton: 5, source_addr: 'ACME' } }, 0x0a],
    ['no recipient', { to: '' }, 0x0b],
    ['nonsense for a recipient', { to: 'abc' }, 0x0b],
    ['an impossible validity', { fields: { validity_period: Buffer.from('tomorrow') } }, 0x62],
    ['255 octets', { text: 'x'.repeat(255) }, 0x01],
  ])('refuses %s', async (_, sms, status) => {
    expect((await alpha.submit(sms)).command_status).toBe(status);
  });

  it('lets a name through where names are allowed', async () => {
    const answer = await alpha.submit({ fields: { source_addr_ton: 5, source_addr_npi: 0, source_addr: 'ACME' } });
    expect(answer.command_status).toBe(0);
    expect(await control.entries('accepted')).toMatchObject([{ from: 'ACME' }]);
  });

  it('sends a receipt only where one is asked for', async () => {
    await alpha.submit({ text: 'none', fields: { registered_delivery: 0 } });
    await alpha.submit({ text: 'failures only', fields: { registered_delivery: 2 } });
    await alpha.submit({ text: 'always' });
    await until(() => alpha.receipts().length > 0);
    await pause(100);
    expect(alpha.receipts()).toHaveLength(1);
  });
});

describe('validity (SMPP 3.4 §7.1.1)', () => {
  const now = Date.UTC(2026, 0, 31, 12, 0, 0);

  it.each([
    ['000000000010000R', now + 10_000],
    ['000001020304000R', now + ((26 * 60 + 3) * 60 + 4) * 1000],
    ['260131120010000+', now + 10_000],
    ['260131140010008+', now + 10_000],
    ['260131100010008-', now + 10_000],
    ['', undefined],
    ['soon', Number.NaN],
  ])('%j', (value, until) => expect(readTime(value, now)).toEqual(until));

  it('is honoured: what has not arrived by then never does', async () => {
    await inCarriers({ deliveryMs: [3000, 3000] });
    await alpha.submit({ fields: { validity_period: '000000000001000R' } });
    expect(await alpha.receipt()).toContain('stat:EXPIRED');
    expect(await control.entries('failed')).toMatchObject([{ state: 'EXPIRED' }]);
    expect((await control.summary()).outbound.delivered).toBe(0);
  });
});

describe('query_sm', () => {
  it('tells a text on its way from one that has ended', async () => {
    await inCarriers({ deliveryMs: [200, 200] });
    const { message_id } = await alpha.submit();
    expect(await alpha.request('query_sm', { message_id })).toMatchObject({ message_state: 1 });
    await alpha.receipt();
    expect(await alpha.request('query_sm', { message_id })).toMatchObject({ message_id, message_state: 2 });
    expect((await alpha.request('query_sm', { message_id: 'unknown' })).command_status).toBe(0x67);
  });
});

describe('faults', () => {
  it('refuses for now: throttled, queue full, system error; the same text goes through later', async () => {
    await inCarriers({ throttleRate: 0.3, queueFullRate: 0.3, systemErrorRate: 0.3 });
    const statuses = new Set<number>();
    for (let i = 0; i < 60; i++) statuses.add((await alpha.submit({ text: 'again' })).command_status);
    expect(statuses).toEqual(new Set([0x58, 0x14, 0x08, 0]));
    const refused = (await control.entries('refused')).map(({ code }) => code);
    expect(new Set(refused)).toEqual(new Set(['0x58', '0x14', '0x08']));
  });

  it('throttles what is above its rate', async () => {
    await inCarriers({ throttleAbove: 20 });
    const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => alpha.submit({ text: `text ${i}` })));
    const throttled = answers.filter(({ command_status }) => command_status === 0x58).length;
    expect(throttled).toBeGreaterThanOrEqual(8);
    expect(throttled).toBeLessThanOrEqual(10);
  });

  it('decides by seed and text, not by order', async () => {
    const texts = Array.from({ length: 40 }, (_, i) => `text ${i}`);
    const refusedOf = async (order: string[]) => {
      await control.call('PUT', '/scenario', { seed: 5, carriers: { alpha: { throttleRate: 0.3 } } });
      const answers = await Promise.all(
        order.map(async (text) => [text, (await alpha.submit({ text })).command_status]),
      );
      return new Set(answers.filter(([, status]) => status !== 0).map(([text]) => text));
    };
    const refused = await refusedOf(texts);
    expect(refused.size).toBeGreaterThan(3);
    expect(await refusedOf([...texts].reverse())).toEqual(refused);
  });

  it.each([
    ['cutUntakenRate', 0],
    ['cutBeforeAnswerRate', 1],
  ] as const)('%s: the connection ends without an answer, %i text arrives', async (rate, arrived) => {
    await inCarriers({ [rate]: 1 });
    await expect(alpha.submit()).rejects.toThrow('ended');
    await pause(100);
    expect(await control.entries('delivered')).toHaveLength(arrived);
    expect(await control.entries('submitted')).toHaveLength(1);
  });

  it('cuts the connection after the answer, and keeps the receipt for the next session', async () => {
    await inCarriers({ cutAfterAnswerRate: 1, deliveryMs: [100, 100] });
    expect((await alpha.submit()).command_status).toBe(0);
    await until(() => alpha.closed);
    alpha = await SmppClient.bound(simulator, 'alpha');
    expect(await alpha.receipt()).toContain('stat:DELIVRD');
  });

  it('never answers, but delivers and reports', async () => {
    await inCarriers({ noAnswerRate: 1 });
    let answered = false;
    void alpha.submit({ fields: { user_message_reference: 9 } }).then(
      () => {
        answered = true;
      },
      () => {},
    );
    await alpha.receipt();
    expect(alpha.delivered[0]?.user_message_reference).toBe(9);
    expect(answered).toBe(false);
  });

  it('answers late when it is slow', async () => {
    await inCarriers({ slowRate: 1, slowMs: [250, 250] });
    const before = Date.now();
    await alpha.submit();
    expect(Date.now() - before).toBeGreaterThanOrEqual(240);
  });

  it('sends receipts twice, late, never, and ahead of the answer', async () => {
    const rule = (digit: number, receipt: string) => ({
      phoneNumber: `+44770090010${digit}`,
      outcome: 'delivered',
      receipt,
    });
    await inCarriers({ receipts: { lateMs: [400, 400] } });
    await control.call('POST', '/scenario', {
      recipients: [rule(1, 'double'), rule(2, 'late'), rule(3, 'never'), rule(4, 'before-answer')],
    });
    let answeredFirst = false;
    const fourth = alpha.submit({ to: '+447700900104' }).then(() => {
      answeredFirst = alpha.receipts().length === 0;
    });
    await fourth;
    expect(answeredFirst).toBe(false);
    const first = await alpha.submit({ to: '+447700900101' });
    await alpha.submit({ to: '+447700900103' });
    const before = Date.now();
    const second = await alpha.submit({ to: '+447700900102' });
    await until(() => alpha.receipts().some((text) => text.includes(String(second.message_id))));
    expect(Date.now() - before).toBeGreaterThanOrEqual(390);
    expect(alpha.receipts().filter((text) => text.includes(String(first.message_id)))).toHaveLength(2);
    expect(alpha.receipts()).toHaveLength(4);
    expect((await control.summary()).outbound).toMatchObject({ delivered: 4, doubled: 0 });
  });

  it('fails texts with codes of its own', async () => {
    await inCarriers({ failRate: 1, failCodes: ['006'] });
    await alpha.submit();
    expect(await alpha.receipt()).toContain('stat:UNDELIV err:006');
    expect(await control.entries('failed')).toMatchObject([{ code: '006', carrier: 'alpha' }]);
  });

  it('refuses, fails and swallows texts to chosen recipients, by any code and for a number of tries', async () => {
    await control.call('POST', '/scenario', {
      recipients: [
        { phoneNumber: '+447700900101', outcome: 'refused', code: '0x0B' },
        { phoneNumber: '+447700900102', outcome: 'failed', code: '034', state: 'REJECTD', times: 1 },
        { phoneNumber: '+447700900103', outcome: 'silent' },
      ],
    });
    expect((await alpha.submit({ to: '+447700900101' })).command_status).toBe(0x0b);
    await alpha.submit({ to: '+447700900102' });
    expect(await alpha.receipt()).toContain('stat:REJECTD err:034');
    await alpha.submit({ to: '+447700900102' });
    await until(() => alpha.receipts()[1]?.includes('stat:DELIVRD'));
    expect((await alpha.submit({ to: '+447700900103' })).command_status).toBe(0);
    await pause(100);
    expect(alpha.receipts()).toHaveLength(2);
  });
});

describe('deliver_sm', () => {
  it('comes again until it is acknowledged, also after an error and after silence', async () => {
    alpha.answer = 0x64;
    await control.call('POST', '/texts', { from: '+447700900123', to: FROM.alpha, text: 'Yes' });
    await until(() => alpha.delivered.length === 2);
    alpha.answer = null;
    await until(() => alpha.delivered.length === 4);
    expect(await control.entries('mo-delivered')).toEqual([]);
    alpha.answer = 0;
    await until(async () => (await control.entries('mo-delivered')).length === 1);
    expect(alpha.delivered.map(textOf)).toContain('Yes');
    const count = alpha.delivered.length;
    await pause(500);
    expect(alpha.delivered).toHaveLength(count);
    expect((await control.summary()).undeliveredToUs).toBe(0);
  });

  it('waits while nobody is bound to receive it', async () => {
    await alpha.close();
    await control.call('POST', '/texts', { from: '+447700900123', to: FROM.alpha, text: 'Anybody there?' });
    const transmitter = await SmppClient.bound(simulator, 'alpha', 'bind_transmitter');
    await until(async () => (await control.summary()).undeliveredToUs === 1);
    expect(transmitter.delivered).toEqual([]);
    const receiver = await SmppClient.bound(simulator, 'alpha', 'bind_receiver');
    await until(() => receiver.delivered.length === 1);
    await Promise.all([transmitter.close(), receiver.close()]);
  });

  it('carries a long text in parts', async () => {
    const text = 'Dear all, '.repeat(40);
    await control.call('POST', '/texts', { from: '+447700900123', to: FROM.alpha, text });
    await until(() => alpha.delivered.length === 3);
    expect(alpha.delivered.map(textOf).join('')).toBe(text);
    await until(async () => (await control.entries('mo-delivered')).length === 1);
    expect(await control.entries('mo-delivered', { parts: true })).toHaveLength(3);
  });
});

/** The current minute as a receipt writes it, in a zone that is ahead by so many hours. */
function utcNow(hours = 0): string {
  return new Date(Date.now() + hours * 3_600_000).toISOString().replace(/\D/g, '').slice(2, 12);
}
