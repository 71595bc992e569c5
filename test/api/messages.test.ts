import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messageAccepted, messagePage, outboundMessage } from '../../api/schemas/messages.ts';
import { numbers, otherApiKey, type Serving, serve, text } from './serving.ts';

let api: Serving;
beforeAll(async () => {
  api = await serve();
  await api.register(numbers.own);
  await api.register(numbers.second);
});
afterAll(() => api.stop());

const startedIds = () => api.recorded.started.flatMap(({ messageIds }) => messageIds);

describe('sending', () => {
  it('answers 202 when the text is stored, and starts its workflow (invariant 3)', async () => {
    const before = Date.now();
    const answer = await api.post('/v1/messages', { ...text, metadata: { orderId: 'A-1' } });
    expect(answer.status).toBe(202);
    const accepted = messageAccepted.parse(answer.body);
    expect(accepted).toMatchObject({ status: 'accepted', segments: 1, links: { self: `/v1/messages/${accepted.id}` } });
    // A one-time password is valid for five minutes unless told.
    expect(Date.parse(accepted.expiresAt) - before).toBeGreaterThanOrEqual(300_000);
    expect(Date.parse(accepted.expiresAt) - Date.now()).toBeLessThanOrEqual(300_000);

    const stored = await api.store.messages.find(accepted.id);
    expect(stored).toMatchObject({ status: 'accepted', priority: 1, workflowId: null, attempts: [], rev: 0 });
    expect(api.store.vault.open(stored?.to as never)).toBe(text.to);
    await expect.poll(startedIds).toContain(accepted.id);
  });

  it('counts segments and takes the validity that is given', async () => {
    const answer = await api.post('/v1/messages', {
      ...text,
      kind: 'marketing',
      text: 'ü'.repeat(161),
      validitySeconds: 60,
    });
    expect(answer.body.segments).toBe(2);
    expect(Date.parse(answer.body.expiresAt) - Date.now()).toBeLessThanOrEqual(60_000);
  });

  it('takes a registered short code, and a name where the country takes names', async () => {
    expect((await api.post('/v1/messages', { ...text, from: '72345' })).status).toBe(202);
    expect((await api.post('/v1/messages', { ...text, from: 'ACME', to: numbers.british })).status).toBe(202);
  });

  it('refuses a number that was ported out', async () => {
    await api.register('+12025550145');
    const key = api.store.vault.numberKey('+12025550145');
    await api.store.numbers.change(key, 1, { routing: { state: 'gone' } });
    const answer = await api.post('/v1/messages', { ...text, from: '+12025550145' });
    expect(answer.body).toMatchObject({ code: 'sender-not-owned', detail: expect.stringContaining('ported out') });
  });

  it('says what is wrong without repeating it (invariant 9)', async () => {
    const answer = await api.post('/v1/messages', { ...text, to: '+1 (202) 555-0199', kind: 'otpp', extra: 1 });
    expect(answer.body.code).toBe('invalid-request');
    expect(answer.body.errors.map((each: { path: string }) => each.path).sort()).toEqual(['', 'kind', 'to']);
    expect(JSON.stringify(answer.body)).not.toMatch(/555|otpp/);
  });

  it('refuses control characters but tab, CR and LF', async () => {
    for (const control of ['\u0000', '\u0008', '\u000b', '\u001b', '\u007f', '\u0085']) {
      const { body } = await api.post('/v1/messages', { ...text, text: `a${control}b` });
      expect(body).toMatchObject({ code: 'invalid-request', errors: [{ path: 'text' }] });
    }
    expect((await api.post('/v1/messages', { ...text, text: 'a\tb\r\nc' })).status).toBe(202);
  });

  it('says what is missing, whatever it should be', async () => {
    const { errors } = (await api.post('/v1/messages', {})).body;
    expect(errors).toEqual(['from', 'to', 'text', 'kind'].map((path) => ({ path, message: 'Is missing.' })));
  });

  it('refuses half of a surrogate pair', async () => {
    const answer = await api.post(
      '/v1/messages',
      `{"from":"${text.from}","to":"${text.to}","kind":"otp","text":"\\ud83d"}`,
    );
    expect(answer.body).toMatchObject({ code: 'invalid-request', errors: [{ path: 'text' }] });
  });
});

