import assert from "node:assert/strict";
import { createSecretBox } from "../../base/secret-box.ts";
import { cmdletRunner } from "../../cmdlet/cmdlet-runner.fake.ts";
import { fakeTrackingLog } from "../../logs/tracking-log.fake.ts";
import type { TrackingRecord } from "../../logs/tracking-record.ts";
import type { Address } from "../../mail/address.ts";
import { StoredOrganization } from "../../org/stored-organization.ts";
import { MemoryOrganizationStore } from "../../store/organization-memory.ts";
import type { Quarantine } from "../../store/quarantine-mark.ts";
import { sampleMessage, sampleRecipient } from "../../store/queue-contract.ts";
import type { QueuedMessage } from "../../store/queue-store.ts";
import type { HeldMessages, KeptMessage, ModerationDesk, QuarantineDesk } from "./services.ts";
import { QUARANTINE_CMDLETS } from "./table.ts";

const MACHINE = { hostName: "mail.contoso.test", cores: 2 };
const FILE = "/etc/postrider.yaml";
const YAML = `
acceptedDomains: [{ name: contoso.test }]
receiveConnectors: [{ name: Frontend, bindings: "127.0.0.1:25" }]
mailboxes:
  - { name: alice, primarySmtpAddress: alice@contoso.test }
  - name: bob
    primarySmtpAddress: bob@contoso.test
    emailAddresses: [r.b@contoso.test]
    safeSenders: [friend@fabrikam.test]
`;

/** The GUID of the message of that number. */
export function guidOf(id: number): string {
  return `00000000-0000-0000-0000-${String(id).padStart(12, "0")}`;
}

/** A message in quarantine, kept from `to`. */
export function keptMessage(
  id: number,
  what: Partial<Omit<QueuedMessage, "quarantine">> & {
    readonly to?: readonly string[];
    readonly quarantine?: Partial<Quarantine>;
    readonly expiresMs?: number;
  } = {},
): KeptMessage {
  const { to = ["alice@contoso.test"], quarantine, expiresMs = 1_000_000, ...message } = what;
  const mark = {
    type: "Spam",
    agent: "Content Filter Agent",
    reason: "SCL 9",
    sinceMs: 0,
  } as const;
  return {
    message: sampleMessage(id, {
      networkMessageId: guidOf(id),
      ...message,
      quarantine: { ...mark, ...quarantine },
    }),
    recipients: to.map((address, at) => sampleRecipient(at, { address: address as Address })),
    recipientCount: to.length,
    expiresMs,
  };
}

/** Messages that a test holds back, and what was asked of them. */
class FakeHeld implements HeldMessages {
  kept: KeptMessage[] = [];
  text = "Subject: x\r\n\r\nbody\r\n";
  readonly orders: object[] = [];
  pagesRead = 0;

  async *messages() {
    for (let at = 0; at < this.kept.length; at += 2) {
      this.pagesRead += 1;
      yield this.kept.slice(at, at + 2);
    }
  }

  async *places() {
    yield this.kept.map(({ message }) => message);
  }

  find = async (ids: readonly number[]) =>
    ids.flatMap((id) => this.kept.filter(({ message }) => message.id === id));

  content = () => {
    const bytes = Buffer.from(this.text);
    const read = async (index: number) => (index === 0 ? bytes : undefined);
    return { bytes: bytes.length, peek: () => undefined, read };
  };
}

/** A quarantine that a test fills. */
class FakeQuarantine extends FakeHeld implements QuarantineDesk {
  release: QuarantineDesk["release"] = async (order) => {
    this.orders.push({ act: "release", ...order });
    const [found] = await this.find(order.messageIds);
    return (order.to?.length ?? found?.recipientCount ?? 0) + (order.copyTo?.length ?? 0);
  };

  delete: QuarantineDesk["delete"] = async (order) => {
    this.orders.push({ act: "delete", ...order });
    return 1;
  };

  reportFalsePositive: QuarantineDesk["reportFalsePositive"] = ({ message: { id } }, by) =>
    void this.orders.push({ act: "reportFalsePositive", id, by });
}

/** Messages that wait for approval; each can be decided about once. */
class FakeModeration extends FakeHeld implements ModerationDesk {
  decide: ModerationDesk["decide"] = async (order) => {
    this.orders.push(order);
    const [found] = await this.find([order.messageId]);
    this.kept = this.kept.filter((one) => one !== found);
    return found?.recipientCount ?? 0;
  };
}

/** The cmdlets of this room, on mailboxes alice and bob; a file may own them. */
export async function openRoom(
  options: { readonly owned?: true; readonly tracked?: readonly TrackingRecord[] } = {},
) {
  const store = new MemoryOrganizationStore();
  const secrets = createSecretBox(Buffer.alloc(32));
  const organization = new StoredOrganization({ store, secrets, machine: MACHINE, file: FILE });
  const parsed = await organization.parse(YAML, "f.yaml");
  assert.ok(parsed.ok);
  if (options.owned === true) await organization.useFile(parsed.value);
  else await organization.apply(parsed.value, { mode: "store" });
  assert.ok((await organization.open()).ok);
  const quarantine = new FakeQuarantine();
  const moderation = new FakeModeration();
  const tracking = { log: fakeTrackingLog(options.tracked ?? []) };
  const { run, audited, clock } = cmdletRunner({
    cmdlets: QUARANTINE_CMDLETS,
    services: { organization, quarantine, moderation, tracking },
    caller: { name: "hana", role: "Hygiene Management" },
  });
  return { organization, quarantine, moderation, tracking, audited, clock, run };
}
