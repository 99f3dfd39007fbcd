import { zipOf } from "../../content/archive.fake.ts";
import { lines, multipart } from "../../content/message.fake.ts";
import type { BenchMessage } from "./rule-bench.fake.ts";

const INTERNAL = { authAs: "Internal", directionality: "Originating" } as const;

function attached(name: string, type: string, bytes: Buffer): readonly string[] {
  return [
    `Content-Type: ${type}; name="${name}"`,
    `Content-Disposition: attachment; filename="${name}"`,
    "Content-Transfer-Encoding: base64",
    "",
    bytes.toString("base64"),
  ];
}

/** The least that is a program for Windows. */
function programBytes(): Buffer {
  const head = Buffer.concat([Buffer.from("MZ"), Buffer.alloc(58), Buffer.from([64, 0, 0, 0])]);
  return Buffer.concat([head, Buffer.from("PE\0\0"), Buffer.alloc(64)]);
}

/** The least that is a document of Word, with a property of its own. */
function documentBytes(): Buffer {
  const property = '<property name="Confidentiality"><vt:lpwstr>Top secret</vt:lpwstr></property>';
  return zipOf([
    { name: "[Content_Types].xml", content: "<Types/>" },
    { name: "word/document.xml", content: "<w:p><w:t>The merger is on.</w:t></w:p>" },
    { name: "docProps/custom.xml", content: `<Properties>${property}</Properties>` },
  ]);
}

/** An advertisement, plain text, from a stranger to two of ours and one outside. */
const sale: BenchMessage = {
  sender: "bounce+17@lists.shop.example",
  recipients: ["alice@contoso.test", "bob@contoso.test", "zoe@else.example"],
  content: lines(
    "From: Shop News <news@shop.example>",
    "Reply-To: carol@contoso.test",
    "To: alice@contoso.test, bob@contoso.test",
    "Subject: Summer SALE: 50% off",
    "X-Mailer: BulkMaster 3000",
    "Content-Type: text/plain; charset=us-ascii",
    "",
    "Confidential offers inside the new catalogue.",
    "Visit www.shop.example or write to C++ fans. Top",
    "secret deals for preconfidentiality readers.",
  ),
  origin: { clientAddress: "198.51.100.44" },
};

/** Internal, encoded subject, quoted-printable body with umlauts, urgent. */
const payroll: BenchMessage = {
  sender: "bob@contoso.test",
  recipients: ["carol@contoso.test", "dave@fabrikam.example"],
  content: lines(
    "From: Bob <bob@contoso.test>",
    "To: Carol <carol@contoso.test>",
    "Cc: Dave <dave@fabrikam.example>",
    "Subject: =?utf-8?Q?Gehaltsabrechnung_M=C3=A4rz?=",
    "Importance: high",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: quoted-printable",
    "",
    "Streng vertraulich: Geh=C3=A4lter der Abteilung. Kennwort: abc=",
    "def",
  ),
  origin: { ...INTERNAL, clientAddress: "10.1.2.3" },
};

/** HTML whose words are cut up by tags, base64; from a partner, the author is another one. */
const falcon: BenchMessage = {
  sender: "eve@partner.example",
  recipients: ["alice@contoso.test", "carol@contoso.test"],
  content: lines(
    "From: eve@partner.example",
    "Sender: assistant@partner.example",
    "To: sales@contoso.test",
    "Subject: Re: Project",
    "X-Department: Legal Team, Project Office",
    "MIME-Version: 1.0",
    "Content-Type: text/html; charset=utf-8",
    "Content-Transfer-Encoding: base64",
    "",
    Buffer.from(
      "<html><style>p.hidden{color:red}</style><p>The pro<b>ject</b>&nbsp;Falcon " +
        "is <i>top</i> <u>secret</u>. Card 4111-1111-1111-1111.</p></html>",
    ).toString("base64"),
  ),
  origin: { clientAddress: "2001:db8::25" },
};

/** An invitation. */
const invitation: BenchMessage = {
  sender: "alice@contoso.test",
  recipients: ["bob@contoso.test"],
  content: lines(
    "From: alice@contoso.test",
    "To: bob@contoso.test",
    "Subject: Meeting",
    "MIME-Version: 1.0",
    ...multipart("alternative", [
      ["Content-Type: text/plain", "", "Come at ten."],
      ["Content-Type: text/calendar; method=REQUEST", "", "BEGIN:VCALENDAR", "END:VCALENDAR"],
    ]),
  ),
  origin: { ...INTERNAL, clientAddress: "10.1.2.4" },
};

