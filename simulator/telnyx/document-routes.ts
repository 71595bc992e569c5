import { randomUUID } from 'node:crypto';
import { Router } from 'express';
import { z } from 'zod';
import type { Document, DocumentBook } from './document-book.ts';
import { notFound } from './errors.ts';
import type { Order } from './order.ts';
import type { OrderBook } from './order-book.ts';
import type { OrderLife } from './order-life.ts';
import { pageOf } from './pages.ts';

const upload = z.object({
  file: z.base64(),
  filename: z.string().max(512).default('document'),
  customer_reference: z.string().nullish(),
});

const additions = z.object({
  additional_documents: z
    .array(z.object({ document_id: z.string(), document_type: z.enum(['loa', 'invoice', 'csr', 'other']) }))
    .min(1),
});

/** `/documents`, and the list of those that an order has besides its letter and its invoice. */
export function documentRoutes(documents: DocumentBook, orders: OrderBook, life: OrderLife): Router {
  const router = Router();

  router.post('/documents', (request, response) => {
    const { file, filename, customer_reference } = upload.parse(request.body ?? {});
    const document = documents.upload(Buffer.from(file, 'base64'), filename, customer_reference ?? null);
    response.json({ data: documentView(documents, document) });
  });

  router.get('/documents', (request, response) => {
    const filter = (request.query.filter ?? {}) as { customer_reference?: { eq?: string } };
    const wanted = filter.customer_reference?.eq;
    const found = documents.all().filter((each) => wanted === undefined || each.customerReference === wanted);
    response.json(
      pageOf(
        found.map((each) => documentView(documents, each)),
        request,
      ),
    );
  });

  router.get('/documents/:id', (request, response) => {
    const document = documents.get(request.params.id);
    if (!document) throw notFound('document');
    response.json({ data: documentView(documents, document) });
  });

  router.get('/porting_orders/:id/additional_documents', (request, response) => {
    const order = find(orders, request.params.id);
    response.json(
      pageOf(
        order.additionalDocuments.map((each) => additionalView(order, each, documents)),
        request,
      ),
    );
  });

  router.post('/porting_orders/:id/additional_documents', (request, response) => {
    const order = find(orders, request.params.id);
    const { additional_documents: asked } = additions.parse(request.body ?? {});
    asked.forEach(({ document_id, document_type }, index) => {
      documents.link(document_id, order, document_type, `/additional_documents/${index}/document_id`);
    });
    const now = new Date().toISOString();
    const added = asked.map(({ document_id: documentId, document_type: type }) => ({
      id: randomUUID(),
      documentId,
      type,
      createdAt: now,
    }));
    order.additionalDocuments.push(...added);
    life.changed(order);
    response.status(201).json({ data: added.map((each) => additionalView(order, each, documents)) });
  });

  return router;
}

function find(orders: OrderBook, id: string): Order {
  const order = orders.get(id);
  if (!order) throw notFound('porting order');
  return order;
}

/** `DocServiceDocument` of the SDK. */
function documentView(documents: DocumentBook, document: Document): Record<string, unknown> {
  return {
    record_type: 'document',
    id: document.id,
    filename: document.filename,
    content_type: document.contentType,
    size: { unit: 'bytes', amount: document.size },
    sha256: document.sha256,
    customer_reference: document.customerReference,
    status: documents.status(document),
    av_scan_status: 'scanned',
    created_at: document.createdAt,
    updated_at: document.createdAt,
  };
}

/** `PortingAdditionalDocument` of the SDK. */
function additionalView(
  order: Order,
  { id, documentId, type, createdAt }: Order['additionalDocuments'][number],
  documents: DocumentBook,
): Record<string, unknown> {
  const document = documents.get(documentId);
  return {
    record_type: 'porting_additional_document',
    id,
    document_id: documentId,
    document_type: type,
    porting_order_id: order.id,
    filename: document?.filename,
    content_type: document?.contentType,
    created_at: createdAt,
    updated_at: createdAt,
  };
}
