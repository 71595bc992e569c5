import { MongoClient, MongoNetworkError } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Problem } from '../../api/problem.ts';
import { type ProblemCode, problemCodes } from '../../api/problem-codes.ts';
import { importLimits, neededColumns } from '../../api/schemas/port-import.ts';
import { CarrierRefused, CarrierUnavailable } from '../../carriers/errors.ts';
import type { PortOutStatus } from '../../domain/lifecycle/port-out.ts';
import { mongodbUri } from '../mongodb-uri.ts';
import { samplePortOut, sampleText, type TextSample } from '../store/samples.ts';
import {
  apiKey,
  enablement,
  numbers,
  portBody,
  type RecordedHosting,
  removal,
  type Serving,
  serve,
  text,
} from './serving.ts';

/** How each problem comes about. `given` is what has to be there before. */
interface Case {
  readonly given?: (api: Serving) => Promise<unknown>;
  readonly when: (api: Serving) => ReturnType<Serving['call']>;
  readonly status: number;
  /** Where the refusal belongs in a timeline, it is one step there. */
  readonly inTimeline?: true;
}

const event = {
  type: 'order',
  eventId: 'e1',
  at: '2027-01-01T00:00:00Z',
  raw: '{}',
  carrierOrderId: 'o1',
  name: 'status_changed',
};
const webhook = (body: unknown) => (api: Serving) => api.post('/webhooks/carriers/beta', body);
const message = (change: object, headers?: Record<string, string>) => (api: Serving) =>
  api.post('/v1/messages', { ...text, ...change }, headers);
const port = (change: object) => (api: Serving) => api.post('/v1/ports', { ...portBody, ...change });

/** A stored port in this state, with a number of its own. */
async function storedPort(api: Serving, status: string): Promise<string> {
  const answer = await api.post('/v1/ports', { ...portBody, phoneNumbers: [numbers.second] });
  await api.store.ports.project(answer.body.id, 1, { status: status as 'submitted' });
  return answer.body.id;
}

/** The process of a port in this state refuses what is asked of it. */
const refusing = (status: string, code: ProblemCode) => async (api: Serving) => {
  portId = await storedPort(api, status);
  api.recorded.failure = new Problem(code, `This order is ${status}.`);
};
const onPort =
  (action: string, body: object = {}) =>
  (api: Serving) =>
    api.post(`/v1/ports/${portId}/${action}`, body);
const inAYear = () => new Date(Date.now() + 365 * 24 * 3600_000).toISOString();

/** Adds a document to a port that is there. */
const upload =
  (content: Buffer, type = 'application/pdf') =>
  async (api: Serving) =>
    api.upload(`/v1/ports/${portId}/documents?kind=invoice`, content, { 'content-type': type });
const sign = (name: string) => (api: Serving) =>
  api.post(`/v1/ports/${portId}/documents/loa`, { signature: { name, method: 'typed' } });
const comment = (body: object) => (api: Serving) =>
  api.post(`/v1/ports/${portId}/comments`, { text: 'Hello', ...body });

let portOutId = '';
const withPortOut = (status: PortOutStatus) => async (api: Serving) => {
  const portOut = samplePortOut(api.store.vault, [numbers.own], { carrier: 'beta', status });
  await api.store.portOuts.insert(portOut);
  portOutId = portOut._id;
};

const consentTo = (api: Serving) =>
  api.post(
    '/v1/consents',
    { phoneNumber: numbers.foreign, basis: 'express', evidence: { act: 'voice' } },
    { 'idempotency-key': 'consent' },
  );
let textId = '';
const attempt = { carrier: 'alpha', token: 'clm_1', claimedAt: new Date(), workflowId: 'messages/1', runId: 'r' };
const withText = (rest: TextSample) => async (api: Serving) => {
  const stored = sampleText(api.store.vault, rest);
  await api.store.messages.insert([stored]);
  textId = stored._id;
};

