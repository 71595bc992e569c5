import { afterAll, beforeAll, expect, it } from 'vitest';
import { messageFeedback } from '../../api/schemas/message-feedback.ts';
import { outboundMessage } from '../../api/schemas/messages.ts';
import type { RouteDecision } from '../../domain/route-choice/decision.ts';
import { sampleText } from '../store/samples.ts';
import { type Serving, serve } from './serving.ts';

let api: Serving;
beforeAll(async () => {
  api = await serve();
});
afterAll(() => api.stop());

const decision: RouteDecision = {
  at: new Date(Date.now() - 2000),
  carrier: 'alpha',
  reason: 'cheapest-good-enough',
  candidates: [
    { carrier: 'alpha', delivery: 0.97, weight: 100, price: 7500 },
    { carrier: 'beta', delivery: 0.98, weight: 100, excluded: 'breaker-open' },
  ],
  network: 'US/1234',
  lot: 0.5,
  currency: 'USD',
};

it('is noted once, changes nothing else of the text, and is shown with how its route was chosen and what it cost', async () => {
  const text = sampleText(api.store.vault, {
    status: 'delivered',
    decisions: [decision],
    network: 'US/1234',
    attempts: [
      {
        carrier: 'alpha',
        token: 'clm_1',
        claimedAt: new Date(Date.now() - 1000),
        workflowId: 'w',
        runId: 'r',
        parts: [{ outcome: 'accepted' }, { outcome: 'accepted' }],
      },
    ],
  });
  await api.store.messages.insert([text]);
  const tell = (outcome: string) => api.post(`/v1/messages/${text._id}/feedback`, { outcome });
  const first = await tell('notReceived');
  expect(first.status).toBe(200);
  expect(messageFeedback.parse(first.body)).toMatchObject({ id: text._id, outcome: 'notReceived' });
  expect((await tell('notReceived')).body).toEqual(first.body);
  expect((await tell('converted')).body.code).toBe('feedback-given');
  expect((await tell('lost')).status).toBe(422);

  const shown = outboundMessage.parse((await api.get(`/v1/messages/${text._id}`)).body);
  expect(shown).toMatchObject({ status: 'delivered', feedback: { outcome: 'notReceived', at: first.body.at } });
  expect(shown.attempts[0]?.cost).toEqual({ amount: '0.015000', currency: 'USD' });
  expect(shown.decisions).toMatchObject([
    {
      carrier: 'alpha',
      reason: 'cheapest-good-enough',
      network: 'US/1234',
      candidates: [{ price: { amount: '0.007500', currency: 'USD' } }, { carrier: 'beta', excluded: 'breaker-open' }],
    },
  ]);
  expect((await api.post('/v1/messages/msg_0/feedback', { outcome: 'converted' })).body.code).toBe('unknown-message');
});
