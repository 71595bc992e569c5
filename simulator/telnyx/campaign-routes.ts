import { Router } from 'express';
import { z } from 'zod';
import type { World } from '../world/world.ts';
import { notFound, unprocessable } from './errors.ts';

/** How the account's numbers are attached to 10DLC campaigns. */
interface Assignment {
  readonly phoneNumber: string;
  readonly campaignId: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Milliseconds since 1970; pending until then. */
  readonly assignedAt: number;
}

/** How long the registry takes. */
const REGISTRY_MS = 1500;
/** An id that begins so names a campaign that the registry refuses. */
const REFUSED = 'FAIL';

const body = z.object({ phoneNumber: z.string(), campaignId: z.string().min(1) });

/** `/10dlc/phone_number_campaigns`: which campaign each number is attached to. Only numbers that are here can be. */
export function campaignRoutes(world: World): Router {
  const router = Router();
  const assignments = new Map<string, Assignment>();
  for (const kept of world.state.keep('campaigns', () => [...assignments.values()]) ?? []) {
    assignments.set(kept.phoneNumber, kept);
  }

  const assign = (asked: unknown): Assignment => {
    const { phoneNumber, campaignId } = body.parse(asked);
    const { numbers } = world;
    // A number whose texts alone are here has its campaign here, too.
    if (numbers.voiceCarrier(phoneNumber) !== 'telnyx' && numbers.smsRoute(phoneNumber)?.carrier !== 'telnyx') {
      throw unprocessable('The phone number is not on this account.', '/phoneNumber');
    }
    const now = new Date().toISOString();
    const createdAt = assignments.get(phoneNumber)?.createdAt ?? now;
    const assignment = { phoneNumber, campaignId, createdAt, updatedAt: now, assignedAt: Date.now() + REGISTRY_MS };
    assignments.set(phoneNumber, assignment);
    world.state.save();
    return assignment;
  };

  router.post('/10dlc/phone_number_campaigns', (request, response) => {
    const { phoneNumber } = body.parse(request.body);
    if (assignments.has(phoneNumber)) throw unprocessable('The phone number has a campaign already.', '/phoneNumber');
    response.json(view(assign(request.body)));
  });
  router.put('/10dlc/phone_number_campaigns/:phoneNumber', (request, response) => {
    if (!assignments.has(request.params.phoneNumber)) throw notFound('phone number campaign');
    response.json(view(assign({ ...request.body, phoneNumber: request.params.phoneNumber })));
  });
  router.get('/10dlc/phone_number_campaigns/:phoneNumber', (request, response) => {
    const assignment = assignments.get(request.params.phoneNumber);
    if (!assignment) throw notFound('phone number campaign');
    response.json(view(assignment));
  });
  router.delete('/10dlc/phone_number_campaigns/:phoneNumber', (request, response) => {
    const assignment = assignments.get(request.params.phoneNumber);
    if (!assignment) throw notFound('phone number campaign');
    assignments.delete(request.params.phoneNumber);
    world.state.save();
    response.json({ ...view(assignment), assignmentStatus: 'PENDING_UNASSIGNMENT' });
  });

  return router;
}

function view({ assignedAt, ...assignment }: Assignment) {
  const over = Date.now() >= assignedAt;
  const refused = assignment.campaignId.startsWith(REFUSED);
  return {
    ...assignment,
    assignmentStatus: !over ? 'PENDING_ASSIGNMENT' : refused ? 'FAILED_ASSIGNMENT' : 'ASSIGNED',
    ...(over && refused && { failureReasons: 'The campaign is not active.' }),
  };
}
