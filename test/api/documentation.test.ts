import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemCodes } from '../../api/problem-codes.ts';
import { type Serving, serve } from './serving.ts';

let api: Serving;
beforeAll(async () => {
  api = await serve();
});
afterAll(() => api.stop());

interface Described {
  readonly responses: Record<string, { content?: Record<string, unknown> }>;
  readonly requestBody?: { content: Record<string, { schema: unknown }> };
  readonly parameters?: { name: string; in: string }[];
  readonly security?: unknown;
}

describe('/openapi.json', () => {
  it('is OpenAPI 3.1, whole: every reference leads somewhere', async () => {
    const { body } = await api.get('/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    const references = [...JSON.stringify(body).matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)];
    expect(references.length).toBeGreaterThan(20);
    for (const [, kind = '', name = ''] of references) expect(body.components[kind]).toHaveProperty(name);
  });

  it('describes every call that is served, and serves every call that it describes', async () => {
    const { body } = await api.get('/openapi.json');
    const paths = Object.entries(body.paths as Record<string, Record<string, Described>>);
    expect(paths.length).toBeGreaterThan(15);
    for (const [path, methods] of paths) {
      for (const method of Object.keys(methods)) {
        const answer = await api.call(
          method.toUpperCase(),
          path.replace(/\{\w+\}/g, 'x'),
          method === 'get' ? undefined : {},
        );
        expect(answer.body?.code, `${method} ${path}`).not.toBe('not-found');
        if (path.startsWith('/v1/')) {
          const unasked = await api.call(method.toUpperCase(), path, undefined, { authorization: '' });
          expect(unasked.status, `${method} ${path} without a key`).toBe(401);
          expect(methods[method]?.security).toBeDefined();
        }
      }
    }
  });

  it('says of a POST that it is safe to repeat, and names its problems', async () => {
    const { body } = await api.get('/openapi.json');
    const send: Described = body.paths['/v1/messages'].post;
    expect(send.parameters).toContainEqual(expect.objectContaining({ name: 'Idempotency-Key', in: 'header' }));
    expect(Object.keys(send.responses)).toEqual(expect.arrayContaining(['202', '401', '413', '422']));
    expect(JSON.stringify(send.responses['422'])).toContain('sender-not-owned');
    expect(send.responses['422']?.content).toHaveProperty('application/problem+json');
    expect(body.components.schemas.Problem.properties.code.enum).toEqual(Object.keys(problemCodes));
  });
});

describe('/docs', () => {
  it('is where who opens the bare address gets', async () => {
    const { status, body } = await api.get('/');
    expect(status).toBe(200);
    expect(body).toBe((await api.get('/docs')).body);
  });

  it('loads nothing from elsewhere', async () => {
    const { body, headers } = await api.get('/docs');
    expect(body).not.toMatch(/https?:\/\//);
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    const loaded = [...String(body).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '');
    expect(loaded).toHaveLength(4);
    for (const path of loaded) expect((await api.get(path)).status, path).toBe(200);
  });
});

describe('health', () => {
  it('is alive, and ready when everything that it needs answers', async () => {
    expect((await api.get('/healthz')).body).toEqual({ status: 'alive' });
    expect(await api.get('/readyz')).toMatchObject({
      status: 200,
      body: { status: 'ready', checks: { store: 'ready' } },
    });
  });

  it('names what does not answer, and does not wait for it forever', async () => {
    const checks = {
      store: async () => undefined,
      engine: () => new Promise(() => {}),
      other: () => Promise.reject(new Error('no')),
    };
    const unready = await serve(() => ({ checks }));
    const answer = await unready.get('/readyz');
    expect(answer).toMatchObject({
      status: 503,
      body: { status: 'not-ready', checks: { store: 'ready', engine: 'not-ready', other: 'not-ready' } },
    });
    await unready.stop();
  });
});
