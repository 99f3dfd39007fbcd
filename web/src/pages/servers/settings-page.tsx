import { Field, makeStyles, Select } from "@fluentui/react-components";
import { Suspense } from "react";
import { useFacts } from "../../api/facts.ts";
import { useMayRun } from "../../api/session.ts";
import { labelOf } from "../../widgets/form/label.ts";
import { Loading } from "../../widgets/loading.tsx";
import { NounPage } from "../../widgets/noun-page.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { SettingsPage } from "../../widgets/settings-page.tsx";
import { OTHER_OBJECTS, type OtherObjects, SETTING_GROUPS } from "./other-objects.ts";
import { texts } from "./texts.ts";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", flexGrow: 1, minHeight: 0 },
  choice: { width: "min(280px, 100%)", marginBottom: "12px" },
});

/** Objects that have no page elsewhere, one kind at a time. */
export function OtherSettingsPage() {
  const styles = useStyles();
  const mayRun = useMayRun();
  const [state, setState] = usePageState();
  const kinds = OTHER_OBJECTS.filter(({ noun }) => mayRun(`Get-${noun}`));
  const kind = kinds.find(({ noun }) => noun === state["noun"]) ?? kinds[0];
  if (kind === undefined) return null;
  return (
    <div className={styles.root}>
      <Field label={texts.settingsKind} className={styles.choice}>
        <Select
          value={kind.noun}
          onChange={(_event, { value }) =>
            setState({
              noun: value,
              ...{ open: undefined, mode: undefined, search: undefined, sort: undefined },
            })
          }
        >
          {kinds.map(({ noun, title }) => (
            <option key={noun} value={noun}>
              {title}
            </option>
          ))}
        </Select>
      </Field>
      <Objects key={kind.noun} kind={kind} />
    </div>
  );
}

function Objects({ kind: { noun, title, about, columns } }: { readonly kind: OtherObjects }) {
  if (columns === undefined) {
    return (
      <Suspense fallback={<Loading />}>
        <OneObject noun={noun} title={title} about={about} />
      </Suspense>
    );
  }
  return (
    <NounPage
      noun={noun}
      title={title}
      about={about}
      newTitle={texts.newOf(title)}
      emptyTitle={texts.noneYet(title)}
      emptyHint={about}
      columns={columns.map((property, at) => ({
        property,
        title: labelOf(property),
        ...(at > 1 && { priority: 3 as const }),
      }))}
      sections={[]}
    />
  );
}

function OneObject(props: {
  readonly noun: string;
  readonly title: string;
  readonly about: string;
}) {
  const facts = useFacts(`Set-${props.noun}`);
  const names = Object.keys(facts?.parameters ?? {}).filter((name) => !NOT_SETTINGS.has(name));
  const titleOf = (name: string) =>
    SETTING_GROUPS.find((group) => group.names.test(name))?.title ?? texts.general;
  const titles = [texts.general, ...SETTING_GROUPS.map(({ title }) => title)];
  const sections = titles
    .map((title) => ({ title, fields: names.filter((name) => titleOf(name) === title) }))
    .filter(({ fields }) => fields.length > 0);
  return <SettingsPage {...props} sections={sections} />;
}

const NOT_SETTINGS: ReadonlySet<string> = new Set(["IfMatch", "Force", "Identity"]);
