import { explainFinding } from '../../domain/port-out-check.ts';
import type { PortOutDocument } from '../../store/port-outs.ts';
import type { Vault } from '../../store/vault.ts';
import { workflowIds } from '../../workflows/contract.ts';
import type { PortOutAnswer } from '../schemas/port-outs.ts';
import { moment } from './moment.ts';
import type { WorkflowLink } from './port-view.ts';

export function portOutLinks(id: string, link: WorkflowLink): PortOutAnswer['links'] {
  return {
    self: `/v1/port-outs/${id}`,
    timeline: `/v1/port-outs/${id}/timeline`,
    workflow: link(workflowIds.portOut(id)),
  };
}

/** A port-out as the owner of the numbers sees it, with what is left of the time to answer. */
export function portOutView(document: PortOutDocument, vault: Vault, link: WorkflowLink, now: Date): PortOutAnswer {
  const phoneNumbers = new Map(document.numbers.map((each) => [each.numberKey, vault.open(each.number)]));
  const open = ['checking', 'awaiting-decision', 'answering'].includes(document.status);
  const left = Math.floor((Date.parse(document.answerDueAt) - now.getTime()) / 1000);
  return {
    id: document._id,
    status: document.status,
    since: document.since,
    createdAt: moment(document.createdAt),
    updatedAt: moment(document.updatedAt),
    phoneNumbers: [...phoneNumbers.values()],
    carrier: document.carrier,
    carrierPortOutId: document.carrierPortOutId,
    carrierState: document.carrierState,
    supportKey: document.supportKey,
    gaining: { name: document.gaining.name, spid: document.gaining.spid },
    orderNumber: document.orderNumber,
    subscriberName: document.subscriberName && vault.open(document.subscriberName),
    requestedAt: document.requestedAt,
    requestedFocAt: document.requestedFocAt,
    focAt: document.focAt,
    textsStay: document.textsStay,
    answerDueAt: document.answerDueAt,
    secondsToAnswer: open ? Math.max(0, left) : undefined,
    decideBy: document.decideBy,
    byDefault: document.fallback,
    answer: document.answer,
    approvedWithoutUs: document.approvedWithoutUs,
    findings: document.findings.map(({ code, numberKey }) => {
      const { weight, meaning } = explainFinding(code);
      return { code, weight, meaning, phoneNumber: numberKey === undefined ? undefined : phoneNumbers.get(numberKey) };
    }),
    rejections: document.rejections.map(({ code, description, reasonRequired, reason }) => ({
      code,
      description,
      reasonRequired,
      reason,
    })),
    problems: document.problems.map(({ code, message }) => ({ code, message })),
    waiting: document.waiting,
    links: portOutLinks(document._id, link),
  };
}
