import type { Carrier } from '../../carriers/carrier.ts';
import { type Operation, operation } from '../operation.ts';
import { checkPortability, type PortabilityDependencies } from '../portability.ts';
import { Problem } from '../problem.ts';
import { portabilityAnswer, portabilityRequest } from '../schemas/portability-checks.ts';
import { unknownCarrier } from '../unknown-carrier.ts';

/** Asking before ordering. */
export function portabilityOperations(dependencies: PortabilityDependencies): Operation[] {
  const { carriers } = dependencies;

  const check = operation({
    method: 'post',
    path: '/v1/portability-checks',
    summary: 'Check whether numbers can be ported, and what that takes',
    tag: 'Ports',
    body: portabilityRequest,
    answers: { 200: { description: 'What is known of each number.', schema: portabilityAnswer } },
    problems: ['unknown-carrier', 'carrier-cannot-port', 'carrier-hosts-no-texts'],
    async handle({ body }) {
      const textsAlone = body.messagingPlan === 'messaging-only';
      const takes = ({ porting, hosting }: Carrier) => (textsAlone ? hosting : porting) !== undefined;
      const gaining =
        body.gainingCarrier === undefined ? [...carriers.values()].find(takes) : carriers.get(body.gainingCarrier);
      if (body.gainingCarrier !== undefined) {
        if (!gaining) throw unknownCarrier(carriers);
        if (!takes(gaining)) {
          throw textsAlone
            ? new Problem('carrier-hosts-no-texts', 'Choose a carrier whose adapter hosts texts.')
            : new Problem('carrier-cannot-port', 'Choose a carrier whose adapter takes port orders.');
        }
      }
      const found = await checkPortability(body, gaining, dependencies);
      return { status: 200, body: { gainingCarrier: gaining?.settings.id, ...found } };
    },
  });

  return [check];
}
