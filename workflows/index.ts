export { archiveWorkflow } from './archive.ts';
export { carrierSyncWorkflow } from './carrier-sync.ts';
export { cutoverWorkflow } from './cutover.ts';
export { holdWorkflow } from './hold.ts';
export { messagesWorkflow } from './messages.ts';
export { portWorkflow } from './port.ts';
