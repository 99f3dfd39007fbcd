import { Button, MessageBar, MessageBarActions, MessageBarBody } from "@fluentui/react-components";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import { useMayRun } from "../../api/session.ts";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { useRun } from "../../widgets/use-run.ts";
import { useDeclared } from "./declared-list.tsx";
import { EntryList, type ListEntry } from "./entry-list.tsx";
import { parseSenderEntry, type SenderEntry } from "./list-entry.ts";
import { texts } from "./lists-texts.ts";

/** In which property entries of a kind are. */
type Properties = Readonly<Record<SenderEntry["kind"], string>>;

const BLOCKED: Properties = {
  address: "BlockedSenders",
  domain: "BlockedDomains",
  domainAndSubdomains: "BlockedDomainsAndSubdomains",
};
const KIND_WORDS: Properties = {
  address: texts.address,
  domain: texts.domain,
  domainAndSubdomains: texts.withSubdomains,
};

/** The content filter has no list of subdomains: a domain stands for itself. */
const ALLOWED: Properties = {
  address: "BypassedSenders",
  domain: "BypassedSenderDomains",
  domainAndSubdomains: "BypassedSenderDomains",
};

/** What changes a property of a list, with what says that it may. */
function changesOf(noun: string, force: object) {
  return (property: string, how: "Add" | "Remove", name: string) => ({
    cmdlet: `Set-${noun}`,
    parameters: { [property]: { [how]: [name] }, ...force },
  });
}

type Change = ReturnType<typeof changesOf>;

/** The entries of some properties as one list. */
function entriesOf(
  change: Change,
  object: Readonly<Record<string, unknown>>,
  how: { readonly properties: Properties; readonly mayChange: boolean },
): readonly ListEntry[] {
  const seen = new Set<string>();
  return Object.entries(how.properties).flatMap(([kind, property]) => {
    if (seen.has(property)) return [];
    seen.add(property);
    const values = object[property];
    if (!Array.isArray(values)) return [];
    return values.map(String).map((name): ListEntry => {
      // The keys of that table are the kinds.
      const note = KIND_WORDS[kind as SenderEntry["kind"]];
      const removal = change(property, "Remove", name);
      const restoring = change(property, "Add", name);
      const acts = how.mayChange ? { removal, restoring } : NO_ACTS;
      return { name, note, ...acts };
    });
  });
}

const NO_ACTS = { removal: undefined, restoring: undefined };

/** Senders that are refused, and those that are not rated. */
export function SenderLists() {
  const mayRun = useMayRun();
  return (
    <>
      <SenderList
        noun="SenderFilterConfig"
        properties={BLOCKED}
        title={texts.blockedSenders}
        hint={texts.blockedSendersHint}
        verb={texts.block}
      />
      {mayRun("Get-ContentFilterConfig") && (
        <SenderList
          noun="ContentFilterConfig"
          properties={ALLOWED}
          title={texts.allowedSenders}
          hint={texts.allowedSendersHint}
          verb={texts.allow}
        />
      )}
    </>
  );
}

function SenderList(props: {
  readonly noun: "SenderFilterConfig" | "ContentFilterConfig";
  readonly properties: Properties;
  readonly title: string;
  readonly hint: string;
  readonly verb: string;
}) {
  const { noun, properties, title, hint, verb } = props;
  const source = { cmdlet: `Get-${noun}`, parameters: {} } as const;
  const reading = useCmdlet(source);
  const object = reading.data?.objects[0];
  const { mayChange, force, notice } = useDeclared(object?.DeclaredIn, {
    cmdlet: `Set-${noun}`,
    place: `${noun.charAt(0).toLowerCase()}${noun.slice(1)}`,
  });
  const change = changesOf(noun, force);
  if (reading.error) {
    return <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />;
  }
  if (object === undefined) return <Loading />;
  const adding = (text: string) => {
    const entry = parseSenderEntry(text);
    if (entry === undefined) return undefined;
    const property = properties[entry.kind];
    const call = change(property, "Add", entry.name);
    return { call, undo: change(property, "Remove", entry.name) };
  };
  return (
    <EntryList
      title={title}
      hint={hint}
      entries={entriesOf(change, object, { properties, mayChange })}
      source={source}
      addLabel={texts.addSender}
      addHint={texts.addSenderHint}
      verb={verb}
      {...(mayChange && { adding })}
    >
      {notice}
      {object.Enabled === false && <ListIsOff noun={noun} setting="Enabled" />}
    </EntryList>
  );
}

/** Recipients who get no mail from outside. */
export function RecipientList() {
  const noun = "RecipientFilterConfig";
  const source = { cmdlet: "Get-RecipientFilterConfig", parameters: {} } as const;
  const reading = useCmdlet(source);
  const object = reading.data?.objects[0];
  const { mayChange, force, notice } = useDeclared(object?.DeclaredIn, {
    cmdlet: "Set-RecipientFilterConfig",
    place: "recipientFilterConfig",
  });
  const change = changesOf(noun, force);
  if (reading.error) {
    return <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />;
  }
  if (object === undefined) return <Loading />;
  const names = object.BlockedRecipients ?? [];
  const entries = names.map((name): ListEntry => {
    const removal = change("BlockedRecipients", "Remove", name);
    const restoring = change("BlockedRecipients", "Add", name);
    return { name, ...(mayChange ? { removal, restoring } : NO_ACTS) };
  });
  const adding = (text: string) => ({
    call: change("BlockedRecipients", "Add", text),
    undo: change("BlockedRecipients", "Remove", text),
  });
  return (
    <EntryList
      title={texts.blockedRecipients}
      hint={texts.blockedRecipientsHint}
      entries={entries}
      source={source}
      addLabel={texts.addRecipient}
      verb={texts.block}
      {...(mayChange && { adding })}
    >
      {notice}
      {object.BlockListEnabled === false && <ListIsOff noun={noun} setting="BlockListEnabled" />}
    </EntryList>
  );
}

/** Nobody should write a list that does nothing. */
export function ListIsOff({ noun, setting }: { readonly noun: string; readonly setting: string }) {
  const mayRun = useMayRun();
  const runner = useRun();
  const turnOn = { cmdlet: `Set-${noun}`, parameters: { [setting]: true } };
  if (runner.state.kind === "failed") return <FaultNotice fault={runner.state.fault} />;
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>{texts.listIsOff}</MessageBarBody>
      {mayRun(`Set-${noun}`) && (
        <MessageBarActions>
          <Button onClick={() => void runner.run(turnOn)}>{texts.turnOn}</Button>
        </MessageBarActions>
      )}
    </MessageBar>
  );
}
