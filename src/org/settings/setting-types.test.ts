import assert from "node:assert/strict";
import { test } from "node:test";
import { ipAddressNumber, parseIpAddress } from "../../mail/address-literal.ts";
import { fromConfigJson } from "../config-value.ts";
import { addressRange } from "./address-range.ts";
import { addressSpace, endpoint, endpointText, lmtpHost, smartHost } from "./network-types.ts";
import type { SettingType } from "./setting.ts";
import {
  address,
  bool,
  bytes,
  domain,
  formatBytes,
  formatSpan,
  integer,
  line,
  listOf,
  name,
  oneOf,
  share,
  span,
} from "./setting-types.ts";

type Case = readonly [type: SettingType<unknown, "" | "Ms">, json: unknown, want: unknown];

function read(type: SettingType<unknown, "" | "Ms">, json: unknown) {
  const problems: string[] = [];
  const value = type.read(fromConfigJson(json), (_, problem) => void problems.push(problem));
  assert.equal(value === undefined, problems.length > 0, "a value or a problem, not both");
  return { value, problems };
}

const SIZE = bytes({ min: 10, max: 2 ** 31 - 1, unlimited: true });
const TIME = span({ min: 1, max: 86_400_000 * 30 });
const COUNT = integer({ min: 1, max: 500 });

const GOOD: readonly Case[] = [
  [bool(), "true", true],
  [bool(), "False", false],
  [COUNT, "1", 1],
  [COUNT, "500", 500],
  [COUNT, 30, 30],
  [integer({ min: 1, max: 9, unlimited: true }), "Unlimited", Infinity],
  [share(), "0.1", 0.1],
  [share(), "1", 1],
  [SIZE, "65536", 65_536],
  [SIZE, "36MB", 37_748_736],
  [SIZE, "36 mb", 37_748_736],
  [SIZE, "64KB", 65_536],
  [SIZE, "1.5GB", 1_610_612_736],
  [SIZE, "10B", 10],
  [SIZE, "unlimited", Infinity],
  [TIME, "00:05:00", 300_000],
  [TIME, "2.00:00:00", 172_800_000],
  [TIME, "00:00:00.200", 200],
  [TIME, "00:00:01", 1_000],
  [TIME, "0:00:00.001", 1],
  [oneOf(["Tls", "None"]), "TLS", "Tls"],
  [line({ max: 5 }), "Grüße", "Grüße"],
  [name(), "x".repeat(64), "x".repeat(64)],
  [address(), "Alice@CONTOSO.com", "Alice@contoso.com"],
  [domain(), "Mail.Contoso.com", "mail.contoso.com"],
  [domain(), "münchen.de", "xn--mnchen-3ya.de"],
  [listOf(COUNT, { max: 2 }), ["1", "2"], [1, 2]],
  [listOf(COUNT, { max: 2 }), "7", [7]],
  [endpoint(), "127.0.0.1:25", { address: "127.0.0.1", port: 25 }],
  [endpoint(), "[::]:587", { address: "::", port: 587 }],
  [endpointText(53), "127.0.0.1:5353", "127.0.0.1:5353"],
  [endpointText(53), "9.9.9.9", "9.9.9.9:53"],
  [endpointText(53), "2001:DB8::1", "[2001:db8::1]:53"],
  [endpointText(53), "[2001:db8::1]:54", "[2001:db8::1]:54"],
  [addressSpace(), "SMTP:*;10", { space: "*", cost: 10 }],
  [addressSpace(), "contoso.com", { space: "contoso.com", cost: 1 }],
  [addressSpace(), "smtp:*.Contoso.com;5", { space: "*.contoso.com", cost: 5 }],
  [smartHost(), "Mail.fabrikam.com", { host: "mail.fabrikam.com", isAddress: false }],
  [smartHost(), "[127.0.0.1]", { host: "127.0.0.1", isAddress: true }],
  [smartHost(), "[IPv6:::1]", { host: "::1", isAddress: true }],
  [smartHost(), "192.0.2.1", { host: "192.0.2.1", isAddress: true }],
  [lmtpHost(), "/run/dovecot/lmtp", "/run/dovecot/lmtp"],
  [lmtpHost(), "dovecot.contoso.com:24", "dovecot.contoso.com:24"],
  [lmtpHost(), "[::1]:24", "[::1]:24"],
];

for (const [type, json, want] of GOOD) {
  test(`setting types read ${JSON.stringify(json)} as ${type.label}`, () => {
    assert.deepEqual(read(type, json).value, want);
  });
}

