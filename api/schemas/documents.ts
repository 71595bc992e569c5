import { z } from 'zod';
import { documentKinds, documentStates } from '../../domain/document-rules.ts';
import { givenTimestamp, timestamp } from './timestamp.ts';

export const documentParams = z.strictObject({ id: z.string().max(100), documentId: z.string().max(100) });

export const documentQuery = z.strictObject({
  kind: z.enum(documentKinds).meta({
    description: 'loa: letter of authorisation; invoice and csr: of the losing carrier; identity: of the subscriber.',
  }),
});

export const document = z
  .strictObject({
    id: z.string(),
    kind: z.enum(documentKinds),
    contentType: z.string().meta({ description: 'As found in the content.' }),
    bytes: z.int(),
    sha256: z.string().meta({ description: 'Of the content, hex.' }),
    storedAt: timestamp,
    deleteAt: timestamp.meta({ description: 'It is deleted then; the timeline keeps its kind and SHA-256.' }),
    state: z.enum(documentStates),
    stateSince: timestamp,
    carrier: z.string().optional().meta({ description: 'Who it was handed to.' }),
    carrierDocumentId: z.string().optional(),
    signedAt: timestamp.optional(),
    signedTextSha256: z
      .string()
      .optional()
      .meta({ description: 'Of a letter made here: of the text that was signed, hex; it stands in the letter.' }),
    outdated: z
      .boolean()
      .optional()
      .meta({ description: 'Of a letter made here: the data of the port have been supplemented since.' }),
    links: z.strictObject({ content: z.string() }),
  })
  .meta({ id: 'Document' });

export const documentList = z.strictObject({ data: z.array(document) }).meta({ id: 'DocumentList' });
export type DocumentAnswer = z.output<typeof document>;

/** What shows that the letter was signed, and by whom. */
export const loaRequest = z
  .strictObject({
    signature: z.strictObject({
      name: z
        .string()
        .trim()
        .min(1)
        .max(200)
        .meta({ description: 'As it was signed; the same person as `subscriber.authorizedBy`.' }),
      signedAt: givenTimestamp.optional().meta({ description: 'Now, unless told.' }),
      method: z.enum(['typed', 'drawn', 'click', 'sms-code', 'email-link', 'certificate', 'voice', 'wet']).meta({
        description:
          'How the person signed: a typed or drawn name, a click, a code by text, a link by mail, a qualified certificate, a recording, on paper.',
      }),
      ip: z.union([z.ipv4('Not an IP address.'), z.ipv6('Not an IP address.')]).optional(),
      userAgent: z.string().trim().min(1).max(500).optional(),
      reference: z
        .string()
        .trim()
        .min(1)
        .max(200)
        .optional()
        .meta({ description: 'Where the proof is kept, e.g. the id of an envelope at a signing service.' }),
    }),
  })
  .meta({ id: 'LoaRequest' });

export type LoaSignature = z.output<typeof loaRequest>['signature'];
