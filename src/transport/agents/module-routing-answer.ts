import { MiB } from "../../base/units.ts";
import type { Address } from "../../mail/address.ts";
import type { Fault } from "../queue/outcome.ts";
import {
  BadAnswer,
  type Field,
  optional,
  readAddress,
  readContent,
  readEdits,
  readFlag,
  readKind,
  readLine,
  readList,
  readPosition,
  readQuarantineType,
  readReason,
  readRecord,
  readReplyLine,
  readScl,
  readSender,
  readStatus,
} from "./answer-fields.ts";
import type {
  AgentSubmission,
  Fate,
  RoutingAnswer,
  RoutingChanges,
  RoutingDecision,
} from "./routing-agent.ts";

const CONTENT_BYTES_MAX = 32 * MiB;
const SUBMISSION_BYTES_MAX = 4 * MiB;
/** Messages that an agent may send beside one. */
const SUBMISSIONS_MAX = 10;
const SUBJECT_CHARACTERS_MAX = 255;

/** What becomes of a message in the categorizer. @throws BadAnswer */
export function readRoutingAnswer(field: Field): RoutingAnswer {
  const { at } = field;
  const record = readRecord(field, ["decisions", "added", "submissions", "info", "stop"]);
  const { stop } = optional(record, at, { stop: readFlag });
  return {
    ...optional(record, at, { decisions: (one) => readList(one, readDecision) }),
    ...optional(record, at, { added: (one) => readList(one, readAdded) }),
    ...optional(record, at, {
      submissions: (one) => readList(one, readSubmission, SUBMISSIONS_MAX),
    }),
    ...optional(record, at, { info: (one: Field) => readLine(one) }),
    ...(stop === true && { stop }),
  };
}

function readDecision(field: Field): RoutingDecision {
  const { at } = field;
  const { positions, fate } = readRecord(field, ["positions", "fate"]);
  return {
    positions: readList({ value: positions, at: `${at}.positions` }, readPosition),
    fate: readFate({ value: fate, at: `${at}.fate` }),
  };
}

const FATES = ["deliver", "reject", "discard", "quarantine", "redirect", "defer"] as const;

function readFate(field: Field): Fate {
  const { at } = field;
  const kind = readKind(field, FATES);
  switch (kind) {
    case "deliver": {
      const { changes } = readRecord(field, ["kind", "changes"]);
      return { kind, changes: readChanges({ value: changes, at: `${at}.changes` }) };
    }
    case "reject":
      return { kind, fault: readFault(field, { code: "550", statusClass: "5" }) };
    case "defer":
      return { kind, fault: readFault(field, { code: "451", statusClass: "4" }) };
    case "discard": {
      const { reason } = readRecord(field, ["kind", "reason"]);
      return { kind, reason: readReason({ value: reason, at: `${at}.reason` }) };
    }
    case "quarantine": {
      const { type, reason } = readRecord(field, ["kind", "type", "reason"]);
      return {
        kind,
        type: readQuarantineType({ value: type, at: `${at}.type` }),
        reason: readReason({ value: reason, at: `${at}.reason` }),
      };
    }
    case "redirect": {
      const { to, changes } = readRecord(field, ["kind", "to", "changes"]);
      return {
        kind,
        to: readAddresses({ value: to, at: `${at}.to` }),
        changes: readChanges({ value: changes, at: `${at}.changes` }),
      };
    }
  }
}

function readFault(
  field: Field,
  { code, statusClass }: { readonly code: string; readonly statusClass: "4" | "5" },
): Fault {
  const { at } = field;
  const record = readRecord(field, ["kind", "status", "text"]);
  const status = readStatus({ value: record["status"], at: `${at}.status` }, statusClass);
  const text = readReplyLine({ value: record["text"], at: `${at}.text` });
  return { status, diagnostic: `${code} ${status} ${text}`, hop: undefined, source: "AGENT" };
}

const CHANGES = ["edits", "sender", "scl", "subject", "requireTls", "content"];

function readChanges(field: Field): RoutingChanges {
  const { value, at } = field;
  if (value === undefined) return {};
  const record = readRecord(field, CHANGES);
  const { requireTls } = optional(record, at, { requireTls: readFlag });
  return {
    ...optional(record, at, { edits: readEdits }),
    ...optional(record, at, { sender: readSender }),
    ...optional(record, at, { scl: readScl }),
    ...optional(record, at, { subject: readSubject }),
    ...(requireTls === true && { requireTls }),
    ...optional(record, at, { content: (one) => readContent(one, CONTENT_BYTES_MAX) }),
  };
}

/** One at least: who gets nothing has a fate of its own. */
function readAddresses(field: Field): readonly Address[] {
  const addresses = readList(field, readAddress);
  if (addresses.length === 0) throw new BadAnswer(`${field.at} is empty; it needs an address`);
  return addresses;
}

function readSubject(field: Field): string {
  return readLine(field, SUBJECT_CHARACTERS_MAX);
}

function readAdded(field: Field): NonNullable<RoutingAnswer["added"]>[number] {
  const { at } = field;
  const { address, changes } = readRecord(field, ["address", "changes"]);
  return {
    address: readAddress({ value: address, at: `${at}.address` }),
    changes: readChanges({ value: changes, at: `${at}.changes` }),
  };
}

const SUBMISSION = ["sender", "recipients", "content", "subject", "purpose"];

function readSubmission(field: Field): AgentSubmission {
  const { at } = field;
  const record = readRecord(field, SUBMISSION);
  const part = (name: string) => ({ value: record[name], at: `${at}.${name}` });
  return {
    sender: readSender(part("sender")),
    recipients: readAddresses(part("recipients")),
    content: readContent(part("content"), SUBMISSION_BYTES_MAX),
    subject: readSubject(part("subject")),
    purpose: readReason(part("purpose")),
  };
}
