import express, { type ErrorRequestHandler, type Request, Router } from 'express';
import { ZodError, z } from 'zod';
import type { Inbound } from '../network/inbound.ts';
import type { OrderBook } from '../telnyx/order-book.ts';
import type { OrderLife } from '../telnyx/order-life.ts';
import type { PortOutBook } from '../telnyx/port-out-book.ts';
import { type CarrierId, isCarrierId, NETWORKS } from '../world/networks.ts';
import { quiet, weather } from '../world/presets.ts';
import type { ScenarioPatch } from '../world/scenario.ts';
import type { World } from '../world/world.ts';
import { type Addresses, carriersFile } from './carriers-file.ts';
import { portOutControl } from './port-outs.ts';

const carrierId = z.custom<CarrierId>((id) => typeof id === 'string' && isCarrierId(id), {
  error: `expected one of ${Object.keys(NETWORKS).join(', ')}`,
});
const e164 = z.string().regex(/^\+[1-9]\d{6,14}$/, 'expected E.164 with +');

const documentType = z.enum(['loa', 'invoice', 'csr', 'other']);

const provision = z.strictObject({
  phoneNumber: e164,
  carrier: carrierId,
  accountNumber: z.string().optional(),
  pin: z.string().optional(),
  postalCode: z.string().optional(),
  name: z.string().optional(),
  type: z.enum(['landline', 'local', 'mobile', 'national', 'shared_cost', 'toll_free']).optional(),
  keepsAccepting: z.boolean().optional(),
  keepsNnidMs: z.number().int().min(0).optional(),
  portable: z.boolean().optional(),
  notPortableReason: z.string().optional(),
  messagingCapable: z.boolean().optional(),
  fastPortable: z.boolean().optional(),
  rejections: z.array(z.string()).optional(),
  requiresDocuments: z.array(documentType).optional(),
  deniedDocuments: z.array(documentType).optional(),
});

const routes = z.strictObject({
  voice: z.union([carrierId, z.literal('foreign')]).optional(),
  sms: z.union([carrierId, z.literal('foreign')]).optional(),
  /** How long inbound texts still come through the former carrier too. */
  overlapMs: z.number().int().min(0).default(0),
});

const inboundText = z.strictObject({ from: z.string().min(3), to: e164, text: z.string().min(1) });

