import { currentUpdateInfo } from '@temporalio/workflow';

/**
 * Whose update is being handled, as the timeline says it. The API names an update after the id of the caller's API key (which says
 * which key, not what it is), so that no input has to carry it.
 */
export function callerOfUpdate(): { readonly by?: { readonly apiKeyId: string } } {
  const [, apiKeyId] = /^upd_([0-9a-f]{16})_/.exec(currentUpdateInfo()?.id ?? '') ?? [];
  return apiKeyId === undefined ? {} : { by: { apiKeyId } };
}
