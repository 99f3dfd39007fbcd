import { MiB } from "../../base/units.ts";
import type { PipelineEventName } from "../../org/agent-table.ts";
import {
  type Field,
  optional,
  readAddress,
  readContent,
  readEdits,
  readFindings,
  readFlag,
  readKind,
  readLine,
  readList,
  readQuarantineType,
  readReason,
  readRecord,
  readReply,
  readSender,
} from "./answer-fields.ts";
import { readRoutingAnswer } from "./module-routing-answer.ts";
import type { CommandAnswer, Discard, MessageAnswer, Refusal } from "./receive-agent.ts";
import type { RoutingAnswer } from "./routing-agent.ts";

/** What a module may give a message in place of its content. */
const CONTENT_BYTES_MAX = 32 * MiB;
const DATA_CHARACTERS_MAX = 500;

/** What any agent answers. */
export type ModuleAnswer = CommandAnswer | MessageAnswer | RoutingAnswer;

/**
 * What a module has answered at an event, as our own agents would; `undefined`: it has nothing to
 * say. @throws BadAnswer
 */
export function readModuleAnswer(
  event: PipelineEventName,
  value: unknown,
): ModuleAnswer | undefined {
  if (value === undefined || value === null) return undefined;
  const field = { value, at: "answer" };
  switch (event) {
    case "OnSubmittedMessage":
    case "OnResolvedMessage":
    case "OnRoutedMessage":
    case "OnCategorizedMessage":
      return readRoutingAnswer(field);
    case "OnEndOfHeaders":
    case "OnEndOfData":
      return readMessageAnswer(field);
    default:
      return readCommandAnswer(field);
  }
}

const STOP = { stop: readFlag };
const DATA = { data: (field: Field) => readLine(field, DATA_CHARACTERS_MAX) };

function readCommandAnswer(field: Field): CommandAnswer {
  const kind = readKind(field, ["accept", "refuse", "discard"]);
  switch (kind) {
    case "accept": {
      const record = readRecord(field, ["kind", "findings", "stop"]);
      const { stop } = optional(record, field.at, STOP);
      return {
        kind,
        ...optional(record, field.at, { findings: readFindings }),
        ...(stop === true && { stop }),
      };
    }
    case "refuse":
      return readRefusal(field);
    case "discard":
      return readDiscard(field);
  }
}

function readRefusal(field: Field): Refusal {
  const { at } = field;
  const record = readRecord(field, ["kind", "reply", "reason", "data", "endsSession"]);
  const { endsSession } = optional(record, at, { endsSession: readFlag });
  return {
    kind: "refuse",
    reply: readReply({ value: record["reply"], at: `${at}.reply` }),
    reason: readReason({ value: record["reason"], at: `${at}.reason` }),
    ...optional(record, at, DATA),
    ...(endsSession === true && { endsSession }),
  };
}

function readDiscard(field: Field): Discard {
  const record = readRecord(field, ["kind", "reason", "data"]);
  return {
    kind: "discard",
    reason: readReason({ value: record["reason"], at: `${field.at}.reason` }),
    ...optional(record, field.at, DATA),
  };
}

const ACCEPT = [
  ...["kind", "stop", "edits", "findings", "sender", "addRecipients"],
  ...["removeRecipients", "content"],
];

function readMessageAnswer(field: Field): MessageAnswer {
  const { at } = field;
  const kind = readKind(field, ["accept", "refuse", "discard", "quarantine"]);
  switch (kind) {
    case "accept": {
      const record = readRecord(field, ACCEPT);
      const { stop } = optional(record, at, STOP);
      const addresses = (one: Field) => readList(one, readAddress);
      return {
        kind,
        ...(stop === true && { stop }),
        ...optional(record, at, { edits: readEdits }),
        ...optional(record, at, { findings: readFindings }),
        ...optional(record, at, { sender: readSender }),
        ...optional(record, at, { addRecipients: addresses, removeRecipients: addresses }),
        ...optional(record, at, { content: (one) => readContent(one, CONTENT_BYTES_MAX) }),
      };
    }
    case "refuse":
      return readRefusal(field);
    case "discard":
      return readDiscard(field);
    case "quarantine": {
      const record = readRecord(field, ["kind", "type", "reason", "edits", "findings"]);
      return {
        kind,
        type: readQuarantineType({ value: record["type"], at: `${at}.type` }),
        reason: readReason({ value: record["reason"], at: `${at}.reason` }),
        ...optional(record, at, { edits: readEdits }),
        ...optional(record, at, { findings: readFindings }),
      };
    }
  }
}