const csv = { 'content-type': 'text/csv' };
let portId = '';
const receiver = 'https://example.com/events';
let endpointId = '';
let consentId = '';
const withPort = (status: string) => async (api: Serving) => {
  portId = await storedPort(api, status);
};

/** An enablement that the carrier has, and what it says to whatever is asked of it. */
async function atCarrier(api: Serving, failure: Error): Promise<void> {
  portId = (await api.post('/v1/messaging-orders', enablement)).body.id;
  await api.store.ports.project(portId, 1, { status: 'submitted', carrierOrderId: 'h-1' });
  (api.carriers.get('delta')?.hosting as unknown as RecordedHosting).failure = failure;
}

const bulk = { 'content-type': 'application/x-ndjson', 'idempotency-key': 'bulk' };
let batchId = '';
/** A bulk whose process refuses what is asked of it. */
const bulkThatRefuses = (code: ProblemCode) => async (api: Serving) => {
  batchId = (await api.post('/v1/message-batches', JSON.stringify(text), bulk)).body.id;
  api.recorded.failure = new Problem(code, 'The bulk is completed.');
};

const cases: Record<ProblemCode, Case> = {
  'malformed-json': { when: (api) => api.post('/v1/messages', '{"from": '), status: 400 },
  'malformed-url': { when: (api) => api.get('/v1/numbers/%zz'), status: 400 },
  'idempotency-key-invalid': { when: message({}, { 'idempotency-key': 'with blanks' }), status: 400 },
  'idempotency-key-required': { when: (api) => api.post('/v1/ports/import', 'phoneNumber', csv), status: 400 },
  unauthorized: { when: message({}, { authorization: 'Bearer wrong-key-0123456789abcdef' }), status: 401 },
  'not-found': { when: (api) => api.post('/v1/nothing', {}), status: 404 },
  'method-not-allowed': { when: (api) => api.call('DELETE', '/v1/ports'), status: 405 },
  'body-too-large': { when: message({ text: 'x'.repeat(70_000) }), status: 413 },
  'unsupported-media-type': { when: message({}, { 'content-type': 'text/plain' }), status: 415 },
  'invalid-request': { when: message({ kind: 'urgent' }), status: 422 },
  'idempotency-key-reused': {
    given: (api) => message({}, { 'idempotency-key': 'reused' })(api),
    when: message({ text: 'Another one' }, { 'idempotency-key': 'reused' }),
    status: 422,
  },
  'request-in-progress': {
    given: async (api) => {
      // A first request that has begun and not been answered.
      const { createIdempotency } = await import('../../api/idempotency.ts');
      const keyId = (await import('node:crypto')).createHash('sha256').update(apiKey).digest('hex').slice(0, 16);
      void createIdempotency(api.store)
        .once(
          { caller: { keyId }, key: 'slow', request: ['post', '/v1/ports', portAsValidated] },
          () => new Promise(() => {}),
        )
        .catch(() => undefined);
      await expect.poll(() => api.database.collection('idempotency').countDocuments()).toBeGreaterThan(0);
    },
    when: (api) => api.post('/v1/ports', portAsValidated, { 'idempotency-key': 'slow' }),
    status: 409,
  },
  'phone-number-malformed': { when: message({ to: '2025550199' }), status: 422 },
  'phone-number-invalid': { when: message({ to: '+19995550199' }), status: 422 },
  'unknown-number': { when: (api) => api.get(`/v1/numbers/${numbers.foreign}`), status: 404 },
  'sender-invalid': { when: message({ from: 'much too long a name' }), status: 422 },
  'sender-not-owned': { when: message({ from: numbers.foreign }), status: 422 },
  'sender-unknown': { when: message({ from: 'NOBODY' }), status: 422 },
  'sender-not-allowed-in-country': { when: message({ from: 'ACME' }), status: 422 },
  'standby-not-owned': {
    when: (api) => api.call('PUT', `/v1/numbers/${numbers.own}`, { carrier: 'alpha', standbySender: numbers.foreign }),
    status: 422,
  },
  'unknown-message': { when: (api) => api.get('/v1/messages/msg_0'), status: 404 },
  'message-not-sent': {
    given: withText({}),
    when: (api) => api.post(`/v1/messages/${textId}/feedback`, { outcome: 'converted' }),
    status: 409,
  },
  'feedback-given': {
    given: withText({ attempts: [attempt] }),
    when: async (api) => {
      await api.post(`/v1/messages/${textId}/feedback`, { outcome: 'converted' });
      return api.post(`/v1/messages/${textId}/feedback`, { outcome: 'notReceived' });
    },
    status: 409,
  },
  'text-too-long': { when: message({ text: 'é中'.repeat(9000) }), status: 422 },
  'unknown-carrier': { when: port({ gainingCarrier: 'gamma' }), status: 422 },
  'carrier-cannot-port': { when: port({ gainingCarrier: 'alpha', losingCarrier: 'beta' }), status: 422 },
  'unknown-port': { when: (api) => api.post('/v1/ports/port_0/cancel', {}), status: 404 },
  'gaining-is-losing': { when: port({ losingCarrier: 'beta' }), status: 422 },
  'number-has-open-port': {
    given: (api) => api.store.numberClaims.claim([api.store.vault.numberKey(numbers.own)], 'port_1'),
    when: port({}),
    status: 409,
  },
  'order-not-supplementable': {
    given: withPort('submitted'),
    when: (api) => api.post(`/v1/ports/${portId}/supplement`, { subscriber: { pin: '1' } }),
    status: 409,
  },
  'order-not-cancellable': {
    given: async (api) => {
      await withPort('completed')(api);
      api.recorded.failure = new Problem('order-not-cancellable', 'This order is completed.');
    },
    when: (api) => api.post(`/v1/ports/${portId}/cancel`, {}),
    status: 409,
  },
  'order-not-activatable': {
    given: async (api) => {
      await withPort('submitted')(api);
      api.recorded.failure = new Problem('order-not-activatable', 'This order is submitted.');
    },
    when: (api) => api.post(`/v1/ports/${portId}/activate`, {}),
    status: 409,
  },
  'order-not-a-draft': { given: withPort('submitted'), when: onPort('submit'), status: 409 },
  'draft-incomplete': {
    given: async (api) => {
      const draft = { draft: true, phoneNumbers: [numbers.second], gainingCarrier: 'beta' };
      portId = (await api.post('/v1/ports', draft)).body.id;
    },
    when: onPort('submit'),
    status: 422,
  },
  'supplement-too-late': {
    given: async (api) => {
      portId = await storedPort(api, 'foc-confirmed');
      await api.store.ports.project(portId, 2, { clocks: { supplementUntil: '2020-01-01T00:00:00.000Z' } });
    },
    when: onPort('supplement', { subscriber: { pin: '1' } }),
    status: 409,
    inTimeline: true,
  },
  'order-not-reschedulable': {
    given: refusing('activating', 'order-not-reschedulable'),
    when: (api) => onPort('reschedule', { requestedFocAt: inAYear() })(api),
    status: 409,
  },
  'reschedule-too-late': {
    given: refusing('foc-confirmed', 'reschedule-too-late'),
    when: (api) => onPort('reschedule', { requestedFocAt: inAYear() })(api),
    status: 409,
    inTimeline: true,
  },
  'requested-date-past': { when: port({ requestedFocAt: '2020-01-01T00:00:00Z' }), status: 422 },
  'requested-date-too-far': {
    given: refusing('submitted', 'requested-date-too-far'),
    when: (api) => onPort('reschedule', { requestedFocAt: inAYear() })(api),
    status: 422,
  },
  'cancel-too-late': {
    given: refusing('foc-confirmed', 'cancel-too-late'),
    when: onPort('cancel'),
    status: 409,
    inTimeline: true,
  },
  'outside-activation-hours': {
    given: refusing('foc-confirmed', 'outside-activation-hours'),
    when: onPort('activate'),
    status: 409,
    inTimeline: true,
  },
  'snap-back-not-possible': {
    given: refusing('submitted', 'snap-back-not-possible'),
    when: onPort('snap-back', { reason: 'disputed' }),
    status: 409,
  },
  'snap-back-too-late': {
    given: refusing('completed', 'snap-back-too-late'),
    when: onPort('snap-back', { reason: 'disputed' }),
    status: 409,
    inTimeline: true,
  },
  'changed-meanwhile': {
    given: async (api) => {
      const { change } = api.store.numbers;
      // Somebody else is always first.
      api.store.numbers.change = async (key, version, ...rest) => {
        await change(key, version, ...rest);
        return change(key, version, ...rest);
      };
    },
    when: (api) => api.register(numbers.own),
    status: 409,
  },
  'unknown-document': {
    given: withPort('submitted'),
    when: (api) => api.get(`/v1/ports/${portId}/documents/doc_0`),
    status: 404,
  },
  'document-empty': { given: withPort('submitted'), when: upload(Buffer.alloc(0)), status: 422, inTimeline: true },
  'document-too-large': {
    given: withPort('submitted'),
    when: upload(Buffer.alloc(3 * 1024 * 1024 + 1, '%PDF-1.7')),
    status: 413,
    inTimeline: true,
  },
  'document-type-not-allowed': {
    given: withPort('submitted'),
    when: upload(Buffer.from('<html>%PDF-1.7</html>')),
    status: 415,
    inTimeline: true,
  },
  'document-content-mismatch': {
    given: withPort('submitted'),
    when: upload(Buffer.from('%PDF-1.7\n%%EOF'), 'image/png'),
    status: 422,
    inTimeline: true,
  },
  'document-limit-reached': {
    given: async (api) => {
      await withPort('submitted')(api);
      for (let i = 0; i < 50; i++) await upload(Buffer.from(`%PDF-1.7 ${i}`))(api);
    },
    when: upload(Buffer.from('%PDF-1.7 one more')),
    status: 409,
    inTimeline: true,
  },
  'loa-signatory-mismatch': { given: withPort('submitted'), when: sign('Somebody Else'), status: 422 },
  'loa-script-not-supported': {
    given: async (api) => {
      const subscriber = { ...portBody.subscriber, authorizedBy: '山田太郎' };
      portId = (await api.post('/v1/ports', { ...portBody, subscriber })).body.id;
    },
    when: sign('山田太郎'),
    status: 422,
  },
  'no-order-at-carrier': {
    given: async (api) => {
      await withPort('checking')(api);
      const beta = api.carriers.get('beta');
      Object.assign(beta?.porting ?? {}, { comments: {} });
    },
    when: comment({}),
    status: 409,
  },
  'no-way-to-carrier': { given: withPort('submitted'), when: comment({ carrier: 'losing' }), status: 409 },
  'unknown-checklist-item': {
    given: withPort('submitted'),
    when: (api) => api.call('PUT', `/v1/ports/${portId}/checklist/coffee`, { state: 'done' }),
    status: 404,
  },
  'checklist-closed': {
    given: withPort('completed'),
    when: (api) => api.call('PUT', `/v1/ports/${portId}/checklist/voice-route`, { state: 'done' }),
    status: 409,
  },
  'import-columns-wrong': {
    when: (api) => api.post('/v1/ports/import', 'phoneNumber,colour\n', { ...csv, 'idempotency-key': 'columns' }),
    status: 422,
  },
  'import-too-long': {
    when: (api) =>
      api.post('/v1/ports/import', `${neededColumns.join(',')}\n${'x\n'.repeat(importLimits.lines + 1)}`, {
        ...csv,
        'idempotency-key': 'lines',
      }),
    status: 413,
  },
  'unknown-consent': { when: (api) => api.post('/v1/consents/cns_0/revoke', {}), status: 404 },
  'consent-not-revocable': {
    given: async (api) => {
      const grant = await api.post('/v1/consents', {
        phoneNumber: numbers.foreign,
        basis: 'express',
        evidence: { act: 'checkbox' },
      });
      consentId = (await api.post(`/v1/consents/${grant.body.id}/revoke`, {})).body.id;
    },
    when: (api) => api.post(`/v1/consents/${consentId}/revoke`, {}),
    status: 409,
  },
  'unknown-opt-out-review': {
    when: (api) => api.post('/v1/opt-out-reviews/con_0/decide', { means: 'opt-out' }),
    status: 404,
  },
  'consent-file-unreadable': { when: (api) => api.post('/v1/consents/import', 'name,colour\n', csv), status: 422 },
  'consent-ledger-broken': {
    given: async (api) => {
      const phoneNumber = numbers.british;
      await api.post('/v1/consents', { phoneNumber, basis: 'express', evidence: { act: 'checkbox' } });
      const chain = api.store.vault.numberKey(phoneNumber);
      await api.database.collection('consents').updateOne({ chain }, { $set: { basis: 'express-written' } });
    },
    when: (api) => api.get(`/v1/consents?phoneNumber=${encodeURIComponent(numbers.british)}`),
    status: 500,
  },
  'unknown-port-out': { when: (api) => api.post('/v1/port-outs/pout_0/authorize', {}), status: 404 },
  'port-out-not-authorizable': {
    given: async (api) => {
      await withPortOut('authorized')(api);
      api.recorded.failure = new Problem('port-out-not-authorizable', 'This port-out is authorized.');
    },
    when: (api) => api.post(`/v1/port-outs/${portOutId}/authorize`, {}),
    status: 409,
  },
  'port-out-not-rejectable': {
    given: async (api) => {
      await withPortOut('authorized')(api);
      api.recorded.failure = new Problem('port-out-not-rejectable', 'This port-out is authorized.');
    },
    when: (api) => api.post(`/v1/port-outs/${portOutId}/reject`, { code: '1002' }),
    status: 409,
  },
  'rejection-not-eligible': {
    given: withPortOut('awaiting-decision'),
    when: (api) => api.post(`/v1/port-outs/${portOutId}/reject`, { code: '9999' }),
    status: 422,
  },
  'rejection-reason-required': {
    given: withPortOut('awaiting-decision'),
    when: (api) => api.post(`/v1/port-outs/${portOutId}/reject`, { code: '1001' }),
    status: 422,
  },
  'unknown-order': { when: (api) => api.get('/v1/messaging-orders/txr_0'), status: 404 },
  'carrier-hosts-no-texts': { when: port({ messagingPlan: 'messaging-only' }), status: 422 },
  'texts-elsewhere': { when: (api) => api.post('/v1/messaging-orders', removal), status: 422 },
  'order-not-verifiable': {
    given: async (api) => {
      portId = (await api.post('/v1/messaging-orders', enablement)).body.id;
    },
    when: (api) => api.post(`/v1/messaging-orders/${portId}/verification-codes`, { by: 'sms' }),
    status: 409,
  },
  'carrier-refused': {
    given: (api) => atCarrier(api, new CarrierRefused('Carrier delta refused.', '10015')),
    when: (api) => api.post(`/v1/messaging-orders/${portId}/verification-codes`, { by: 'sms' }),
    status: 409,
  },
  'carrier-unavailable': {
    given: (api) => atCarrier(api, new CarrierUnavailable('Carrier delta is away.')),
    when: (api) => api.post(`/v1/messaging-orders/${portId}/verification-codes`, { by: 'sms' }),
    status: 503,
  },
  'webhook-not-supported': { when: (api) => api.post('/webhooks/carriers/alpha', { secret: 'right' }), status: 404 },
  'webhook-signature-invalid': { when: webhook({ secret: 'wrong', events: [event] }), status: 401 },
  'webhook-too-old': { when: webhook({ secret: 'old', events: [event] }), status: 401 },
  'webhook-malformed': { when: webhook('no json'), status: 400 },
  'unknown-webhook-endpoint': { when: (api) => api.call('DELETE', '/v1/webhook-endpoints/whe_0'), status: 404 },
  'subject-is-own-number': {
    given: (api) => api.register(numbers.own),
    when: (api) => api.call('DELETE', `/v1/subjects/${numbers.own}`),
    status: 409,
  },
  'unknown-erasure': { when: (api) => api.get('/v1/erasures/ers_0'), status: 404 },
  'subject-erased': {
    given: async (api) => {
      await consentTo(api);
      await api.call('DELETE', `/v1/subjects/${numbers.foreign}`);
    },
    when: (api) => consentTo(api),
    status: 410,
  },
  'webhook-url-refused': {
    when: (api) => api.post('/v1/webhook-endpoints', { url: 'https://169.254.169.254/latest' }),
    status: 422,
  },
  'too-many-webhook-endpoints': {
    given: (api) => Promise.all(Array.from({ length: 50 }, () => api.post('/v1/webhook-endpoints', { url: receiver }))),
    when: (api) => api.post('/v1/webhook-endpoints', { url: receiver }),
    status: 409,
  },
  'unknown-event': {
    given: async (api) => {
      endpointId = (await api.post('/v1/webhook-endpoints', { url: receiver })).body.id;
    },
    when: (api) => api.post(`/v1/webhook-endpoints/${endpointId}/replay`, { from: 'evt_port_0_1' }),
    status: 422,
  },
  'unknown-carrier-event': { when: (api) => api.get('/v1/carrier-events/beta%2F0'), status: 404 },
  'unknown-delivery-code': { when: (api) => api.call('DELETE', '/v1/delivery-codes/smpp/0x400'), status: 404 },
  'span-too-long': {
    when: (api) => api.get('/v1/metrics/delivery?interval=minute&from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z'),
    status: 422,
  },
  'not-suppressed': { when: (api) => api.call('DELETE', `/v1/suppressions/${numbers.foreign}`), status: 404 },
  'unknown-campaign-stop': { when: (api) => api.call('DELETE', '/v1/campaign-stops/none'), status: 404 },
  'unknown-message-batch': { when: (api) => api.get('/v1/message-batches/bat_0'), status: 404 },
  'message-batch-empty': { when: (api) => api.post('/v1/message-batches', '\n\n', bulk), status: 422 },
  'message-batch-unreadable': {
    when: (api) => api.post('/v1/message-batches', 'number,text\n1,2', { ...bulk, 'content-type': 'text/csv' }),
    status: 422,
  },
  'message-batch-too-long': {
    when: (api) => api.post('/v1/message-batches', '\n'.repeat(1_000_001) + JSON.stringify(text), bulk),
    status: 413,
  },
  'message-batch-not-pausable': {
    given: bulkThatRefuses('message-batch-not-pausable'),
    when: (api) => api.post(`/v1/message-batches/${batchId}/pause`, {}),
    status: 409,
  },
  'message-batch-not-resumable': {
    given: bulkThatRefuses('message-batch-not-resumable'),
    when: (api) => api.post(`/v1/message-batches/${batchId}/resume`, {}),
    status: 409,
  },
  'message-batch-not-cancellable': {
    given: bulkThatRefuses('message-batch-not-cancellable'),
    when: (api) => api.post(`/v1/message-batches/${batchId}/cancel`, {}),
    status: 409,
  },
  'store-unavailable': {
    given: async (api) => {
      api.store.carrierEvents.store = () => Promise.reject(new Error('The disk is full.'));
    },
    when: webhook({ secret: 'right', events: [event] }),
    status: 503,
  },
  'engine-unavailable': {
    given: async (api) => {
      await withPort('submitted')(api);
      api.recorded.failure = new Problem('engine-unavailable', 'Repeat it.');
    },
    when: (api) => api.post(`/v1/ports/${portId}/cancel`, {}),
    status: 503,
  },
  'engine-timeout': {
    given: async (api) => {
      await withPort('submitted')(api);
      api.recorded.failure = new Problem('engine-timeout', 'It may still happen.');
    },
    when: (api) => api.post(`/v1/ports/${portId}/cancel`, {}),
    status: 503,
  },
  'internal-error': {
    given: async (api) => {
      api.store.messages.find = () => Promise.reject(new TypeError('a bug'));
    },
    when: (api) => api.get('/v1/messages/msg_0'),
    status: 500,
  },
};

