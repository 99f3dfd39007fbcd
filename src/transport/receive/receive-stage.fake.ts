import type { Authenticator } from "../../authentication/authenticator.ts";
import { assert } from "../../base/assert.ts";
import { fakeClock } from "../../base/clock.fake.ts";
import { type Diagnostics, silentDiagnostics } from "../../base/diagnostics.ts";
import { address } from "../../mail/address.fake.ts";
import type { Envelope } from "../../mail/envelope.ts";
import { outgoingIfInMemory } from "../../mail/outgoing-content.ts";
import { fakeDirectory } from "../../org/directory.fake.ts";
import type {
  Organization,
  OrganizationRecipient,
  ReceiveConnector,
} from "../../org/organization.ts";
import type { Reply } from "../../smtp/reply.ts";
import type { ClientFacts, SessionHandler, SessionTls } from "../../smtp/session-handler.ts";
import { AgentGuards, AgentRoster } from "../agents/agent-roster.ts";
import type { ReceiveAgent } from "../agents/receive-agent.ts";
import { type FakeSubmissionQueue, fakeSubmissionQueue } from "../queue/submission.fake.ts";
import type { Submission } from "../queue/submission.ts";
import type { Observers } from "./observed-session.ts";
import { createReceive } from "./receive.ts";
import { sampleConnector, sampleMailbox, sampleOrganization } from "./sample-organization.fake.ts";

/** A client that said EHLO in clear. */
export const CLIENT: ClientFacts = { helo: "client.example", extended: true, tls: undefined };
/** It comes from outside, to port 25. */
export const CONNECTION = {
  remoteAddress: "192.0.2.1",
  remotePort: 40_000,
  localAddress: "192.0.2.25",
  localPort: 25,
};
/** Anonymous clients may relay: they are our own applications. */
export const RELAY = sampleConnector({
  extendedRights: { AnonymousUsers: ["ms-Exch-SMTP-Accept-Any-Recipient"] },
});
/** When it all happens. */
export const NOW_MS = 1_700_000_000_000;
/** A small message with all usual fields. */
export const MESSAGE =
  "From: Alice <alice@fabrikam.test>\r\nTo: bob@contoso.test\r\n" +
  "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n" +
  "Message-ID: <1@fabrikam.test>\r\nDate: Fri, 5 Aug 2016 16:24:41 -0700\r\n\r\nHello\r\n";

/** A channel that no test opens: what matters is that there is one. */
const FAKE_TLS: SessionTls = {
  secureContext: () => {
    throw new Error("no handshake in a test of policy");
  },
  heedsServerName: true,
  requestsCertificate: false,
};

/** A receive stage with its surroundings in memory. */
export function setUp(
  options: {
    readonly connector?: ReceiveConnector;
    readonly organization?: Partial<Organization>;
    readonly asynchronousIds?: boolean;
    readonly recipients?: readonly OrganizationRecipient[];
    readonly authenticator?: Authenticator;
    readonly diagnostics?: Diagnostics;
    readonly agents?: readonly ReceiveAgent[];
  } & Observers = {},
) {
  const { connector = sampleConnector(), asynchronousIds = false } = options;
  const clock = fakeClock(NOW_MS);
  const queue = fakeSubmissionQueue({ asynchronousIds });
  const directory = fakeDirectory([
    sampleMailbox("bob@contoso.test", "b.smith@contoso.test"),
    ...(options.recipients ?? []),
  ]);
  const counted = new Map<string, number>();
  let mailDelayMs = 0;
  let organization = sampleOrganization({
    receiveConnectors: [connector],
    ...options.organization,
  });
  const open = createReceive({
    organization: () => organization,
    directory,
    queue,
    clock,
    diagnostics: options.diagnostics ?? silentDiagnostics,
    tlsFor: (_connector, how) => ({ ...FAKE_TLS, ...how }),
    ...(options.authenticator && { authenticator: options.authenticator }),
    mailDelayMs: () => mailDelayMs,
    ...(options.agents && {
      agents: new AgentRoster(
        options.agents,
        new AgentGuards({ clock, diagnostics: options.diagnostics ?? silentDiagnostics }),
      ),
    }),
    desk: options.desk,
    agentDecision: options.agentDecision,
    count: (metric, by = 1) => void counted.set(metric, (counted.get(metric) ?? 0) + by),
  });
  return {
    clock,
    queue,
    directory,
    counted,
    open,
    change: (changes: Partial<Organization>) => {
      organization = { ...organization, ...changes };
    },
    holdBack: (spanMs: number) => {
      mailDelayMs = spanMs;
    },
    session(remoteAddress = CONNECTION.remoteAddress): SessionHandler {
      const session = open({ ...CONNECTION, remoteAddress });
      assert("mail" in session, "the connection has a connector");
      return session;
    },
  };
}

