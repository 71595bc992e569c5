import type { Context } from '@temporalio/activity';
import type { ActivityInterceptors } from '@temporalio/worker';

/**
 * Says that an activity is alive, for every one whose workflow wants to know (`heartbeatTimeout`): what a killed worker had in hand is
 * then given to another one soon, and not only when the time for the whole call is up.
 */
export function heartbeats(context: Context): ActivityInterceptors {
  const { heartbeatTimeoutMs } = context.info;
  return {
    inbound: {
      async execute(input, next) {
        if (!heartbeatTimeoutMs) return next(input);
        const beating = setInterval(() => context.heartbeat(), heartbeatTimeoutMs / 3);
        try {
          return await next(input);
        } finally {
          clearInterval(beating);
        }
      },
    },
  };
}
