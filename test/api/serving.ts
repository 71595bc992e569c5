import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MongoClient } from 'mongodb';
import { pino } from 'pino';
import { createChecklists } from '../../activities/checklists.ts';
import { type AppDependencies, createApp } from '../../api/app.ts';
import { createDispatcher } from '../../api/dispatcher.ts';
import { createMetrics } from '../../api/metrics.ts';
import { close, listen } from '../../api/server.ts';
import { workflowLinks } from '../../api/views/port-view.ts';
import type { Carrier, CarrierEvent, PortingClient } from '../../carriers/carrier.ts';
import { WebhookRejected } from '../../carriers/errors.ts';
import type { TextHostingClient } from '../../carriers/text-hosting.ts';
import { createLogger } from '../../config/logger.ts';
import { newOrder, type OrderState } from '../../domain/lifecycle/order.ts';
import { newPlan, type PlanState } from '../../domain/lifecycle/plan.ts';
import { newPortOut, type PortOutState } from '../../domain/lifecycle/port-out.ts';
import { webhookAddressRules } from '../../domain/webhook-address.ts';
import { createIntake } from '../../intake/intake.ts';
import { openStore } from '../../store/store.ts';
import { mongodbUri } from '../mongodb-uri.ts';

export const apiKey = 'test-key-0123456789abcdef';
export const otherApiKey = 'other-key-0123456789abcdef';
export const secret = 'a secret for tests with 32 characters';

/** Valid numbers of no real subscriber. */
export const numbers = {
  own: '+12025550143',
  second: '+12025550144',
  foreign: '+12025550199',
  british: '+447400123456',
} as const;

/** What the engine was asked, instead of an engine. */
export class RecordedEngine {
  readonly started: { messageIds: readonly string[]; kind: string; token: string }[] = [];
  readonly ports: unknown[] = [];
  readonly updates: { name: string; portId: string; details: unknown; updateId: string }[] = [];
  readonly signals: string[] = [];
  readonly removals: unknown[] = [];
  /** While set, every call fails with it. */
  failure: Error | undefined;
  /** While set, every call takes this long. */
  delayMs = 0;

  readonly engine = {
    startMessages: async (messageIds: readonly string[], kind: string, token: string) => {
      await this.#obey();
      this.started.push({ messageIds, kind, token });
    },
    settled: async (workflowId: string) => void this.signals.push(`settled ${workflowId}`),
    failures: async (workflowId: string) => void this.signals.push(`failures ${workflowId}`),
    held: async (key: string) => void this.signals.push(`held ${key}`),
    routingChanged: async (key: string) => void this.signals.push(`routing ${key}`),
    cutoverNews: async (portId: string) => void this.signals.push(`cutover ${portId}`),
    carrierNews: async (portId: string) => void this.signals.push(`carrier ${portId}`),
    correspondence: async (portId: string) => {
      await this.#obey();
      this.signals.push(`correspondence ${portId}`);
    },
    portOutNews: async (portOut: object) => void this.signals.push(`port-out ${JSON.stringify(portOut)}`),
    revoked: async (id: string) => void this.signals.push(`revoked ${id}`),
    optOutsMove: async (portId: string) => void this.signals.push(`opt-outs ${portId}`),
    optOutReview: async (id: string) => void this.signals.push(`opt-out-review ${id}`),
    consentRequested: async (id: string) => {
      await this.#obey();
      this.signals.push(`consent-requested ${id}`);
    },
    consentConfirmed: async (id: string) => void this.signals.push(`consent-confirmed ${id}`),
  };

