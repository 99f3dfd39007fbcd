import { type Address, domainOf } from "../../mail/address.ts";
import type { SenderFilterConfig } from "../../org/hygiene-settings.ts";

/** The lists of the sender filter, ready for looking up. */
interface Lists {
  readonly senders: ReadonlySet<string>;
  readonly domains: ReadonlySet<string>;
  readonly trees: ReadonlySet<string>;
}

const LISTS = new WeakMap<SenderFilterConfig, Lists>();

/** Whether there is anybody on the organization's lists. */
export function blocksAnybody(config: SenderFilterConfig): boolean {
  const { senders, domains, trees } = listsOf(config);
  return senders.size + domains.size + trees.size > 0;
}

/** The entry that blocks a sender, and `undefined` when none does. */
export function blockedBy(config: SenderFilterConfig, sender: Address | ""): string | undefined {
  if (sender === "") return config.blankSenderBlockingEnabled ? "<>" : undefined;
  const { senders, domains, trees } = listsOf(config);
  const key = sender.toLowerCase();
  if (senders.has(key)) return key;
  const domain: string = domainOf(sender);
  if (domains.has(domain)) return domain;
  return domainAndAbove(domain).find((one) => trees.has(one));
}

/** `a.b.test`, `b.test`, `test`. */
function domainAndAbove(domain: string): readonly string[] {
  const labels = domain.split(".");
  return labels.map((_label, index) => labels.slice(index).join("."));
}

function listsOf(config: SenderFilterConfig): Lists {
  let lists = LISTS.get(config);
  if (lists === undefined) {
    lists = {
      senders: new Set(config.blockedSenders.map((one) => one.toLowerCase())),
      domains: new Set(config.blockedDomains),
      trees: new Set(config.blockedDomainsAndSubdomains),
    };
    LISTS.set(config, lists);
  }
  return lists;
}
