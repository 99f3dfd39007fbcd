import assert from "node:assert/strict";
import { run } from "./peers.ts";

/** A delivery status notice as Python's mail reader sees it. */
export interface ReadNotice {
  readonly headers: Readonly<Record<string, string>>;
  readonly reportType: string;
  /** Content types of the report's three parts. */
  readonly parts: readonly string[];
  readonly text: string;
  readonly html: string;
  /** Fields of the message, then those of each recipient. */
  readonly message: Readonly<Record<string, string>>;
  readonly recipients: readonly Readonly<Record<string, string>>[];
  /** The third part's payload: the original, or its header. */
  readonly returned: string;
}

// The older types have a reader in Python; the fields of the newer ones (RFC 6533) are read here.
const READER = `
import email, email.policy, json, sys
from email.parser import BytesHeaderParser
policy = email.policy.SMTPUTF8.clone(raise_on_defect=True)
out = []
for raw in json.load(sys.stdin):
    message = email.message_from_bytes(raw.encode("latin-1"), policy=policy)
    for part in message.walk():
        assert not part.defects, part.defects
    human, status, returned = message.get_payload()
    if status.get_content_type() == "message/delivery-status":
        groups = [dict(group.items()) for group in status.get_payload()]
    else:
        body = status.as_bytes(policy=policy).split(b"\\r\\n\\r\\n", 1)[1]
        parser = BytesHeaderParser(policy=policy)
        groups = [dict(parser.parsebytes(block).items())
                  for block in body.strip().split(b"\\r\\n\\r\\n")]
    plain = message.get_body(preferencelist=("plain",))
    html = message.get_body(preferencelist=("html",))
    out.append({
        "headers": {name: str(value) for name, value in message.items()},
        "reportType": message.get_param("report-type"),
        "parts": [part.get_content_type() for part in (human, status, returned)],
        "text": plain.get_content(),
        "html": "" if html is None else html.get_content(),
        "message": {name: str(value) for name, value in groups[0].items()},
        "recipients": [{name: str(value) for name, value in group.items()}
                       for group in groups[1:] if group],
        "returned": returned.as_bytes(policy=policy).decode("utf-8", "replace"),
    })
print(json.dumps(out))
`;

/** Reads notices (text in latin1, as a Maildir gives it); any defect of MIME fails the test. */
export async function readNotices(raw: readonly string[]): Promise<readonly ReadNotice[]> {
  const { code, stdout, stderr } = await run("python3", ["-c", READER], JSON.stringify(raw));
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}
