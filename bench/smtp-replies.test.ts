import assert from "node:assert/strict";
import { Socket } from "node:net";
import { test } from "node:test";
import { SmtpReplies } from "./smtp-replies.ts";

test("replies come one at a time, however they are cut, and a wrong one is an error", async () => {
  const socket = new Socket();
  const replies = new SmtpReplies(socket);
  const say = (text: string) => socket.emit("data", Buffer.from(text));
  say("220 ready\r\n250-a\r\n250-b");
  await replies.expect(220);
  const second = replies.expect(250);
  say(".c\r\n250 c\r\n354\r\n");
  await second;
  await replies.expect(354);
  say("451 4.3.2 Later\r\n");
  await assert.rejects(replies.expect(250), /expected 250: 451 4\.3\.2 Later/);
  const last = replies.expect(250);
  socket.emit("close");
  await assert.rejects(last, /connection closed/);
  await assert.rejects(replies.expect(250), /connection closed/);
});