/** Signed by its author. */
const signed: BenchMessage = {
  sender: "carol@contoso.test",
  recipients: ["alice@contoso.test", "dave@fabrikam.example"],
  content: lines(
    "From: carol@contoso.test",
    "To: alice@contoso.test",
    "Subject: Contract",
    "X-MS-Exchange-Organization-Classification: Company Internal",
    "MIME-Version: 1.0",
    ...multipart('signed; protocol="application/pkcs7-signature"; micalg=sha-256', [
      ["Content-Type: text/plain", "", "The contract is final."],
      ["Content-Type: application/pkcs7-signature; name=smime.p7s", "", "MIIB"],
    ]),
  ),
  origin: { ...INTERNAL, clientAddress: "10.1.2.5" },
};

/** An automatic reply with the null sender. */
const absence: BenchMessage = {
  sender: "",
  recipients: ["bob@contoso.test"],
  content: lines(
    "From: frank@else.example",
    "To: bob@contoso.test",
    "Subject: Automatic reply: Invoice 4711",
    "Auto-Submitted: auto-replied",
    "Content-Type: text/plain; charset=koi8-r",
    "",
    "I am away.",
  ),
  origin: { clientAddress: "203.0.113.80" },
};

/** Rated as spam; claims to be from the chief, with a name that looks like an address. */
const spam: BenchMessage = {
  sender: "ceo@evil.example",
  recipients: ["bob@contoso.test", "nobody@relay.test"],
  content: lines(
    'From: "carol@contoso.test" <ceo@evil.example>',
    "To: bob@contoso.test",
    "Subject: urgent payment",
    "X-Priority: 1",
    "Content-Type: text/plain",
    "",
    "Send EUR 9,000 today.",
  ),
  origin: { clientAddress: "198.51.100.99" },
  changes: { scl: 7 },
};

/** Claims to be one of ours without having logged on; somewhat large. */
const pretender: BenchMessage = {
  sender: "alice@contoso.test",
  recipients: ["carol@contoso.test"],
  content: lines(
    "From: A. Smith <a.smith@contoso.test>",
    "To: carol@contoso.test",
    "Subject:",
    "Content-Type: text/plain",
    "",
    "x".repeat(70),
  ),
  origin: { clientAddress: "203.0.113.5" },
  changes: { contentBytes: 2_097_152 },
};

/** A program that calls itself a picture, and a note. */
const program: BenchMessage = {
  sender: "mallory@evil.example",
  recipients: ["alice@contoso.test"],
  content: lines(
    "From: mallory@evil.example",
    "To: alice@contoso.test",
    "Subject: pictures",
    ...multipart("mixed", [
      ["Content-Type: text/plain", "", "Look."],
      attached("beach.png", "image/png", programBytes()),
      attached("Notes.TXT", "text/plain", Buffer.from("The code word is bluebird.")),
    ]),
  ),
};

/** An archive with a document in it, and one that needs a password. */
const archives: BenchMessage = {
  sender: "bob@contoso.test",
  recipients: ["carol@contoso.test"],
  content: lines(
    "From: bob@contoso.test",
    "To: carol@contoso.test",
    "Subject: archives",
    ...multipart("mixed", [
      ["Content-Type: text/plain", "", "Both."],
      attached(
        "plans.zip",
        "application/zip",
        zipOf([{ name: "folder/plan-b.txt", content: "Operation Nightfall begins." }]),
      ),
      attached(
        "locked.zip",
        "application/zip",
        zipOf([{ name: "secret.doc", content: "0123456789", isEncrypted: true }]),
      ),
    ]),
  ),
  origin: { ...INTERNAL, clientAddress: "10.1.2.3" },
};

/** A document that says of itself how secret it is. */
const document: BenchMessage = {
  sender: "eve@partner.example",
  recipients: ["carol@contoso.test"],
  content: lines(
    "From: eve@partner.example",
    "Subject: plan",
    ...multipart("mixed", [
      ["Content-Type: text/plain", "", "Here."],
      attached("plan.docx", "application/msword", documentBytes()),
    ]),
  ),
};

/** A large file of a type that nobody knows. */
const blob: BenchMessage = {
  sender: "eve@partner.example",
  recipients: ["carol@contoso.test"],
  content: lines(
    "From: eve@partner.example",
    "To: carol@contoso.test",
    "Subject: data",
    ...multipart("mixed", [
      ["Content-Type: text/plain", "", "Here."],
      attached("data.xyz", "application/octet-stream", Buffer.alloc(5000, 0xf7)),
    ]),
  ),
};

/** The messages, by name. */
export const CORPUS = {
  sale,
  payroll,
  falcon,
  invitation,
  signed,
  absence,
  spam,
  pretender,
} as const;

/** Messages with files. */
export const FILE_CORPUS = { program, archives, document, blob } as const;

/** Names of CORPUS. */
export type CorpusName = keyof typeof CORPUS;
