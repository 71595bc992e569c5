import type { Finding } from './account.ts';
import type { Outcome } from './play.ts';
import type { Product } from './product.ts';
import { tally } from './progress.ts';

/** The account for people. */
export function report({ account, lost, doubled, unknown, texts, ports }: Outcome, product: Product): string {
  const { accepted, delivered, failed, refused, expired } = account;
  const why = (...statuses: string[]) =>
    tally(texts.flatMap(({ status, failure }) => (statuses.includes(status) ? [failure?.code ?? 'no reason'] : [])));
  return [
    '',
    `Texts accepted        ${accepted}`,
    `  = delivered         ${delivered}`,
    `  + failed            ${failed}   ${why('failed', 'unknown')}`,
    `  + refused           ${refused}   ${why('refused')}`,
    `  + expired           ${expired}   ${why('expired')}`,
    `Texts that came in    ${account.inbound}`,
    `Lost                  ${account.lost}`,
    ...lost.map(asLine),
    `Doubled               ${account.doubled}`,
    ...doubled.map(asLine),
    ...(unknown.length > 0 ? ['', 'Without a receipt by their deadline (unknown, counted within failed):'] : []),
    ...unknown.map(
      ({ message, arrived }) =>
        `  ${message.id}  ${message.kind} by ${message.attempts.at(-1)?.carrier ?? 'no carrier'}; by the ledger it ${arrived ? 'arrived' : 'did not arrive'}`,
    ),
    '',
    'Ports',
    ...ports.flatMap((port) => [
      `  ${port.id}  ${port.losingCarrier ?? '?'} → ${port.gainingCarrier}: ${port.status}`,
      ...port.numbers.map(
        ({ phoneNumber, messaging, uncertainMs = 0 }) =>
          `    ${phoneNumber}  texts: ${messaging}, uncertain for ${(uncertainMs / 1000).toFixed(1)} s`,
      ),
      `    timeline  ${product.link(port.links.timeline)}`,
      ...(port.links.workflow === undefined ? [] : [`    workflow  ${port.links.workflow}`]),
    ]),
    '',
  ].join('\n');
}

function asLine({ code, text, seen }: Finding): string {
  return `  ${code}: ${text}${seen ? `; the network saw: ${seen.join(', ') || 'nothing'}` : ''}`;
}
