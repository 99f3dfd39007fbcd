import { plural, textsOf } from "../../base/texts.ts";

const en = {
  backups: "Backups",
  backupsAbout: "What was made here. Old ones are removed on the server, with their folder.",
  noBackup: "There is no backup yet.",
  holds: (messages: number, recipients: number, objects: number, people: number) =>
    `${plural(messages, "message", "messages")} for ` +
    `${plural(recipients, "recipient", "recipients")}, ` +
    `${plural(objects, "object", "objects")} of the configuration, ` +
    `${plural(people, "mailbox, contact or group", "mailboxes, contacts and groups")}`,
  withKeys: "Keys and certificates are in it.",
  noKeys: "Without keys: elsewhere, what is sealed cannot be read.",
  noFigures: "Without figures of mail flow.",
  verify: "Verify",
  verified: "Read from end to end: it is as it was made.",
  compareWith: "Compare configuration",
  compareHint: "Its configuration is compared with the one in force, above.",
  fileOf: (made: string) => `backup of ${made}`,
  restore: "Restore",
  restoreTitle: (made: string) => `Restore the backup of ${made}`,
  restoreVerb: "Restore and restart",
  restoreAbout:
    "Queues, configuration, recipients and administrators become those of the backup; what was " +
    "made since is gone from them. The server restarts, which takes some seconds. What is there " +
    "now is kept on the server, in a folder before-restore. To put back only some of the " +
    "configuration, compare it instead.",
  discard: "Put aside mail that waits now: it is kept, and not sent",
  restoreStarted: "The server restarts with the backup. You may have to sign in again.",
  byHand: "By hand, when the server does not start, or on another machine",
  byHandHint:
    "As the user that the server runs as, while it is stopped. When it starts, it takes up what " +
    "lies there, and keeps what was there before.",
  stopHint: "stop the server",
  startHint: "start the server",
};

/** Texts about backups and the way back. */
export const texts = textsOf("servers/backup", en);
