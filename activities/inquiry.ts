import { createHash } from 'node:crypto';
import type { ReceiptEvent } from '../carriers/carrier.ts';
import { CarrierUnavailable } from '../carriers/errors.ts';
import type { InquiredPart, PartFinding } from '../carriers/message-inquiry.ts';
import { inquiryDueAt, openParts } from '../domain/inquiry.ts';
import { finalReceiptStates } from '../domain/message.ts';
import type { MessageDocument } from '../store/messages.ts';
import { currentWorkflow } from './current-workflow.ts';
import type { Outlook } from './interfaces.ts';
import { canBeAsked, outlookOf } from './outlook.ts';
import type { SubmissionDependencies } from './submission.ts';

/** Texts that are asked about between two writes to the store. */
const portion = 16;
/** A run asks for so long at most; what is left is due again at once. Well under what the workflow gives it. */
const longestRunMs = 6_000;

interface Question {
  readonly part: InquiredPart;
  readonly carrierMessageId: string;
}

/**
 * Settles texts that are silent: their carrier is asked by the id that it gave, and what it says is stored and applied like a receipt. That it
 * was asked is written before, so that one who never answers is asked no more often than the rules say (domain/inquiry.ts).
 */
export function createInquiry(deps: Pick<SubmissionDependencies, 'store' | 'intake' | 'carriers'>) {
  const { store, intake } = deps;

  /** Notes that these are being asked about. @returns those that are due still: nobody else asks about them now */
  async function begin(texts: readonly MessageDocument[]): Promise<MessageDocument[]> {
    const now = new Date();
    return store.messages.change(
      texts.map((message) => message._id),
      (message) => {
        const due = inquiryDueAt(message);
        const last = message.attempts.length - 1;
        const attempt = message.attempts[last];
        if (!due || due > now || !attempt) return undefined;
        return { attempts: message.attempts.with(last, { ...attempt, askedAt: now }) };
      },
      texts,
    );
  }

  async function questionsAbout(texts: readonly MessageDocument[]): Promise<Question[]> {
    const senders = await store.numbers.findMany(
      texts.flatMap(({ route }) => (route?.viaStandby ? [route.sender.key] : [])),
    );
    return texts.flatMap((message) => {
      const attempt = message.attempts.at(-1);
      const via = message.route?.viaStandby ? senders.get(message.route.sender.key)?.number : undefined;
      const from = store.vault.open(via ?? message.from);
      return (attempt ? openParts(attempt) : []).map(({ carrierMessageId, givenId = carrierMessageId }) => ({
        part: { givenId, from },
        carrierMessageId,
      }));
    });
  }

  return async (carrierId: string): Promise<Outlook> => {
    const { workflowId } = currentWorkflow();
    const inquiry = deps.carriers.get(carrierId)?.inquiry;
    if (inquiry) {
      const now = new Date();
      const silent = (await store.messages.ofWorkflow(workflowId, ['submitted', 'claimed'])).filter((message) => {
        const due = inquiryDueAt(message);
        return message.attempts.at(-1)?.carrier === carrierId && due !== undefined && due <= now;
      });
      const stopAt = performance.now() + longestRunMs;
      for (let from = 0; from < silent.length && performance.now() < stopAt; from += portion) {
        const questions = await questionsAbout(await begin(silent.slice(from, from + portion)));
        const findings = await inquiry.ask(questions.map(({ part }) => part)).catch((error: unknown) => {
          // Asked in vain; the receipt may still come.
          if (error instanceof CarrierUnavailable) return [];
          throw error;
        });
        await intake.receive(
          carrierId,
          questions.flatMap((question, index) => asReceipt(question, findings[index])),
        );
      }
    }
    return outlookOf(await store.messages.standingOf(workflowId), new Date(), canBeAsked(deps.carriers));
  };
}

/** Only an end is news. It has the same id each time it is told: it is taken once. */
function asReceipt({ part, carrierMessageId }: Question, finding: PartFinding | undefined): ReceiptEvent | readonly [] {
  if (!finding || !finalReceiptStates.includes(finding.state)) return [];
  const content = JSON.stringify([carrierMessageId, finding.state, finding.code]);
  return {
    type: 'receipt',
    eventId: `asked-${createHash('sha256').update(content).digest('base64url').slice(0, 27)}`,
    at: new Date().toISOString(),
    raw: finding.raw,
    carrierMessageId,
    from: part.from,
    state: finding.state,
    ...(finding.code !== undefined && { code: finding.code }),
  };
}
