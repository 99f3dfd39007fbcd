import { join } from "node:path";
import { assert } from "../base/assert.ts";
import { createExecute } from "../cmdlet/execute.ts";
import { StoryLinks } from "../logs/story-links.ts";
import { ALL_CMDLETS } from "../management/all-cmdlets.ts";
import { type ManagementServer, openManagementServer } from "../management/http-server.ts";
import type { Organization } from "../org/organization.ts";
import { moderationLinkKey } from "../transport/moderation/moderation-link.ts";
import { quarantineLinkKey } from "../transport/quarantine/quarantine-link.ts";
import type { ServiceState } from "../transport/queue/pressure.ts";
import { type AccessHost, openAccessHost } from "./access-host.ts";
import { type CmdletServiceParts, createCmdletServices } from "./cmdlet-services.ts";
import type { DataDirectory } from "./data-directory.ts";
import { createModerationLinks } from "./moderation-links.ts";
import { createQuarantineLinks } from "./quarantine-links.ts";
import { createQueueHost, type QueueHost } from "./queue-services.ts";
import { createTrackingLog } from "./tracking-host.ts";
import { createTrackingServices } from "./tracking-services.ts";

/** What the administrator's ways in stand on. */
export interface ManagementParts
  extends Omit<CmdletServiceParts, "dataDirectory" | "tracking" | "access" | "queues"> {
  readonly data: DataDirectory;
}

/** The administrator's ways in, and what they keep. */
export interface ManagementHost {
  readonly management: ManagementServer;
  readonly access: AccessHost;
  readonly queues: QueueHost;
  /** Where the first administrator is made; `undefined`: there is one, or no HTTPS. */
  readonly setupLink: string | undefined;
}

/** Opens the cmdlets' services, and with them HTTPS and the Unix socket. */
export async function openManagementHost(parts: ManagementParts): Promise<ManagementHost> {
  const { data, store, keeper, logs, clock, diagnostics } = parts;
  const organization = () => keeper.organization;
  const access = await openAccessHost({
    store: store.organization.access,
    scanAudit: (request) => logs.remote.ask("scanAudit", request),
    secrets: data.secrets,
    dataDirectory: data.path,
    clock,
    diagnostics,
    organization,
  });
  const queues = createQueueHost({ ...parts, dataDirectory: data.path, organization });
  await queues.open();
  const management = await openManagement(parts, { access, queues });
  const setupLink = makeSetupLink(organization().server, { access, port: management.port });
  if (setupLink !== undefined) diagnostics.info("setup-link-printed");
  return { management, access, queues, setupLink };
}

/** Behind the #, so that the token reaches no log of a server in between. */
function makeSetupLink(
  { fqdn, admin }: Organization["server"],
  { access, port }: { readonly access: AccessHost; readonly port: number | undefined },
): string | undefined {
  const { address } = admin.listen ?? {};
  // Where another sign-in is the only way in, it makes the first administrator too.
  const isHere = address !== undefined && port !== undefined && admin.oidc?.only !== true;
  const token = !isHere ? undefined : access.setup.renew();
  if (address === undefined || token === undefined) return undefined;
  // Who listens for this machine alone is found by no other name.
  const host = address === "::1" || address.startsWith("127.") ? "localhost" : fqdn;
  return `https://${host}:${port}/admin/setup#${token}`;
}

async function openManagement(
  parts: ManagementParts,
  own: Pick<ManagementHost, "access" | "queues">,
): Promise<ManagementServer> {
  const { clock, diagnostics, components, ownMetrics } = parts;
  const { data, store, keeper, supervisor, monitor, certificates, logs } = parts;
  const { server } = keeper.organization;
  const { listen } = server.admin;
  const answers = async () => {
    await store.queue.readMessage(0);
    return [{ name: "store", ok: true }];
  };
  const secret = certificates.store.serverSecret(server.fqdn);
  assert(secret !== undefined, "the self-signed certificate bears the server's name");
  const https = listen && { address: listen.address, port: listen.port, certificate: secret };
  const { tracking, stories } = createTrackingServices({
    log: createTrackingLog(logs, clock),
    queue: store.queue,
    links: await StoryLinks.open(store.organization.records, clock),
    clock,
    serverName: () => keeper.organization.server.fqdn,
  });
  const services = createCmdletServices({ ...parts, ...own, tracking, dataDirectory: data.path });
  const execute = createExecute({
    table: ALL_CMDLETS,
    services,
    audit: (entry) => own.access.auditLog.write(entry),
    clock,
    diagnostics,
  });
  return openManagementServer({
    table: ALL_CMDLETS,
    execute,
    access: own.access.control,
    desk: own.access.desk,
    stories,
    links: createQuarantineLinks({
      quarantine: services.quarantine,
      organization: () => keeper.organization,
      linkKey: quarantineLinkKey(data.secrets),
      clock,
    }),
    moderation: createModerationLinks({
      moderation: services.moderation,
      linkKey: moderationLinkKey(data.secrets),
      clock,
    }),
    ...(https && { https }),
    socketPath: join(data.path, "postrider.sock"),
    health: async () => [...(await answers()), certificates.health()],
    readiness: async () => [
      ...(await answers()),
      readiness("listeners", supervisor.isReady ? [] : ["a transport thread is not ready"]),
      readiness("back-pressure", monitor.reasons),
      readiness("components", outOfService(components.service)),
    ],
    metrics: async () => [
      ownMetrics(),
      (await store.remote.ask("report", undefined)).metrics,
      ...(await supervisor.snapshots()),
      ...(await logs.snapshots()),
    ],
    clock,
    diagnostics,
  });
}

function readiness(name: string, reasons: readonly string[]) {
  return {
    name,
    ok: reasons.length === 0,
    ...(reasons.length > 0 && { reason: reasons.join("; ") }),
  };
}

function outOfService({ takesMail, sendsMail }: ServiceState): readonly string[] {
  return takesMail && sendsMail
    ? []
    : ["taken out of service; Get-ServerComponentState says by whom"];
}
