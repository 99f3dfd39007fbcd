import { Button, makeStyles, ProgressBar, Text } from "@fluentui/react-components";
import { useRef, useState } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { useMayRun } from "../../api/session.ts";
import { formatDateTime } from "../../base/format.ts";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { useNotify } from "../../widgets/notify.tsx";
import { RunDialog } from "../../widgets/run-dialog.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { VerdictMark } from "../../widgets/verdict-mark.tsx";
import { firstObjection, type Objection } from "./objection.ts";
import { Section } from "./section.tsx";
import { texts } from "./texts.ts";

type Component = OutputOf<"Get-ServerComponentState">;
type State = NonNullable<Component["State"]>;

const CALL = { cmdlet: "Get-ServerComponentState", parameters: {} } as const;
/** On whose behalf this page asks; Exchange's word for an administrator's work. */
const REQUESTER = "Maintenance";

const STATES = {
  Active: { title: texts.active, verdict: "Pass" },
  Draining: { title: texts.draining, verdict: "Warning" },
  Inactive: { title: texts.inactive, verdict: "Fail" },
} as const;
const NAMES = {
  FrontendTransport: texts.FrontendTransport,
  HubTransport: texts.HubTransport,
  ServerWideOffline: texts.ServerWideOffline,
} as const;

const useStyles = makeStyles({
  list: { listStyleType: "none", margin: 0, padding: 0 },
  one: { display: "flex", alignItems: "center", gap: "8px", padding: "6px 0" },
  words: { display: "flex", flexDirection: "column", minWidth: 0, overflowWrap: "anywhere" },
  tools: { display: "flex", flexWrap: "wrap", gap: "8px" },
  drain: { display: "flex", flexDirection: "column", gap: "8px" },
});

/** What is in service, and the way to drain the server and back. */
export function ComponentsSection() {
  const styles = useStyles();
  const mayRun = useMayRun();
  const reading = useCmdlet(CALL, { refreshMs: 5000 });
  const [asking, setAsking] = useState<State>();
  const components = reading.data?.objects ?? [];
  const isServing = components.every(({ State: state }) => state === "Active");
  const hub = components.find(({ Component: name }) => name === "HubTransport");
  return (
    <Section title={texts.components} about={texts.componentsAbout}>
      {reading.error && (
        <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />
      )}
      {reading.isPending && <Loading />}
      <ul className={styles.list}>
        {components.map((component) => (
          <ComponentLine key={component.Component} component={component} />
        ))}
      </ul>
      {hub !== undefined && hub.State !== "Active" && <DrainProgress />}
      <div className={styles.tools}>
        {mayRun("Set-ServerComponentState") && isServing && components.length > 0 && (
          <Button appearance="primary" onClick={() => setAsking("Draining")}>
            {texts.drain}
          </Button>
        )}
        {mayRun("Set-ServerComponentState") && !isServing && (
          <>
            <Button appearance="primary" onClick={() => setAsking("Active")}>
              {texts.toService}
            </Button>
            {hub?.State === "Draining" && (
              <Button onClick={() => setAsking("Inactive")}>{texts.standStill}</Button>
            )}
          </>
        )}
        <ShowCmdlet call={CALL} />
      </div>
      {asking && (
        <StateDialog
          state={asking}
          objection={firstObjection(components)}
          onClose={() => setAsking(undefined)}
        />
      )}
    </Section>
  );
}

function ComponentLine({ component }: { readonly component: Component }) {
  const styles = useStyles();
  const { Component: name, State: state, LocalStates } = component;
  if (name === null || state === null) return null;
  const asked = LocalStates ?? [];
  return (
    <li className={styles.one}>
      <VerdictMark verdict={STATES[state].verdict} />
      <span className={styles.words}>
        <Text weight="semibold">
          {name}: {STATES[state].title}
        </Text>
        <Text size={200}>
          {NAMES[name]}. {asked.length === 0 ? texts.nobodyAsks : asked.map(withMoment).join("; ")}
        </Text>
      </span>
    </li>
  );
}

/** Get-ServerComponentState says since when in ISO 8601. */
function withMoment(text: string): string {
  return text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/, (moment) => formatDateTime(moment));
}

const ABOUT: Readonly<Record<State, string>> = {
  Active: texts.toServiceAbout,
  Draining: texts.drainAbout,
  Inactive: texts.standStillAbout,
};
const TITLES: Readonly<Record<State, string>> = {
  Active: texts.toServiceTitle,
  Draining: texts.drainTitle,
  Inactive: texts.standStill,
};
const DONE: Readonly<Record<State, string>> = {
  Active: texts.serviceStarted,
  Draining: texts.drainStarted,
  Inactive: texts.stillStarted,
};
const VERBS: Readonly<Record<State, string>> = {
  Active: texts.toService,
  Draining: texts.drainVerb,
  Inactive: texts.standStill,
};

function StateDialog(props: {
  readonly state: State;
  /** What keeps the server out of service now: to bring it back, that is taken back. */
  readonly objection: Objection | undefined;
  readonly onClose: () => void;
}) {
  const { state, objection, onClose } = props;
  const notify = useNotify();
  // What it was when the question was asked: it changes while the dialog is open.
  const [before] = useState(objection);
  const isBack = state === "Active";
  const Component = (isBack && before?.component) || "HubTransport";
  const Requester = (isBack && before?.requester) || REQUESTER;
  const callOf = (wanted: string) => ({
    cmdlet: "Set-ServerComponentState",
    parameters: { Component, State: wanted, Requester },
  });
  return (
    <RunDialog
      title={TITLES[state]}
      call={callOf(state)}
      verb={VERBS[state]}
      onClose={({ isDone }) => {
        const undo = callOf(before?.state ?? "Active");
        if (isDone) notify({ title: DONE[state], undo });
        onClose();
      }}
    >
      <Text>{ABOUT[state]}</Text>
    </RunDialog>
  );
}

/** How much still waits, until there is nothing left. */
function DrainProgress() {
  const styles = useStyles();
  const mayLook = useMayRun()("Get-TransportOverview");
  const call = { cmdlet: "Get-TransportOverview", parameters: {} } as const;
  const reading = useCmdlet(call, { refreshMs: 2000, isEnabled: mayLook });
  const most = useRef(0);
  const depth = reading.data?.objects[0]?.QueueDepth;
  if (depth === null || depth === undefined) return null;
  most.current = Math.max(most.current, depth);
  const isEmpty = depth === 0;
  return (
    <div className={styles.drain}>
      <Text role="status" weight="semibold">
        {isEmpty ? texts.drainDone : texts.drainWaiting(depth)}
      </Text>
      {!isEmpty && (
        <ProgressBar
          aria-label={texts.draining}
          value={most.current === 0 ? 1 : 1 - depth / most.current}
        />
      )}
      <Text>{isEmpty ? texts.drainSafe : texts.drainStill}</Text>
    </div>
  );
}
