import type { Result } from "../../base/result.ts";
import {
  CONTENT_LIMITS,
  type ContentLimitFault,
  type ContentLimits,
} from "../../content/content-limits.ts";
import type { ContentTask } from "../../content/content-work.ts";
import type { AttachmentView, MessageView } from "../../content/message-view.ts";
import { TRANSPORT_AGENTS } from "../../org/agent-table.ts";
import type { HygieneSettings } from "../../org/hygiene-settings.ts";
import type { Reply } from "../../smtp/reply.ts";
import type {
  AgentSession,
  IncomingMessage,
  MessageAnswer,
  ReceiveAgent,
} from "../agents/receive-agent.ts";
import { isInScope, mayBeInScope } from "./session-scope.ts";
import { stripAttachments } from "./strip-attachments.ts";
import { compileEntries, findUnwanted, type UnwantedAttachment } from "./unwanted-attachment.ts";

/** Looks into a message away from this thread. */
type LookIntoAttachments = ContentTask<
  { readonly limits: ContentLimits; readonly wanted: "structure" },
  Result<
    { readonly view: MessageView; readonly attachments: readonly AttachmentView[] },
    ContentLimitFault
  >
>;

/** Attachments by name, type and content, also in archives and attached messages (§9.9). */
export function attachmentFilterAgent(look: LookIntoAttachments): ReceiveAgent {
  return {
    agent: TRANSPORT_AGENTS.attachmentFilter,
    hears(session) {
      const { attachmentFilterListConfig: config, attachmentFilterEntries } = hygieneOf(session);
      const seeksNothing = attachmentFilterEntries.length === 0 && config.encryptedArchivesEnabled;
      if (seeksNothing || !mayBeInScope(config, session)) return false;
      return !config.exceptionConnectors.some((name) => isSame(name, session.connector.name));
    },
    on: {
      OnEndOfData(message) {
        const { attachmentFilterListConfig: config } = hygieneOf(message.session);
        if (!isInScope(config, unwelcomed(message.session))) return undefined;
        return judge(look, message);
      },
    },
  };
}

function hygieneOf({ organization }: Pick<AgentSession, "organization">): HygieneSettings {
  return organization.hygiene;
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Who is welcome may send anything that is no spam, but programs are none. */
function unwelcomed({ rights, isAuthenticated }: AgentSession) {
  return { rights, isAuthenticated, findings: {} };
}

async function judge(look: LookIntoAttachments, message: IncomingMessage): Promise<MessageAnswer> {
  const { attachmentFilterListConfig: config, attachmentFilterEntries } = hygieneOf(
    message.session,
  );
  const done = await look(message, { limits: CONTENT_LIMITS, wanted: "structure" });
  // The guard knows what is to become of mail that could not be looked at.
  if (!done.ok) throw new Error(`attachments could not be looked at: ${done.fault}`);
  if (!done.value.ok) {
    return refuse("The message has more in it than is looked at", done.value.fault.limit);
  }
  const patterns = compileEntries(attachmentFilterEntries);
  const unwanted = findUnwanted(patterns, config, done.value.value);
  const [first] = unwanted;
  if (first === undefined) return { kind: "accept" };
  const data = `${first.reason} ${first.name}`.trim().slice(0, 200);
  switch (config.action) {
    case "Reject":
      return refuse(config.rejectResponse, data);
    case "SilentDelete":
      return { kind: "discard", reason: "AttachmentBlocked", data };
    case "Strip": {
      const content = await strip(message, unwanted, config.adminMessage);
      if (content === undefined) return refuse(config.rejectResponse, data);
      return { kind: "accept", content, findings: { report: [`AttachmentRemoved:${data}`] } };
    }
  }
}

async function strip(
  message: IncomingMessage,
  unwanted: readonly UnwantedAttachment[],
  text: string,
): Promise<readonly Uint8Array[] | undefined> {
  const pieces: Uint8Array[] = [];
  for await (const piece of message.content()) pieces.push(piece);
  const parts = unwanted.map(({ part }) => part);
  return stripAttachments(Buffer.concat(pieces), parts, text);
}

function refuse(text: string, data: string): MessageAnswer {
  // RFC 3463: X.7.1, "delivery not authorized, message refused".
  const reply: Reply = { code: 550, status: "5.7.1", lines: [text] };
  return { kind: "refuse", reply, reason: "AttachmentBlocked", data };
}
