import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "../test/harness/eventually.ts";
import { freePort } from "../test/harness/free-port.ts";
import { run } from "../test/harness/peers.ts";
import { type PostfixPeer, startPostfixPeer } from "../test/harness/postfix-peer.ts";
import { startProgram } from "../test/harness/program.ts";
import { temporaryFolder } from "../test/harness/server.ts";
import { startUnbound } from "../test/harness/unbound.ts";
import type { Round } from "./scenario.ts";

/** The address that the system's resolver asks in the programs that take no other: port 53. */
const RESOLVER = "127.0.0.77";

/** Names in DNS for one run. */
export interface BenchZone {
  /** The name server's, on 127.0.0.1. */
  readonly port: number;
  /** What makes a program ask it. */
  readonly wrapper: readonly string[];
}

/** Unbound with these records, each as in a zone file. */
export async function startBenchZone(round: Round, records: readonly string[]): Promise<BenchZone> {
  const folder = await temporaryFolder(round.scope);
  await chmod(folder, 0o755);
  const path = join(folder, "resolv.conf");
  await writeFile(path, `nameserver ${RESOLVER}\n`);
  const port = await freePort();
  await startUnbound(round.scope, {
    port,
    modules: "iterator",
    settings: [
      `interface: ${RESOLVER}@53`,
      // OpenDKIM's own resolver knows of no name below "test".
      'local-zone: "example." static',
      'local-zone: "127.in-addr.arpa." static',
      ...records.map((record) => `local-data: '${record}'`),
    ],
    async ready() {
      const { stdout } = await run("kdig", [`@${RESOLVER}`, "+short", "TXT", "bench.example"]);
      return stdout.includes("v=spf1");
    },
  });
  const bind = 'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"';
  return { port, wrapper: ["unshare", "--mount", "sh", "-c", bind, "sh", path] };
}

/** Postfix with OpenDKIM, OpenDMARC and an SPF policy service, each as its package suggests. */
export async function startCheckingPostfix(
  round: Round,
  parts: { readonly sinkPort: number; readonly domain: string; readonly zone: BenchZone },
): Promise<PostfixPeer> {
  const { wrapper } = parts.zone;
  const folder = await temporaryFolder(round.scope);
  await chmod(folder, 0o755);
  const [dkim, dmarc] = [await freePort(), await freePort()];
  await startDaemon(round, {
    ...{ folder, wrapper, port: dkim, name: "opendkim", options: ["-f", "-x"] },
    lines: [
      ...["Mode v", "Syslog no", "Background no", `Socket inet:${dkim}@127.0.0.1`],
      // Else whoever is on this machine is one of its own, whose mail is not looked at.
      ...["InternalHosts 192.0.2.1", `Nameservers ${RESOLVER}`, "AuthservID mail.contoso.test"],
    ],
  });
  await writeFile(join(folder, "none"), "192.0.2.1\n");
  await startDaemon(round, {
    ...{ folder, wrapper, port: dmarc, name: "opendmarc", options: ["-f", "-c"] },
    lines: [
      ...["Syslog false", "Background false", `Socket inet:${dmarc}@127.0.0.1`],
      ...["AuthservID mail.contoso.test", "TrustedAuthservIDs mail.contoso.test"],
      ...[`IgnoreHosts ${join(folder, "none")}`, "RejectFailures true"],
    ],
  });
  const policy = join(folder, "policyd-spf.conf");
  await writeFile(
    policy,
    "debugLevel = 0\nskip_addresses = 192.0.2.1\nHELO_reject = Fail\nMail_From_reject = Fail\n",
  );
  await chmod(policy, 0o644);
  return startPostfixPeer(round.scope, {
    relayPort: parts.sinkPort,
    wrapper,
    services: [
      "policyd-spf unix - n n - 0 spawn",
      `  user=nobody argv=/usr/bin/policyd-spf ${policy}`,
    ],
    settings: {
      virtual_mailbox_domains: "",
      mynetworks: "192.0.2.1/32",
      relay_domains: parts.domain,
      smtpd_recipient_restrictions:
        "reject_unauth_destination, check_policy_service unix:private/policyd-spf, permit",
      "policyd-spf_time_limit": "3600",
      smtpd_milters: `inet:127.0.0.1:${dkim}, inet:127.0.0.1:${dmarc}`,
      milter_default_action: "tempfail",
      smtpd_client_connection_count_limit: "0",
      smtpd_client_connection_rate_limit: "0",
      default_process_limit: "200",
      default_destination_concurrency_limit: "50",
      in_flow_delay: "0",
      debug_peer_list: "",
    },
  });
}

async function startDaemon(
  round: Round,
  parts: {
    readonly folder: string;
    readonly wrapper: readonly string[];
    readonly name: string;
    readonly port: number;
    readonly options: readonly string[];
    readonly lines: readonly string[];
  },
): Promise<void> {
  const path = join(parts.folder, `${parts.name}.conf`);
  await writeFile(path, `${parts.lines.join("\n")}\n`);
  const words = [...parts.wrapper, `/usr/sbin/${parts.name}`, ...parts.options, path];
  const [program = "", ...options] = words;
  await startProgram(round.scope, {
    program,
    options,
    what: parts.name,
    async ready() {
      const { stdout } = await run("ss", ["-Hltn", `sport = :${parts.port}`]);
      return stdout !== "";
    },
  });
  await eventually({ what: parts.name }, async () => true);
}
