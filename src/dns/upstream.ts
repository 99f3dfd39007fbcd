import { randomInt } from "node:crypto";
import { fault, type Result } from "../base/result.ts";
import { SECOND } from "../base/units.ts";
import {
  type DnsResponse,
  encodeQuery,
  isResponseTo,
  parseResponse,
  RCODE,
  type RecordType,
} from "./message.ts";
import type { DnsServer, DnsTransport } from "./transport.ts";

/** One round over all servers per entry: how long each of them may take. */
const ROUND_TIMEOUTS_MS = [2 * SECOND, 4 * SECOND];

interface Question {
  readonly name: string;
  readonly type: RecordType;
}

/** Asks the configured servers in turn. */
export interface Upstream {
  /** An answer that settles it (NOERROR or NXDOMAIN), or why there is none. Never rejects. */
  ask(question: Question): Promise<Result<DnsResponse, string>>;
}

/**
 * The servers are asked in their order, starting with the one that answered last: a dead first
 * server costs its timeout once and not with every question.
 */
export function openUpstream(servers: readonly DnsServer[], exchange: DnsTransport): Upstream {
  let preferred = 0;
  return {
    async ask(question) {
      let order = servers.map((_, index) => (preferred + index) % servers.length);
      let reason = "no DNS server is configured";
      for (const timeoutMs of ROUND_TIMEOUTS_MS) {
        const silent: number[] = [];
        for (const index of order) {
          const server = servers[index];
          if (server === undefined) continue;
          const answer = await askServer(exchange, server, question, timeoutMs);
          if (answer.kind === "settled") {
            preferred = index;
            return { ok: true, value: answer.response };
          }
          reason = `${server.address}: ${answer.reason}`;
          // Who answers with an error would do so again; who was silent gets a second chance.
          if (answer.kind === "silent") silent.push(index);
        }
        order = silent;
      }
      return fault(reason);
    },
  };
}

type ServerAnswer =
  | { readonly kind: "settled"; readonly response: DnsResponse }
  | { readonly kind: "refused" | "silent"; readonly reason: string };

async function askServer(
  exchange: DnsTransport,
  server: DnsServer,
  question: Question,
  timeoutMs: number,
): Promise<ServerAnswer> {
  let edns = true;
  let tcp = false;
  // At most three: with EDNS, without it, and over TCP what did not fit.
  for (;;) {
    const packet = encodeQuery({ id: randomInt(0x1_0000), ...question }, { edns });
    const accepts = (bytes: Uint8Array) => isResponseTo(packet, bytes);
    const received = await exchange(server, packet, { tcp, timeoutMs, accepts });
    if (!received.ok) return { kind: "silent", reason: received.fault };
    const response = parseResponse(packet, received.value);
    if (!response.ok) return { kind: "refused", reason: response.fault };
    const { rcode, truncated } = response.value;
    if (edns && (rcode === RCODE.formErr || rcode === RCODE.notImp)) {
      edns = false;
    } else if (truncated && !tcp) {
      tcp = true;
    } else if (truncated) {
      return { kind: "refused", reason: "answer cut short over TCP" };
    } else if (rcode === RCODE.noError || rcode === RCODE.nxDomain) {
      return { kind: "settled", response: response.value };
    } else {
      return { kind: "refused", reason: RCODE_NAMES[rcode] ?? `RCODE ${rcode}` };
    }
  }
}

const RCODE_NAMES: Readonly<Record<number, string>> = {
  [RCODE.formErr]: "FORMERR",
  [RCODE.servFail]: "SERVFAIL",
  [RCODE.notImp]: "NOTIMP",
  [RCODE.refused]: "REFUSED",
};
