import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Logger } from '../../carriers/adapter.ts';
import type { Carrier, CarrierEvent, InboundEvent, PartAnswer, ReceiptEvent } from '../../carriers/carrier.ts';
import { CarrierUnavailable } from '../../carriers/errors.ts';
import type { Counterpart } from './counterpart.ts';
import { sinkOf } from './event-sink.ts';

const from = '+12025550100';
const to = '+12025550199';
const greeting = 'Your code is 471134';

/** What every adapter has to do, whatever its protocol. */
export function describeCarrierContract(name: string, start: () => Promise<Counterpart>): void {
  describe(`carrier contract: ${name}`, () => {
    let counterpart: Counterpart;
    let carrier: Carrier;
    let events: CarrierEvent[];
    let lines: string[];
    let failSinks: number;
    let references = 0;

    const logger: Logger = {
      info: (fields, message) => lines.push(JSON.stringify([fields, message])),
      warn: (fields, message) => lines.push(JSON.stringify([fields, message])),
      error: (fields, message) => lines.push(JSON.stringify([fields, message])),
    };

    function open(overrides?: Record<string, unknown>) {
      carrier = counterpart.createCarrier(logger, overrides);
      const take = async (group: readonly CarrierEvent[]) => {
        await delay(5);
        if (failSinks-- > 0) throw new Error('The store is down.');
        events.push(...group);
      };
      counterpart.attach(carrier, sinkOf(take));
    }

    async function send(text: string, wanted = carrier.messaging.segments(text)): Promise<readonly PartAnswer[]> {
      const reservation = await carrier.messaging.reserve({ wanted, timeoutMs: 2_000, atLeast: wanted });
      try {
        const parts = Array.from({ length: wanted }, () => ++references);
        const [answer] = carrier.messaging.submit(
          [{ from, to, text, validityMs: 60_000, references: parts }],
          reservation,
        );
        return (await answer) ?? [];
      } finally {
        reservation.release();
      }
    }

    const idOf = ([first]: readonly PartAnswer[]) =>
      first?.outcome === 'accepted' ? first.carrierMessageId : undefined;

    beforeEach(async () => {
      counterpart = await start();
      events = [];
      lines = [];
      failSinks = 0;
      open();
    });

    afterEach(async () => {
      await carrier.close(0);
      await counterpart.stop();
      const log = lines.join('\n');
      expect(log, 'invariant 9: no personal data and no secret in a log').not.toMatch(/2025550|471134|not-for-logs/);
    });

    it('submits a text and gives the id of the carrier', async () => {
      const answers = await send(greeting);
      expect(answers).toEqual([{ outcome: 'accepted', carrierMessageId: expect.any(String) }]);
      expect(counterpart.texts()).toEqual([{ from, to, text: greeting, ids: [idOf(answers)] }]);
      expect(carrier.isConnected()).toBe(true);
    });

    it.each([
      ['GSM-7 with extension characters', `${'[€]{~}^\\|'.repeat(30)} äöüß@£`],
      ['UCS-2 with surrogate pairs', `${'a🙂'.repeat(60)}, привет`],
      ['a text of one part', 'Grüße [1]'],
    ])('carries every letter of %s', async (_, text) => {
      const answers = await send(text);
      expect(answers.every((answer) => answer.outcome === 'accepted')).toBe(true);
      expect(answers).toHaveLength(counterpart.answersPerPart ? carrier.messaging.segments(text) : 1);
      expect(counterpart.texts().map((read) => read.text)).toEqual([text]);
    });

    it('reports a refusal with the code of the carrier', async () => {
      counterpart.behave('reject');
      expect(await send(greeting)).toEqual([
        expect.objectContaining({ outcome: 'rejected', code: counterpart.rejection }),
      ]);
    });

    it('gives no room for a while after the carrier said that it is too much', async () => {
      counterpart.behave('throttle');
      const [answer] = await send(greeting);
      expect(answer).toMatchObject({ outcome: 'rejected' });
      const pauseMs = answer?.outcome === 'rejected' ? answer.retryAfterMs : undefined;
      expect(pauseMs).toBeGreaterThan(0);
      counterpart.behave('accept');
      const before = Date.now();
      expect(idOf(await send(greeting))).toBeDefined();
      expect(Date.now() - before).toBeGreaterThanOrEqual((pauseMs ?? 0) * 0.9);
    });

    it('calls a text ambiguous when no answer comes, and frees its room (invariant 5)', async () => {
      counterpart.behave('silence');
      expect(await send(greeting)).toEqual([expect.objectContaining({ outcome: 'ambiguous' })]);
      counterpart.behave('accept');
      expect(idOf(await send(greeting))).toBeDefined();
      expect(counterpart.written()).toBe(2);
    });

    it('never writes a text twice when the connection is cut, and goes on afterwards (invariant 5)', async () => {
      counterpart.behave('hold-answers');
      const texts = Array.from({ length: 8 }, (_, index) => `text ${index}`);
      const reservation = await carrier.messaging.reserve({
        wanted: texts.length,
        timeoutMs: 2_000,
        atLeast: texts.length,
      });
      const submitted = carrier.messaging.submit(
        texts.map((text) => ({ from, to, text, validityMs: 60_000, references: [++references] })),
        reservation,
      );
      reservation.release();
      await vi.waitFor(() => expect(counterpart.written()).toBe(texts.length));
      counterpart.cutConnections();
      const answers = (await Promise.all(submitted)).flat();
      expect(answers.map((answer) => answer.outcome)).toEqual(texts.map(() => 'ambiguous'));
      counterpart.behave('accept');
      expect(idOf(await send('after the cut'))).toBeDefined();
      expect(counterpart.texts().map((read) => read.text)).toEqual([...texts, 'after the cut']);
    });

    it('gives no room while the carrier is away, and comes back by itself', async () => {
      await send(greeting);
      await counterpart.goAway();
      await vi.waitFor(async () => {
        // A REST adapter notices by trying.
        const reservation = await carrier.messaging
          .reserve({ wanted: 1, timeoutMs: 50 })
          .catch((error: unknown) => error);
        if (!(reservation instanceof CarrierUnavailable)) {
          const room = reservation as Awaited<ReturnType<typeof carrier.messaging.reserve>>;
          const [answer] = carrier.messaging.submit([{ from, to, text: 'away', validityMs: 1, references: [1] }], room);
          room.release();
          expect((await answer)?.[0]?.outcome).not.toBe('accepted');
        }
        expect(reservation).toBeInstanceOf(CarrierUnavailable);
      }, 5_000);
      expect(carrier.isConnected()).toBe(false);
      await counterpart.listen();
      expect(idOf(await send('back again'))).toBeDefined();
    });

    it('keeps to its window', async () => {
      counterpart.behave('hold-answers');
      const first = await carrier.messaging.reserve({ wanted: 50, timeoutMs: 1_000 });
      expect(first.segments).toBe(10);
      const submitted = carrier.messaging.submit(
        Array.from({ length: first.segments }, () => ({
          from,
          to,
          text: 'x',
          validityMs: 60_000,
          references: [++references],
        })),
        first,
      );
      await expect(carrier.messaging.reserve({ wanted: 1, timeoutMs: 50 })).rejects.toBeInstanceOf(CarrierUnavailable);
      await vi.waitFor(() => expect(counterpart.written()).toBe(10));
      counterpart.releaseAnswers();
      await Promise.all(submitted);
      const second = await carrier.messaging.reserve({ wanted: 1, timeoutMs: 1_000 });
      second.release();
      expect(counterpart.mostUnanswered()).toBe(10);
    });

    it('gives back what was not used of a reservation, once', async () => {
      const first = await carrier.messaging.reserve({ wanted: 10, timeoutMs: 1_000, atLeast: 10 });
      await expect(carrier.messaging.reserve({ wanted: 1, timeoutMs: 50 })).rejects.toBeInstanceOf(CarrierUnavailable);
      first.release();
      first.release();
      const second = await carrier.messaging.reserve({ wanted: 50, timeoutMs: 1_000 });
      expect(second.segments).toBe(10);
      second.release();
    });

    it('leaves a text unsent that its reservation has no room for', async () => {
      const reservation = await carrier.messaging.reserve({ wanted: 1, timeoutMs: 1_000 });
      const [one, two] = carrier.messaging.submit(
        ['first', 'second'].map((text) => ({ from, to, text, validityMs: 60_000, references: [++references] })),
        reservation,
      );
      expect(await one).toMatchObject([{ outcome: 'accepted' }]);
      expect(await two).toMatchObject([{ outcome: 'unsent' }]);
      expect(counterpart.texts().map((read) => read.text)).toEqual(['first']);
    });

    it('stays below its rate over any second', async () => {
      await carrier.close(0);
      open({ segmentsPerSecond: 100, window: 100 });
      const sentAt: number[] = [];
      const until = Date.now() + 1_500;
      while (Date.now() < until) {
        const reservation = await carrier.messaging.reserve({ wanted: 20, timeoutMs: 2_000 });
        const now = performance.now();
        for (let each = 0; each < reservation.segments; each++) sentAt.push(now);
        const submitted = carrier.messaging.submit(
          Array.from({ length: reservation.segments }, () => ({
            from,
            to,
            text: 'x',
            validityMs: 60_000,
            references: [++references],
          })),
          reservation,
        );
        reservation.release();
        await Promise.all(submitted);
      }
      const inAnySecond = sentAt.map((at) => sentAt.filter((other) => other >= at && other < at + 1_000).length);
      expect(Math.max(...inAnySecond)).toBeLessThanOrEqual(111);
      expect(sentAt.length).toBeGreaterThan(100);
    });

    it('writes only while it holds slots, and gives them up when its answers have come (invariant 8)', async () => {
      const endless = { monotonic: Number.POSITIVE_INFINITY, wall: Number.POSITIVE_INFINITY };
      await send(greeting);
      counterpart.behave('hold-answers');
      const open = send('still under way');
      await vi.waitFor(() => expect(counterpart.written()).toBe(2));
      const reserved = await carrier.messaging.reserve({ wanted: 1, timeoutMs: 1_000 });
      let free = false;
      const givenUp = carrier.allot({ slots: 0, until: endless }).then(() => {
        free = true;
      });
      expect(carrier.share).toBe(0);
      // What was reserved before may still be given back; nothing new is given.
      reserved.release();
      await expect(carrier.messaging.reserve({ wanted: 1, timeoutMs: 50 })).rejects.toBeInstanceOf(CarrierUnavailable);
      expect(free).toBe(false);
      counterpart.releaseAnswers();
      expect(idOf(await open)).toBeDefined();
      await givenUp;
      await carrier.allot({ slots: carrier.slots, until: endless });
      counterpart.behave('accept');
      expect(carrier.share).toBe(1);
      expect(idOf(await send('again'))).toBeDefined();
    });

    it('delivers receipts in our terms', async () => {
      const delivered = idOf(await send(greeting)) ?? '';
      const failed = idOf(await send(greeting)) ?? '';
      await counterpart.receipt(delivered, { from, to }, 'DELIVRD');
      await counterpart.receipt(failed, { from, to }, 'UNDELIV', '40008');
      const [good, bad] = events as ReceiptEvent[];
      expect(good).toMatchObject({ type: 'receipt', carrierMessageId: delivered, state: 'DELIVRD', from, to });
      expect(good).not.toHaveProperty('code');
      expect(bad).toMatchObject({ type: 'receipt', carrierMessageId: failed, state: 'UNDELIV', code: '40008' });
      expect(good?.eventId).not.toBe(bad?.eventId);
    });

    it('delivers a receipt that overtakes the answer to its submission', async () => {
      counterpart.behave('hold-answers');
      const answer = send(greeting);
      await vi.waitFor(() => expect(counterpart.written()).toBe(1));
      const id = counterpart.answersPerPart ? 'm-1' : '4031-1';
      await counterpart.receipt(id, { from, to }, 'DELIVRD');
      expect(events).toMatchObject([{ type: 'receipt', carrierMessageId: id }]);
      counterpart.releaseAnswers();
      expect(idOf(await answer)).toBe(id);
    });

    it('lets the carrier send again what could not be stored, under the same id (invariant 3)', async () => {
      await send(greeting);
      failSinks = 2;
      await counterpart.inbound({ from: to, to: from, text: 'YES' });
      expect(events).toHaveLength(1);
      const [event] = events as InboundEvent[];
      expect(event).toMatchObject({ type: 'inbound', from: to, to: from, text: 'YES' });
      expect(event?.eventId).toMatch(/^[\w-]+$/);
      expect(event?.eventId).not.toContain('2025550');
    });

    it('takes two equal texts for two', async () => {
      await send(greeting);
      await Promise.all([
        counterpart.inbound({ from: to, to: from, text: '1' }),
        counterpart.inbound({ from: to, to: from, text: '1' }),
      ]);
      expect(new Set(events.map((event) => event.eventId)).size).toBe(2);
    });

    it('waits for answers before it closes, and takes nothing new', async () => {
      counterpart.behave('hold-answers');
      const answer = send(greeting);
      await vi.waitFor(() => expect(counterpart.written()).toBe(1));
      const closed = carrier.close(2_000);
      await expect(carrier.messaging.reserve({ wanted: 1, timeoutMs: 1_000 })).rejects.toBeInstanceOf(
        CarrierUnavailable,
      );
      counterpart.releaseAnswers();
      expect(idOf(await answer)).toBeDefined();
      await closed;
      expect(carrier.isConnected()).toBe(false);
    });

    it('calls ambiguous what is still unanswered when its grace is over', async () => {
      counterpart.behave('silence');
      const answer = send(greeting);
      await vi.waitFor(() => expect(counterpart.written()).toBe(1));
      await carrier.close(20);
      expect(await answer).toMatchObject([{ outcome: 'ambiguous' }]);
    });
  });
}
