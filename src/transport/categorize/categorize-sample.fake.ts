import { fakeClock } from "../../base/clock.fake.ts";
import { silentDiagnostics } from "../../base/diagnostics.ts";
import { address as at } from "../../mail/address.fake.ts";
import type { Address } from "../../mail/address.ts";
import { type FakeDirectory, fakeDirectory } from "../../org/directory.fake.ts";
import type { Organization, OrganizationRecipient } from "../../org/organization.ts";
import type { QueuedMessage, QueuedRecipient } from "../../store/queue-store.ts";
import { AgentGuards, AgentRoster } from "../agents/agent-roster.ts";
import type { RoutingAgent } from "../agents/routing-agent.ts";
import type { Categorization, RoutedRecipient } from "../queue/categorization.ts";
import { createCategorize } from "./categorize.ts";
import type { CategorizeDependencies } from "./categorize-dependencies.ts";
import { contact, group, mailbox, sampleOrganization, uncategorized } from "./organization.fake.ts";

/** Members of big@contoso.test. */
export const MANY = 2_500;
const keep = { deliverToMailboxAndForward: true };
const to = (address: string) => ({ forwardingAddress: at(address) });
const manager = {
  reportToOriginatorEnabled: false,
  reportToManagerEnabled: true,
  managedBy: at("alice@contoso.test"),
};

/** Recipients of all kinds, loops of all kinds. */
export const RECIPIENTS: readonly OrganizationRecipient[] = [
  mailbox("alice@contoso.test", ["a.smith@contoso.test", "a+b@contoso.test"]),
  mailbox("bob@contoso.test"),
  mailbox("here@relay.test"),
  mailbox("lmtp@contoso.test", [], { lmtpHost: "127.0.0.1:24" }),
  mailbox("away@contoso.test", [], to("bob@contoso.test")),
  mailbox("far@contoso.test", [], to("far@partner.test")),
  mailbox("copy@contoso.test", [], { ...to("far@partner.test"), ...keep }),
  mailbox("alias@contoso.test", [], to("team@contoso.test")),
  mailbox("ping@contoso.test", [], { ...to("pong@contoso.test"), ...keep }),
  mailbox("pong@contoso.test", [], { ...to("ping@contoso.test"), ...keep }),
  mailbox("loop1@contoso.test", [], to("loop2@contoso.test")),
  mailbox("loop2@contoso.test", [], to("loop1@contoso.test")),
  mailbox("self@contoso.test", [], to("self@contoso.test")),
  mailbox("mixed1@contoso.test", [], to("mixed2@contoso.test")),
  mailbox("mixed2@contoso.test", [], { ...to("mixed1@contoso.test"), ...keep }),
  mailbox("keeploop@contoso.test", [], { ...to("loop1@contoso.test"), ...keep }),
  mailbox("dead@contoso.test", [], to("nobody@contoso.test")),
  ...Array.from({ length: 30 }, (_, index) =>
    mailbox(`hop${index}@contoso.test`, [], to(`hop${index + 1}@contoso.test`)),
  ),
  mailbox("hop30@contoso.test"),
  contact("partner@contoso.test", "someone@partner.test"),
  contact("inside@contoso.test", "a.smith@contoso.test"),
  contact("own@contoso.test", "own@contoso.test"),
  contact("own@relay.test", "own@relay.test"),
  contact("c1@contoso.test", "c2@contoso.test"),
  contact("c2@contoso.test", "c1@contoso.test"),
  group("team@contoso.test"),
  group("outer@contoso.test"),
  group("inner@contoso.test"),
  group("empty@contoso.test"),
  group("managed@contoso.test", manager),
  group("silent@contoso.test", { reportToOriginatorEnabled: false }),
  group("unmanaged@contoso.test", { ...manager, managedBy: undefined }),
  group("broken@contoso.test"),
  group("throughloop@contoso.test"),
  mailbox("back@contoso.test", [], to("throughloop@contoso.test")),
  group("big@contoso.test"),
  ...Array.from({ length: MANY }, (_, index) => mailbox(`m${index}@contoso.test`)),
];