/** How tests and demos set the scene and read what came of it. */
export function controlApi(
  world: World,
  inbound: Inbound,
  site: {
    addresses: () => Addresses;
    webhookPublicKey: string;
    undelivered: () => number;
    orders: OrderBook;
    life: OrderLife;
    portOuts: PortOutBook;
    codeOf: (phoneNumber: string) => string | undefined;
  },
): Router {
  const router = Router();
  router.use(express.json({ limit: '20mb' }));

  router.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });

  router.get('/carriers.yaml', (request, response) => {
    const limits = z
      .object({
        sessions: z.coerce.number().int().positive().optional(),
        window: z.coerce.number().int().positive().optional(),
        segmentsPerSecond: z.coerce.number().positive().optional(),
      })
      .parse(request.query);
    const ip = (request.socket.localAddress ?? '127.0.0.1').replace(/^::ffff:/, '');
    response
      .type('application/yaml')
      .send(carriersFile(site.addresses(), request.hostname, ip, site.webhookPublicKey, limits, world.scenario.ports));
  });

  router.get('/scenario', (_request, response) => {
    response.json(world.scenario);
  });
  router.put('/scenario', (request, response) => {
    const { preset = 'quiet', ...patch } = (request.body ?? {}) as ScenarioPatch & { preset?: string };
    const preserved = { webhooks: { url: world.scenario.webhooks.url } };
    const seed = patch.seed ?? world.scenario.seed;
    const base = z.enum(['quiet', 'weather']).parse(preset) === 'weather' ? weather(seed) : quiet(seed);
    world.setScenario({ ...base, webhooks: { ...base.webhooks, ...preserved.webhooks } }, patch);
    response.json(world.scenario);
  });
  router.post('/scenario', (request, response) => {
    response.json(world.setScenario(world.scenario, (request.body ?? {}) as ScenarioPatch));
  });

  router.post('/carriers/:id/down', (request, response) => {
    const id = carrierId.parse(request.params.id);
    world.outages.order(id, z.object({ forMs: z.number().int().min(0) }).parse(request.body).forMs);
    response.status(204).end();
  });

  router.post('/numbers', (request, response) => {
    const list = z.union([provision, z.array(provision)]).parse(request.body);
    const numbers = world.numbers.provision([list].flat());
    response.status(201).json(Array.isArray(list) ? numbers : numbers[0]);
  });
  router.get('/numbers', (_request, response) => {
    response.json(world.numbers.all());
  });
  router.get('/numbers/:phoneNumber', (request, response) => {
    const number = world.numbers.get(request.params.phoneNumber);
    if (!number) response.status(404).json({ error: 'no carrier of the simulator has provisioned this number' });
    else response.json(number);
  });
  router.get('/numbers/:phoneNumber/code', (request, response) => {
    const code = site.codeOf(request.params.phoneNumber);
    if (code === undefined) response.status(404).json({ error: 'no order has sent a code to this number' });
    else response.json({ code });
  });
  router.post('/numbers/:phoneNumber/routes', (request, response) => {
    moveRoutes(world, request);
    response.json(world.numbers.get(request.params.phoneNumber));
  });

  router.get('/orders', (_request, response) => {
    response.json(site.orders.all());
  });
  router.post('/orders/:id/comments', (request, response) => {
    const order = site.orders.get(request.params.id);
    const { body } = z.strictObject({ body: z.string().min(1) }).parse(request.body);
    if (order) response.status(201).json(site.life.comment(order, body, 'admin'));
    else response.status(404).json({ error: 'the REST carrier has no such order: GET /orders lists them' });
  });

  router.post('/texts', (request, response) => {
    const list = [z.union([inboundText, z.array(inboundText)]).parse(request.body)].flat();
    const unknown = list.findIndex(({ to }) => !world.numbers.get(to));
    if (unknown >= 0) {
      response
        .status(422)
        .json({ error: `text ${unknown} is for a number that nobody has provisioned: POST it to /numbers` });
      return;
    }
    for (const text of list) inbound.send(text);
    // Promised is what is in the file: the process may be killed right after the answer.
    world.ledger.flush();
    response.status(202).json({ sent: list.length });
  });

  router.get('/ledger', (request, response) => {
    const since = z.coerce.number().int().min(0).default(0).parse(request.query.since);
    const lines = world.ledger.since(since);
    const wanted = request.query.format ?? request.accepts(['json', 'application/x-ndjson']);
    if (wanted === 'ndjson' || wanted === 'application/x-ndjson') {
      response.type('application/x-ndjson');
      for (const line of lines) response.write(`${line}\n`);
      response.end();
      return;
    }
    response.type('json').write('[');
    let separator = '';
    for (const line of lines) {
      response.write(separator + line);
      separator = ',\n';
    }
    response.end(']');
  });
  router.get('/ledger/summary', (_request, response) => {
    const summary = world.tally.summary(world.ledger.lastSeq, world.strayParts);
    response.json({ ...summary, undeliveredToUs: site.undelivered() });
  });
  router.get('/ledger/texts', (_request, response) => {
    response.json({ outbound: [...world.tally.outbound()], inbound: [...world.tally.inbound()] });
  });

  router.use(portOutControl(site.portOuts));

  router.use(failed);
  return router;
}

function moveRoutes(world: World, request: Request): void {
  const { voice, sms, overlapMs } = routes.parse(request.body);
  const phoneNumber = String(request.params.phoneNumber);
  const now = Date.now();
  if (voice) {
    const spid = voice === 'foreign' ? '9999' : (NETWORKS[voice].spids[0] ?? '');
    // Back with the carrier that it was assigned by, a number needs no routing number.
    const native = world.numbers.get(phoneNumber)?.voice[0]?.carrier === voice;
    world.numbers.moveVoice(phoneNumber, { since: now, carrier: voice, spid, lrn: native ? undefined : phoneNumber });
  }
  if (!sms) return;
  const former = world.numbers.smsRoute(phoneNumber)?.carrier;
  world.numbers.moveSms(phoneNumber, {
    since: now,
    carrier: sms,
    nnid: sms === 'foreign' ? '109999' : NETWORKS[sms].nnid,
    overlap: former && former !== 'foreign' && overlapMs > 0 ? { carrier: former, until: now + overlapMs } : undefined,
  });
}

const failed: ErrorRequestHandler = (error, _request, response, next) => {
  if (response.headersSent) return next(error);
  const status = error instanceof ZodError ? 422 : ((error as { status?: number }).status ?? 500);
  const message = error instanceof ZodError ? z.prettifyError(error) : (error as Error).message;
  response.status(status).json({ error: message });
};
