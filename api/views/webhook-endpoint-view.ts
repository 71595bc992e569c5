import type { Vault } from '../../store/vault.ts';
import type { WebhookDeliveryDocument } from '../../store/webhook-deliveries.ts';
import type { WebhookEndpointDocument } from '../../store/webhook-endpoints.ts';
import type { DeliveryAnswer, WebhookEndpointAnswer } from '../schemas/webhook-endpoints.ts';
import { moment } from './moment.ts';

/** An endpoint as its owner sees it, without its secrets. */
export function webhookEndpointView(document: WebhookEndpointDocument, vault: Vault, now: Date): WebhookEndpointAnswer {
  const { _id: id, disabled, failing } = document;
  return {
    id,
    url: vault.open(document.url),
    events: document.events && [...document.events],
    description: document.description && vault.open(document.description),
    status: disabled ? 'disabled' : failing ? 'failing' : 'active',
    disabledAt: moment(disabled?.at),
    disabledBy: disabled?.by,
    failingSince: moment(failing?.since),
    nextTryAt: moment(failing?.nextTryAt),
    lastError: failing?.error,
    secretsInUse: document.secrets.filter(({ until }) => until === undefined || until > now).length,
    createdAt: moment(document.createdAt),
    updatedAt: moment(document.updatedAt),
    links: { self: `/v1/webhook-endpoints/${id}`, deliveries: `/v1/webhook-endpoints/${id}/deliveries` },
  };
}

/** @param endpoint while it fails as a whole, nothing is tried before its next try */
export function deliveryView(
  document: WebhookDeliveryDocument,
  endpoint: Pick<WebhookEndpointDocument, 'failing'>,
): DeliveryAnswer {
  const { nextTryAt } = document;
  const endpointTryAt = endpoint.failing?.nextTryAt;
  return {
    eventId: document.eventId,
    type: document.type,
    subject: document.subject,
    status: document.status,
    attempts: document.attempts,
    firstAttemptAt: moment(document.firstAttemptAt),
    lastAttemptAt: moment(document.at),
    nextTryAt: moment(nextTryAt && endpointTryAt && endpointTryAt > nextTryAt ? endpointTryAt : nextTryAt),
    lastAnswer: document.answer,
    lastError: document.error,
  };
}
