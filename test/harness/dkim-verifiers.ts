import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./peers.ts";
import type { Scope } from "./scope.ts";
import { temporaryFolder } from "./server.ts";

/** What other people's verifiers say, by selector: `pass` or something else. */
export interface DkimOpinions {
  readonly dkimpy: Readonly<Record<string, string>>;
  readonly mailDkim: Readonly<Record<string, string>>;
  readonly openDkim: Readonly<Record<string, string>>;
}

const DKIMPY = `
import dkim, json, sys
records = json.load(open(sys.argv[1]))
message = open(sys.argv[2], "rb").read()
def find(name, timeout=5):
    return records.get(name.decode().rstrip("."), "").encode() or None
header = b"\\r\\n" + message.split(b"\\r\\n\\r\\n", 1)[0].lower()
for index in range(header.count(b"\\r\\ndkim-signature:")):
    verifier = dkim.DKIM(message)
    try:
        passed = verifier.verify(idx=index, dnsfunc=find)
    except dkim.DKIMException:
        passed = False
    print(verifier.signature_fields[b"s"].decode(), "pass" if passed else "fail")
`;

const MAIL_DKIM = `
package Zone;
use strict; use warnings;
use JSON::PP; use Net::DNS; use Mail::DKIM::Verifier; use Mail::DKIM::DNS;
sub send {
  my ($zone, $name, $type) = @_;
  my $packet = Net::DNS::Packet->new($name, $type);
  my @strings = unpack("(A255)*", $zone->{$name} // "");
  if (@strings) {
    $packet->push(answer => Net::DNS::RR->new(name => $name, type => "TXT", txtdata => \\@strings));
  } else {
    $packet->header->rcode("NXDOMAIN");
  }
  return $packet;
}
sub errorstring { "NXDOMAIN" }
sub slurp { local $/; open(my $file, "<:raw", $_[0]) or die $!; return scalar <$file>; }
Mail::DKIM::DNS::resolver(bless JSON::PP::decode_json(slurp($ARGV[0])), "Zone");
my $verifier = Mail::DKIM::Verifier->new;
$verifier->PRINT(slurp($ARGV[1]));
$verifier->CLOSE;
print $_->selector, " ", $_->result, "\\n" for $verifier->signatures;
`;

/**
 * Has dkimpy, Mail::DKIM and OpenDKIM look at a message (bytes as Latin 1), with these TXT records
 * for all of DNS. Mail::DKIM of Debian 12 does not know Ed25519.
 */
export async function askDkimVerifiers(
  t: Scope,
  content: string,
  records: Readonly<Record<string, string>>,
): Promise<DkimOpinions> {
  const folder = await temporaryFolder(t);
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text, "latin1");
    return join(folder, name);
  };
  const zone = await file("records.json", JSON.stringify(records));
  const message = await file("message.eml", content);
  // Debian's own, whose packages these are, not another one earlier in the path.
  const dkimpy = await run("/usr/bin/python3", ["-c", DKIMPY, zone, message]);
  assert.equal(dkimpy.code, 0, dkimpy.stderr);
  const mailDkim = await run("/usr/bin/perl", ["-e", MAIL_DKIM, zone, message]);
  assert.equal(mailDkim.code, 0, mailDkim.stderr);
  const keys = Object.entries(records).map(([name, text]) => `${name} ${text}\n`);
  const lines = [
    "Mode v",
    "Syslog no",
    `TemporaryDirectory ${folder}`,
    `TestPublicKeys ${await file("keys.txt", keys.join(""))}`,
  ];
  const configuration = await file("opendkim.conf", `${lines.join("\n")}\n`);
  const unix = await file("message.txt", content.replaceAll("\r\n", "\n"));
  const openDkim = await run("/usr/sbin/opendkim", [
    ...["-t", unix, "-x", configuration],
    ...["-v", "-v"],
  ]);
  const results = [...openDkim.stdout.matchAll(/dkim=(\w+)[^;]*? header\.s=(\S+)/g)];
  return {
    dkimpy: readLines(dkimpy.stdout),
    mailDkim: readLines(mailDkim.stdout),
    openDkim: Object.fromEntries(
      results.map(([, result = "", selector = ""]) => [selector, result]),
    ),
  };
}

function readLines(text: string): Readonly<Record<string, string>> {
  const rows = text.trim() === "" ? [] : text.trim().split("\n");
  return Object.fromEntries(
    rows.map((row) => {
      const [selector = "", result = ""] = row.split(" ");
      return [selector, result];
    }),
  );
}
