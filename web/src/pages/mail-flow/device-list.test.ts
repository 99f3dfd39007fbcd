import assert from "node:assert/strict";
import { test } from "node:test";
import { listDevices } from "./device-list.ts";

const RELAY = { AnonymousUsers: ["ms-Exch-SMTP-Accept-Any-Recipient"] };

test("app passwords and relays by address are devices; the door of everybody is none", () => {
  const devices = listDevices(
    [
      { Name: "alice", PrimarySmtpAddress: "a@x.test", AppPasswords: ["Scanner", "Phone"] },
      { Name: "bob", PrimarySmtpAddress: "b@x.test", AppPasswords: [] },
    ],
    [
      {
        Name: "Old fax",
        RemoteIPRanges: ["10.0.0.9"],
        Bindings: ["0.0.0.0:25"],
        ExtendedRights: RELAY,
      },
      { Name: "Internet", RemoteIPRanges: ["0.0.0.0/0"], ExtendedRights: RELAY },
      { Name: "Branch", RemoteIPRanges: ["10.1.0.0/16"], ExtendedRights: {} },
    ],
  );
  assert.deepEqual(
    devices.map(({ name, way, as }) => [name, way, as]),
    [
      ["Old fax", "address", "10.0.0.9"],
      ["Phone", "logon", "alice"],
      ["Scanner", "logon", "alice"],
    ],
  );
});