const BAD: readonly (readonly [SettingType<unknown, "" | "Ms">, unknown, RegExp])[] = [
  [bool(), "yes", /neither true nor false/],
  [bool(), ["true"], /not a single value/],
  [COUNT, "0", /out of range; write: integer 1–500/],
  [COUNT, "501", /out of range/],
  [COUNT, "1.5", /not valid/],
  [COUNT, "unlimited", /not valid/],
  [COUNT, "", /not valid/],
  [share(), "1.1", /out of range/],
  [share(), "10%", /0–1/],
  [SIZE, "9", /out of range/],
  [SIZE, "2GB", /out of range/],
  [SIZE, "36Mo", /not valid; write: size .*, as in 36MB/],
  [SIZE, "-5", /not valid/],
  [TIME, "00:00:00", /out of range/],
  [TIME, "31.00:00:00", /out of range/],
  [TIME, "24:00:00", /not valid/],
  [TIME, "00:60:00", /not valid/],
  [TIME, "300", /not valid; write: span/],
  [oneOf(["Tls", "None"]), "Tsl", /not one of Tls, None; did you mean "Tls"\?/],
  [line({ max: 5 }), "sixsix", /longer than 5/],
  [line({ max: 50 }), "a\r\nb", /control characters/],
  [line({ max: 50 }), "a\u0085b", /control characters/],
  [name(), "", /not a name/],
  [name(), " x", /not a name/],
  [name(), "x".repeat(65), /longer than 64/],
  [address(), "alice", /not an address/],
  [address(), "alice@contoso.com\r\n", /not an address/],
  [domain(), "[127.0.0.1]", /not a domain/],
  [domain(), "con toso.com", /not a domain/],
  [listOf(COUNT, { max: 2 }), ["1", "2", "3"], /more than 2/],
  [listOf(COUNT, { min: 1, max: 2 }), [], /must not be empty/],
  [listOf(COUNT, { max: 9 }), ["1", "x", null, "y"], /not valid/],
  [listOf(COUNT, { max: 2 }), {}, /not a list/],
  [endpoint(), "127.0.0.1", /not an IP address and a port/],
  [endpoint(), "127.0.0.1:0", /not an IP address and a port/],
  [endpoint(), "127.0.0.1:65536", /not an IP address and a port/],
  [endpoint(), "::1:25", /not an IP address and a port/],
  [endpoint(), "[127.0.0.1]:25", /not an IP address and a port/],
  [endpoint(), "localhost:25", /not an IP address and a port/],
  [addressSpace(), "*contoso.com", /did you mean "\*\.contoso\.com"\?/],
  [addressSpace(), "X400:c=us", /not of type SMTP/],
  [addressSpace(), "contoso.com;0", /cost/],
  [addressSpace(), "contoso.com;101", /cost/],
  [addressSpace(), "contoso.com;x", /not an address space/],
  [addressSpace(), "a.*.com", /not an address space/],
  [smartHost(), "1.2.3.999", /not a smart host/],
  [smartHost(), "[mail.contoso.com]", /not a smart host/],
  [lmtpHost(), "dovecot.contoso.com", /not an LMTP server/],
  [lmtpHost(), "run/lmtp", /not an LMTP server/],
];

for (const [type, json, want] of BAD) {
  test(`setting types refuse ${JSON.stringify(json)} as ${type.label}`, () => {
    assert.match(read(type, json).problems.join("\n"), want);
  });
}

test("a list reports each of its bad entries", () => {
  assert.equal(read(listOf(COUNT, { max: 9 }), ["1", "x", null, "y"]).problems.length, 3);
});

const number = (text: string): bigint => {
  const parsed = parseIpAddress(text);
  assert.ok(parsed);
  return ipAddressNumber(parsed);
};

for (const [text, first, last] of [
  ["10.1.2.3", "10.1.2.3", "10.1.2.3"],
  ["10.0.0.5-10.0.0.9", "10.0.0.5", "10.0.0.9"],
  ["10.0.0.0/8", "10.0.0.0", "10.255.255.255"],
  ["10.1.2.3/8", "10.0.0.0", "10.255.255.255"],
  ["0.0.0.0/0", "0.0.0.0", "255.255.255.255"],
  ["192.0.2.1/32", "192.0.2.1", "192.0.2.1"],
  ["::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["2001:db8::/32", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["::1 - ::ffff", "::1", "::ffff"],
] as const) {
  test(`addressRange reads ${text}`, () => {
    assert.deepEqual(read(addressRange(), text).value, {
      text,
      first: number(first),
      last: number(last),
    });
  });
}

for (const text of [
  "10.0.0.9-10.0.0.5",
  "10.0.0.0/33",
  "::/129",
  "10.0.0.0-::1",
  "10.0.0.0/8/8",
  "host",
  "",
  "10.0.0.0/",
]) {
  test(`addressRange refuses ${JSON.stringify(text)}`, () => {
    assert.match(read(addressRange(), text).problems.join(), /not an address range/);
  });
}

for (const [spanMs, text] of [
  [0, "00:00:00"],
  [200, "00:00:00.200"],
  [172_800_000 + 3_661_001, "2.01:01:01.001"],
] as const) {
  test(`formatSpan writes ${text}`, () => {
    assert.equal(formatSpan(spanMs), text);
    if (spanMs > 0) assert.equal(read(TIME, text).value, spanMs);
  });
}

test("formatBytes uses the largest unit that divides", () => {
  const sizes = [1, 1024, 37_748_736, 2 ** 30, 2 ** 31 - 1];
  assert.deepEqual(sizes.map(formatBytes), ["1", "1KB", "36MB", "1GB", "2147483647"]);
});
