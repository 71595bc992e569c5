import type { MessageDocument } from '../store/messages.ts';
import type { Store } from '../store/store.ts';

/**
 * A run that was cut off may have claimed texts that it has not begun to write: they go back into the queue. What it has begun to write is
 * ambiguous (invariant 5).
 * @param carrierId only those of this carrier
 */
export async function takeBackClaims(
  store: Pick<Store, 'messages' | 'claims'>,
  workflowId: string,
  carrierId?: string,
): Promise<void> {
  const claimed = (await store.messages.ofWorkflow(workflowId, ['claimed'])).filter(({ attempts }) => {
    const { carrier, answeredAt } = attempts.at(-1) ?? {};
    return (carrierId === undefined || carrier === carrierId) && answeredAt === undefined;
  });
  const claims = new Map(claimed.flatMap(({ attempts }) => attempts.slice(-1)).map((each) => [each.token, each]));
  const unwritten = new Set<string>();
  for (const { token, claimedAt } of claims.values()) {
    if (await store.claims.giveUp(token, claimedAt)) unwritten.add(token);
  }
  const texts = claimed.filter(({ attempts }) => unwritten.has(attempts.at(-1)?.token ?? ''));
  await store.messages.change(
    texts.map(({ _id }) => _id),
    (message) =>
      message.status === 'claimed' && unwritten.has(message.claimToken ?? '')
        ? { status: 'queued', attempts: withoutClaim(message, message.claimToken) }
        : undefined,
    texts,
  );
}

/** Nothing was written under a claim: it is no attempt. */
export function withoutClaim({ attempts }: MessageDocument, token: string | undefined): MessageDocument['attempts'] {
  return attempts.filter((attempt) => attempt.token !== token);
}