  readonly portProcess = {
    start: async (input: unknown) => {
      await this.#obey();
      this.ports.push(input);
    },
    supplement: (portId: string, revision: number, updateId: string) =>
      this.#update('supplement', portId, revision, updateId),
    cancel: (portId: string, reason: string | undefined, updateId: string) =>
      this.#update('cancel', portId, reason, updateId),
    activate: (portId: string, updateId: string) => this.#update('activate', portId, undefined, updateId),
    submit: (portId: string, ordered: unknown, updateId: string) => this.#update('submit', portId, ordered, updateId),
    reschedule: (portId: string, date: string, updateId: string) => this.#update('reschedule', portId, date, updateId),
    snapBack: (portId: string, reason: string, updateId: string, whenEnded: string) =>
      this.#update('snapBack', portId, { reason, whenEnded }, updateId),
    answerSnapBack: (portId: string, answer: string, updateId: string) =>
      this.#update('answerSnapBack', portId, answer, updateId),
  };

  readonly portOutProcess = {
    authorize: (portOutId: string, updateId: string) => this.#decide('authorize', portOutId, undefined, updateId),
    reject: (portOutId: string, code: string, updateId: string) => this.#decide('reject', portOutId, code, updateId),
  };

  async #decide(name: string, portId: string, details: unknown, updateId: string): Promise<PortOutState> {
    await this.#obey();
    this.updates.push({ name, portId, details, updateId });
    const clocks = { answerDueAt: '2027-01-02T00:00:00.000Z', decideBy: '2027-01-01T22:00:00.000Z' };
    return newPortOut({ state: 'pending', carrierState: 'pending' }, clocks, '2027-01-01T00:00:00.000Z');
  }

  readonly plans: unknown[] = [];
  readonly planProcess = {
    start: async (input: unknown) => {
      await this.#obey();
      this.plans.push(input);
    },
    cancel: async (planId: string, reason: string | undefined, updateId: string): Promise<PlanState> => {
      await this.#obey();
      this.updates.push({ name: 'cancel', portId: planId, details: reason, updateId });
      return { ...newPlan('2027-01-01T00:00:00.000Z'), status: 'cancel-pending' };
    },
  };

  readonly batches: unknown[] = [];
  readonly messageBatchProcess = {
    start: async (input: unknown) => {
      await this.#obey();
      this.batches.push(input);
    },
    act: async (batchId: string, action: string, updateId: string) => {
      await this.#obey();
      this.updates.push({ name: `${action}-batch`, portId: batchId, details: undefined, updateId });
      return { status: 'paused' as const, since: '2027-01-01T00:00:00.000Z' };
    },
  };

  readonly textRemovalProcess = {
    start: async (input: unknown) => {
      await this.#obey();
      this.removals.push(input);
    },
    cancel: async (removalId: string, updateId: string) => {
      await this.#obey();
      this.updates.push({ name: 'cancel-removal', portId: removalId, details: undefined, updateId });
      return { status: 'cancelled' as const, since: '2027-01-01T00:00:00.000Z', problems: [] };
    },
  };

  async #update(name: string, portId: string, details: unknown, updateId: string): Promise<OrderState> {
    await this.#obey();
    this.updates.push({ name, portId, details, updateId });
    return { ...newOrder('2027-01-01T00:00:00.000Z'), status: 'submitted' };
  }

  async #obey(): Promise<void> {
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    if (this.failure) throw this.failure;
  }
}

const portability: Pick<PortingClient, 'checkPortability'> = {
  checkPortability: async (phoneNumbers) =>
    phoneNumbers.map((phoneNumber) => ({ phoneNumber, portable: true, messagingCapable: true })),
};

/** What was asked of a carrier that hosts texts; `code` 12345 is right. */
export class RecordedHosting {
  readonly asked: unknown[] = [];
  /** While set, every call fails with it. */
  failure: Error | undefined;

  async sendCodes(orderId: string, phoneNumbers: readonly string[], by: string) {
    this.#note('send', orderId, phoneNumbers, by);
    return phoneNumbers.map((phoneNumber) => ({ phoneNumber, sent: true }));
  }

  async checkCodes(orderId: string, codes: readonly { phoneNumber: string; code: string }[]) {
    this.#note('check', orderId, codes.length);
    return codes.map(({ phoneNumber, code }) => ({ phoneNumber, verified: code === '12345' }));
  }

