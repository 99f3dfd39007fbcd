import {
  Accordion,
  AccordionHeader,
  AccordionItem,
  AccordionPanel,
  Button,
  MessageBar,
  MessageBarBody,
  makeStyles,
  Text,
} from "@fluentui/react-components";
import { type FormEvent, type ReactNode, useState } from "react";
import type { CmdletFault } from "../../api/cmdlet-fault.ts";
import { type CmdletFacts, useFacts } from "../../api/facts.ts";
import { textOf } from "../../base/text-of.ts";
import { FaultNotice } from "../fault-notice.tsx";
import { Warnings } from "../run-dialog.tsx";
import { RunProgress } from "../run-progress.tsx";
import { ShowCmdlet } from "../show-cmdlet.tsx";
import { texts } from "../texts.ts";
import { ConflictNotice } from "./conflict-notice.tsx";
import type { FormValues } from "./form-values.ts";
import { LeaveGuard } from "./leave-guard.tsx";
import { useObjectEdit } from "./object-edit.ts";
import { ValueField } from "./value-field.tsx";
import type { FieldHelp } from "./value-field-props.ts";

/** Some fields under a title. */
export interface FormSection {
  readonly title: string;
  readonly fields: readonly string[];
}

/** A form made of what is said of a cmdlet. */
export interface ObjectFormProps {
  /** `New-…` or `Set-…`. */
  readonly cmdlet: string;
  /** The object that is edited, as its Get cmdlet shows it; absent: one is made. */
  readonly object?: FormValues;
  /** Values to begin with, of one that is made. */
  readonly initial?: FormValues;
  /** Fields in their order; parameters that are in none follow under "More settings". */
  readonly sections: readonly FormSection[];
  /** Parameters that the form leaves alone. */
  readonly except?: readonly string[];
  /** Labels in place of those made from the names. */
  readonly labels?: Readonly<Record<string, string>>;
  /** By parameter name. */
  readonly help?: Readonly<Record<string, FieldHelp>>;
  /** In place of the fields that are made of the sections. */
  readonly body?: (form: FormBody) => ReactNode;
  readonly onDone: (name: string) => void;
  readonly onCancel: () => void;
}

/** What a form with fields of its own works with. */
export interface FormBody {
  readonly facts: CmdletFacts;
  readonly values: FormValues;
  readonly onChange: (values: FormValues) => void;
  readonly fault: CmdletFault | undefined;
  /** A configuration file declares the object. */
  readonly isReadOnly: boolean;
}

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: "16px", maxWidth: "720px" },
  fields: { display: "flex", flexDirection: "column", gap: "16px" },
  buttons: { display: "flex", flexWrap: "wrap", gap: "8px", alignItems: "center" },
});

const NOT_IN_FORMS = new Set(["Identity", "IfMatch", "Server"]);

/**
 * Makes or changes an object. Only what was changed is sent; when somebody else has changed the
 * object meanwhile, his changes are shown and kept unless both have changed the same.
 */
export function ObjectForm(props: ObjectFormProps) {
  const facts = useFacts(props.cmdlet);
  return facts && <KnownForm {...props} facts={facts} />;
}

type KnownFormProps = ObjectFormProps & { readonly facts: CmdletFacts };