/** The body as its schema leaves it, so that it is the same request. */
const portAsValidated = { ...portBody };

/** Serves what needs nothing but a number to be there: it changes nothing, so the next one finds the same. */
let shared: Promise<Serving> | undefined;
async function served(): Promise<Serving> {
  const api = await serve();
  await api.register(numbers.own);
  return api;
}
afterAll(async () => (await shared)?.stop());

describe.each(Object.keys(problemCodes) as ProblemCode[])('%s', (code) => {
  const isShared = cases[code].given === undefined;
  let api: Serving;
  beforeAll(async () => {
    if (isShared) shared ??= served();
    api = await (shared && isShared ? shared : served());
  });
  afterAll(async () => {
    api.recorded.failure = undefined;
    if (!isShared) await api.stop();
  });

  it('is answered as problem+json; nothing is stored, nothing is started', async () => {
    const { given, when, status, inTimeline } = cases[code];
    await given?.(api);
    const [before, documents] = [await api.contents(), await api.documents()];
    const { started, ports, updates, signals } = api.recorded;
    const calls = [started.length, ports.length, updates.length, signals.length];

    const answer = await when(api);

    expect(answer.body).toMatchObject({ code, status, title: problemCodes[code].title });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.body.requestId).toBe(answer.headers.get('x-request-id'));
    expect(await api.contents()).toEqual({ ...before, timelines: (before.timelines ?? 0) + (inTimeline ? 1 : 0) });
    expect(await api.documents()).toEqual(documents);
    expect([started.length, ports.length, updates.length, signals.length]).toEqual(calls);
    if (!inTimeline) return;
    // Where it belongs: with the port that it was asked of.
    const type = code.startsWith('document-') ? 'document.not-stored' : `order.${code}`;
    expect((await api.store.timeline.list(portId)).at(-1)).toMatchObject({ type, actor: 'caller' });
  });
});

it('a database that does not answer is 503, whatever was asked', async () => {
  const api = await serve();
  await api.register(numbers.own);
  const away = () => Promise.reject(new MongoNetworkError('connection closed'));
  api.store.messages.insert = away;
  api.store.numbers.listOwn = away;
  const sent = await api.post('/v1/messages', text);
  expect(sent).toMatchObject({ status: 503, body: { code: 'store-unavailable' } });
  expect(sent.headers.get('retry-after')).toBe('2');
  expect((await api.get('/v1/numbers')).body.code).toBe('store-unavailable');
  expect(api.recorded.started).toEqual([]);
  await api.stop();
});

it('a database of which no connection becomes free is 503', async () => {
  const api = await serve();
  const client = new MongoClient(mongodbUri(), { maxPoolSize: 1, waitQueueTimeoutMS: 1 });
  api.store.numbers.listOwn = async () => {
    await Promise.all(Array.from({ length: 50 }, () => client.db('none').command({ ping: 1 })));
    return [];
  };
  expect(await api.get('/v1/numbers')).toMatchObject({ status: 503, body: { code: 'store-unavailable' } });
  await client.close();
  await api.stop();
});
