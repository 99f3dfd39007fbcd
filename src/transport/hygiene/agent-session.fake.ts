import { address } from "../../mail/address.fake.ts";
import type { Address } from "../../mail/address.ts";
import type { Envelope, EnvelopeRecipient } from "../../mail/envelope.ts";
import { HeaderScanner } from "../../mail/header.ts";
import { organizationOf } from "../../org/sample-objects.fake.ts";
import type {
  AgentSession,
  Findings,
  HeaderSubject,
  ReceiveAgent,
  RecipientSubject,
} from "../agents/receive-agent.ts";

/** What a test says of a session; the rest is a stranger's on a connector for strangers. */
export interface FakeSession {
  /** Settings besides those of the connector. */
  readonly yaml?: string;
  readonly remoteAddress?: string;
  readonly isAuthenticated?: boolean;
  readonly findings?: Findings;
}

/** A session as agents see it. */
export function fakeSession(facts: FakeSession = {}): AgentSession {
  const { remoteAddress = "192.0.2.1", isAuthenticated = false, findings = {} } = facts;
  const organization = organizationOf(`
acceptedDomains: [{ name: contoso.test, default: true }]
receiveConnectors: [{ name: Default, bindings: ["0.0.0.0:25"] }]
${facts.yaml ?? ""}
`);
  const [connector] = organization.receiveConnectors;
  if (connector === undefined) throw new Error("the sample has a connector");
  const local = { localAddress: "192.0.2.25", localPort: 25 };
  return {
    organization,
    connector,
    connection: { remoteAddress, remotePort: 40_000, ...local },
    remoteAddress,
    client: { helo: "client.example", extended: true, tls: undefined },
    rights: new Set(["ms-Exch-SMTP-Submit"]),
    isAuthenticated,
    logon: "",
    findings,
  };
}

/** Whether an agent cares for a session that begins so. */
export function hearsSession(agent: ReceiveAgent, session: AgentSession): boolean {
  return agent.hears(session) && (agent.hearsClient?.(session) ?? true);
}

/** An envelope of that sender. */
function envelopeOf(sender: Address | ""): Envelope {
  return { sender, body: "7BIT", smtpUtf8: false, ret: undefined, envid: undefined };
}

/** RCPT in a session. */
export function recipientSubject(
  session: AgentSession,
  { from = "ann@fabrikam.test", to = "bob@contoso.test" } = {},
): RecipientSubject {
  const recipient: EnvelopeRecipient = {
    address: address(to),
    originalRecipient: undefined,
    notify: undefined,
  };
  return {
    session,
    given: address(to),
    envelope: envelopeOf(from === "" ? "" : address(from)),
    recipient,
  };
}

/** A header in a session. */
export function headerSubject(
  session: AgentSession,
  parts: {
    readonly from: string;
    readonly recipients: readonly EnvelopeRecipient[];
    readonly header: string;
  },
): HeaderSubject {
  const { from, recipients, header } = parts;
  const scanner = new HeaderScanner({ bytesMax: 10_000, fieldsMax: 100, localHosts: [] });
  const headerBytes = Buffer.from(`${header}\r\n`);
  scanner.write(headerBytes);
  const envelope = envelopeOf(from === "" ? "" : address(from));
  return { session, envelope, recipients, header: scanner.summary(), headerBytes, edits: [] };
}
