import express, { type Router } from 'express';
import swaggerUiFolder from 'swagger-ui-dist/absolute-path.js';

const title = 'Port SMS API';

/** The page loads everything from here: it works without the internet. */
const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title}</title>
    <link rel="stylesheet" href="/docs/assets/swagger-ui.css">
    <link rel="icon" href="/docs/assets/favicon-32x32.png">
  </head>
  <body>
    <div id="api"></div>
    <script src="/docs/assets/swagger-ui-bundle.js"></script>
    <script src="/docs/open.js"></script>
  </body>
</html>
`;
const script = "SwaggerUIBundle({ url: '/openapi.json', dom_id: '#api', deepLinking: true });\n";

/** /openapi.json, and /docs to read it and try it, to which who opens the bare address is led. @param document makes the OpenAPI document, when it is asked for first */
export function documentationRoutes(document: () => object): Router {
  const router = express.Router();
  let made: object | undefined;
  router.get('/', (_req, res) => {
    res.redirect('/docs');
  });
  router.get('/openapi.json', (_req, res) => {
    made ??= document();
    res.json(made);
  });
  router.get('/docs', (_req, res) => {
    res.set('Content-Security-Policy', "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:");
    res.type('html').send(html);
  });
  router.get('/docs/open.js', (_req, res) => {
    res.type('js').send(script);
  });
  router.use('/docs/assets', express.static(swaggerUiFolder(), { index: false, maxAge: '1h' }));
  return router;
}