describe('sending again with the same Idempotency-Key', () => {
  it('gives the first answer again, also when it comes 50 times at once: one text (invariant 4)', async () => {
    const stored = (await api.contents()).messages ?? 0;
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => api.post('/v1/messages', text, { 'idempotency-key': 'fifty' })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    const first = answers[0]?.body;
    for (const { body } of answers) expect(body).toEqual(first);
    const replayed = answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true');
    expect(replayed).toHaveLength(49);
    expect((await api.contents()).messages).toBe(stored + 1);
    await expect.poll(startedIds).toContain(first.id);
    expect(startedIds().filter((id) => id === first.id)).toHaveLength(1);
  });

  it('takes the same body in another order of its fields for the same', async () => {
    const { kind, ...rest } = text;
    const first = await api.post('/v1/messages', text, { 'idempotency-key': 'order' });
    const again = await api.post(
      '/v1/messages',
      { kind, ...rest, allowDuplicate: false },
      { 'idempotency-key': 'order' },
    );
    expect(again.body).toEqual(first.body);
  });

  it('keeps the keys of different callers apart', async () => {
    const mine = await api.post('/v1/messages', text, { 'idempotency-key': 'shared' });
    const others = await api.post('/v1/messages', text, {
      'idempotency-key': 'shared',
      authorization: `Bearer ${otherApiKey}`,
    });
    expect(others.status).toBe(202);
    expect(others.body.id).not.toBe(mine.body.id);
  });

  it('gives the first answer also when the sender would be refused by now', async () => {
    await api.register('+12025550146');
    const body = { ...text, from: '+12025550146' };
    const first = await api.post('/v1/messages', body, { 'idempotency-key': 'gone-later' });
    const key = api.store.vault.numberKey(body.from);
    await api.store.numbers.change(key, 1, { routing: { state: 'gone' } });
    const again = await api.post('/v1/messages', body, { 'idempotency-key': 'gone-later' });
    expect(again.body).toEqual(first.body);
    expect((await api.post('/v1/messages', body)).body.code).toBe('sender-not-owned');
  });

  it('does not remember a request that was refused', async () => {
    const headers = { 'idempotency-key': 'mended' };
    expect((await api.post('/v1/messages', { ...text, from: numbers.foreign }, headers)).status).toBe(422);
    expect((await api.post('/v1/messages', text, headers)).status).toBe(202);
  });
});

describe('many at once', () => {
  it('stores what came together and refuses only what is wrong in it', async () => {
    const bodies = Array.from({ length: 60 }, (_, i) => ({ ...text, from: i % 3 ? numbers.own : numbers.foreign }));
    const answers = await Promise.all(bodies.map((body) => api.post('/v1/messages', body)));
    expect(answers.map(({ status }) => status)).toEqual(bodies.map(({ from }) => (from === numbers.own ? 202 : 422)));
    const ids = answers.flatMap(({ body }) => body.id ?? []);
    expect(await api.store.messages.findMany(ids)).toHaveLength(40);
    await expect.poll(() => ids.every((id) => startedIds().includes(id))).toBe(true);
  });
});

describe('a crash between storing and starting', () => {
  it('is healed by the sweep: the text is stored, so it will be started (invariant 3)', async () => {
    const crashed = await serve(() => ({ dispatcher: { add: () => undefined } }));
    try {
      await crashed.register(numbers.own);
      const { body } = await crashed.post('/v1/messages', text);
      expect(crashed.recorded.started).toEqual([]);
      const { store, recorded, dispatcher } = crashed;
      expect(await store.messages.findUnstarted(new Date(), 10)).toHaveLength(1);
      // The dispatcher of the process that comes after it.
      dispatcher.start();
      await expect
        .poll(() => recorded.started, { timeout: 5000 })
        .toMatchObject([{ messageIds: [body.id], kind: 'otp' }]);
    } finally {
      await crashed.stop();
    }
  });
});