/** Members of their groups. */
export const MEMBERS: ReadonlyMap<Address, readonly Address[]> = new Map(
  Object.entries({
    team: ["alice@contoso.test", "bob@contoso.test", "someone@partner.test"],
    outer: ["inner@contoso.test", "bob@contoso.test", "outer@contoso.test"],
    inner: ["a.smith@contoso.test", "outer@contoso.test", "gone@contoso.test"],
    managed: ["bob@contoso.test", "gone@contoso.test"],
    silent: ["bob@contoso.test", "gone@contoso.test"],
    unmanaged: ["bob@contoso.test"],
    broken: ["broken@contoso.test"],
    throughloop: ["back@contoso.test"],
    big: Array.from({ length: MANY }, (_, index) => `m${index}@contoso.test`),
  }).map(([name, members]) => [at(`${name}@contoso.test`), members.map(at)]),
);

/** Agents as the categorizer wants them. */
export function routingAgents(
  agents: readonly RoutingAgent[],
): NonNullable<CategorizeDependencies["agents"]> {
  const clock = fakeClock();
  const diagnostics = silentDiagnostics;
  return {
    roster: new AgentRoster(agents, new AgentGuards({ clock, diagnostics })),
    clock,
    diagnostics,
  };
}

/** Categorizes a message for these recipients in the sample organization. */
export async function run(
  recipients: readonly QueuedRecipient[],
  options: {
    readonly organization?: Organization;
    readonly directory?: FakeDirectory;
    readonly message?: Partial<QueuedMessage>;
    readonly limits?: { memberCountMax: number; groupDepthMax: number; forwardCountMax: number };
    readonly agents?: readonly RoutingAgent[];
    /** Takes the ids of staged content that is not needed. */
    readonly discarded?: number[];
  } = {},
): Promise<Categorization> {
  const organization = options.organization ?? sampleOrganization();
  let nextId = 100;
  const categorize = createCategorize({
    organization: () => organization,
    directory: options.directory ?? fakeDirectory(RECIPIENTS, MEMBERS),
    nextMessageId: () => nextId++,
    ...(options.limits && { limits: options.limits }),
    ...(options.agents && {
      agents: {
        ...routingAgents(options.agents),
        discardContent: (id) => void options.discarded?.push(id),
      },
    }),
  });
  return await categorize(uncategorized(recipients, options.message));
}

/** One line each: routed, ended, deferred, forks, events; a last one when nothing has changed. */
export function describe(result: Categorization): string[] {
  return [
    ...result.routed.map(describeRouted),
    ...result.ended.map(({ recipient: ended, outcome }) => {
      const why = outcome.kind === "failed" ? `failed ${outcome.fault.status}` : outcome.kind;
      return `${describeRecipient(ended)} ${why}`;
    }),
    ...result.deferred.map(
      ({ recipient: deferred, fault }) => `${describeRecipient(deferred)} deferred ${fault.status}`,
    ),
    ...result.forks.flatMap(({ message, routed }) =>
      routed.map((one) => `fork ${message.envelope.sender}: ${describeRouted(one)}`),
    ),
    ...result.events.map((event) => {
      const about =
        event.reference === undefined
          ? (event.relatedRecipient ?? event.sourceContext)
          : `of ${event.reference}`;
      return `${event.event} ${about}: ${event.recipients.map(({ address }) => address).join(" ")}`;
    }),
    ...(result.changed ? [] : ["unchanged"]),
  ];
}

function describeRouted({ recipient: routed, route }: RoutedRecipient): string {
  const where =
    route.kind === "queue"
      ? `${route.key.nextHopConnector} ${route.key.nextHopDomain}`
          .replace(" Mailbox Database", "mailbox")
          .trim()
      : `unreachable: ${route.fault.diagnostic}`;
  return `${describeRecipient(routed)} > ${where}`;
}

function describeRecipient({
  position,
  address,
  originalRecipient,
  notify: reports,
}: QueuedRecipient): string {
  const orcpt = originalRecipient && ` orcpt=${originalRecipient.address}`;
  const wanted = reports && ` notify=${reports.join(",") || "NEVER"}`;
  return `${position} ${address}${orcpt ?? ""}${wanted ?? ""}`;
}
