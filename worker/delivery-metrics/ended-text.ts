import type { EndedText } from '../../domain/delivery-metrics.ts';
import { type FinalStatus, isFinal } from '../../domain/message.ts';
import { costOf } from '../../domain/route-choice/decision.ts';
import type { Ended } from '../../store/messages.ts';
import type { NumberDocument } from '../../store/numbers.ts';

/**
 * What metrics count of a text. Probes count for nothing: no caller wanted them.
 * @param recipient the record of its recipient, if there is one
 */
export function endedText(message: Ended, recipient: NumberDocument | undefined): EndedText | undefined {
  if (message.probe || !isFinal(message.status)) return undefined;
  const first = message.attempts[0];
  const last = message.attempts.at(-1);
  return {
    carrier: last?.carrier ?? 'none',
    // As it was when the text was admitted; one that was never admitted goes by its recipient's record.
    network: message.network ?? networkOf(recipient),
    kind: message.kind,
    ported: recipient?.lookUp?.ported ?? false,
    status: message.status as FinalStatus,
    acceptedAt: message.acceptedAt,
    finalAt: message.finalAt,
    ...(first && { firstClaimedAt: first.claimedAt }),
    ...(last && { lastClaimedAt: last.claimedAt }),
    segments: message.segments,
    attempts: message.attempts.length,
    ...costsOf(message),
    codes: message.attempts.flatMap(({ failure, parts }) => {
      if (!failure) return [];
      const carrierCode = parts?.find(({ code }) => code !== undefined)?.code;
      return [{ code: failure.code, ...(carrierCode !== undefined && { carrierCode: carrierCode.slice(0, 40) }) }];
    }),
  };
}

/** What all attempts cost together; of several currencies the last one's attempts. Prices are in millionths. */
function costsOf({ attempts, decisions }: Ended): Pick<EndedText, 'cost'> {
  const costs = attempts.flatMap((attempt) => costOf(attempt, decisions) ?? []);
  const currency = costs.at(-1)?.currency;
  if (currency === undefined) return {};
  const micros = costs.reduce((sum, cost) => sum + (cost.currency === currency ? cost.micros : 0), 0);
  return { cost: { amount: micros / 1_000_000, currency } };
}

function networkOf(recipient: NumberDocument | undefined): string {
  const spid = recipient?.lookUp?.spid;
  const country = recipient?.country ?? 'unknown';
  return spid === undefined ? country : `${country}/${spid}`;
}