/** What `setUp` gives. */
export type Stage = ReturnType<typeof setUp>;

/** A reply in one line, "ok" for none. */
export const codeOf = (reply: Reply | undefined) =>
  reply === undefined ? "ok" : `${reply.code} ${reply.status} ${reply.lines.join("|")}`;

/** Says MAIL; `""` is the null sender. */
export function mail(
  session: SessionHandler,
  sender: string,
  parameters: Pick<Envelope, "requireTls"> = {},
) {
  const envelope = {
    sender: sender === "" ? ("" as const) : address(sender),
    body: "8BITMIME",
    smtpUtf8: false,
    ret: undefined,
    envid: undefined,
    ...parameters,
  } as const;
  return session.mail(CLIENT, envelope, undefined);
}

/** Says RCPT and tells the reply in one line. */
export async function rcpt(session: SessionHandler, recipient: string) {
  const facts = { address: address(recipient), originalRecipient: undefined, notify: undefined };
  return codeOf(await session.rcpt(CLIENT, facts));
}

/** Sends one message in pieces of `size` octets and returns the last reply. */
export async function send(
  session: SessionHandler,
  content: string | Uint8Array,
  options: {
    readonly to?: readonly string[];
    readonly size?: number;
    readonly client?: ClientFacts;
    /** Of MAIL. */
    readonly envelope?: Pick<Envelope, "requireTls">;
  } = {},
) {
  assert(
    (await mail(session, "alice@fabrikam.test", options.envelope)) === undefined,
    "MAIL is taken",
  );
  for (const recipient of options.to ?? ["bob@contoso.test"]) {
    assert((await rcpt(session, recipient)) === "ok", `${recipient} is taken`);
  }
  const sink = session.beginContent(options.client ?? CLIENT);
  assert("write" in sink, "content is taken");
  const bytes = Buffer.from(content);
  const size = options.size ?? bytes.length;
  for (let at = 0; at < bytes.length; at += size) {
    // A Buffer, as sockets give: its slice() is no copy.
    const piece = Buffer.from(bytes.subarray(at, at + size));
    await sink.write(piece);
    // The bytes are the caller's again.
    piece.fill(0);
  }
  const reply = codeOf(await sink.end());
  session.reset();
  return reply;
}

/** The one message that was queued. */
export function onlySubmission(stage: Stage) {
  const [submission, ...others] = stage.queue.submissions;
  assert(submission !== undefined && others.length === 0, "one message was queued");
  return submission;
}

/** What leaves: the content with its edits. */
export function outgoing(stage: { readonly queue: FakeSubmissionQueue }): string {
  const [submission] = stage.queue.submissions;
  assert(
    submission !== undefined && stage.queue.submissions.length === 1,
    "one message was queued",
  );
  return outgoingOf(stage.queue, submission).toString();
}

/** The content of a submission as it leaves, with its edits. */
export function outgoingOf(queue: FakeSubmissionQueue, submission: Submission): Buffer {
  const content = queue.contentOf(submission);
  const source = {
    bytes: content.length,
    peek: (index: number) => (index === 0 ? content : undefined),
    read: (index: number) => Promise.resolve(index === 0 ? content : undefined),
  };
  const pieces = outgoingIfInMemory(source, submission.message.edits);
  assert(pieces !== undefined, "all in memory");
  return Buffer.concat(pieces);
}
