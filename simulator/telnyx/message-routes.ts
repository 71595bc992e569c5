import { Router } from 'express';
import { z } from 'zod';
import { notFound } from './errors.ts';
import { messageView } from './message.ts';
import type { Messaging } from './messaging.ts';
import type { OptOuts } from './opt-outs.ts';
import { pageOf } from './pages.ts';

const sending = z.object({
  from: z.string().min(1),
  to: z.string().min(1),
  text: z.string().min(1),
  webhook_url: z.string().nullish(),
});

/** `/messages` and `/messaging_optouts`. */
export function messageRoutes(messaging: Messaging, optOuts: OptOuts): Router {
  const router = Router();

  router.post('/messages', async (request, response) => {
    const { from, to, text, webhook_url } = sending.parse(request.body ?? {});
    const acceptance = messaging.send({ from, to, text, webhookUrl: webhook_url });
    if (!acceptance) {
      request.socket.destroy();
      return;
    }
    // What is answered is the text as it was taken, whatever has become of it since.
    const answer = { data: messageView(acceptance.message) };
    await acceptance.ready;
    const { loss } = acceptance.lots;
    if (loss === 'before-answer') {
      request.socket.destroy();
      return;
    }
    // The client's own time-out ends the call.
    if (loss === 'no-answer') return;
    if (loss === 'after-answer') response.setHeader('connection', 'close');
    response.json(answer);
  });

  router.get('/messages/:id', (request, response) => {
    const message = messaging.get(request.params.id);
    if (!message) throw notFound('message');
    response.json({ data: messageView(message) });
  });

  router.get('/messaging_optouts', (request, response) => {
    const filter = (request.query.filter ?? {}) as { from?: string };
    const asked = optOuts.all().filter(({ from }) => filter.from === undefined || from === filter.from);
    const list = asked.map(({ from, to, keyword, createdAt }) => ({
      from,
      to,
      keyword,
      messaging_profile_id: null,
      created_at: createdAt,
    }));
    response.json(pageOf(list, request));
  });

  return router;
}