function KnownForm(props: KnownFormProps) {
  const { object, facts, onDone, onCancel } = props;
  const styles = useStyles();
  const edit = useObjectEdit(props);
  const { call, changes, isChanged, isSaved, runner, values } = edit;
  const { state } = runner;
  const fault = state.kind === "failed" ? state.fault : undefined;
  const isConflict = fault?.code === "conflict" && "IfMatch" in call.parameters;
  const { parameter } = fault ?? {};
  // Fields of another's making may not show it.
  const isOurs = props.body === undefined && parameter !== undefined;
  const isPlaced = isOurs && isShown(props, facts, parameter);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await edit.save()) onDone(textOf(values["Name"] ?? object?.["Identity"] ?? ""));
  };
  const file = declaredIn(object);
  const isIdle = object !== undefined && !isChanged;
  return (
    <form className={styles.root} onSubmit={(event) => void submit(event)} noValidate>
      <LeaveGuard isNeeded={() => isChanged && !isSaved.current} />
      <Declared file={file} />
      {props.body === undefined ? (
        <Fields {...props} values={values} onChange={edit.setValues} fault={fault} />
      ) : (
        props.body({
          facts,
          values,
          onChange: edit.setValues,
          fault,
          isReadOnly: file !== undefined,
        })
      )}
      {state.kind === "running" && (
        <RunProgress progress={state.progress} onCancel={runner.cancel} />
      )}
      {fault && !isConflict && !isPlaced && <FaultNotice fault={fault} />}
      {fault && isConflict && <ConflictNotice fault={fault} edit={edit} />}
      {state.kind === "done" && <Warnings warnings={state.result.warnings} />}
      <div className={styles.buttons}>
        <Button
          type="submit"
          appearance="primary"
          disabled={state.kind === "running" || file !== undefined || isIdle}
        >
          {object === undefined ? texts.create : texts.save}
        </Button>
        <Button onClick={onCancel}>{texts.cancel}</Button>
        <ShowCmdlet call={{ ...call, parameters: { ...call.parameters, IfMatch: undefined } }} />
        {object !== undefined && (
          <Text size={200}>
            {isChanged ? texts.changed(Object.keys(changes).length) : texts.nothingChanged}
          </Text>
        )}
      </div>
    </form>
  );
}

/** What a configuration file declares is changed there. */
function Declared({ file }: { readonly file: string | undefined }) {
  if (file === undefined) return null;
  return (
    <MessageBar intent="info" layout="multiline">
      <MessageBarBody>{texts.declaredIn(file)}</MessageBarBody>
    </MessageBar>
  );
}

function declaredIn(object: FormValues | undefined): string | undefined {
  const file = object?.["DeclaredIn"];
  return typeof file === "string" && file !== "" ? file : undefined;
}

function isShown({ except = [] }: ObjectFormProps, facts: CmdletFacts, name: string): boolean {
  return name in facts.parameters && !NOT_IN_FORMS.has(name) && !except.includes(name);
}

function Fields(
  props: KnownFormProps & {
    readonly values: FormValues;
    readonly onChange: (values: FormValues) => void;
    readonly fault: CmdletFault | undefined;
  },
) {
  const { sections, facts, values, onChange, fault, labels = {}, help = {} } = props;
  const styles = useStyles();
  const placed = new Set(sections.flatMap(({ fields }) => fields));
  const rest = Object.keys(facts.parameters).filter(
    (name) => !placed.has(name) && isShown(props, facts, name),
  );
  const all =
    rest.length === 0 ? sections : [...sections, { title: texts.moreSettings, fields: rest }];
  const faulty = all.find(({ fields }) => fields.includes(fault?.parameter ?? ""))?.title;
  const [opened, setOpened] = useState<readonly string[]>(() => [all[0]?.title ?? ""]);
  const open = faulty === undefined ? opened : [...new Set([...opened, faulty])];
  return (
    <Accordion
      multiple
      collapsible
      openItems={[...open]}
      onToggle={(_event, { openItems }) => setOpened(openItems.map(String))}
    >
      {all.map(({ title, fields }) => (
        <AccordionItem key={title} value={title}>
          <AccordionHeader as="h2">{title}</AccordionHeader>
          <AccordionPanel className={styles.fields}>
            {fields.map((name) => {
              const schema = facts.parameters[name];
              if (schema === undefined) return null;
              return (
                <ValueField
                  key={name}
                  name={name}
                  label={labels[name]}
                  help={help[name]}
                  schema={schema}
                  value={values[name]}
                  isRequired={facts.required.includes(name)}
                  isReadOnly={declaredIn(props.object) !== undefined}
                  fault={fault?.parameter === name ? fault.message : undefined}
                  onChange={(value) => onChange({ ...values, [name]: value })}
                />
              );
            })}
          </AccordionPanel>
        </AccordionItem>
      ))}
    </Accordion>
  );
}
