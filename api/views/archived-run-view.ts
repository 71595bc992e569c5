import type { z } from 'zod';
import type { ArchivedRunDocument } from '../../store/archived-runs.ts';
import type { archivedRun } from '../schemas/archived-runs.ts';
import { moment } from './moment.ts';

/** What is known of an archived run, without its history. */
export function archivedRunView(document: ArchivedRunDocument): z.output<typeof archivedRun> {
  const { workflowId, runId, type, status, events, sha256 } = document;
  return {
    workflowId,
    runId,
    type,
    status,
    startedAt: moment(document.startedAt),
    closedAt: moment(document.closedAt),
    events,
    sha256,
    archivedAt: moment(document.archivedAt),
  };
}
