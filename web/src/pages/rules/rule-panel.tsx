import { makeStyles, Text, ToolbarButton } from "@fluentui/react-components";
import {
  ArrowDownRegular,
  ArrowUpRegular,
  CopyRegular,
  DeleteRegular,
  EditRegular,
  PowerRegular,
} from "@fluentui/react-icons";
import { Suspense, useState } from "react";
import { useMayRun } from "../../api/session.ts";
import { visibleText } from "../../base/visible-text.ts";
import { ChangesButton } from "../../widgets/changes-button.tsx";
import { DetailPanel } from "../../widgets/detail-panel.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { ObjectForm } from "../../widgets/form/object-form.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { useNotify } from "../../widgets/notify.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { PropertyList } from "../../widgets/property-list.tsx";
import { RunDialog } from "../../widgets/run-dialog.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { texts as common } from "../../widgets/texts.ts";
import { ToolRow } from "../../widgets/tool-row.tsx";
import { PartList } from "./part-sentence.tsx";
import { RuleFields } from "./rule-fields.tsx";
import { type Rule, RuleFacts, type RuleMove } from "./rule-list.tsx";
import { texts } from "./texts.ts";
import { useRuleActs } from "./use-rule-acts.ts";
import type { RuleParts } from "./use-rule-parts.ts";

const useStyles = makeStyles({
  heading: { margin: "0 0 4px" },
});

/** Properties that say how a rule is asked; what it asks and does is told in sentences. */
const PROPERTIES = [
  "Priority",
  "Comments",
  "ActivationDate",
  "ExpiryDate",
  "RuleErrorAction",
  "SenderAddressLocation",
  "HitCount",
  "LastHit",
  "HitsSince",
  "DeclaredIn",
];

/** A rule in sentences, or the builder that changes it. */
export function RulePanel(props: {
  readonly rule: Rule;
  /** All of them, in their order. */
  readonly rules: readonly Rule[];
  readonly parts: RuleParts;
}) {
  const { rule, rules, parts } = props;
  const [state, setState] = usePageState();
  const mayRun = useMayRun();
  const name = rule.Identity ?? "";
  const close = () => setState({ open: undefined, mode: undefined });
  const isEditing = state["mode"] === "edit" && mayRun("Set-TransportRule");
  return (
    <DetailPanel
      title={name}
      onClose={close}
      actions={isEditing ? undefined : <RuleTools rule={rule} rules={rules} />}
    >
      <Suspense fallback={<Loading />}>
        {isEditing ? (
          <ObjectForm
            cmdlet="Set-TransportRule"
            object={rule}
            sections={[]}
            body={(form) => <RuleFields form={form} parts={parts} />}
            onCancel={() => setState({ mode: undefined })}
            onDone={(saved) => setState({ open: saved, mode: undefined })}
          />
        ) : (
          <RuleView rule={rule} parts={parts} />
        )}
      </Suspense>
    </DetailPanel>
  );
}

/** The builder for a rule that is not there yet, empty or as another one. */
export function NewRulePanel(props: {
  readonly parts: RuleParts;
  readonly original: Rule | undefined;
}) {
  const { parts, original } = props;
  const [, setState] = usePageState();
  return (
    <DetailPanel
      title={texts.newRule}
      onClose={() => setState({ open: undefined, mode: undefined })}
    >
      <Suspense fallback={<Loading />}>
        <ObjectForm
          cmdlet="New-TransportRule"
          initial={original ? copyOf(original) : {}}
          sections={[]}
          body={(form) => <RuleFields form={form} parts={parts} />}
          onCancel={() => setState({ mode: undefined })}
          onDone={(made) => setState({ open: made, mode: undefined })}
        />
      </Suspense>
    </DetailPanel>
  );
}

/** It comes last, whatever the place of the original. */
function copyOf({ Priority: _place, ...rule }: Rule): Readonly<Record<string, unknown>> {
  return { ...rule, Name: texts.copyOf(rule.Identity ?? "") };
}

