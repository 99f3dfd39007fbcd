import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseAllDocuments } from "yaml";
import { systemClock } from "../base/clock.ts";
import { textOf } from "../base/text-of.fake.ts";
import type { ResourceRecord } from "../dns/message.ts";
import type { Resolver } from "../dns/resolver.ts";
import { authenticateSender } from "./authenticate-sender.ts";

/** RFC 7208's cases, published by openspf.org; not part of this repository. */
const SUITE = join(
  import.meta.dirname,
  "../../../shared/suites/spf/openspf-2014.05/rfc7208-tests-2014-05.yml",
);

interface Scenario {
  readonly description: string;
  readonly tests: Readonly<Record<string, SpfCase>>;
  readonly zonedata: Readonly<Record<string, readonly ZoneItem[]>>;
}

interface SpfCase {
  readonly helo: string;
  readonly host: string;
  readonly mailfrom: string;
  readonly result: string | readonly string[];
}

type ZoneItem = "TIMEOUT" | Readonly<Record<string, unknown>>;

test("SPF gives the results of RFC 7208's suite", async (t) => {
  if (!existsSync(SUITE)) {
    t.diagnostic("../shared/suites is not there: nothing compared");
    return;
  }
  const scenarios = parseAllDocuments(readFileSync(SUITE, "utf8")).map(
    (document) => document.toJS() as Scenario | null,
  );
  let count = 0;
  const wrong: string[] = [];
  for (const scenario of scenarios) {
    if (scenario === null) continue;
    const tools = { resolver: suiteResolver(scenario.zonedata), clock: systemClock };
    for (const [name, { helo, host, mailfrom, result }] of Object.entries(scenario.tests)) {
      count += 1;
      const found = await authenticateSender(tools, {
        clientAddress: host,
        helo,
        sender: mailfrom,
        serverName: "receiver.example",
        content: undefined,
      });
      if (![result].flat().includes(found.spf.result)) {
        wrong.push(`${scenario.description}: ${name}: ${found.spf.result}, not ${String(result)}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
  assert.equal(count, 193);
});

/** The suite's zones: SPF stands for TXT where a name has no TXT, and TIMEOUT for the rest. */
function suiteResolver(zone: Scenario["zonedata"]): Resolver {
  const names = new Map(Object.entries(zone).map(([name, items]) => [name.toLowerCase(), items]));
  return {
    async lookup(asked, type) {
      let name = asked.toLowerCase().replace(/\.$/, "");
      for (let aliases = 0; aliases < 10; aliases += 1) {
        const items = names.get(name);
        if (items === undefined) return { kind: "nxdomain", authenticated: false };
        const records = items.flatMap((item) => (item === "TIMEOUT" ? [] : [item]));
        const hasText = records.some((record) => "TXT" in record);
        const wanted = type === "TXT" && !hasText ? "SPF" : type;
        const found = records.flatMap((record) => recordOf(record[wanted], type));
        if (found.length > 0) {
          return { kind: "records", records: found, canonicalName: name, authenticated: false };
        }
        const alias = records.find((record) => "CNAME" in record)?.["CNAME"];
        if (alias !== undefined) {
          name = textOf(alias).toLowerCase();
          continue;
        }
        if (items.includes("TIMEOUT")) return { kind: "failed", reason: "timed out" };
        return { kind: "nodata", authenticated: false };
      }
      return { kind: "failed", reason: "a loop" };
    },
  };
}

function recordOf(value: unknown, type: string): readonly ResourceRecord[] {
  const ttlSeconds = 60;
  if (value === undefined || value === "NONE") return [];
  if (type === "A" || type === "AAAA") return [{ type, ttlSeconds, address: textOf(value) }];
  if (type === "PTR") return [{ type, ttlSeconds, target: textOf(value) }];
  if (type === "MX") {
    const [preference, exchange] = value as readonly [number, string];
    return [{ type, ttlSeconds, preference, exchange: exchange === "" ? "." : exchange }];
  }
  if (type !== "TXT") return [];
  return [{ type, ttlSeconds, text: [value].flat().map(textOf).join("") }];
}
