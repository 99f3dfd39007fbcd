import {
  Accordion,
  AccordionHeader,
  AccordionItem,
  AccordionPanel,
  makeStyles,
} from "@fluentui/react-components";
import type { FormBody } from "../../widgets/form/object-form.tsx";
import { ValueField } from "../../widgets/form/value-field.tsx";
import { texts as common } from "../../widgets/texts.ts";
import { PartEditor } from "./part-editor.tsx";
import { texts } from "./texts.ts";
import type { RuleParts } from "./use-rule-parts.ts";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: "20px" },
  fields: { display: "flex", flexDirection: "column", gap: "16px" },
});

const FIRST = ["Name", "Enabled", "Mode"];
const NOT_SHOWN = new Set(["Identity", "IfMatch"]);

/** The builder of a rule: name, conditions, actions, exceptions, and what else it has. */
export function RuleFields({
  form,
  parts,
}: {
  readonly form: FormBody;
  readonly parts: RuleParts;
}) {
  const styles = useStyles();
  const { conditions, exceptions, actions } = parts;
  const { parameters } = form.facts;
  const placed = new Set([
    ...FIRST,
    ...[...conditions, ...exceptions, ...actions].flatMap((part) => part.parameters),
  ]);
  const rest = Object.keys(parameters).filter((name) => !placed.has(name) && !NOT_SHOWN.has(name));
  return (
    <div className={styles.root}>
      <div className={styles.fields}>
        <Fields names={FIRST} form={form} />
      </div>
      <PartEditor
        title={texts.ifAll}
        none={texts.everyMessage}
        add={texts.addCondition}
        joint={texts.and}
        parts={conditions}
        form={form}
      />
      <PartEditor
        title={texts.actions}
        none={texts.noActions}
        add={texts.addAction}
        joint={texts.and}
        parts={actions}
        form={form}
      />
      <PartEditor
        title={texts.exceptions}
        none={texts.noExceptions}
        add={texts.addException}
        joint={texts.or}
        parts={exceptions}
        form={form}
      />
      <Accordion collapsible>
        <AccordionItem value="more">
          <AccordionHeader as="h3">{common.moreSettings}</AccordionHeader>
          <AccordionPanel className={styles.fields}>
            <Fields names={rest} form={form} />
          </AccordionPanel>
        </AccordionItem>
      </Accordion>
    </div>
  );
}

function Fields({ names, form }: { readonly names: readonly string[]; readonly form: FormBody }) {
  const { facts, values, onChange, fault, isReadOnly } = form;
  return names.map((name) => {
    const schema = facts.parameters[name];
    if (schema === undefined) return null;
    return (
      <ValueField
        key={name}
        name={name}
        schema={schema}
        value={values[name]}
        isRequired={facts.required.includes(name)}
        isReadOnly={isReadOnly}
        fault={fault?.parameter === name ? fault.message : undefined}
        onChange={(value) => onChange({ ...values, [name]: value })}
      />
    );
  });
}