function RuleTools(props: { readonly rule: Rule; readonly rules: readonly Rule[] }) {
  const { rule, rules } = props;
  const [, setState] = usePageState();
  const mayRun = useMayRun();
  const notify = useNotify();
  const { move, switchRule, fault } = useRuleActs(rules);
  const [isRemoving, setRemoving] = useState(false);
  const name = rule.Identity ?? "";
  const removal = {
    cmdlet: "Remove-TransportRule",
    parameters: { Identity: name, ...(rule.ETag ? { IfMatch: rule.ETag } : {}) },
  };
  return (
    <>
      <ToolRow label={visibleText(name)}>
        {mayRun("Set-TransportRule") && (
          <ToolbarButton icon={<EditRegular />} onClick={() => setState({ mode: "edit" })}>
            {texts.edit}
          </ToolbarButton>
        )}
        {mayRun("Enable-TransportRule", "Disable-TransportRule") && (
          <ToolbarButton icon={<PowerRegular />} onClick={() => void switchRule(rule)}>
            {rule.Enabled === true ? texts.turnOff : texts.turnOn}
          </ToolbarButton>
        )}
        {mayRun("Set-TransportRule") && <MoveTools rule={rule} rules={rules} onMove={move} />}
        {mayRun("New-TransportRule") && (
          <ToolbarButton icon={<CopyRegular />} onClick={() => setState({ mode: "copy" })}>
            {texts.duplicate}
          </ToolbarButton>
        )}
        {mayRun("Remove-TransportRule") && (
          <ToolbarButton icon={<DeleteRegular />} onClick={() => setRemoving(true)}>
            {texts.remove}
          </ToolbarButton>
        )}
        <ChangesButton object={`TransportRule ${name}`} />
      </ToolRow>
      {fault && <FaultNotice fault={fault} />}
      {isRemoving && (
        <RunDialog
          title={`${texts.remove}: ${name}`}
          call={removal}
          verb={texts.remove}
          onClose={({ isDone }) => {
            setRemoving(false);
            if (!isDone) return;
            notify({ title: `${common.doneTitle}: ${name}` });
            setState({ open: undefined, mode: undefined });
          }}
        />
      )}
    </>
  );
}

/** On a telephone rules have no buttons in their list. */
function MoveTools(props: {
  readonly rule: Rule;
  readonly rules: readonly Rule[];
  readonly onMove: (move: RuleMove) => Promise<void>;
}) {
  const { rule, rules, onMove } = props;
  const name = rule.Identity ?? "";
  const place = rules.findIndex(({ Identity }) => Identity === name);
  return (
    <>
      <ToolbarButton
        icon={<ArrowUpRegular />}
        aria-label={texts.moveUp(visibleText(name))}
        disabledFocusable={place <= 0}
        onClick={() => void onMove({ name, place: place - 1 })}
      />
      <ToolbarButton
        icon={<ArrowDownRegular />}
        aria-label={texts.moveDown(visibleText(name))}
        disabledFocusable={place >= rules.length - 1}
        onClick={() => void onMove({ name, place: place + 1 })}
      />
    </>
  );
}

function RuleView({ rule, parts }: { readonly rule: Rule; readonly parts: RuleParts }) {
  const styles = useStyles();
  const heading = (title: string) => (
    <Text as="h3" weight="semibold" block className={styles.heading}>
      {title}
    </Text>
  );
  return (
    <>
      <RuleFacts rule={rule} />
      <section>
        {heading(texts.ifAll)}
        <PartList parts={parts.conditions} values={rule} none={texts.everyMessage} />
      </section>
      <section>
        {heading(texts.actions)}
        <PartList parts={parts.actions} values={rule} none={texts.noActions} />
      </section>
      <section>
        {heading(texts.exceptions)}
        <PartList parts={parts.exceptions} values={rule} none={texts.noExceptions} />
      </section>
      <section>
        {heading(texts.properties)}
        <PropertyList cmdlet="Get-TransportRule" object={rule} names={PROPERTIES} />
      </section>
      <div>
        <ShowCmdlet
          call={{ cmdlet: "Get-TransportRule", parameters: { Identity: rule.Identity } }}
        />
      </div>
    </>
  );
}
