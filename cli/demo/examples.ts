import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { messageKinds } from '../../domain/message.ts';
import { projectFile } from '../../embedded/project-file.ts';

const cell = z.string().min(1);
const optionalCell = z
  .string()
  .transform((text) => text || undefined)
  .optional();
const phoneNumber = z.string().regex(/^\+[1-9]\d{6,14}$/, 'is no number in E.164');

/** A number to be ported, with the account data as its losing carrier has them. */
const portRow = z.strictObject({
  phoneNumber,
  losingCarrier: cell,
  gainingCarrier: cell,
  entityName: cell,
  authorizedBy: cell,
  accountNumber: cell,
  pin: cell,
  street: cell,
  city: cell,
  region: optionalCell,
  postalCode: cell,
  country: cell,
  rio: optionalCell,
});
export type PortRow = z.output<typeof portRow>;

/** A number of ours. */
const numberRow = z.strictObject({ phoneNumber, carrier: cell, standbySender: optionalCell, brand: optionalCell });
export type NumberRow = z.output<typeof numberRow>;

const consentRow = z.strictObject({
  phoneNumber,
  kinds: z
    .string()
    .transform((text) => (text ? text.split(' ') : undefined))
    .pipe(z.array(z.enum(messageKinds)).optional()),
  basis: z.enum(['express-written', 'express', 'implied']),
  /** `yes`: the person has taken it back. */
  revoked: z.enum(['', 'yes']).transform((text) => text === 'yes'),
});
export type ConsentRow = z.output<typeof consentRow>;

const timed = {
  /** When it is sent, in milliseconds after the first ports are ordered. */
  at: z.int().min(0),
  from: phoneNumber,
  to: phoneNumber,
  /** `{run}` stands for something that tells this run from others on the same stack. */
  text: z.string().min(1),
};
const messageLine = z.discriminatedUnion('direction', [
  z.strictObject({
    ...timed,
    direction: z.literal('outbound'),
    kind: z.enum(messageKinds),
    validitySeconds: z.int().min(1),
  }),
  z.strictObject({ ...timed, direction: z.literal('inbound') }),
]);
export type MessageLine = z.output<typeof messageLine>;
export type OutboundLine = Extract<MessageLine, { direction: 'outbound' }>;
export type InboundLine = Extract<MessageLine, { direction: 'inbound' }>;

/** What the demo plays. */
export interface Examples {
  readonly ports: readonly PortRow[];
  /** All numbers of ours, the ones that are ported among them. */
  readonly numbers: readonly NumberRow[];
  readonly consents: readonly ConsentRow[];
  readonly outbound: readonly OutboundLine[];
  readonly inbound: readonly InboundLine[];
}

/**
 * Reads the input of the demo.
 * @param run replaces `{run}` in the texts
 * @throws Error with the file, the line and what is wrong with it
 */
export async function readExamples(run: string, folder = projectFile('examples')): Promise<Examples> {
  const read = (file: string) => readFile(join(folder, file), 'utf8');
  const rows = async <T extends z.ZodType>(file: string, row: T): Promise<z.output<T>[]> =>
    parse(await read(file), { columns: true, skip_empty_lines: true, trim: true }).map((record, index) =>
      checked(row, record, file, index + 2),
    );
  const [ports, numbers, consents, messages] = await Promise.all([
    rows('ports.csv', portRow),
    rows('numbers.csv', numberRow),
    rows('consents.csv', consentRow),
    read('messages.ndjson'),
  ]);
  const lines = messages
    .split('\n')
    .map((text, index) => ({ text, number: index + 1 }))
    .filter(({ text }) => text.trim() !== '')
    .map(({ text, number }) => checked(messageLine, asJson(text, number), 'messages.ndjson', number))
    .map((line) => ({ ...line, text: line.text.replaceAll('{run}', run) }));
  mustTellApart(lines);
  return {
    ports,
    numbers,
    consents,
    outbound: lines.filter((line) => line.direction === 'outbound'),
    inbound: lines.filter((line) => line.direction === 'inbound'),
  };
}

/** Texts are counted by what stands in them: two that are equal could not be told apart. */
function mustTellApart(lines: readonly MessageLine[]): void {
  const seen = new Set<string>();
  for (const { to, text } of lines) {
    const key = `${to} ${text}`;
    if (seen.has(key)) throw new Error(`messages.ndjson has two equal texts to one number: «${text}». Change one.`);
    seen.add(key);
  }
}

function asJson(text: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`messages.ndjson, line ${line} is not JSON: ${(error as Error).message}`);
  }
}

function checked<T extends z.ZodType>(schema: T, value: unknown, file: string, line: number): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
  throw new Error(`${file}, line ${line}: ${issues.join('; ')}`);
}
