import { parentPort, workerData } from "node:worker_threads";
import { assert } from "../base/assert.ts";
import { systemClock } from "../base/clock.ts";
import { openResolver } from "../dns/resolver.ts";
import { authenticateSender } from "../mailauth/authenticate-sender.ts";
import { openDnsTransport } from "../net/dns-transport.ts";
import { readDmarcReport } from "../transport/deliver/dmarc-report-reader.ts";
import type { MailauthCalls, MailauthThreadData } from "./mailauth-calls.ts";
import { linkThreads } from "./thread-link.ts";

/** Checks who has sent messages: hashes and signatures take time that no listener has. */
function run(): void {
  assert(parentPort !== null, "senders are checked in a worker thread");
  const { nameServers } = workerData as MailauthThreadData;
  const resolver = openResolver({
    servers: nameServers,
    exchange: openDnsTransport(systemClock),
    clock: systemClock,
  });
  const tools = { resolver, clock: systemClock };
  const calls: MailauthCalls = {
    check: (question) => authenticateSender(tools, question),
    readDmarcReport,
  };
  linkThreads(parentPort, calls);
}

run();
