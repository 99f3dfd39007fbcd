import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { python } from "../harness/peers.ts";

const SAMPLES = fileURLToPath(new URL("../../src/mail/fixtures", import.meta.url));

/** Reads each notice with Python's mail package, prints its parts; any defect ends the program. */
const READER = `
import email, email.policy, json, sys
policy = email.policy.SMTPUTF8.clone(raise_on_defect=True)
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        message = email.message_from_binary_file(file, policy=policy)
    for part in message.walk():
        assert not part.defects, (path, part.get_content_type(), part.defects)
    top = message.get_payload()
    groups = [dict(group) for group in top[1].get_payload()]
    print(json.dumps({
        "subject": str(message["Subject"]),
        "report": message.get_param("report-type"),
        "parts": [part.get_content_type() for part in top],
        "text": message.get_body(preferencelist=("plain",)).get_content(),
        "html": message.get_body(preferencelist=("html",)).get_content(),
        "groups": groups,
    }))
`;

test("Python's mail reader finds no defect in any notice, and the same parts in it", async () => {
  const names = readdirSync(SAMPLES).filter((name) => name.endsWith(".eml"));
  assert.ok(names.length >= 7);
  const { code, stdout, stderr } = await python(
    READER,
    ...names.map((name) => `${SAMPLES}/${name}`),
  );
  assert.equal(code, 0, stderr);
  const lines = stdout.trim().split("\n");
  assert.equal(lines.length, names.length);
  for (const [index, line] of lines.entries()) {
    const name = names[index] ?? "";
    const notice = JSON.parse(line);
    assert.equal(notice.report, "delivery-status", name);
    assert.match(
      notice.subject,
      /^(Undeliverable|Delivery delayed|Relayed|Delivered|Expanded): Offer$/,
    );
    assert.equal(notice.parts.length, 3, name);
    assert.equal(notice.parts[0], "multipart/alternative", name);
    assert.match(notice.parts[1], /^message\/(global-)?delivery-status$/);
    assert.match(notice.text, /Diagnostic information for administrators/);
    assert.match(notice.html, /Diagnostic information for administrators/);
    assert.equal(notice.groups[0]["Reporting-MTA"], "dns;mail.contoso.test");
    // Python knows the groups of the older type only, and takes the newer one for a message.
    if (notice.parts[1] === "message/global-delivery-status") continue;
    assert.equal(notice.groups[1]["Final-Recipient"], "rfc822;bob@fabrikam.test");
  }
});
