import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import type { Operation } from './operation.ts';
import { type ProblemCode, problemCodes } from './problem-codes.ts';
import { problemAnswer } from './schemas/problem.ts';

type Parameters = NonNullable<RouteConfig['request']>['params'];

/** What any call can be answered with, besides its own problems. */
const commonProblems: readonly ProblemCode[] = [
  'unauthorized',
  'invalid-request',
  'store-unavailable',
  'internal-error',
];
const bodyProblems: readonly ProblemCode[] = ['malformed-json', 'body-too-large', 'unsupported-media-type'];
const idempotencyProblems: readonly ProblemCode[] = ['idempotency-key-invalid', 'idempotency-key-reused'];

const idempotencyKey = z
  .string()
  .optional()
  .meta({ description: 'Makes the request safe to repeat: the same key and body give the first answer again.' });

/** The OpenAPI 3.1 document, from the very schemas that validate. */
export function openApiDocument(operations: readonly Operation[], publicUrl: string) {
  const registry = new OpenAPIRegistry();
  const bearer = registry.registerComponent('securitySchemes', 'apiKey', { type: 'http', scheme: 'bearer' });
  for (const each of operations) registry.registerPath({ ...describe(each), security: [{ [bearer.name]: [] }] });
  for (const each of unguarded) registry.registerPath(each);
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Port SMS',
      version: '1',
      description: 'Moves phone numbers between carriers and carries every text through the move.',
    },
    servers: [{ url: publicUrl }],
  });
}

function describe(each: Operation): RouteConfig {
  const isPost = each.method === 'post';
  const answers = Object.entries(each.answers).map(([status, { description, schema, bytesAs, alsoAs }]) => [
    status,
    {
      description,
      content: bytesAs
        ? asBytes(bytesAs)
        : {
            'application/json': { schema },
            ...Object.fromEntries([alsoAs ?? []].flat().map((type) => [type, { schema: z.string() }])),
          },
    },
  ]);
  const problems = [
    ...commonProblems,
    ...(each.body ? bodyProblems : []),
    ...(each.reads ? (['body-too-large', 'unsupported-media-type'] as const) : []),
    ...(isPost ? idempotencyProblems : []),
    ...(isPost && each.idempotency !== 'by-document' ? (['request-in-progress'] as const) : []),
    ...(each.problems ?? []),
  ];
  return {
    method: each.method,
    path: each.path.replace(/:(\w+)/g, '{$1}'),
    operationId: operationId(each),
    summary: each.summary,
    ...(each.description && { description: each.description }),
    tags: [each.tag],
    request: {
      ...(each.params && { params: each.params as Parameters }),
      ...(each.query && { query: each.query as Parameters }),
      ...(each.body && { body: { required: true, content: { 'application/json': { schema: each.body } } } }),
      ...(each.bytes && { body: { required: true, content: asBytes(each.bytes.types) } }),
      ...(each.reads && { body: { required: true, content: asText(each.reads) } }),
      ...(isPost && { headers: z.object({ 'Idempotency-Key': idempotencyKey }) }),
    },
    responses: { ...problemAnswers(problems), ...Object.fromEntries(answers) },
  };
}

/** Text of one of these types, read line by line. */
function asText(types: readonly string[]) {
  return Object.fromEntries(types.map((type) => [type, { schema: z.string() }]));
}

/** A file of one of these types. */
function asBytes(types: readonly string[]) {
  return Object.fromEntries(types.map((type) => [type, { schema: { type: 'string' as const, format: 'binary' } }]));
}

/** One answer per status, which names the codes that it can carry. */
function problemAnswers(codes: readonly ProblemCode[]): RouteConfig['responses'] {
  const named = new Set(codes);
  const statuses = new Set([...named].map((code) => problemCodes[code].status));
  return Object.fromEntries(
    [...statuses].map((status) => {
      const shared = [...named].filter((code) => problemCodes[code].status === status);
      return [
        status,
        {
          description: shared.map((code) => `\`${code}\`: ${problemCodes[code].title}.`).join(' '),
          content: { 'application/problem+json': { schema: problemAnswer } },
        },
      ];
    }),
  );
}

/** E.g. `postPortsIdCancel`. */
function operationId({ method, path }: Operation): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word && word !== 'v1');
  return method + words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join('');
}

const unguarded: readonly RouteConfig[] = [
  {
    method: 'post',
    path: '/webhooks/carriers/{carrier}',
    operationId: 'postCarrierWebhook',
    summary: 'What a carrier tells; signed in its own way',
    tags: ['Carriers'],
    request: {
      params: z.strictObject({ carrier: z.string() }),
      body: { content: { 'application/json': { schema: z.unknown() } } },
    },
    responses: {
      ...problemAnswers([
        'unknown-carrier',
        'webhook-not-supported',
        'webhook-signature-invalid',
        'webhook-too-old',
        'webhook-malformed',
        'body-too-large',
        'store-unavailable',
      ]),
      200: {
        description: 'Everything in it is stored.',
        content: { 'application/json': { schema: z.strictObject({ received: z.int() }) } },
      },
    },
  },
  {
    method: 'get',
    path: '/healthz',
    operationId: 'getHealth',
    summary: 'Whether the process is alive',
    tags: ['Operation'],
    responses: { 200: { description: 'It is.' } },
  },
  {
    method: 'get',
    path: '/readyz',
    operationId: 'getReadiness',
    summary: 'Whether database and workflow engine answer',
    tags: ['Operation'],
    responses: { 200: { description: 'They do.' }, 503: { description: 'One of them does not; the body names it.' } },
  },
  {
    method: 'get',
    path: '/metrics',
    operationId: 'getMetrics',
    summary: 'Metrics for Prometheus',
    tags: ['Operation'],
    responses: { 200: { description: 'Text exposition format.', content: { 'text/plain': { schema: z.string() } } } },
  },
];
