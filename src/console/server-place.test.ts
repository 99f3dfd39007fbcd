import assert from "node:assert/strict";
import { test } from "node:test";
import { readServerPlace } from "./server-place.ts";

const URL_TEXT = "https://mail.contoso.test:8443";

for (const [words, environment, expected] of [
  [["Get-Queue"], {}, "socket var"],
  [["Get-Queue"], { POSTRIDER_DATA_DIR: "/data" }, "socket /data"],
  [["--data-dir", "d", "Get-Queue"], { POSTRIDER_DATA_DIR: "/data" }, "socket d"],
  [["Get-Queue", "--data-dir=d"], {}, "socket d"],
  [["Get-Queue", "--data-dir", "d"], { POSTRIDER_SERVER: URL_TEXT }, "socket d"],
  [["Get-Queue"], { POSTRIDER_SERVER: "" }, "socket var"],
  [["--server", URL_TEXT, "Get-Queue"], { POSTRIDER_DATA_DIR: "/data" }, `${URL_TEXT}/ - - -`],
  [["--server", "mail:1", "Get-Queue"], { POSTRIDER_TOKEN: "t" }, "https://mail:1/ t - -"],
  [
    ["--server", "mail", "--token-file", "f", "--ca", "c", "Get-Queue"],
    { POSTRIDER_TOKEN: "t" },
    "https://mail/ - f c",
  ],
  [
    ["--server", "mail", "--token", "t", "Get-Queue"],
    { POSTRIDER_TOKEN_FILE: "f" },
    "https://mail/ t - -",
  ],
] as const) {
  test(`server: ${words.join(" ")} with ${JSON.stringify(environment)}`, () => {
    const placed = readServerPlace(words, environment);
    assert.ok(placed.ok);
    assert.deepEqual(placed.value.words, ["Get-Queue"]);
    const { place } = placed.value;
    const text =
      place.kind === "socket"
        ? `socket ${place.dataDirectory}`
        : [place.url, place.token ?? "-", place.tokenFile ?? "-", place.caFile ?? "-"].join(" ");
    assert.equal(text, expected);
  });
}

for (const [words, problem] of [
  [["--server"], /value after --server is missing/],
  [["--server", "http://mail"], /takes an address such as https/],
  [["--server", "https://me:secret@mail"], /takes an address such as https/],
  [["--server", "a", "--server=b"], /--server is given twice/],
  [["--server", "a", "--data-dir", "b"], /exclude each other/],
] as const) {
  test(`server: ${words.join(" ")} is a misuse`, () => {
    const placed = readServerPlace(words, {});
    assert.ok(!placed.ok);
    assert.match(placed.fault, problem);
  });
}
