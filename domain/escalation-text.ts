import texts from './facts/escalation-texts.json' with { type: 'json' };

const reasons: Readonly<Record<string, string | undefined>> = texts.reasons;

/** The reasons that have a wording of their own. */
export const escalationReasons: readonly string[] = Object.keys(texts.reasons);

/**
 * What a carrier is told about an order that is stuck; names ids, no person and no number.
 * @param reason a code; one without a wording is named as it is
 * @param level 0 the first time
 */
export function escalationText(about: {
  reason: string;
  level: number;
  orderId: string | undefined;
  portId: string;
}): string {
  const { reason, level, orderId, portId } = about;
  const opening =
    level === 0
      ? texts.opening[0]
      : level === 1
        ? texts.opening[1]
        : texts.opening.more.replace('{count}', `${level + 1}`);
  const request = reasons[reason] ?? texts.other.replace('{reason}', reason);
  const reference = orderId === undefined ? `Our reference: ${portId}.` : `Order ${orderId}, our reference ${portId}.`;
  return `${opening} ${request} ${reference}`;
}
