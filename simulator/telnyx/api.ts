import express, { type ErrorRequestHandler, type RequestHandler, Router } from 'express';
import { ZodError } from 'zod';
import { TELNYX_API_KEY } from '../world/networks.ts';
import type { World } from '../world/world.ts';
import { campaignRoutes } from './campaign-routes.ts';
import type { DocumentBook } from './document-book.ts';
import { documentRoutes } from './document-routes.ts';
import { notFound, TelnyxFailure } from './errors.ts';
import { eventRoutes } from './event-routes.ts';
import type { HostedBook } from './hosted-book.ts';
import { hostedRoutes } from './hosted-routes.ts';
import { messageRoutes } from './message-routes.ts';
import type { Messaging } from './messaging.ts';
import { numberLookupRoutes } from './number-lookup.ts';
import { numberRoutes } from './number-routes.ts';
import type { OptOuts } from './opt-outs.ts';
import type { OrderBook } from './order-book.ts';
import type { OrderLife } from './order-life.ts';
import { orderRoutes } from './order-routes.ts';
import type { PortOutBook } from './port-out-book.ts';
import { portOutRoutes } from './port-out-routes.ts';
import { portabilityCheckRoutes } from './portability-checks.ts';
import { tollFreeRoutes } from './toll-free-routes.ts';
import type { SenderVerifications } from './toll-free-verifications.ts';

/** The REST carrier's API, as its official SDK calls it. */
export function telnyxApi(
  world: World,
  parts: {
    messaging: Messaging;
    optOuts: OptOuts;
    orders: OrderBook;
    life: OrderLife;
    documents: DocumentBook;
    portOuts: PortOutBook;
    hosted: HostedBook;
    verifications: SenderVerifications;
  },
): Router {
  const router = Router();
  // A document of 20 MB is a third larger in base64.
  router.use(authenticated, express.json({ limit: '28mb' }));
  router.use(messageRoutes(parts.messaging, parts.optOuts));
  router.use((_request, _response, next) => {
    if (world.outages.isDown('telnyx')) {
      throw new TelnyxFailure(503, [
        { code: '10007', title: 'Unexpected error', detail: 'The service is unavailable.' },
      ]);
    }
    next();
  });
  router.use(portabilityCheckRoutes(world));
  router.use(eventRoutes(parts.orders));
  router.use(orderRoutes(world, parts.orders, parts.life, parts.documents));
  router.use(documentRoutes(parts.documents, parts.orders, parts.life));
  router.use(numberLookupRoutes(world));
  router.use(portOutRoutes(parts.portOuts));
  router.use(campaignRoutes(world));
  router.use(numberRoutes(world));
  router.use(hostedRoutes(world, parts.hosted));
  router.use(tollFreeRoutes(parts.verifications));
  router.use(() => {
    throw notFound('resource');
  });
  router.use(failed);
  return router;
}

const authenticated: RequestHandler = (request, _response, next) => {
  if (request.get('authorization') !== `Bearer ${TELNYX_API_KEY}`) {
    throw new TelnyxFailure(401, [
      { code: '10009', title: 'Authentication failed', detail: 'The API key is missing or wrong.' },
    ]);
  }
  next();
};

const failed: ErrorRequestHandler = (error, _request, response, next) => {
  if (response.headersSent) return next(error);
  if (error instanceof TelnyxFailure) {
    response.set(error.headers).status(error.status).json({ errors: error.errors });
    return;
  }
  if (error instanceof ZodError) {
    const errors = error.issues.map(({ path, message }) => ({
      code: '10015',
      title: 'Bad Request',
      detail: message,
      source: { pointer: `/${path.join('/')}` },
    }));
    response.status(422).json({ errors });
    return;
  }
  const status = (error as { status?: number }).status ?? 500;
  const code = status === 400 ? '10023' : '10007';
  response.status(status).json({ errors: [{ code, title: 'Request failed', detail: (error as Error).message }] });
};