  #note(...asked: unknown[]): void {
    if (this.failure) throw this.failure;
    this.asked.push(asked);
  }
}

/** Its webhooks are JSON `{"secret": "right", "events": [...]}`: enough to see what the route makes of them. */
const webhook = {
  parse(body: Buffer): CarrierEvent[] {
    let told: { secret?: string; events: CarrierEvent[] };
    try {
      told = JSON.parse(body.toString('utf8'));
    } catch {
      throw new WebhookRejected('webhook-malformed', 'The body is not JSON.');
    }
    if (told.secret === 'old') throw new WebhookRejected('webhook-too-old', 'It was signed more than 5 minutes ago.');
    if (told.secret !== 'right') throw new WebhookRejected('webhook-signature-invalid', 'Another key has signed it.');
    return told.events;
  },
};

function carrier(id: string, parts: Partial<Carrier> & { senders?: string[]; spids?: string[] }): Carrier {
  const { senders = [], spids = [], ...rest } = parts;
  return {
    settings: {
      id,
      adapter: 'test',
      spids,
      country: 'US',
      optOutReply: 'us',
      receipts: 'handset',
      senders,
      network: id,
      probes: [],
      codes: 'smpp',
      partIds: 'each',
    },
    messaging: undefined as never,
    slots: 1,
    share: 1,
    allot: async () => undefined,
    connect: () => undefined,
    isConnected: () => false,
    close: async () => undefined,
    ...rest,
  };
}

/** alpha: texts only; beta: ports and tells by webhook; delta: hosts texts. */
export function testCarriers(): Map<string, Carrier> {
  return new Map([
    ['alpha', carrier('alpha', { senders: ['ACME', '72345'], spids: ['1234'] })],
    ['beta', carrier('beta', { porting: { ...portability } as PortingClient, webhook, spids: ['5678'] })],
    ['delta', carrier('delta', { hosting: new RecordedHosting() as unknown as TextHostingClient })],
  ]);
}

let count = 0;

