import { textsOf } from "../../base/texts.ts";

const en = {
  about:
    "Which domains sign their mail, with which keys, and whether DNS has the records by which " +
    "others check it.",
  domain: "Domain",
  state: "State",
  selectors: "Signs with",
  empty: "No domain signs its mail",
  emptyHint: "Without a signature much of your mail ends as junk. Make keys for a domain.",
  newDomain: "Set up a domain",
  notSigning: "Not signing",
  signing: "Signing",
  rotating: "New keys wait",
  keys: "Keys",
  selector: "Selector",
  kind: "Kind",
  use: "Use",
  dns: "DNS",
  usesigns: "signs now",
  usewillSign: "will sign",
  usenext: "next",
  usepast: "signs no more",
  notChecked: "not checked",
  checkDns: "Check DNS",
  checkAgain: "Check DNS again",
  rotateTitle: "Rotate the keys",
  setupTitle: "Begin to sign",
  step: (at: number, title: string) => `${at}. ${title}`,
  stepDone: "done",
  stepNow: "to do now",
  stepLater: "later",
  makeKeys: "Make new keys",
  makeKeysHint:
    "The keys in use go on signing until the switch. Nothing changes for anybody as yet.",
  makeKeysButton: "Make new keys",
  publish: "Publish their records",
  publishHint:
    "Put these TXT records into the domain's zone. Leave the old ones there: mail signed with " +
    "the old keys is still on its way.",
  publishFirstHint: "Put these TXT records into the domain's zone.",
  recordName: "Name",
  recordValue: "Value",
  copyName: (name: string) => `Copy the name ${name}`,
  copyValue: (name: string) => `Copy the value of ${name}`,
  copyLines: "Copy as lines of a zone file",
  copied: "Copied",
  check: "Check that DNS has them",
  checkHint: "It may take as long as the zone's records live until everybody sees them.",
  allThere: "DNS has all of these records.",
  switch: "Switch to the new keys",
  switchHint: (when: string) => `It happens by itself on ${when}, or now.`,
  switchButton: "Switch now",
  switchTitle: "Sign with the new keys from now on?",
  switchUnchecked:
    "DNS has not been seen to have all records of the new keys. Whoever does not find them takes " +
    "your mail for forged.",
  switched: (domain: string) => `${domain} signs with its new keys`,
  turnOn: "Turn signing on",
  turnOnHint: "Mail from this domain is signed from then on.",
  turnOnTitle: "Sign mail of this domain from now on?",
  turnedOn: (domain: string) => `${domain} signs its mail`,
  turnOff: "Turn signing off",
  remove: "Remove",
  cleanUp: (selectors: string, when: string) =>
    `The records of ${selectors} may go from DNS after ${when}.`,
  autoRotation: "Automatic rotation",
  settings: "Settings",
  rotated: "New keys have been made",
};

/** Texts of DKIM keys. */
export const texts = textsOf("protection/dkim", en);
