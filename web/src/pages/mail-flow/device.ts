import type { AnyCall } from "../../api/run-cmdlet.ts";

/** What is asked about a device. */
export interface Device {
  readonly name: string;
  readonly way: "logon" | "address";
  readonly isNewMailbox: boolean;
  /** Name or address; of a new one its name. */
  readonly mailbox: string;
  /** Of a new mailbox. */
  readonly mailboxAddress: string;
  readonly sender: string;
  readonly perHour: string;
  readonly policy: string;
  readonly addresses: string;
  readonly binding: string;
  readonly isRelay: boolean;
  readonly perMinute: string;
  readonly hasOldTls: boolean;
  readonly hasBareLf: boolean;
}

/** Nothing said yet; limits that no sound device reaches. */
export const NEW_DEVICE: Device = {
  name: "",
  way: "logon",
  isNewMailbox: false,
  mailbox: "",
  mailboxAddress: "",
  sender: "",
  perHour: "200",
  policy: "",
  addresses: "",
  binding: "",
  isRelay: false,
  perMinute: "60",
  hasOldTls: false,
  hasBareLf: false,
};

function listOf(text: string): readonly string[] {
  return text.split(/[\s,;]+/).filter((word) => word !== "");
}

/** Whether all that must be said was said. */
export function isComplete(device: Device): boolean {
  if (device.name.trim() === "") return false;
  if (device.way === "address") return listOf(device.addresses).length > 0 && device.binding !== "";
  return (
    device.mailbox.trim() !== "" && (!device.isNewMailbox || device.mailboxAddress.trim() !== "")
  );
}

/** What sets the device up, in order; what it puts out last has the password. */
export function deviceCalls(device: Device): readonly AnyCall[] {
  return device.way === "logon" ? logonCalls(device) : [relayCall(device)];
}

function logonCalls(device: Device): readonly AnyCall[] {
  const { name, isNewMailbox, mailbox, mailboxAddress, sender, perHour, policy } = device;
  const ThrottlingPolicy = policy === "" ? {} : { ThrottlingPolicy: policy };
  const box = mailbox.trim();
  const address = mailboxAddress.trim();
  const from = sender.trim() || (isNewMailbox ? address : "");
  return [
    ...(isNewMailbox
      ? [
          {
            cmdlet: "New-Mailbox",
            parameters: { Name: box, PrimarySmtpAddress: address, ...ThrottlingPolicy },
          },
        ]
      : policy === ""
        ? []
        : [{ cmdlet: "Set-Mailbox", parameters: { Identity: box, ...ThrottlingPolicy } }]),
    {
      cmdlet: "New-AppPassword",
      parameters: {
        Mailbox: box,
        Name: name.trim(),
        ...(from !== "" && { Senders: [from] }),
        ...(perHour.trim() !== "" && { MessagesPerHour: Number(perHour) }),
      },
    },
  ];
}

function relayCall(device: Device): AnyCall {
  const { name, addresses, binding, isRelay, perMinute, hasOldTls, hasBareLf } = device;
  return {
    cmdlet: "New-ReceiveConnector",
    parameters: {
      Name: name.trim(),
      Bindings: [binding],
      RemoteIPRanges: listOf(addresses),
      PermissionGroups: ["AnonymousUsers"],
      ...(isRelay && {
        ExtendedRights: { AnonymousUsers: ["ms-Exch-SMTP-Accept-Any-Recipient"] },
      }),
      ...(perMinute.trim() !== "" && { MessageRateLimit: Number(perMinute) }),
      ...(hasOldTls && { TlsProfile: "legacy" }),
      ...(hasBareLf && { BareLinefeedRejectionEnabled: false }),
    },
  };
}

/** A way into the server for devices. */
export interface Door {
  readonly connector: string;
  readonly server: string;
  readonly port: string;
  readonly encryption: "starttls" | "implicit" | "optional";
}

/** What a receive connector says, as far as devices care. */
export interface DoorConnector {
  readonly Name?: string | null;
  readonly Enabled?: boolean | null;
  readonly Bindings?: readonly string[] | null;
  readonly Fqdn?: string | null;
  readonly AuthMechanism?: readonly string[] | null;
  readonly PermissionGroups?: readonly string[] | null;
  readonly ImplicitTlsEnabled?: boolean | null;
}

const portOf = (binding: string) => binding.slice(binding.lastIndexOf(":") + 1);
const RANK = { starttls: 0, implicit: 1, optional: 2 } as const;

/** Where users may log on with a password, the best first: port 587, then TLS from the start. */
export function logonDoors(
  connectors: readonly DoorConnector[],
  serverName: string,
): readonly Door[] {
  const doors = connectors.flatMap((one): readonly Door[] => {
    const { AuthMechanism, PermissionGroups, Bindings, Fqdn, ImplicitTlsEnabled } = one;
    const mechanisms = AuthMechanism ?? [];
    const takesPasswords = mechanisms.some((mechanism) => mechanism.startsWith("BasicAuth"));
    if (one.Enabled === false || !takesPasswords) return [];
    if (!(PermissionGroups ?? []).includes("ExchangeUsers")) return [];
    const encryption =
      ImplicitTlsEnabled === true
        ? "implicit"
        : mechanisms.includes("Tls")
          ? "starttls"
          : "optional";
    return (Bindings ?? []).map((binding) => ({
      connector: one.Name ?? "",
      server: Fqdn || serverName,
      port: portOf(binding),
      encryption,
    }));
  });
  const known = new Map(doors.map((door) => [`${door.server}:${door.port}`, door]));
  return [...known.values()].sort(
    (left, right) =>
      Number(right.port === "587") - Number(left.port === "587") ||
      RANK[left.encryption] - RANK[right.encryption] ||
      Number(left.port) - Number(right.port),
  );
}

/** Where strangers may connect to, port 25 first; bindings that are for users alone come last. */
export function openBindings(connectors: readonly DoorConnector[]): readonly string[] {
  const rank = ({ PermissionGroups }: DoorConnector, binding: string) =>
    Number(!(PermissionGroups ?? []).includes("AnonymousUsers")) * 2 +
    Number(portOf(binding) !== "25");
  const ranked = connectors.flatMap((one) =>
    (one.Bindings ?? []).map((binding) => ({ binding, rank: rank(one, binding) })),
  );
  const sorted = ranked.sort((left, right) => left.rank - right.rank);
  return [...new Set(sorted.map(({ binding }) => binding))];
}

/** The way in of a device that is known by its address. */
export function addressDoor(
  connector: string,
  { binding, server }: { readonly binding: string; readonly server: string },
): Door {
  return { connector, server, port: portOf(binding), encryption: "optional" };
}
