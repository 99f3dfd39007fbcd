import assert from "node:assert/strict";
import { test } from "node:test";
import { adviceFor } from "./device-advice.ts";
import { texts } from "./device-texts.ts";

for (const [reason, advice] of [
  ["535 5.7.3 Authentication unsuccessful", texts.adviceLogon],
  ["530 5.7.57 SMTP; Client was not authenticated", texts.adviceNotLoggedOn],
  ["550 5.7.54 Unable to relay recipient", texts.adviceRelay],
  ["550 5.7.60 Client does not have permissions to send as this sender", texts.adviceSender],
  ["452 4.7.0 too many", texts.adviceMuch],
  ["TLS handshake failed: unsupported protocol", texts.adviceTls],
  ["the client has gone", undefined],
] as const) {
  test(`advice for ${reason}`, () => {
    assert.equal(adviceFor(reason), advice);
  });
}