describe('reading', () => {
  it('shows every attempt with its parts, workflow and run', async () => {
    const { id } = (await api.post('/v1/messages', { ...text, metadata: { orderId: 'A-2' } })).body;
    const at = new Date('2027-01-01T00:00:00Z');
    await api.store.messages.change([id], () => ({
      status: 'retrying',
      workflowId: 'messages/x/y',
      runId: 'run-1',
      retryAt: at,
      failure: { code: 'throttled', class: 'throttled', carrierCode: '0x58', at },
      attempts: [
        {
          carrier: 'alpha',
          token: 't',
          claimedAt: at,
          answeredAt: at,
          workflowId: 'messages/x/y',
          runId: 'run-1',
          parts: [{ outcome: 'rejected', code: '0x58' }],
        },
      ],
    }));
    const answer = await api.get(`/v1/messages/${id}`);
    expect(outboundMessage.parse(answer.body)).toMatchObject({
      ...text,
      direction: 'outbound',
      status: 'retrying',
      metadata: { orderId: 'A-2' },
      failure: { code: 'throttled', carrierCode: '0x58' },
      workflow: { id: 'messages/x/y', runId: 'run-1' },
      attempts: [
        {
          carrier: 'alpha',
          workflowId: 'messages/x/y',
          runId: 'run-1',
          parts: [{ outcome: 'rejected', code: '0x58' }],
        },
      ],
    });
    expect(answer.body.attempts[0]).not.toHaveProperty('token');
  });

  it('shows a text that came in, and which one it is a copy of', async () => {
    const { vault } = api.store;
    await api.store.inboundTexts.insert({
      _id: 'in_1',
      carrier: 'alpha',
      fromKey: vault.numberKey(numbers.foreign),
      from: vault.seal(numbers.foreign),
      toKey: vault.numberKey(numbers.own),
      to: vault.seal(numbers.own),
      text: vault.seal('STOP'),
      receivedAt: new Date(),
      copyOf: 'in_0',
      keyword: 'opt-out',
    });
    const shown = {
      id: 'in_1',
      direction: 'inbound',
      from: numbers.foreign,
      text: 'STOP',
      copyOf: 'in_0',
      incomplete: false,
    };
    expect((await api.get('/v1/messages/in_1')).body).toMatchObject(shown);
    const listed = await api.get(`/v1/messages?direction=inbound&to=${encodeURIComponent(numbers.own)}`);
    expect(messagePage.parse(listed.body).data).toMatchObject([shown]);
    expect((await api.get('/v1/messages?direction=inbound&status=failed')).status).toBe(422);
  });
});

describe('listing', () => {
  it('pages from the newest to the oldest without gap or repetition', async () => {
    const from = encodeURIComponent(numbers.second);
    const sent: string[] = [];
    for (let i = 0; i < 7; i += 1)
      sent.push((await api.post('/v1/messages', { ...text, from: numbers.second })).body.id);
    const seen: string[] = [];
    let cursor = '';
    do {
      const answer = await api.get(`/v1/messages?from=${from}&limit=3${cursor}`);
      const { data, nextCursor } = messagePage.parse(answer.body);
      seen.push(...data.map(({ id }) => id));
      cursor = nextCursor ? `&cursor=${nextCursor}` : '';
    } while (cursor);
    expect(seen.sort()).toEqual(sent.sort());
  });

  it('filters by status and kind', async () => {
    const { data } = (await api.get('/v1/messages?status=retrying&kind=otp')).body;
    expect(data).toHaveLength(1);
    expect((await api.get('/v1/messages?status=delivered')).body).toEqual({ data: [], nextCursor: null });
  });

  it('refuses a cursor that is none, and a limit out of bounds', async () => {
    for (const query of ['cursor=xyz', 'limit=0', 'limit=201', 'status=lost', 'colour=red', 'limit=1&limit=2']) {
      expect((await api.get(`/v1/messages?${query}`)).body.code, query).toBe('invalid-request');
    }
  });
});
