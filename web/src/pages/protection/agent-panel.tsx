import { Text, ToolbarButton } from "@fluentui/react-components";
import { DeleteRegular, EditRegular, PowerRegular } from "@fluentui/react-icons";
import { Suspense, useState } from "react";
import { useMayRun } from "../../api/session.ts";
import { formatNumber } from "../../base/texts.ts";
import { visibleText } from "../../base/visible-text.ts";
import { DetailPanel } from "../../widgets/detail-panel.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { ObjectForm } from "../../widgets/form/object-form.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { useNotify } from "../../widgets/notify.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { PropertyList } from "../../widgets/property-list.tsx";
import { RunDialog } from "../../widgets/run-dialog.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { ToolRow } from "../../widgets/tool-row.tsx";
import { useRun } from "../../widgets/use-run.ts";
import { type Agent, formatTime } from "./agent-facts.ts";
import { texts } from "./agents-texts.ts";

const APART = new Set(["Answers", "AverageTime", "LongestTime"]);

/** An agent: what it does, how it is, and what is done with it. */
export function AgentPanel({ agent }: { readonly agent: Agent }) {
  const [state, setState] = usePageState();
  const mayRun = useMayRun();
  const name = agent.Identity ?? "";
  const isEditing = state["mode"] === "edit" && mayRun("Set-TransportAgent");
  const back = () => setState({ mode: undefined });
  return (
    <DetailPanel
      title={name}
      onClose={() => setState({ open: undefined, mode: undefined })}
      actions={isEditing ? undefined : <AgentTools agent={agent} />}
    >
      <Suspense fallback={<Loading />}>
        {isEditing ? (
          <ObjectForm
            cmdlet="Set-TransportAgent"
            object={agent}
            sections={[
              {
                title: texts.settings,
                fields: ["Priority", "FailMode", "TimeLimit", "ShadowRun"],
              },
            ]}
            onCancel={back}
            onDone={back}
          />
        ) : (
          <AgentView agent={agent} />
        )}
      </Suspense>
    </DetailPanel>
  );
}

function AgentView({ agent }: { readonly agent: Agent }) {
  const { State, Enabled, Answers, AverageTime, LongestTime } = agent;
  const names = Object.keys(agent).filter((name) => !APART.has(name));
  return (
    <>
      {Enabled && State === "Resting" && <Text>{texts.restingHint}</Text>}
      {Enabled && State === "NotLoaded" && <Text>{texts.notLoadedHint}</Text>}
      <Text>
        {Answers
          ? texts.times(formatTime(AverageTime), formatTime(LongestTime), formatNumber(Answers))
          : texts.noTimes}
      </Text>
      <PropertyList cmdlet="Get-TransportAgent" object={agent} names={names} />
      <div>
        <ShowCmdlet
          call={{ cmdlet: "Get-TransportAgent", parameters: { Identity: agent.Identity } }}
        />
      </div>
    </>
  );
}

function AgentTools({ agent }: { readonly agent: Agent }) {
  const [, setState] = usePageState();
  const mayRun = useMayRun();
  const notify = useNotify();
  const runner = useRun();
  const [act, setAct] = useState<"off" | "uninstall">();
  const name = agent.Identity ?? "";
  const of = (verb: string) => ({
    cmdlet: `${verb}-TransportAgent`,
    parameters: { Identity: name },
  });
  const turnOn = async () => {
    if (!(await runner.run(of("Enable")))) return;
    notify({ title: texts.turnedOn(name), undo: of("Disable") });
  };
  const isOn = agent.Enabled === true;
  const { state } = runner;
  return (
    <>
      <ToolRow label={visibleText(name)}>
        {mayRun("Set-TransportAgent") && (
          <ToolbarButton icon={<EditRegular />} onClick={() => setState({ mode: "edit" })}>
            {texts.edit}
          </ToolbarButton>
        )}
        {mayRun("Enable-TransportAgent", "Disable-TransportAgent") && (
          <ToolbarButton
            icon={<PowerRegular />}
            onClick={() => (isOn ? setAct("off") : void turnOn())}
          >
            {isOn ? texts.turnOff : texts.turnOn}
          </ToolbarButton>
        )}
        {agent.ModulePath && mayRun("Uninstall-TransportAgent") && (
          <ToolbarButton icon={<DeleteRegular />} onClick={() => setAct("uninstall")}>
            {texts.uninstall}
          </ToolbarButton>
        )}
      </ToolRow>
      {state.kind === "failed" && <FaultNotice fault={state.fault} />}
      {act === "off" && (
        <RunDialog
          title={`${texts.turnOff}: ${name}`}
          call={of("Disable")}
          verb={texts.turnOff}
          onClose={() => setAct(undefined)}
        />
      )}
      {act === "uninstall" && (
        <RunDialog
          title={`${texts.uninstall}: ${name}`}
          call={of("Uninstall")}
          verb={texts.uninstall}
          onClose={({ isDone }) => {
            setAct(undefined);
            if (isDone) setState({ open: undefined });
          }}
        />
      )}
    </>
  );
}
