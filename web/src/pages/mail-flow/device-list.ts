/** A device as the list shows it. */
export interface ListedDevice {
  readonly key: string;
  readonly name: string;
  readonly way: "logon" | "address";
  /** The mailbox's name, or its addresses. */
  readonly as: string;
  /** Of a mailbox. */
  readonly address: string;
  /** Where a device known by its address connects to. */
  readonly binding: string;
}

interface MailboxRow {
  readonly Name?: string | null;
  readonly PrimarySmtpAddress?: string | null;
  readonly AppPasswords?: readonly string[] | null;
}

interface ConnectorRow {
  readonly Name?: string | null;
  readonly RemoteIPRanges?: readonly string[] | null;
  readonly Bindings?: readonly string[] | null;
  readonly PermissionGroups?: readonly string[] | null;
  readonly ExtendedRights?: unknown;
}

const RELAY_RIGHT = /^ms-Exch-SMTP-Accept-Any-Recipient$/i;
const EVERYBODY = /^(?:0\.0\.0\.0\/0|::\/0|0\.0\.0\.0-255\.255\.255\.255)$/;

/** App passwords of mailboxes, and connectors that some addresses have to themselves. */
export function listDevices(
  mailboxes: readonly MailboxRow[],
  connectors: readonly ConnectorRow[],
): readonly ListedDevice[] {
  const passwords = mailboxes.flatMap(({ Name, PrimarySmtpAddress, AppPasswords }) =>
    (AppPasswords ?? []).map((name) => ({
      key: `logon ${Name}\\${name}`,
      name,
      way: "logon" as const,
      as: Name ?? "",
      address: PrimarySmtpAddress ?? "",
      binding: "",
    })),
  );
  const relays = connectors.filter(isForDevices).map(({ Name, RemoteIPRanges, Bindings }) => ({
    key: `address ${Name}`,
    name: Name ?? "",
    way: "address" as const,
    as: (RemoteIPRanges ?? []).join(", "),
    address: "",
    binding: Bindings?.[0] ?? "",
  }));
  return [...passwords, ...relays].sort((left, right) => left.name.localeCompare(right.name));
}

function isForDevices({ RemoteIPRanges, ExtendedRights }: ConnectorRow): boolean {
  const ranges = RemoteIPRanges ?? [];
  const isNarrow = ranges.length > 0 && !ranges.some((range) => EVERYBODY.test(range));
  return isNarrow && anonymousRights(ExtendedRights).some((right) => RELAY_RIGHT.test(right));
}

function anonymousRights(rights: unknown): readonly string[] {
  if (typeof rights !== "object" || rights === null) return [];
  const own = Object.entries(rights).find(([group]) => /^anonymoususers$/i.test(group))?.[1];
  return Array.isArray(own) ? own.map(String) : [];
}
