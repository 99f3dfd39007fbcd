import { textsOf } from "../../base/texts.ts";

const en = {
  area: "Protection",
  quarantine: "Quarantine",
  quarantineWords: "spam malware kept release restore message hold",
  quarantineHistory: "History of the quarantine",
  quarantineHistoryWords: "who released deleted expired",
  approval: "Waiting for approval",
  approvalWords: "moderated messages approve deny moderation",
  lists: "Allow and block lists",
  listsWords: "block sender domain ip address safe senders allow deny blacklist whitelist",
  dkim: "DKIM keys",
  dkimWords: "signing rotate selector dns txt record",
  dmarc: "DMARC reports",
  dmarcWords: "spoofing who sends as us alignment spf",
  agents: "Agents",
  agentsWords: "transport agent module health breaker",
  filters: "Filters",
  filtersWords:
    "content malware attachment sender recipient greylisting reputation milter spam settings",
  remove: "Remove",
};

/** Texts of the area of protection that all its pages share. */
export const texts = textsOf("protection", en);
