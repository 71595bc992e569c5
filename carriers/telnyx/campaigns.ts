import type Telnyx from 'telnyx';
import { NotFoundError } from 'telnyx';
import type { CampaignAnswer, CampaignClient } from '../carrier.ts';
import { CarrierRefused } from '../errors.ts';
import { asCarrierError } from './failure.ts';

type Assignment = Telnyx.Messaging10dlc.PhoneNumberCampaign;

const answers: Readonly<Record<NonNullable<Assignment['assignmentStatus']>, CampaignAnswer>> = {
  ASSIGNED: 'attached',
  PENDING_ASSIGNMENT: 'pending',
  PENDING_UNASSIGNMENT: 'pending',
  FAILED_ASSIGNMENT: 'refused',
  FAILED_UNASSIGNMENT: 'refused',
};

/** Attaches numbers to 10DLC campaigns. */
export class TelnyxCampaigns implements CampaignClient {
  readonly #carrier: string;
  readonly #client: Telnyx;

  constructor(carrier: string, client: Telnyx) {
    this.#carrier = carrier;
    this.#client = client;
  }

  async attach(phoneNumber: string, campaignId: string): Promise<CampaignAnswer> {
    const { phoneNumberCampaigns } = this.#client.messaging10dlc;
    try {
      const known = await this.#assignmentOf(phoneNumber);
      if (known?.campaignId === campaignId && known.assignmentStatus !== 'FAILED_ASSIGNMENT') return answerOf(known);
      // A number has one campaign: an assignment to another one, or one that has failed, is replaced.
      return answerOf(
        known
          ? await phoneNumberCampaigns.update(phoneNumber, { campaignId, phoneNumber })
          : await phoneNumberCampaigns.create({ campaignId, phoneNumber }),
      );
    } catch (error) {
      const failure = asCarrierError(error, this.#carrier, 'attach a number to its campaign');
      if (failure instanceof CarrierRefused) return 'refused';
      throw failure;
    }
  }

  async #assignmentOf(phoneNumber: string): Promise<Assignment | undefined> {
    try {
      return await this.#client.messaging10dlc.phoneNumberCampaigns.retrieve(phoneNumber);
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }
}

/** Without a status it was taken, and nothing more is known. */
function answerOf({ assignmentStatus }: Assignment): CampaignAnswer {
  return assignmentStatus ? answers[assignmentStatus] : 'pending';
}
