import { Context } from '@temporalio/activity';
import type { Store } from '../store/store.ts';
import { currentWorkflow } from './admission.ts';
import { takeBackClaims } from './claims-taken-back.ts';
import type { AdmissionActivities, LoneTextActivities, SubmissionActivities } from './interfaces.ts';
import type { SubmissionDesk } from './submission-desk.ts';

/**
 * Carries a lone text from its workflow to its carrier in one step, where this process may submit it: a task queue's part in it, and a task of the
 * workflow between admission and submission, take as long as all that is done about the text.
 */
export function createLoneTextActivities(deps: {
  readonly store: Pick<Store, 'messages' | 'claims'>;
  readonly admission: Pick<AdmissionActivities, 'admit'>;
  readonly submission: Pick<SubmissionActivities, 'submit'>;
  readonly desk: Pick<SubmissionDesk, 'isFree'>;
}): LoneTextActivities {
  return {
    async admitAndSubmit(input) {
      // Whoever goes on may be no run after another one: what was claimed and not written is given up here.
      if (Context.current().info.attempt > 1) await takeBackClaims(deps.store, currentWorkflow().workflowId);
      const outlook = await deps.admission.admit(input);
      const [carrier] = outlook.carriers;
      if (carrier === undefined || outlook.reviewDue || !deps.desk.isFree(carrier)) return outlook;
      return deps.submission.submit({ carrier });
    },
  };
}
