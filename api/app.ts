import express, { type Express } from 'express';
import type { Logger } from 'pino';
import { arrivesInTime } from './arrival.ts';
import { authenticate } from './authentication.ts';
import { closesWhenRead } from './closing.ts';
import { timelineOfCallers } from './current-caller.ts';
import { createIdempotency } from './idempotency.ts';
import { readJson } from './json-body.ts';
import { logRequests } from './logging.ts';
import { createMessageBatcher } from './message-batcher.ts';
import type { Metrics } from './metrics.ts';
import { openApiDocument } from './openapi.ts';
import { refuseOtherMethods, serve } from './operation.ts';
import { problemHandler, unknownRoute } from './problem.ts';
import { campaignStopOperations } from './routes/campaign-stops.ts';
import { carrierEventOperations } from './routes/carrier-events.ts';
import { carrierWebhooks } from './routes/carrier-webhooks.ts';
import { commentOperations } from './routes/comments.ts';
import { consentEvidenceOperations } from './routes/consent-evidence.ts';
import { consentFileOperations } from './routes/consent-files.ts';
import { consentOperations } from './routes/consents.ts';
import { deliveryCodePage } from './routes/delivery-code-page.ts';
import { deliveryCodeOperations } from './routes/delivery-codes.ts';
import { deliveryMetricOperations } from './routes/delivery-metrics.ts';
import { documentationRoutes } from './routes/documentation.ts';
import { documentOperations } from './routes/documents.ts';
import { healthRoutes } from './routes/health.ts';
import { messageBatchOperations } from './routes/message-batches.ts';
import { messageFeedbackOperations } from './routes/message-feedback.ts';
import { messageOperations } from './routes/messages.ts';
import { messagingOrderOperations } from './routes/messaging-orders.ts';
import { numberOperations } from './routes/numbers.ts';
import { optOutMoveOperations } from './routes/opt-out-moves.ts';
import { portAuditOperations } from './routes/port-audit.ts';
import { checklistOperations } from './routes/port-checklist.ts';
import { portImportOperations } from './routes/port-import.ts';
import { portOutOperations } from './routes/port-outs.ts';
import { portPlanOperations } from './routes/port-plans.ts';
import { textLedgerOperations } from './routes/port-text-ledger.ts';
import { portabilityOperations } from './routes/portability-checks.ts';
import { portOperations } from './routes/ports.ts';
import { revocationOperations } from './routes/revocations.ts';
import { subjectOperations } from './routes/subjects.ts';
import { suppressionOperations } from './routes/suppressions.ts';
import { webhookEndpointOperations } from './routes/webhook-endpoints.ts';

type Needs<Part extends (dependencies: never) => unknown> = Parameters<Part>[0];

export type AppDependencies = Omit<Needs<typeof messageOperations>, 'storeMessage'> &
  Needs<typeof portabilityOperations> &
  Needs<typeof portOperations> &
  Needs<typeof numberOperations> &
  Needs<typeof consentOperations> &
  Needs<typeof portOutOperations> &
  Needs<typeof carrierWebhooks> &
  Needs<typeof documentOperations> &
  Needs<typeof commentOperations> &
  Needs<typeof checklistOperations> &
  Needs<typeof messagingOrderOperations> &
  Needs<typeof portAuditOperations> &
  Needs<typeof carrierEventOperations> &
  Needs<typeof webhookEndpointOperations> &
  Needs<typeof subjectOperations> &
  Needs<typeof deliveryCodeOperations> &
  Needs<typeof deliveryMetricOperations> &
  Needs<typeof suppressionOperations> &
  Needs<typeof campaignStopOperations> &
  Needs<typeof revocationOperations> &
  Needs<typeof consentFileOperations> &
  Needs<typeof optOutMoveOperations> &
  Needs<typeof textLedgerOperations> &
  Needs<typeof messageBatchOperations> &
  Needs<typeof messageFeedbackOperations> &
  Pick<Needs<typeof healthRoutes>, 'checks'> & {
    readonly store: Parameters<typeof createIdempotency>[0];
    readonly metrics: Metrics;
    readonly logger: Logger;
    readonly apiKeys: readonly string[];
    readonly publicUrl: string;
  };

/** The API: every resource is a list of operations, in a file of its own under routes/. */
export function createApp(given: AppDependencies): Express {
  const dependencies = { ...given, store: { ...given.store, timeline: timelineOfCallers(given.store.timeline) } };
  const { store, carriers, metrics, logger, apiKeys, bodyLimitBytes, publicUrl } = dependencies;
  const operations = [
    ...messageOperations({ ...dependencies, storeMessage: createMessageBatcher(store, carriers) }),
    ...portabilityOperations(dependencies),
    ...portOperations(dependencies),
    ...numberOperations(dependencies),
    ...consentOperations(dependencies),
    ...documentOperations(dependencies),
    ...commentOperations(dependencies),
    ...portOutOperations(dependencies),
    ...checklistOperations(dependencies),
    ...portPlanOperations(dependencies),
    ...portImportOperations(dependencies),
    ...messagingOrderOperations(dependencies),
    ...portAuditOperations(dependencies),
    ...carrierEventOperations(dependencies),
    ...webhookEndpointOperations(dependencies),
    ...subjectOperations(dependencies),
    ...deliveryCodeOperations(dependencies),
    ...deliveryMetricOperations(dependencies),
    ...suppressionOperations(dependencies),
    ...campaignStopOperations(dependencies),
    ...consentEvidenceOperations(dependencies),
    ...revocationOperations(dependencies),
    ...consentFileOperations(dependencies),
    ...optOutMoveOperations(dependencies),
    ...textLedgerOperations(dependencies),
    ...messageBatchOperations(dependencies),
    ...messageFeedbackOperations(dependencies),
  ];

  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(closesWhenRead);
  app.use(arrivesInTime(new Set(operations.flatMap((each) => (each.reads ? [each.path] : [])))));
  app.use(metrics.measure);
  app.use(logRequests(logger));

  const steps = {
    authenticate: authenticate(apiKeys),
    readJson: (leastLimitBytes = 0) => readJson(Math.max(bodyLimitBytes, leastLimitBytes)),
    idempotency: createIdempotency(store),
  };
  const router = express.Router();
  for (const each of operations) serve(router, each, steps);
  refuseOtherMethods(router, operations);
  // Most requests are for one of these two.
  app.use(carrierWebhooks(dependencies));
  app.use(router);
  app.use(healthRoutes(dependencies));
  app.use(documentationRoutes(() => openApiDocument(operations, publicUrl)));
  app.use(deliveryCodePage());

  app.use(unknownRoute);
  app.use(problemHandler(logger));
  return app;
}
