/** What a killed worker had in hand is taken up by another one after this time, not when the time for the whole call is up. */
export const heartbeatTimeout = '10 seconds';