/** An API on a database of its own, with a recorded engine. */
export async function serve(change: (dependencies: AppDependencies) => Partial<AppDependencies> = () => ({})) {
  count += 1;
  const database = `api_${process.pid}_${Date.now()}_${count}`;
  const uri = mongodbUri();
  const store = await openStore({ uri, database, secret });
  const raw = await MongoClient.connect(uri);
  const recorded = new RecordedEngine();
  const { engine, portProcess, portOutProcess, planProcess, textRemovalProcess, messageBatchProcess } = recorded;
  const lines: string[] = [];
  const logger = createLogger('debug', 'api', { write: (line: string) => void lines.push(line) });
  const carriers = testCarriers();
  const dispatcher = createDispatcher({ engine, store, logger, timing: { sweepEveryMs: 200, unstartedAfterMs: 500 } });
  const intake = createIntake({ store, engine, carriers, logger: pino({ enabled: false }) });
  const dependencies: AppDependencies = {
    store,
    carriers,
    lookUps: { lookUp: async () => undefined },
    checklists: createChecklists({ store, carriers }),
    intake,
    dispatcher,
    engine,
    canMail: true,
    portProcess,
    portOutProcess,
    planProcess,
    textRemovalProcess,
    messageBatchProcess,
    marginMs: 900_000,
    proofDeadlineMs: 72 * 3600_000,
    workflowLink: workflowLinks('http://localhost:8233', 'default'),
    checks: { store: () => store.ping() },
    webhookAddresses: webhookAddressRules(['127.0.0.0/8']),
    metrics: createMetrics(),
    logger,
    apiKeys: [apiKey, otherApiKey],
    bodyLimitBytes: 60_000,
    publicUrl: 'http://localhost:8080',
  };
  const server: Server = await listen(createApp({ ...dependencies, ...change(dependencies) }), 0);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  /** Calls the API with a key; `body` as JSON unless it is a string or bytes. */
  async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && {
        body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
      }),
    });
    const text = await response.text();
    const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '');
    // biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests field by field
    const answer: any = isJson ? JSON.parse(text) : text;
    return { status: response.status, headers: response.headers, body: answer };
  }

  return {
    store,
    recorded,
    carriers,
    dispatcher,
    intake,
    lines,
    url,
    call,
    database: raw.db(database),
    post: (path: string, body: unknown, headers?: Record<string, string>) => call('POST', path, body, headers),
    get: (path: string, headers?: Record<string, string>) => call('GET', path, undefined, headers),
    /** Sends a file as it is. */
    async upload(path: string, content: Buffer, headers: Record<string, string> = {}) {
      const response = await fetch(url + path, {
        method: 'POST',
        headers: { authorization: `Bearer ${apiKey}`, ...headers },
        body: new Uint8Array(content),
      });
      // biome-ignore lint/suspicious/noExplicitAny: as above
      return { status: response.status, headers: response.headers, body: (await response.json()) as any };
    },
    /** Fetches a file as it is. */
    async download(path: string) {
      const response = await fetch(url + path, { headers: { authorization: `Bearer ${apiKey}` } });
      return {
        status: response.status,
        headers: response.headers,
        content: Buffer.from(await response.arrayBuffer()),
      };
    },
    register: (phoneNumber: string, at = 'alpha') => call('PUT', `/v1/numbers/${phoneNumber}`, { carrier: at }),

    /** Everything that is stored, but what remembers requests. */
    async contents(): Promise<Record<string, number>> {
      const collections = [
        'messages',
        'numbers',
        'ports',
        'consents',
        'carrierEvents',
        'timelines',
        'inboundTexts',
        'documents',
        'comments',
        'portOuts',
        'textRemovals',
        'webhookEndpoints',
      ];
      const counted = collections.map(
        async (name) => [name, await raw.db(database).collection(name).countDocuments()] as const,
      );
      return Object.fromEntries(await Promise.all(counted));
    },

    /** What is stored of ports, word for word. */
    async documents(): Promise<Record<string, unknown[]>> {
      const read = ['ports', 'consents', 'documents', 'comments', 'portOuts', 'textRemovals'].map(
        async (name) => [name, await raw.db(database).collection(name).find().sort({ _id: 1 }).toArray()] as const,
      );
      return Object.fromEntries(await Promise.all(read));
    },

    async stop(): Promise<void> {
      await close(server, 500);
      await dispatcher.stop(500);
      await intake.idle();
      await raw.db(database).dropDatabase();
      await raw.close();
      await store.close();
    },
  };
}

export type Serving = Awaited<ReturnType<typeof serve>>;

export const text = { from: numbers.own, to: numbers.foreign, text: 'Your code is 4711', kind: 'otp' } as const;

export const portBody = {
  phoneNumbers: [numbers.own],
  losingCarrier: 'alpha',
  gainingCarrier: 'beta',
  messagingPlan: 'move',
  portType: 'full',
  subscriber: {
    name: 'Ada Example',
    accountNumber: 'A-77123',
    pin: '4711',
    serviceAddress: { street: '1 Main St', city: 'Springfield', region: 'IL', postalCode: '62701', country: 'US' },
    authorizedBy: 'Ada Example',
  },
  consent: { evidence: { act: 'signature', name: 'Ada Example' } },
  activation: 'automatic',
} as const;

/** An order that has texts enabled at a carrier that hosts them. */
export const enablement = {
  action: 'enable',
  phoneNumbers: [numbers.own],
  carrier: 'delta',
  losingCarrier: 'alpha',
  subscriber: portBody.subscriber,
  consent: portBody.consent,
} as const;

export const removal = {
  action: 'remove',
  phoneNumbers: [numbers.own],
  carrier: 'delta',
  nextCarrier: null,
  consent: portBody.consent,
} as const;
