import express, { type Router } from 'express';
import classes from '../../domain/facts/delivery-classes.json' with { type: 'json' };
import { tableCodes } from '../views/delivery-code-view.ts';

const names: Readonly<Record<string, string>> = {
  smpp: 'SMPP command_status',
  map: 'GSM MAP causes',
  telnyx: 'Telnyx',
  twilio: 'Twilio',
  bandwidth: 'Bandwidth',
  sinch: 'Sinch',
  http: 'HTTP',
  'receipt-state': 'States of receipts',
};

/** The catalogue of delivery codes as a page, made of the very tables that texts are judged by. What operators have said is not in it. */
export function deliveryCodePage(): Router {
  const html = page();
  const router = express.Router();
  router.get('/docs/delivery-codes', (_req, res) => {
    res.set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'");
    res.type('html').send(html);
  });
  return router;
}

function page(): string {
  const lists = [...new Set(tableCodes.map(({ vocabulary }) => vocabulary))];
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Port SMS: delivery codes</title>
    <style>
      body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
      table { border-collapse: collapse; width: 100%; margin-bottom: 2rem; }
      th, td { border-bottom: 1px solid #ccc; padding: .3rem .6rem; text-align: left; vertical-align: top; }
      code { white-space: nowrap; }
    </style>
  </head>
  <body>
    <h1>Delivery codes</h1>
    <p>What each code of a carrier means here. The same as data: <code>GET /v1/delivery-codes</code>. A code that is not listed is shown as it
    came, and is tried once more before it is believed.</p>
    <h2>Classes</h2>
    ${table(
      ['class', 'what is done', 'at most so long before each further try'],
      classes.rows.map((row) => [code(row.class), text(row.action), text(row.waitsMs.map(seconds).join(', ') || '–')]),
    )}
    ${lists
      .map(
        (list) => `<h2 id="${list}">${text(names[list] ?? list)}</h2>
    ${table(
      ['code', 'ours', 'class', 'fault', 'port', 'meaning', 'source'],
      tableCodes
        .filter(({ vocabulary }) => vocabulary === list)
        .map((row) => [
          code(row.code),
          code(row.ours),
          code(row.class),
          text(row.fault),
          row.portRelated ? 'yes' : '',
          text(row.meaning),
          `${text(row.source)} (${row.confidence})`,
        ]),
    )}`,
      )
      .join('\n    ')}
    <p>R: read at its source. K: standard fact. U: uncertain.</p>
  </body>
</html>
`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: 'th' | 'td') =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
  return `<table>\n${[line(head, 'th'), ...rows.map((cells) => line(cells, 'td'))].join('\n')}\n</table>`;
}

const code = (value: string) => `<code>${text(value)}</code>`;
const seconds = (ms: number) => `${ms / 1000} s`;

function text(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
