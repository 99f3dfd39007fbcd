import {
  Button,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  Text,
} from "@fluentui/react-components";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import { useMayRun } from "../../api/session.ts";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { texts as common } from "../../widgets/texts.ts";
import { useRun } from "../../widgets/use-run.ts";
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

function change(noun: string, property: string, how: "Add" | "Remove", name: string) {
  return { cmdlet: `Set-${noun}`, parameters: { [property]: { [how]: [name] } } };
}

/** The entries of some properties as one list. */
function entriesOf(
  noun: string,
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
      const removal = change(noun, property, "Remove", name);
      const restoring = change(noun, property, "Add", name);
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
  const mayRun = useMayRun();
  const source = { cmdlet: `Get-${noun}`, parameters: {} } as const;
  const reading = useCmdlet(source);
  const object = reading.data?.objects[0];
  if (reading.error) {
    return <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />;
  }
  if (object === undefined) return <Loading />;
  const mayChange = mayRun(`Set-${noun}`) && !object.DeclaredIn;
  const adding = (text: string) => {
    const entry = parseSenderEntry(text);
    if (entry === undefined) return undefined;
    const property = properties[entry.kind];
    const call = change(noun, property, "Add", entry.name);
    return { call, undo: change(noun, property, "Remove", entry.name) };
  };
  return (
    <EntryList
      title={title}
      hint={hint}
      entries={entriesOf(noun, object, { properties, mayChange })}
      source={source}
      addLabel={texts.addSender}
      addHint={texts.addSenderHint}
      verb={verb}
      {...(mayChange && { adding })}
    >
      {object.DeclaredIn && <Text>{common.declaredIn(object.DeclaredIn)}</Text>}
      {object.Enabled === false && <ListIsOff noun={noun} setting="Enabled" />}
    </EntryList>
  );
}

/** Recipients who get no mail from outside. */
export function RecipientList() {
  const mayRun = useMayRun();
  const source = { cmdlet: "Get-RecipientFilterConfig", parameters: {} } as const;
  const reading = useCmdlet(source);
  const object = reading.data?.objects[0];
  if (reading.error) {
    return <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />;
  }
  if (object === undefined) return <Loading />;
  const noun = "RecipientFilterConfig";
  const mayChange = mayRun("Set-RecipientFilterConfig") && !object.DeclaredIn;
  const names = object.BlockedRecipients ?? [];
  const entries = names.map((name): ListEntry => {
    const removal = change(noun, "BlockedRecipients", "Remove", name);
    const restoring = change(noun, "BlockedRecipients", "Add", name);
    return { name, ...(mayChange ? { removal, restoring } : NO_ACTS) };
  });
  const adding = (text: string) => ({
    call: change(noun, "BlockedRecipients", "Add", text),
    undo: change(noun, "BlockedRecipients", "Remove", text),
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
      {object.DeclaredIn && <Text>{common.declaredIn(object.DeclaredIn)}</Text>}
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
